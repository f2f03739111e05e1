"""The event streams of a web process: one look at the database a second for all of them.

Transactions commit in another order than their moments and ids say, so each
look goes back over the last minute, and a stream that begins anew after an
event gets that minute before it again: nothing is lost, and a repeat has the
same id.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

import structlog

from pipeline.store import pulls
from pipeline.store.pulls import Told
from workers.context import Context

log = structlog.get_logger("tocsin")

#: Streams that one process serves at once; each has a thread, which sleeps.
MOST = 64
#: No transaction is longer: a job is ended after 45 s.
SETTLED = timedelta(seconds=60)
EVERY_S = 1.0
#: A reader that is this far behind is sent away, to come again and go on where it was.
BEHIND = 1_000


class Stream:
    """What one reader waits for; closed when it gives None."""

    def __init__(self, subscription_id: int) -> None:
        self.subscription_id = subscription_id
        self._queue: SimpleQueue[Told | None] = SimpleQueue()

    def put(self, told: Told) -> None:
        """Hand an alert on to the reader."""
        self._queue.put(told if self._queue.qsize() < BEHIND else None)

    def close(self) -> None:
        """Let the reader go."""
        self._queue.put(None)

    def wait(self, seconds: float) -> Told | None:
        """The next alert; None when the stream is closed.

        Raises:
            TimeoutError: none came in time.

        """
        try:
            return self._queue.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None


class Streams:
    """All streams of a process; threads share it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._open: set[Stream] = set()
        self._seen: dict[int, datetime] = {}  # alerts of the last minute, by when they were told
        self._closing = threading.Event()
        self._watched: set[int] = set()  # subscriptions whose last minute is among those seen

    def join(self, subscription_id: int) -> Stream | None:
        """A stream that gets all that is told from now on; None when there are too many.

        Raises:
            ServiceError: the database cannot be reached.

        """
        with self._lock:
            if len(self._open) >= MOST or self._closing.is_set():
                return None
            if subscription_id not in self._watched:
                self._note(self._look([subscription_id]))
                self._watched.add(subscription_id)
            stream = Stream(subscription_id)
            self._open.add(stream)
            if len(self._open) == 1:
                threading.Thread(target=self._run, name="streams", daemon=True).start()
            return stream

    def leave(self, stream: Stream) -> None:
        """The reader is gone."""
        with self._lock:
            self._open.discard(stream)

    def close(self) -> None:
        """Let every reader go, and take no new ones."""
        self._closing.set()
        for stream in list(self._open):
            stream.close()

    def _run(self) -> None:
        """Look until the last reader is gone."""
        while not self._closing.wait(EVERY_S):
            with self._lock:
                if not self._open:
                    self._watched.clear()
                    self._seen.clear()
                    return
                try:
                    self._hand_on()
                except Exception as exc:  # noqa: BLE001 - logged; the next look finds what this one missed
                    log.warning("streams.unreadable", cause=str(exc))

    def _hand_on(self) -> None:
        self._watched = {stream.subscription_id for stream in self._open}
        for told in self._note(self._look(self._watched)):
            for stream in self._open:
                if stream.subscription_id == told.subscription_id:
                    stream.put(told)

    def _look(self, subscription_ids: Iterable[int]) -> list[Told]:
        with self._context.store.read() as tx:
            return pulls.since(tx, sorted(subscription_ids), self._context.clock() - SETTLED)

    def _note(self, found: Iterable[Told]) -> list[Told]:
        """Those of ``found`` that were not seen before."""
        old = self._context.clock() - 2 * SETTLED
        self._seen = {id_: at for id_, at in self._seen.items() if at > old}
        fresh = [told for told in found if told.alert_id not in self._seen]
        self._seen |= {told.alert_id: told.at for told in fresh}
        return fresh
