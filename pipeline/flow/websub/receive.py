"""What hubs send: the question whether we asked, and documents, which go the way of a poll."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import Enum

from pipeline.core import poll, websub
from pipeline.core.drift import FLOOD
from pipeline.core.model import Document, Response
from pipeline.core.rhythm import Pacing
from pipeline.core.wary import heed_pushed
from pipeline.flow.ground import Ground, log
from pipeline.flow.keep import cut, hand_on
from pipeline.store import census, feeds, hubs, polls, warnings
from pipeline.store.engine import Tx
from pipeline.store.hubs import HubRow
from pipeline.store.polls import Committed, PollResult

#: So often a push that others overtake is taken up; of as many at one moment one is committed each time.
_ATTEMPTS = 20


class Received(Enum):
    """What became of a push."""

    TAKEN = "taken"
    IGNORED = "ignored"  # it is not the hub's, or no document: the hub need not know
    UNKNOWN = "unknown"  # nobody asked for it: the hub should stop
    BUSY = "busy"  # others overtook it: the hub should send it again


def confirm(ground: Ground, token: str, said: Mapping[str, str]) -> bool:
    """Whether we asked for what the hub says (its query, by name); a refusal is noted, and is no question."""
    now = ground.clock()

    def work(tx: Tx) -> bool:
        row = hubs.find(tx, token)
        if row is None or said.get("hub.topic") != row.topic:
            return False
        match said.get("hub.mode"):
            case "subscribe" if row.state != "leaving":
                hubs.confirmed(tx, row, websub.lease_s(said.get("hub.lease_seconds")), now)
            case "unsubscribe" if row.state == "leaving":
                hubs.left(tx, row)
            case "denied":
                hubs.denied(
                    tx, row, " ".join(said.get("hub.reason", "").replace("\0", "").split())[:200], now
                )
            case _:
                return False
        return True

    done = ground.store.write(work)
    log.info("websub.confirmed" if done else "websub.unasked", mode=str(said.get("hub.mode", ""))[:20])
    return done


def receive(ground: Ground, token: str, body: bytes, *, content_type: str, signature: str) -> Received:
    """Take a pushed document; it is committed, with its poll, when this returns."""
    with ground.store.read() as tx:
        row = hubs.find(tx, token)
    if row is None or not row.pushes_to_us:
        return Received.UNKNOWN
    if not websub.is_signed(body, signature, row.secret):
        return _ignored(ground, row, "a push was not signed by the hub")
    # It may be the only one with its items: where another push or a poll overtakes it, it is taken again.
    for _ in range(_ATTEMPTS):
        received = _take(ground, token, body, content_type)
        if received is not Received.BUSY:
            return received
    log.warning("websub.overtaken", feed=row.feed_id, times=_ATTEMPTS)
    return Received.BUSY


def _take(ground: Ground, token: str, body: bytes, content_type: str) -> Received:
    now = ground.clock()
    with ground.store.read() as tx:
        row = hubs.find(tx, token)
        feed = None if row is None else feeds.active(tx, row.feed_id)
        pacing = Pacing(limits=ground.policy.limits, stretch_s=census.stretch(tx))
    if row is None or feed is None or not row.pushes_to_us:
        return Received.UNKNOWN
    answer = Response(
        status=200,
        url=feed.url,
        headers={"content-type": content_type},
        body=body,
        complete=True,
        fetched_at=now,
        elapsed_s=0.0,
    )
    document = cut(ground, feed, answer)
    if not isinstance(document, Document):
        return _ignored(ground, row, f"a push was no document: {document}")
    verdict = poll.judge(feed, answer, document, now=now, jitter=ground.chance(), pacing=pacing)
    verdict = poll.pushed(verdict, feed, known_limit=ground.policy.items_per_document)
    heed = heed_pushed(feed, document, flood=FLOOD)
    made = PollResult(feed=feed, response=answer, document=document, verdict=verdict, heed=heed, pushed=True)
    committed = ground.store.write(lambda tx: _commit(tx, row, made, now))
    if not committed:
        return Received.BUSY
    hand_on(ground, committed)
    log.debug("websub.pushed", feed=feed.id, new=len(document.pieces))
    return Received.TAKEN


def _commit(tx: Tx, row: HubRow, made: PollResult, now: datetime) -> list[Committed]:
    """Commit a push, unless its feed was claimed or changed, or its hub left, since it was cut."""
    feed = feeds.claim_pushed(tx, made.feed)
    if feed is None or not hubs.pushed(tx, row, now):
        return []
    return polls.commit(tx, [replace(made, feed=feed)], now)


def _ignored(ground: Ground, row: HubRow, why: str) -> Received:
    now = ground.clock()
    ground.store.write(lambda tx: warnings.warn(tx, row.feed_id, "push", why, now))
    log.warning("websub.ignored", feed=row.feed_id, cause=why)
    return Received.IGNORED
