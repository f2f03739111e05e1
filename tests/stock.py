"""What a store is filled with in tests: feeds, polls, items and entries, as the pipeline would make them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

from sqlalchemy import insert, update

from pipeline.core import event
from pipeline.core.alert import Wish
from pipeline.core.analyse import analyse
from pipeline.core.copies import Print, sketch
from pipeline.core.dedupe import Decision, decide
from pipeline.core.errors import FetchError
from pipeline.core.model import (
    Document,
    Entry,
    Fate,
    Feed,
    Match,
    Parsed,
    Piece,
    RawItem,
    Response,
)
from pipeline.core.poll import judge
from pipeline.core.rhythm import Pacing
from pipeline.store import alerts, articles, channels, feeds, ids, polls, raw, retention, subscriptions
from pipeline.store.alerts import Rung
from pipeline.store.articles import Plan, Saved
from pipeline.store.engine import Store, Tx
from pipeline.store.polls import Committed, PollResult
from pipeline.store.raw import Finished
from pipeline.store.retention import Keep, Step
from pipeline.store.tables import alerts as alerts_table
from pipeline.store.tables import deliveries, digests

T0 = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
LEASE_S = 60.0
WINDOW = timedelta(days=3)


def later(seconds: float) -> datetime:
    """So many seconds after the tests' beginning."""
    return T0 + timedelta(seconds=seconds)


def digest(text: str) -> bytes:
    """16 bytes that stand for ``text``."""
    return blake2b(text.encode(), digest_size=16).digest()


def add_feed(store: Store, url: str = "https://a.example/feed", *, interval_s: int = 300) -> int:
    """A feed that is due at the beginning."""
    return store.write(lambda tx: feeds.add(tx, url=url, interval_s=interval_s, every_s=interval_s, now=T0))


def claim(store: Store, now: datetime = T0, *, limit: int = 100) -> list[Feed]:
    """What is due, claimed."""
    return store.write(lambda tx: feeds.claim(tx, now=now, limit=limit, lease_s=LEASE_S))


def response(url: str = "https://a.example/feed", *, status: int = 200, now: datetime = T0) -> Response:
    """An answer whose body is of no account."""
    return Response(
        status=status,
        url=url,
        headers={"etag": '"1"', "content-type": "application/rss+xml"},
        body=b"<rss/>",
        complete=True,
        fetched_at=now,
        elapsed_s=0.25,
    )


def document(new: Sequence[str], *, known: int = 0, rejected: Sequence[str] = ()) -> Document:
    """A document with a new piece for each of ``new``, and so many that were known."""
    pieces = tuple(
        Piece(
            position=index,
            fingerprint=digest(text),
            data=f"<item>{text}</item>".encode(),
            link_shared=False,
            guid_shared=False,
        )
        for index, text in enumerate(new)
    )
    return Document(
        head=b"<rss><channel>",
        tail=b"</channel></rss>",
        cut=True,
        format="xml",
        pieces=pieces,
        fingerprints=tuple(piece.fingerprint for piece in pieces),
        seen=len(new) + known + len(rejected),
        rejected=tuple(rejected),
        malformed=False,
    )


def result(feed: Feed, found: Document | None, *, now: datetime = T0, status: int = 200) -> PollResult:
    """A poll that was answered."""
    answer = response(feed.url, status=status, now=now)
    verdict = judge(feed, answer, found, now=now, jitter=0.5, pacing=Pacing())
    return PollResult(feed=feed, response=answer, document=found, verdict=verdict)


def failed(feed: Feed, *, now: datetime = T0) -> PollResult:
    """A poll that was not answered."""
    verdict = judge(
        feed, FetchError("timeout", "no answer within 30 s"), None, now=now, jitter=0.5, pacing=Pacing()
    )
    return PollResult(feed=feed, response=None, document=None, verdict=verdict)


def commit(store: Store, results: Sequence[PollResult], now: datetime = T0) -> list[Committed]:
    """Commit polls."""
    return store.write(lambda tx: polls.commit(tx, results, now))


