"""What people do to alerts on the web: as forms for people, as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, abort, jsonify, redirect, request, session, url_for
from werkzeug.wrappers import Response

from pipeline.core.errors import NotFoundError, TakenError, UsageError
from pipeline.core.policy import span
from pipeline.store import alerts
from pipeline.store.engine import Tx
from workers import rows
from workers.context import Context

MOST_NAME = 100

_Act = Callable[[Tx, int, Mapping[str, str], str, datetime], None]


def for_people(pages: Blueprint, context: Context) -> None:
    """Serve what forms post to ``/alerts/ID/``.

    ``ack``; ``assign`` with ``to``; ``snooze`` with ``for``, such as 2h; ``mark`` with
    ``relevant``: yes, no or clear.  Each with ``by``, where the session has no name yet.
    """

    @pages.post("/alerts/<int:id_>/<any(ack, assign, snooze, mark):action>")
    def handle(id_: int, action: str) -> Response:
        said = {key: value.strip() for key, value in request.form.items()}
        session["name"] = _name(said.get("by", ""))
        _do(context, id_, action, said)
        return redirect(url_for("pages.alert", id_=id_), code=303)


def for_programs(api: Blueprint, context: Context) -> None:
    """Serve the same for programs, as JSON or a form; the answer is the alert as it is then."""

    @api.post("/alerts/<int:id_>/<any(ack, assign, snooze, mark):action>")
    def handle(id_: int, action: str) -> Response:
        body = request.get_json(silent=True) if request.is_json else request.form
        if not isinstance(body, Mapping):
            abort(400, "The body is a JSON object, or a form.")
        _do(context, id_, action, {str(key): str(value).strip() for key, value in body.items()})
        with context.store.read() as tx:
            return jsonify(rows.alert(alerts.show(tx, id_)))


def _do(context: Context, id_: int, action: str, said: Mapping[str, str]) -> None:
    if id_ >= 2**63:
        abort(404)
    by = _name(said.get("by", ""))
    try:
        context.store.write(lambda tx: _ACTS[action](tx, id_, said, by, context.clock()))
    except NotFoundError:
        abort(404)
    except TakenError as exc:
        abort(409, f"{str(exc)[:1].upper()}{str(exc)[1:]}.")
    except UsageError as exc:
        abort(400, f"{exc}.")


def _name(text: str) -> str:
    """Who does it; all share one password, so it is what they say."""
    if len(text) > MOST_NAME or not text.isprintable():
        abort(400, "A name is one line of at most 100 characters.")
    return text or str(session.get("name") or "web")


def _ack(tx: Tx, id_: int, said: Mapping[str, str], by: str, now: datetime) -> None:  # noqa: ARG001 - an act
    alerts.ack(tx, id_, by=by, now=now)


def _assign(tx: Tx, id_: int, said: Mapping[str, str], by: str, now: datetime) -> None:
    to = said.get("to", "")
    if len(to) > MOST_NAME or not to.isprintable():
        raise UsageError("to: a name is one line of at most 100 characters")
    alerts.assign(tx, id_, to=to, by=by, now=now)


def _snooze(tx: Tx, id_: int, said: Mapping[str, str], by: str, now: datetime) -> None:
    try:
        until = now + timedelta(seconds=span(said.get("for", "")))
    except UsageError as exc:
        raise UsageError(f"for: {exc}") from exc
    alerts.snooze(tx, id_, until=until, by=by, now=now)


def _mark(tx: Tx, id_: int, said: Mapping[str, str], by: str, now: datetime) -> None:
    words = {"yes": True, "no": False, "clear": None}
    if said.get("relevant") not in words:
        raise UsageError("relevant: yes, no or clear")
    alerts.mark(tx, [id_], words[said["relevant"]], by=by, now=now)


_ACTS: dict[str, _Act] = {"ack": _ack, "assign": _assign, "snooze": _snooze, "mark": _mark}
