"""What every answer says to browsers: run no foreign script, be framed by nobody, keep nothing."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

_COMMON = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ROOT = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
_OURS = f"{_ROOT}; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"


def nonce() -> str:
    """This answer's nonce: scripts that carry it may run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def policy() -> str:
    """The content security policy of this answer.

    rq-dashboard compiles templates in the browser (``unsafe-eval``) and styles
    elements in place; its scripts run by nonce, so that nothing that a job says
    can bring one of its own.
    """
    if request.blueprint != "rq_dashboard":
        return _OURS
    return (
        f"{_ROOT}; script-src 'self' 'nonce-{nonce()}' 'unsafe-eval'; script-src-attr 'none';"
        " style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'"
    )


def install(app: Flask) -> None:
    """Set the headers on every answer of ``app``."""

    @app.after_request
    def protect(response: Response) -> Response:
        for name, value in _COMMON.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", policy())
        if request.endpoint not in {"static", "rq_dashboard.static", "pull.shelf"}:
            response.headers["Cache-Control"] = "no-store"
        return response