def bring(store: Store, new: Sequence[str], *, now: datetime = T0, known: int = 0) -> list[int]:
    """Poll the one feed that is due, and commit ``new`` items; their ids."""
    (feed,) = claim(store, now)
    committed = commit(store, [result(feed, document(new, known=known), now=now)], now)
    return [id_ for one in committed for id_ in one.item_ids]


def take(store: Store, ids: Iterable[int], now: datetime = T0, *, replay: bool = False) -> list[RawItem]:
    """Take raw items."""
    return store.write(lambda tx: raw.take(tx, list(ids), now=now, lease_s=LEASE_S, replay=replay))


def entry(name: str, *, body: str = "", url: str | None = None, guid: str | None = None) -> Entry:
    """An entry called ``name``; its text is that of ``body``, or one that nothing else has."""
    address = f"https://news.example/{name}" if url is None else url
    text = body or f"The text of {name}."
    title = f"Title of {name}" if not body else "A title"
    return Entry(
        key=digest(f"guid {guid or name}"),
        url=address,
        url_key=digest(address) if address else None,
        title=title,
        summary="A summary",
        body=text,
        html=f"<p>{text}</p>",
        author="Ann Author",
        language="en",
        tags=("world",),
        published_at=T0 - timedelta(minutes=5),
        content_hash=digest(f"{title}/{text}"),
        text_key=digest(f"text {text}"),
    )


def printed(name: str, text: str, *, title: str = "", summary: str = "", url: str | None = None) -> Entry:
    """An entry called ``name`` with the keys of its text, as the parse gives them."""
    made = entry(name, body=text, url=url)
    keys = sketch(Print(title or made.title, summary, text))
    return replace(made, title=title or made.title, summary=summary, keys=keys)


def parsed(item: RawItem, *entries: Entry, rejected: Sequence[str] = ()) -> Parsed:
    """An item that held ``entries``."""
    return Parsed(
        item=item,
        entries=entries,
        rejected=tuple(rejected),
        feed_title="The Feed",
        feed_site_url="https://a.example/",
        feed_language="en",
    )


@dataclass
class Outcome:
    """What one ingest came to."""

    decisions: list[Decision] = field(default_factory=list)
    saved: list[Saved] = field(default_factory=list)
    rung: Rung = field(default_factory=lambda: Rung(alert_ids=(), delivery_ids=()))


@dataclass(frozen=True)
class Ring:
    """Ring these subscriptions for every entry, for a word of this field."""

    subscriptions: tuple[int, ...]
    field: str = "body"


def ingest(
    store: Store,
    found: Sequence[Parsed],
    *,
    now: datetime = T0,
    ring: Ring | None = None,
    backlog: bool = False,
    pages: bool = False,
    tell: bool = False,
) -> Outcome:
    """Decide on ``found``, save it, ring, and close its items, in one transaction; ``tell`` lets events form."""

    def work(tx: Tx) -> Outcome:
        known = articles.known(tx, found, story_since=now - WINDOW)
        decisions = decide(found, known)
        plans = [
            Plan(
                decision=one,
                terms=frozenset((one.entry.title + " " + one.entry.body).lower().split()),
                backlog=backlog,
                page_due_at=now if pages and one.fate is not Fate.DUPLICATE else None,
                telling=_telling(one.entry) if tell else None,
            )
            for one in decisions
        ]
        saved = articles.save(tx, plans, held=known.holders, now=now)
        rung = alerts.ring(tx, _wishes(plans, saved, ring), now)
        raw.finish(tx, [_account(one, decisions) for one in found])
        return Outcome(decisions, saved, rung)

    return store.write(work)


def wish(subscription_id: int, saved: Saved, *, field: str = "body", backlog: bool = False) -> Wish:
    """An alert that should exist for a saved article."""
    match = Match(term="text", field=field, start=4, end=8, text="text", context="The text")
    return Wish(
        subscription_id=subscription_id,
        story_id=saved.story_id,
        article_id=saved.article_id,
        revision_id=saved.revision_id,
        backlog=backlog,
        matches=(match,),
    )


