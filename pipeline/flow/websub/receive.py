"""What hubs send: the question whether we asked, and documents, which go the way of a poll."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from pipeline.core import poll, websub
from pipeline.core.model import Document, Feed, Response
from pipeline.core.rhythm import Pacing
from pipeline.flow.ground import Ground, log
from pipeline.flow.keep import cut, hand_on, keep
from pipeline.store import census, feeds, hubs, warnings
from pipeline.store.engine import Tx
from pipeline.store.hubs import HubRow
from pipeline.store.polls import PollResult

#: So often a push that others overtake is taken up.
_ATTEMPTS = 5


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
    claimed = ground.store.write(lambda tx: _claim(tx, ground, token))
    if claimed is None:
        return Received.UNKNOWN
    row, feed, pacing = claimed
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
    committed = keep(
        ground, [PollResult(feed=feed, response=answer, document=document, verdict=verdict, pushed=True)]
    )
    if not committed:
        return Received.BUSY
    ground.store.write(lambda tx: hubs.pushed(tx, row, now))
    hand_on(ground, committed)
    log.debug("websub.pushed", feed=feed.id, new=len(document.pieces))
    return Received.TAKEN


def _claim(tx: Tx, ground: Ground, token: str) -> tuple[HubRow, Feed, Pacing] | None:
    """The hub's feed for this push; None where it pushes to us no more, or the feed is not polled."""
    row = hubs.find(tx, token)
    feed = None if row is None else feeds.claim_pushed(tx, row.feed_id)
    # Asked again with the feed in hand: its address may have been changed a moment ago, and its hub left.
    row = hubs.find(tx, token)
    if row is None or feed is None or not row.pushes_to_us:
        return None
    return row, feed, Pacing(limits=ground.policy.limits, stretch_s=census.stretch(tx))


def _ignored(ground: Ground, row: HubRow, why: str) -> Received:
    now = ground.clock()
    ground.store.write(lambda tx: warnings.warn(tx, row.feed_id, "push", why, now))
    log.warning("websub.ignored", feed=row.feed_id, cause=why)
    return Received.IGNORED
