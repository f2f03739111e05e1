"""The Flask application, put together."""

from __future__ import annotations

from http import HTTPStatus

import structlog
from flask import Flask, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from pipeline.core.errors import ServiceError
from workers.context import Context
from workers.web import api, headers, health, keys, login, metrics, pages, pull, queues, trace, websub
from workers.web.throttle import Throttle

log = structlog.get_logger("tocsin")

Answer = Response | tuple[Response | str, int]

#: Bytes; the largest form here has a password in it.
LONGEST_FORM = 64 * 1024
_USUAL = {
    400: "The request cannot be understood.",
    401: "Log in first.",
    404: "There is nothing here.",
    405: "This is not done this way.",
    413: "That is too much at once.",
}


def create_app(context: Context) -> Flask:
    """The application on ``context``, whose database is migrated.

    Raises:
        ServiceError: the database cannot be reached.

    """
    app = Flask("workers.web")
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_FORM, MAX_FORM_PARTS=50, LONGEST_BODY=LONGEST_FORM)
    app.jinja_options = {"autoescape": True, "trim_blocks": True, "lstrip_blocks": True}
    headers.install(app)
    login.install(app, keys.find(context.settings, context.store), Throttle(), context.settings.public_url)
    queues.install(app, context)
    pages.install(app, context)
    app.register_blueprint(trace.blueprint(context))
    app.register_blueprint(api.blueprint(context))
    app.register_blueprint(health.blueprint(context))
    app.register_blueprint(metrics.blueprint(context))
    if context.ground.policy.websub:
        app.register_blueprint(websub.blueprint(context))
        app.config["LONGEST_BODY"] = context.settings.document_limit_bytes  # hubs push whole documents
    app.extensions["streams"] = pull.install(app, context)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ServiceError, _service_error)
    app.register_error_handler(Exception, _unexpected)
    return app


def _http_error(exc: HTTPException) -> Answer:
    code = exc.code or 500
    if code < 400:  # a redirect
        return exc.get_response()
    said = exc.description if exc.description != type(exc).description else None
    return _answer(code, said or _USUAL.get(code, "The request cannot be answered."))


def _service_error(exc: ServiceError) -> Answer:
    log.warning("web.unavailable", path=_path(), cause=str(exc))
    return _answer(503, "The database or Redis cannot be reached now. Try again in a moment.")


def _unexpected(exc: Exception) -> Answer:
    log.error("web.broken", path=_path(), exc_info=exc)
    return _answer(500, "Something went wrong here; the cause is in the log.")


def _path() -> str:
    """The path as logs may have it: a token in it is a secret."""
    room = request.path.split("/")[1]
    return f"/{room}/…" if room in {"pull", "websub"} else request.path


def _answer(code: int, problem: str) -> Answer:
    """The error as JSON for programs and as a page for people; neither repeats what was asked."""
    title = HTTPStatus(code).phrase
    if request.path.startswith("/api/"):
        return jsonify(error=problem), code
    return render_template("error.html", title=title, problem=problem), code
