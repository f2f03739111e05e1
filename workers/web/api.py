"""``/api/v1``: alerts, articles and the list of feeds for programs."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, request
from werkzeug.wrappers import Response

from pipeline.core.errors import NotFoundError
from pipeline.store import alerts, articles, feeds, subscriptions
from workers import lists, rows
from workers.context import Context
from workers.web import handling
from workers.web.login import csrf_token

MOST = 1_000
USUAL = 100


def blueprint(context: Context) -> Blueprint:
    """The API; ``limit`` rows, the newest first, going on below ``before``."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")
    handling.for_programs(api, context)

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
                backlog=_flag("backlog"),
                limit=_limit(),
                before_id=_number("before"),
            )
        return jsonify(alerts=[rows.alert(row) for row in found])

    @api.get("/token")
    def token() -> Response:
        """What requests that change something send back as X-CSRF-Token."""
        return jsonify(token=csrf_token())

    @api.get("/articles")
    def list_articles() -> Response:
        with context.store.read() as tx:
            found = articles.rows(tx, limit=_limit(), before_id=_number("before"))
        return jsonify(articles=[rows.article(row) for row in found])

    @api.get("/feeds.opml")
    def export_feeds() -> Response:
        """The feeds as a list that every reader takes; with ``tag``, those that have one of the tags."""
        with context.store.read() as tx:
            found = lists.tagged(feeds.rows(tx), request.args.getlist("tag"))
        written = lists.written(found, now=context.clock())
        return Response(
            written,
            mimetype="text/x-opml",
            headers={"Content-Disposition": 'attachment; filename="feeds.opml"'},
        )

    return api


def _limit() -> int:
    return min(_number("limit") or USUAL, MOST)


def _number(name: str) -> int | None:
    """A positive number among the arguments."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < 1:
        abort(400, f"{name} is a number above 0.")
    return int(text)


def _flag(name: str) -> bool | None:
    text = request.args.get(name)
    if text is None:
        return None
    if text not in {"0", "1", "false", "true"}:
        abort(400, f"{name} is 1 or 0.")
    return text in {"1", "true"}
