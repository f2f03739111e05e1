"""What was told of stories: for each alert the version that rang, and each that an update told since."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, bindparam, select

from pipeline.core.change import Version
from pipeline.core.policy import load
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks, word
from pipeline.store.tables import alerts, articles, revisions, subscriptions, updates


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A version that was told, or may have been."""

    article_id: int
    revision_id: int | None  # None: the article's current text
    feed_id: int  # whose words it is in
    page: bool  # its body is that of the article's page
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldAlert:
    """A live alert whose subscription asks for updates, with the versions that were told, in order."""

    alert_id: int
    subscription_id: int
    story_id: int
    article_id: int
    published_at: datetime | None  # of its article
    own_article: bool  # its subscription has an alert for every article
    held: bool
    versions: list[Told] = field(default_factory=list)


_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_LIVE = (
    select(alerts.c.id, subscriptions.c.policy)
    .join(subscriptions, subscriptions.c.id == alerts.c.subscription_id)
    .where(alerts.c.story_id.in_(_ids), ~alerts.c.backlog, subscriptions.c.state == word("active"))
)
_LOCK = (
    select(alerts, articles.c.published_at)
    .join(articles, articles.c.id == alerts.c.article_id)
    .where(alerts.c.id.in_(_ids))
    .order_by(alerts.c.id)
    .with_for_update(key_share=True, of=alerts)
)
_UPDATES = select(updates).where(updates.c.alert_id.in_(_ids)).order_by(updates.c.id)
_CURRENT = select(
    articles.c.id,
    articles.c.feed_id,
    articles.c.title,
    articles.c.summary,
    articles.c.body,
    articles.c.language,
).where(articles.c.id.in_(_ids))
_KEPT = select(revisions).where(revisions.c.article_id.in_(_ids)).order_by(revisions.c.id)


def told(tx: Tx, story_ids: Iterable[int]) -> list[ToldAlert]:
    """What was told of these stories, with the alerts locked until the transaction ends.

    So of two workers that bring the same change, the second one sees what the
    first has told.
    """
    live = [row for part in chunks(sorted(set(story_ids))) for row in tx.execute(_LIVE, {"ids": part})]
    ids = sorted(row.id for row in live if load(row.policy).updates)
    found = [row for part in chunks(ids) for row in tx.execute(_LOCK, {"ids": part})]
    since = [row for part in chunks(ids) for row in tx.execute(_UPDATES, {"ids": part})]
    lines = _lines(tx, {row.article_id for row in (*found, *since)})
    told_alerts = {
        row.id: ToldAlert(
            alert_id=row.id,
            subscription_id=row.subscription_id,
            story_id=row.story_id,
            article_id=row.article_id,
            published_at=row.published_at,
            own_article=row.slot != 0,
            held=row.disposition == "held",
            versions=list(lines[row.article_id].at(row.revision_id)),
        )
        for row in found
    }
    for row in since:
        told_alerts[row.alert_id].versions.extend(lines[row.article_id].after(row.revision_id))
    return list(told_alerts.values())


def versions(tx: Tx, article_ids: Iterable[int]) -> dict[int, list[Told]]:
    """Every version of articles, told or not, the oldest first."""
    return {
        id_: sorted([*line.current, *line.variants.values()], key=_age)
        for id_, line in _lines(tx, set(article_ids)).items()
    }


def _age(one: Told) -> tuple[bool, int]:
    return one.revision_id is None, one.revision_id or 0


@dataclass(frozen=True, slots=True)
class _Line:
    """The versions of an article that were its current text, in order; beside them those that never were."""

    current: Sequence[Told]
    variants: Mapping[int, Told]

    def at(self, revision_id: int | None) -> Iterator[Told]:
        """That version, and the page's text where the page completed it."""
        if revision_id is not None and revision_id in self.variants:
            yield self.variants[revision_id]
            return
        place = next(i for i, one in enumerate(self.current) if one.revision_id == revision_id)
        yield from self._completed(place)

    def after(self, revision_id: int | None) -> Iterator[Told]:
        """What an update told that names this version as the one before; None: the article's first."""
        if revision_id is not None and revision_id in self.variants:
            yield self.variants[revision_id]
            return
        place = next((i for i, one in enumerate(self.current) if one.revision_id == revision_id), -1)
        yield from self._completed(0 if revision_id is None else place + 1)

    def _completed(self, place: int) -> Iterator[Told]:
        yield self.current[place]
        if place + 1 < len(self.current) and self.current[place + 1].page:
            yield self.current[place + 1]


def _lines(tx: Tx, article_ids: set[int]) -> dict[int, _Line]:
    kept: dict[int, list[Any]] = {}
    for part in chunks(sorted(article_ids)):
        for row in tx.execute(_KEPT, {"ids": part}):
            kept.setdefault(row.article_id, []).append(row)
    return {
        row.id: _line(row, kept.get(row.id, ()))
        for part in chunks(sorted(article_ids))
        for row in tx.execute(_CURRENT, {"ids": part})
    }


def _line(article: Any, kept: Sequence[Any]) -> _Line:  # noqa: ANN401  # rows
    current: list[Told] = []
    variants: dict[int, Told] = {}
    page, feed_id = False, article.feed_id

    def told(row: Any, revision_id: int | None, feed_id: int, *, page: bool) -> Told:  # noqa: ANN401
        version = Version(row.title, row.summary, row.body, article.language)
        return Told(
            article_id=article.id, revision_id=revision_id, feed_id=feed_id, page=page, version=version
        )

    for row in kept:
        if row.reason == "variant":
            variants[row.id] = told(row, row.id, row.feed_id, page=False)
            continue
        current.append(told(row, row.id, feed_id, page=page))
        # The row keeps the text that gave way, and names the feed whose text came.
        page = row.reason == "page"
        feed_id = feed_id if page else row.feed_id
    current.append(told(article, None, feed_id, page=page))
    return _Line(current, variants)
