"""``/api/v1``: alerts, articles and feeds for programs; the list of feeds as OPML too."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request
from werkzeug.wrappers import Response

from pipeline.core.errors import NotFoundError
from pipeline.store import alerts, articles, subscriptions
from workers import rows
from workers.context import Context
from workers.web import feeds, handling
from workers.web.arguments import flag, limit, number
from workers.web.login import csrf_token


def blueprint(context: Context) -> Blueprint:
    """The API; ``limit`` rows, the newest first, going on below ``before``."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    handling.for_programs(api, context)
    feeds.for_programs(api, context)

    @api.get("/alerts")
    def list_alerts() -> Response:
        name = request.args.get("subscription")
        with context.store.read() as tx:
            try:
                only = None if name is None else subscriptions.find(tx, name).id
            except NotFoundError:
                abort(404, "There is no such subscription.")
            found = alerts.rows(
                tx,
                subscription_id=only,
                backlog=flag("backlog"),
                limit=limit(),
                before_id=number("before"),
            )
        return jsonify(alerts=[rows.alert(row) for row in found])

    @api.get("/token")
    def token() -> Response:
        """What requests that change something send back as X-CSRF-Token."""
        return jsonify(token=csrf_token())

    @api.get("/articles")
    def list_articles() -> Response:
        with context.store.read() as tx:
            found = articles.rows(tx, limit=limit(), before_id=number("before"))
        return jsonify(articles=[rows.article(row) for row in found])

    return api
