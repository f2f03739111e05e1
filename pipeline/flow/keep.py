"""Keep: what an answer or a push brought is cut, committed, and only then handed on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from pipeline.core import moves, poll, urls, websub
from pipeline.core.errors import DocumentError
from pipeline.core.model import Document, Feed, Outcome, Response
from pipeline.core.moves import Move
from pipeline.core.split import split
from pipeline.core.websub import Offer
from pipeline.flow.ground import Ground, log
from pipeline.store import feeds, hosts, hubs, polls
from pipeline.store.engine import Tx
from pipeline.store.polls import Committed, PollResult

#: Items to a job: a batch of a second or two of work.
ITEMS_PER_JOB = 120
#: Of a document that could not be cut, so many bytes are searched for a hub.
_HEAD_BYTES = 65_536


def cut(ground: Ground, feed: Feed, answer: Response) -> Document | DocumentError:
    """What is new in a readable answer, or why it is no document."""
    policy = ground.policy
    try:
        return split(
            answer.body,
            content_type=answer.headers.get("content-type", ""),
            known=feed.known,
            complete=answer.complete,
            items_limit=policy.items_per_document,
            cut=policy.split,
        )
    except DocumentError as exc:
        return exc


def keep(ground: Ground, results: Sequence[PollResult]) -> list[Committed]:
    """Commit polls, with what they say of hosts, hubs and the feeds' addresses; those that count.

    What was overtaken by a newer poll or by its operator's edit says nothing of
    the feed any more, only of its host.
    """
    now = ground.clock()
    offers = _offers(results) if ground.policy.websub else {}
    holds = _holds(ground, results, now)
    moved = _moved(results)

    def work(tx: Tx) -> list[Committed]:
        committed = polls.commit(tx, results, now)
        counted = {one.feed_id for one in committed}
        hosts.hold(tx, holds)
        for feed, move in moved:
            if feed.id in counted and feeds.note_move(tx, feed, move, now):
                log.warning("poll.moved", feed=feed.id, to=move.to)
        hubs.offered(tx, {feed_id: offer for feed_id, offer in offers.items() if feed_id in counted}, now)
        return committed

    return ground.store.write(work)


def hand_on(ground: Ground, committed: Sequence[Committed]) -> None:
    """Push new items to be ingested."""
    for ids, feed_ids in batches(committed):
        ground.hand_on("ingest", ids, feeds=feed_ids)


def batches(committed: Sequence[Committed]) -> list[tuple[list[int], list[int]]]:
    """New items in jobs of a bounded size, a feed's items together as far as they fit: (items, feeds)."""
    made: list[tuple[list[int], list[int]]] = []
    for one in committed:
        for start in range(0, len(one.item_ids), ITEMS_PER_JOB):
            part = list(one.item_ids[start : start + ITEMS_PER_JOB])
            if made and len(made[-1][0]) + len(part) <= ITEMS_PER_JOB:
                made[-1][0].extend(part)
                made[-1][1].append(one.feed_id)
            else:
                made.append((part, [one.feed_id]))
    return made


def _moved(results: Sequence[PollResult]) -> list[tuple[Feed, Move]]:
    """Feeds whose answers say where they are."""
    return [
        (result.feed, move)
        for result in results
        if result.response is not None
        and result.verdict.succeeded
        and (move := moves.follow(result.feed, result.response))
    ]


def _holds(ground: Ground, results: Sequence[PollResult], now: datetime) -> dict[str, datetime]:
    """Hosts that ask to be left alone, each until when."""
    found: dict[str, datetime] = {}
    for result in results:
        response = result.response
        if response is not None and (wait_s := poll.hold_s(response, now)):
            name = urls.host(response.url)
            # Not all at the same moment when it is over.
            until = now + timedelta(seconds=wait_s * (1.0 + 0.05 * ground.chance()))
            found[name] = max(found.get(name, until), until)
    return found


def _offers(results: Sequence[PollResult]) -> dict[int, Offer | None]:
    """The hubs that whole documents name; a hub cannot fetch what asks for credentials."""
    found: dict[int, Offer | None] = {}
    for result in results:
        response, document = result.response, result.document
        if document is None or response is None or result.feed.auth or result.feed.headers:
            continue
        if result.verdict.outcome in (Outcome.NEW, Outcome.UNCHANGED):
            head = document.head or response.body[:_HEAD_BYTES]
            found[result.feed.id] = websub.offer(response.headers, head, url=response.url)
    return found
