"""``/pull/TOKEN/…``: a subscription's alerts as Atom, JSON Feed and event stream, for who has the address.

The token is the key: it is in no log, and another one shuts the old addresses.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from uuid import UUID, uuid4

import structlog
from flask import Blueprint, Flask, abort, request
from werkzeug.wrappers import Response

from pipeline.core import render
from pipeline.core.errors import NotFoundError, ServiceError
from pipeline.core.render import Item, Shelf
from pipeline.flow.messages import rendered
from pipeline.store import alerts, keepsakes, pulls
from pipeline.store.engine import Tx
from pipeline.store.pulls import Holder, Told
from workers.context import Context
from workers.web.streams import SETTLED, Stream, Streams

log = structlog.get_logger("tocsin")

#: Alerts on a shelf.
ITEMS = 50
#: Changes with how shelves are written: readers are to fetch them anew.
FORM = "1"
#: How long a reader need not ask again.
FRESH_S = 30
#: How soon a reader comes again when its stream has ended.
RETRY_MS = 3_000
#: A comment this often tells both ends that the other one lives.
BEAT_S = 15.0
#: A reader that went away is noticed within this.
GLANCE_S = 3.0
_EVENTS = "text/event-stream; charset=utf-8"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = {
    "atom.xml": (render.atom, "application/atom+xml; charset=utf-8"),
    "feed.json": (render.json_feed, "application/feed+json; charset=utf-8"),
}


def install(app: Flask, context: Context) -> Streams:
    """Serve the pull channels; the streams are to be closed when the server stops."""
    streams = Streams(context)
    house = UUID(context.store.write(lambda tx: keepsakes.keep(tx, "house", str(uuid4()))))
    app.register_blueprint(_blueprint(context, streams, house))
    return streams


def _blueprint(context: Context, streams: Streams, house: UUID) -> Blueprint:
    routes = Blueprint("pull", __name__, url_prefix="/pull/<token>")

    @routes.get("/<any('atom.xml', 'feed.json'):kind>")
    def shelf(token: str, kind: str) -> Response:
        with context.store.read() as tx:
            holder = _holder(tx, token)
            told = pulls.newest(tx, holder.id, limit=ITEMS)
            answer = _conditional(holder, told, context.clock())
            if answer.status_code == 304:
                return answer
            made = _shelf(tx, holder, told, house, context.settings.public_url)
        write, answer.content_type = _KINDS[kind]
        answer.set_data(write(made))
        return answer

    @routes.get("/events")
    def events(token: str) -> Response:
        with context.store.read() as tx:
            _holder(tx, token)
        if request.method == "HEAD":
            return Response(content_type=_EVENTS)
        reading = Reading(context, streams, token, request.headers.get("Last-Event-ID", ""))
        if reading.stream is None:
            abort(503, "Too many event streams are open here. Try again later.")
        answer = Response(reading.events(), content_type=_EVENTS, headers={"X-Accel-Buffering": "no"})
        answer.call_on_close(reading.close)
        return answer

    return routes


def _holder(tx: Tx, token: str) -> Holder:
    try:
        return pulls.holder(tx, token)
    except NotFoundError:
        abort(404)


def _conditional(holder: Holder, told: Sequence[Told], now: datetime) -> Response:
    """An empty answer that is 304 where the reader has the shelf already.

    The date stands only where no transaction can add to its past any more.
    """
    answer = Response()
    parts = [FORM, holder.name, holder.query, *(f"{one.alert_id} {one.at.isoformat()}" for one in told)]
    answer.set_etag(blake2b("\n".join(parts).encode(), digest_size=16).hexdigest(), weak=True)
    if told and now - told[0].at > 2 * SETTLED:
        answer.last_modified = told[0].at
    answer.headers["Cache-Control"] = f"private, max-age={FRESH_S}"
    answer.make_conditional(request)
    return answer


def _shelf(tx: Tx, holder: Holder, told: Sequence[Told], house: UUID, public_url: str | None) -> Shelf:
    items = [Item(alert=one, told_at=each.at) for each in told if (one := _alert(tx, each, public_url))]
    root = public_url or request.host_url.rstrip("/")
    return Shelf(
        subscription_id=holder.id,
        name=holder.name,
        query=holder.query,
        house=house,
        address=f"{root}{request.path}",
        home=f"{root}/",
        updated=told[0].at if told else holder.created_at,
        items=tuple(items),
    )


def _alert(tx: Tx, told: Told, public_url: str | None) -> render.Alert | None:
    """The alert, unless it was purged this moment."""
    try:
        return rendered(alerts.show(tx, told.alert_id), public_url)
    except NotFoundError:
        return None


class Reading:
    """One reader of an event stream, from the request to the end."""

    def __init__(self, context: Context, streams: Streams, token: str, last_id: str) -> None:
        self._context = context
        self._streams = streams
        self._token = token
        self._last = int(last_id) if last_id.isascii() and last_id.isdigit() and len(last_id) < 19 else None
        # Not of werkzeug's environment alone: only waitress can tell.
        self._is_gone: Callable[[], bool] = request.environ.get("waitress.client_disconnected", bool)
        with context.store.read() as tx:
            self._id = _holder(tx, token).id
        self.stream: Stream | None = streams.join(self._id)

    def close(self) -> None:
        """Leave, whatever ended the answer."""
        if self.stream is not None:
            self._streams.leave(self.stream)

    def events(self) -> Iterator[str]:
        """The lines of the stream, until either end closes it or the token is another one."""
        yield f": {self._context.process.kind}\nretry: {RETRY_MS}\n\n"
        try:
            missed = self._missed()
            for told in missed:
                yield from self._event(told)
            yield from self._live({told.alert_id for told in missed})
        except ServiceError as exc:  # the reader comes again, and goes on where it was
            log.warning("stream.ended", cause=str(exc))

    def _missed(self) -> list[Told]:
        """What was told since the reader's last event; as far back as is kept where that is unknown."""
        if self._last is None:
            return []
        with self._context.store.read() as tx:
            at = pulls.told_at(tx, self._id, self._last)
            if at is not None:
                found = pulls.since(tx, [self._id], at - SETTLED)
                return [told for told in found if told.alert_id != self._last]
            return [told for told in pulls.since(tx, [self._id], _EVER) if told.alert_id > self._last]

    def _live(self, sent: set[int]) -> Iterator[str]:
        assert self.stream is not None
        quiet_s = 0.0
        while not self._is_gone():
            try:
                told = self.stream.wait(GLANCE_S)
            except TimeoutError:
                quiet_s += GLANCE_S
                if quiet_s >= BEAT_S:
                    if not self._may_read():
                        return
                    quiet_s = 0.0
                    yield ": beat\n\n"
                continue
            if told is None:
                return
            if told.alert_id not in sent:
                yield from self._event(told)

    def _may_read(self) -> bool:
        with self._context.store.read() as tx:
            try:
                return pulls.holder(tx, self._token).id == self._id
            except NotFoundError:
                return False

    def _event(self, told: Told) -> Iterator[str]:
        with self._context.store.read() as tx:
            alert = _alert(tx, told, self._context.settings.public_url)
        if alert is not None:
            data = json.dumps(render.message(alert, message_id="").data, ensure_ascii=False)
            yield f"id: {alert.id}\nevent: alert\ndata: {data}\n\n"