def add_subscription(store: Store, name: str = "war", *, channel_ids: Sequence[int] = ()) -> int:
    """A subscription."""
    return store.write(
        lambda tx: subscriptions.add(tx, name=name, query="invasion", channel_ids=channel_ids, now=T0)
    )


def add_channel(store: Store, name: str = "desk") -> int:
    """A webhook channel."""
    return store.write(
        lambda tx: channels.add(tx, name=name, url="https://hook.example/x", secret="whsec_x", now=T0)
    )


def news(store: Store, *names: str, now: datetime = T0, ring: Ring | None = None) -> Outcome:
    """A feed that is due brings an entry for each name, and they are ingested."""
    items = take(store, bring(store, list(names), now=now), now)
    found = [parsed(item, entry(name)) for item, name in zip(items, names, strict=True)]
    return ingest(store, found, now=now, ring=ring)


def gather(
    store: Store, subscription_id: int, alert_ids: Sequence[int], *, event_id: int | None = None
) -> list[int]:
    """A digest of these alerts, or a follow-up on an event; ids of its deliveries to all channels there are."""

    def work(tx: Tx) -> list[int]:
        (id_,) = ids.reserve(tx, "digests")
        to = [channel.id for channel in channels.rows(tx)]
        kind = "digest" if event_id is None else "follow_up"
        row = {"id": id_, "subscription_id": subscription_id, "kind": kind, "event_id": event_id}
        tx.execute(insert(digests), row | {"alerts": len(alert_ids), "channels": len(to), "created_at": T0})
        its = update(alerts_table).where(alerts_table.c.id.in_(alert_ids))
        tx.execute(its.values(digest_id=id_, disposition="digest"))
        made = ids.reserve(tx, "deliveries", len(to))
        fresh = {
            "digest_id": id_,
            "state": "pending",
            "next_attempt_at": T0,
            "created_at": T0,
            "started_at": T0,
        }
        tx.many(
            insert(deliveries),
            [
                fresh | {"id": one, "message_id": f"msg_{one}", "channel_id": channel_id}
                for one, channel_id in zip(made, to, strict=True)
            ],
        )
        return made

    return store.write(work)


def _wishes(plans: Sequence[Plan], saved: Sequence[Saved], ring: Ring | None) -> list[Wish]:
    if ring is None:
        return []
    return [
        wish(id_, one, field=ring.field, backlog=plan.backlog)
        for plan, one in zip(plans, saved, strict=True)
        if one.story_id and not one.same_feed
        for id_ in ring.subscriptions
    ]


def _telling(entry: Entry) -> event.Telling | None:
    return event.tell(analyse(entry.title, entry.summary, entry.body, entry.language), entry.language)


def _account(one: Parsed, decisions: Sequence[Decision]) -> Finished:
    fates = [decision.fate for decision in decisions if decision.item.id == one.item.id]
    return Finished(
        item_id=one.item.id,
        entries=len(one.entries) + len(one.rejected),
        articles=fates.count(Fate.ARTICLE),
        updates=fates.count(Fate.UPDATE),
        duplicates=fates.count(Fate.DUPLICATE),
        dead=len(one.rejected),
        reasons=one.rejected,
    )


def purge(
    store: Store,
    now: datetime,
    *,
    raw_days: int = 7,
    poll_days: int = 14,
    batch: int = 100,
    **days: int,
) -> int:
    """One batch of each kind that is older than it is kept; how many rows went."""
    keep = Keep(raw_days=raw_days, poll_days=poll_days, story_window_s=259_200, **{"article_days": 0, **days})

    def forget(tx: Tx, step: Step) -> int:
        ids = [id_ for id_, _ in step.kind.find(tx, step.before, batch, None)]
        return step.kind.forget(tx, ids, step.before)

    return sum(store.write(lambda tx, step=step: forget(tx, step)) for step in retention.by_age(keep, now))
