"""The pages: what rang, and what came in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Blueprint, Flask, abort, render_template, session
from markupsafe import Markup

from pipeline.core import urls
from pipeline.core.errors import NotFoundError, ServiceError
from pipeline.store import alerts, articles, deliveries, digests, pulls, updates
from pipeline.store.alerts import AlertRow
from pipeline.store.alerts.actions import actions_of
from workers import health, rows
from workers.context import Context
from workers.web import feeds, handling, highlight

T = TypeVar("T")

#: Rows of each list on the first page.
ALERTS = 40
ARTICLES = 40
CONTEXTS = 3
#: Alerts of a digest on its page.
IN_DIGEST = 1_000


def install(app: Flask, context: Context) -> None:
    """Serve the pages."""
    app.add_template_filter(moment)
    app.add_template_filter(href)
    app.register_blueprint(_blueprint(context))


def moment(when: datetime | None) -> Markup:
    """A moment as people read it, in UTC."""
    if when is None:
        return Markup("undated")
    utc = when.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%-d %b %Y, %H:%M} UTC"
    )


def href(url: str) -> str:
    """``url`` where a link may lead to it, else nothing."""
    return url if urls.is_http(url) else ""


def _blueprint(context: Context) -> Blueprint:
    pages = Blueprint("pages", __name__)
    _add_alerts(pages, context)
    handling.for_people(pages, context)
    feeds.for_people(pages, context)

    @pages.get("/")
    def home() -> str:
        with context.store.read() as tx:
            rang = alerts.rows(tx, limit=ALERTS)
            came = articles.rows(tx, limit=ARTICLES)
        return render_template(
            "home.html",
            alerts=[_alert(row) for row in rang],
            articles=came,
            faults=_faults(context),
        )

    @pages.get("/articles/<int:id_>")
    def article(id_: int) -> str:
        with context.store.read() as tx:
            row = _found(lambda: articles.row(tx, _sane(id_)))
            copies = articles.rows(tx, story_id=row.story_id, limit=20)
            versions = articles.revisions(tx, row.id)
        others = [copy for copy in copies if copy.id != row.id]
        return render_template("article.html", article=row, copies=others, versions=versions)

    return pages


def _add_alerts(pages: Blueprint, context: Context) -> None:
    @pages.get("/alerts/<int:id_>")
    def alert(id_: int) -> str:
        with context.store.read() as tx:
            row = _found(lambda: alerts.show(tx, _sane(id_)))
            sent = deliveries.rows(tx, alert_id=row.id)
            done = actions_of(tx, row.id)
            changes = updates.rows(tx, row.id)
            token = pulls.token(tx, row.subscription_id)
        return render_template(
            "alert.html",
            alert=row,
            title=highlight.field(row.title, "title", row.matches),
            summary=highlight.field(row.summary, "summary", row.matches),
            body=highlight.field(row.body, "body", row.matches),
            deliveries=sent,
            updates=changes,
            actions=done,
            after_s=rows.acknowledged_after_s(row),
            name=session.get("name", ""),
            pull=rows.pull_channels(token, context.settings.web_url) if token else {},
        )

    @pages.get("/digests/<int:id_>")
    def digest(id_: int) -> str:
        with context.store.read() as tx:
            row = _found(lambda: digests.show(tx, _sane(id_), limit=IN_DIGEST))
        return render_template("digest.html", digest=row, alerts=[_alert(one) for one in row.alerts])


def _alert(row: AlertRow) -> dict[str, Any]:
    return {
        "row": row,
        "title": highlight.field(row.title, "title", row.matches),
        "contexts": highlight.contexts(row.matches, limit=CONTEXTS),
    }


def _faults(context: Context) -> tuple[str, ...]:
    """What is not well, for the head of the first page."""
    faults = health.scheduler_faults(health.scheduler_age_s(context.store, context.clock()))
    try:
        queues, workers = context.queues.depths(), context.queues.workers()
    except ServiceError as exc:
        return (*faults, str(exc))
    return (*faults, *health.queue_faults(queues, workers, target_s=context.settings.queue_target_s))


def _found(look: Callable[[], T]) -> T:
    try:
        return look()
    except NotFoundError:
        abort(404)


def _sane(id_: int) -> int:
    """An id that a database can look for."""
    if id_ >= 2**63:
        abort(404)
    return id_
