"""``/websub/TOKEN``: where hubs ask whether we meant it, and push documents; the token is the key."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, request
from werkzeug.wrappers import Response

from pipeline.flow import websub
from pipeline.flow.websub import Received
from workers.context import Context

_PLAIN = "text/plain; charset=utf-8"
_LONGEST_CHALLENGE = 1_024
_STATUS = {
    Received.TAKEN: HTTPStatus.NO_CONTENT,
    Received.IGNORED: HTTPStatus.ACCEPTED,  # a hub that tries to guess the secret learns nothing
    Received.UNKNOWN: HTTPStatus.GONE,
    Received.BUSY: HTTPStatus.SERVICE_UNAVAILABLE,
}


def blueprint(context: Context) -> Blueprint:
    """The routes, which need no login."""
    routes = Blueprint("websub", __name__)

    @routes.get("/websub/<token>")
    def confirm(token: str) -> Response:
        said = {name: request.args[name] for name in request.args}
        if not websub.confirm(context.ground, token, said):
            return Response("nobody asked for this", HTTPStatus.NOT_FOUND, content_type=_PLAIN)
        return Response(said.get("hub.challenge", "")[:_LONGEST_CHALLENGE], content_type=_PLAIN)

    @routes.post("/websub/<token>")
    def push(token: str) -> Response:
        request.max_content_length = context.settings.document_limit_bytes
        received = websub.receive(
            context.ground,
            token,
            request.get_data(cache=False),
            content_type=request.headers.get("Content-Type", ""),
            signature=request.headers.get("X-Hub-Signature", ""),
        )
        return Response(status=_STATUS[received])

    return routes
