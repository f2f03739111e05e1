"""The login: one operator's password, sessions that it ends with, and the guard before everything else."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import structlog
from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from workers.web.keys import Keys
from workers.web.throttle import Throttle

log = structlog.get_logger("tocsin")

#: What may be asked for without a session.
PUBLIC = frozenset(
    {
        "health.healthz",
        "health.readyz",
        "login.enter",
        "login.show",
        "metrics.metrics",
        "pull.events",
        "pull.shelf",
        "static",
        "websub.confirm",
        "websub.push",
    }
)
#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
LIFETIME = timedelta(days=14)


def install(app: Flask, keys: Keys, throttle: Throttle, public_url: str | None) -> None:
    """Put the login before everything that ``app`` serves."""
    app.secret_key = keys.session_key
    app.config.update(
        SESSION_COOKIE_NAME="tocsin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=(public_url or "").startswith("https://"),
        PERMANENT_SESSION_LIFETIME=LIFETIME,
    )
    app.before_request(_guard(keys, public_url))
    app.register_blueprint(_blueprint(keys, throttle))
    app.context_processor(lambda: {"csrf": csrf_token, "logged_in": logged_in(keys)})


def logged_in(keys: Keys) -> bool:
    """Whether this request's session was opened with the present password."""
    return hmac.compare_digest(str(session.get("stamp", "")), keys.stamp)


def csrf_token() -> str:
    """This session's token, which forms send back."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def safe_next(target: str) -> str:
    """``target`` when it is a path of ours, else the first page.

    Browsers read backslashes as slashes and skip control characters, so a path
    that has any is nobody's honest wish.
    """
    home = url_for("pages.home")
    if not target.startswith("/") or target.startswith("//") or len(target) > 2_048:
        return home
    if "\\" in target or not target.isprintable() or " " in target:
        return home
    try:
        parts = urlsplit(target)
    except ValueError:
        return home
    return home if parts.scheme or parts.netloc or parts.path.startswith(("//", "/login")) else target


def same_origin(public_url: str | None) -> bool:
    """Whether a page of ours sent this request, as the browser itself says."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    if origin is None:
        return False
    hosts = {request.host, urlsplit(public_url).netloc if public_url else request.host}
    return urlsplit(origin).netloc in hosts


def _guard(keys: Keys, public_url: str | None) -> Callable[[], Response | None]:
    def guard() -> Response | None:
        if request.endpoint not in PUBLIC and not logged_in(keys):
            return _turn_away()
        if request.method in SAFE or request.endpoint == "websub.push":  # which is signed
            return None
        # rq-dashboard's scripts know no token of ours.
        ours = same_origin(public_url) if request.blueprint == "rq_dashboard" else _token_is_right()
        if not ours:
            abort(403, "The form has expired, or did not come from this site. Load its page again and retry.")
        return None

    return guard


def _token_is_right() -> bool:
    """A form brings the token in a field; a program in a header, which no foreign page can set."""
    given = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return hmac.compare_digest(given.encode(), csrf_token().encode())


def _turn_away() -> Response:
    """Programs are told, people are shown the way."""
    if request.path.startswith("/api/") or request.method not in SAFE:
        abort(401)
    asked = request.full_path if request.query_string else request.path
    return redirect(url_for("login.show", next=safe_next(asked)), code=302)


def _blueprint(keys: Keys, throttle: Throttle) -> Blueprint:
    login = Blueprint("login", __name__)

    @login.get("/login")
    def show() -> str | Response:
        target = safe_next(request.args.get("next", ""))
        return redirect(target) if logged_in(keys) else _form(target)

    @login.post("/login")
    def enter() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
        target = safe_next(request.form.get("next", ""))
        who = request.remote_addr or ""
        wait_s = throttle.wait_s(who)
        if wait_s > 0:
            problem = f"Too many attempts. Try again in {wait_s:.0f} seconds."
            return _form(target, problem), 429, {"Retry-After": f"{wait_s:.0f}"}
        if not keys.opens(request.form.get("password", "")):
            throttle.failed(who)
            log.warning("login.failed", address=who)
            return _form(target, "That is not the password."), 401
        throttle.succeeded(who)
        session.clear()
        session.permanent = True
        session["stamp"] = keys.stamp
        return redirect(target, code=303)

    @login.post("/logout")
    def leave() -> Response:
        session.clear()
        return redirect(url_for("login.show"), code=303)

    return login


def _form(target: str, problem: str = "") -> str:
    return render_template("login.html", target=target, problem=problem)
