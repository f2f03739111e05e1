"""rq-dashboard, behind our login and without its holes.

It reads jobs with pickle unless told otherwise, writes what jobs say into its
pages unescaped, changes state on a GET, and falls over when Redis is down.
"""

from __future__ import annotations

import re
from functools import partial
from types import SimpleNamespace
from typing import Any

import rq_dashboard
from flask import Flask, Response, abort, current_app, render_template, request
from rq_dashboard import web as dashboard

from pipeline.core.errors import ServiceError
from workers.context import Context
from workers.web import headers

#: The browser's templates write values unescaped, or by a detour over jQuery; both become plain escaping.
_DETOUR = re.compile(rb"<%=\s*\$\('<div/>'\)\.text\((.*?)\)\.html\(\)\s*%>")
_SCRIPT = re.compile(rb"<script(?=[\s>])")
_PARTS = {
    "instance_number": re.compile("0"),
    "job_id": re.compile("[A-Za-z0-9_-]{1,200}"),
    "order": re.compile("asc|dsc"),
    "page": re.compile("[1-9][0-9]{0,8}"),
    "per_page": re.compile("[1-9][0-9]{0,2}"),
    "registry_name": re.compile("queued|scheduled|deferred|started|finished|failed|canceled"),
}


def install(app: Flask, context: Context) -> None:
    """Serve rq-dashboard under ``/queues``."""
    _read_json_only()
    app.config.setdefault("RQ_DASHBOARD_POLL_INTERVAL", 2500)
    app.config["RQ_DASHBOARD_REDIS_URL"] = ("Redis",)  # only its masked text is ever shown
    app.redis_conn = None  # type: ignore[attr-defined]  # rq-dashboard's own name; set by _check
    app.before_request(partial(_check, context))
    app.register_blueprint(rq_dashboard.blueprint, url_prefix="/queues")
    app.after_request(_make_safe)
    app.register_error_handler(dashboard.NoSuchJobError, _no_such_job)
    app.register_error_handler(dashboard.RedisConnectionError, lambda _exc: _without_redis())


def _read_json_only() -> None:
    """Let nothing in this process unpickle what stands in Redis; and use the connections that there are."""
    dashboard.config.serializer = "json"
    if isinstance(dashboard.Job, SimpleNamespace):
        return  # done before, by another app of this process
    dashboard.Job = SimpleNamespace(fetch=partial(dashboard.Job.fetch, serializer="json"))
    dashboard.Worker = SimpleNamespace(all=partial(dashboard.Worker.all, serializer="json"))
    dashboard.requeue_job = partial(dashboard.requeue_job, serializer="json")
    dashboard.from_url = lambda *_args, **_options: (None, _connection())


def _no_such_job(_exc: Exception) -> tuple[str, int]:
    problem = "Finished jobs stay an hour, failed ones a week."
    return render_template("error.html", title="There is no such job", problem=problem), 404


def _connection() -> Any:  # noqa: ANN401  # a Redis connection, which only workers.queues knows by type
    return current_app.redis_conn  # type: ignore[attr-defined]


def _check(context: Context) -> tuple[str, int] | None:
    """Before rq-dashboard answers: nothing changes by GET, names exist, Redis is there."""
    if request.blueprint != "rq_dashboard" or request.endpoint == "rq_dashboard.static":
        return None
    if request.endpoint == "rq_dashboard.requeue_all" and request.method != "POST":
        abort(405, "Requeueing is done with the button.")
    if not all(_is_sane(name, value) for name, value in (request.view_args or {}).items()):
        abort(404)
    try:
        queues = context.queues
    except ServiceError as exc:
        return render_template("error.html", title="There is no Redis", problem=f"{exc}."), 503
    if not queues.ping():
        return _without_redis()
    current_app.redis_conn = queues.redis  # type: ignore[attr-defined]
    return None


def _is_sane(name: str, value: object) -> bool:
    """Whether rq-dashboard can make something of this part of the path; it has no checks of its own."""
    return value is None or name not in _PARTS or _PARTS[name].fullmatch(str(value)) is not None


def _without_redis() -> tuple[str, int]:
    problem = "Redis cannot be reached. Polling goes on, nothing is lost, and the queues show again with it."
    return render_template("error.html", title="The queues cannot be shown now", problem=problem), 503


def _make_safe(response: Response) -> Response:
    """Escape what the browser's templates write, and let only the page's own scripts run."""
    if request.blueprint == "rq_dashboard" and response.mimetype == "text/html" and not response.is_streamed:
        body = _DETOUR.sub(rb"<%- \1 %>", response.get_data()).replace(b"<%=", b"<%-")
        body = body.replace(b"/static/favicon.ico", b"/static/bell.svg")
        body = body.replace(
            b'<a class="navbar-brand">RQ-dashboard', b'<a class="navbar-brand" href="/">Tocsin'
        )
        response.set_data(_SCRIPT.sub(f'<script nonce="{headers.nonce()}"'.encode(), body))
    return response
