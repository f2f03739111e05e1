"""Raw items, parsed and matched once more, beside what they were stored as."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pipeline.core.alert import is_backlog
from pipeline.core.dedupe import Decision, decide
from pipeline.core.errors import DocumentError
from pipeline.core.model import Entry, Fate, Hit, Parsed, RawItem
from pipeline.core.replay import Difference, Kind, StoredArticle, differing
from pipeline.flow.ground import log
from pipeline.flow.prepare import Prepared, documents, prepare
from pipeline.flow.replay.course import Course
from pipeline.flow.replay.rings import Heard, take
from pipeline.store import articles, raw
from pipeline.store import replay as kept
from pipeline.store.replay import Held

#: Raw items that are held at once.
CHUNK = 200
#: No text is too long ago to be the same: a replay forgets nothing.
_EVER = datetime(1, 1, 1, tzinfo=UTC)

_Listed = tuple[RawItem, Entry, tuple[Hit, ...]]
_Decisions = dict[tuple[int, bytes], tuple[Decision, int]]  # by raw item and entry key


def replay_items(course: Course) -> None:
    """Go through the raw items of the span in the order of their ids."""
    after = 0
    while True:
        with course.ground.store.read() as tx:
            ids = kept.items(tx, course.span, after=after, limit=CHUNK)
            items = raw.read(tx, ids)
        if not ids:
            return
        _chunk(course, items)
        after = ids[-1]
        course.items += len(ids)
        course.step(len(ids))


def _chunk(course: Course, items: Sequence[RawItem]) -> None:
    ready = [one for document in documents(items) for one in _prepare(course, document)]
    ready.sort(key=lambda one: one.parsed.item.id)
    parsed = [one.parsed for one in ready]
    with course.ground.store.read() as tx:
        held = kept.held(tx, parsed)
    decisions = _decide(course, parsed, held)
    heard: list[Heard] = []
    for item, entry, hits in _listed(ready):
        course.ledger.result(item.id, entry.key.hex(), entry.content_hash.hex(), _met(hits))
        heard += _entry(course, held, decisions, (item, entry, hits))
    take(course, heard)


def _prepare(course: Course, items: Sequence[RawItem]) -> list[Prepared]:
    """As ingest does it: what a document cannot, each of its items may do alone."""
    try:
        ready, broken = prepare(course.ground, course.percolator, items)
    except Exception as exc:  # noqa: BLE001 - noted as the cause; the next items go on
        if len(items) > 1:
            return [done for item in items for done in _prepare(course, [item])]
        if not isinstance(exc, DocumentError):
            log.exception("replay.broken", item=items[0].id)
        reason = exc.reason if isinstance(exc, DocumentError) else type(exc).__name__
        course.broken[items[0].id] = f"{reason}: {exc}"
        return []
    course.broken.update({item.id: f"{error.reason}: {error}" for item, error in broken})
    return ready


def _listed(ready: Sequence[Prepared]) -> Iterator[_Listed]:
    for one in ready:
        for entry, hits in zip(one.parsed.entries, one.hits, strict=True):
            yield one.parsed.item, entry, hits


def _met(hits: Sequence[Hit]) -> list[object]:
    return [[hit.subscription_id, [[m.field, m.start, m.end] for m in hit.matches]] for hit in hits]


def _entry(course: Course, held: Held, decisions: _Decisions, listed: _Listed) -> Iterator[Heard]:
    """What one entry leads to; nothing where its article is purged."""
    item, entry, hits = listed
    known = held.entries.get((item.feed_id, entry.key))
    article_id = known.article_id if known else held.by_url.get(entry.url_key or b"")
    article = held.articles.get(article_id or 0)
    if article is None:
        if known is None:
            yield from _new(course, decisions, listed)
        return
    course.reached.add(article.id)
    if fields := differing(entry, article, item.id):
        course.ledger.differs(_difference(Kind.CHANGED, article, item, entry, fields))
    if known and item.id not in article.makers and item.fetched_at > known.first_seen_at:
        return  # its feed merely showed it again, which rings for nobody
    version = article.version_of(entry)
    yield Heard(
        hits=hits,
        article=article,
        story_id=article.story_id,
        item_id=item.id,
        at=item.fetched_at,
        url=article.url,
        title=entry.title,
        backlog=article.backlog,
        placed=version is not None,
        revision_id=version.revision_id if version else None,
    )


def _new(course: Course, decisions: _Decisions, listed: _Listed) -> Iterator[Heard]:
    """An entry that would be an article now."""
    item, entry, hits = listed
    decision, founded = decisions[item.id, entry.key]
    if decision.fate is not Fate.ARTICLE or (item.feed_id, entry.key) in course.fresh:
        return  # the same article again
    course.fresh.add((item.feed_id, entry.key))
    course.ledger.differs(_difference(Kind.NEW, None, item, entry, (), story_id=decision.story_id))
    yield Heard(
        hits=hits,
        article=None,
        story_id=decision.story_id or founded,
        item_id=item.id,
        at=item.fetched_at,
        url=entry.url,
        title=entry.title,
        backlog=is_backlog(item, entry, backlog_s=course.ground.policy.backlog_s),
        placed=False,
        revision_id=None,
    )


def _decide(course: Course, parsed: Sequence[Parsed], held: Held) -> _Decisions:
    """What ingest would decide on entries that are not known; it is asked for those alone.

    With each comes a number below 0 that stands for the story which it would found or join as a new one.
    """
    unknown = [
        one
        for one in parsed
        if any((one.item.feed_id, entry.key) not in held.entries for entry in one.entries)
    ]
    if not unknown:
        return {}
    known = course.ground.store.write(lambda tx: articles.known(tx, unknown, story_since=_EVER))
    made = decide(unknown, known)
    first = course.founded
    course.founded -= len(made)
    return {
        (one.item.id, one.entry.key): (one, first - (index if one.story_of is None else one.story_of))
        for index, one in reversed(list(enumerate(made)))
    }


def _difference(
    kind: Kind,
    article: StoredArticle | None,
    item: RawItem,
    entry: Entry,
    fields: tuple[str, ...],
    *,
    story_id: int | None = None,
) -> Difference:
    return Difference(
        kind=kind,
        article_id=article.id if article else None,
        story_id=article.story_id if article else story_id,
        item_id=item.id,
        url=entry.url,
        title=entry.title,
        fields=fields,
    )
