"""Stored articles: those whose raw items are purged, what pages said, and what nothing leads to any more."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.analyse import analyse
from pipeline.core.errors import DocumentError
from pipeline.core.model import About
from pipeline.core.replay import Difference, Kind, StoredArticle, Version
from pipeline.flow.ground import log
from pipeline.flow.percolate import matched
from pipeline.flow.replay.course import Course
from pipeline.flow.replay.rings import Heard, take
from pipeline.store import articles
from pipeline.store import replay as kept

#: Articles that are held at once.
CHUNK = 200


def replay_texts(course: Course) -> None:
    """Go through the articles of the span in the order of their ids."""
    after = 0
    while True:
        with course.ground.store.read() as tx:
            listed = kept.texts(tx, course.span, after=after, limit=CHUNK)
            ids = [id_ for id_, _ in listed]
            stored = kept.stored(tx, ids)
            about = {row.id: row.about for row in articles.rows(tx, ids=ids)}
        if not ids:
            return
        heard: list[Heard] = []
        for id_, replayed in listed:
            if replayed and id_ not in course.reached:
                course.ledger.differs(_missing(stored[id_], course))
            versions = stored[id_].from_page() if replayed else iter(stored[id_].versions)
            heard += _heard(course, stored[id_], about[id_], versions)
        take(course, heard)
        after = ids[-1]
        course.texts += len(heard)
        course.step(len(ids))


def _heard(
    course: Course, article: StoredArticle, about: About, versions: Iterator[Version]
) -> Iterator[Heard]:
    for version in versions:
        course.percolator.prepare(article.language)
        text = analyse(version.title, version.summary, version.body, article.language, about)
        try:
            (hits,) = matched(course.ground, course.percolator, [text])
        except DocumentError as exc:
            course.slow += 1
            log.warning("replay.slow", article=article.id, cause=str(exc))
            continue
        met = [hit.subscription_id for hit in hits]
        course.ledger.result(article.id, version.revision_id, met)
        yield Heard(
            hits=hits,
            article=article,
            story_id=article.story_id,
            item_id=None,
            at=article.first_seen_at,
            url=article.url,
            title=version.title,
            backlog=article.backlog,
            placed=True,
            revision_id=version.revision_id,
        )


def _missing(article: StoredArticle, course: Course) -> Difference:
    return Difference(
        kind=Kind.MISSING,
        article_id=article.id,
        story_id=article.story_id,
        item_id=article.raw_item_id,
        url=article.url,
        title=article.current.title,
        cause=course.broken.get(article.raw_item_id, ""),
    )
