"""What would ring, beside what did: each hit is looked up among the alerts that exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.alert import Wish
from pipeline.core.analyse import analyse
from pipeline.core.model import Hit, Match
from pipeline.core.policy import Mode
from pipeline.core.replay import Difference, Kind, StoredArticle
from pipeline.flow.percolate import matched
from pipeline.flow.replay.course import Course
from pipeline.store import alerts, articles
from pipeline.store import replay as kept

#: Articles whose alerts are looked at together.
CHUNK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one text meets.

    ``placed`` says that the text is a stored version, ``revision_id`` which;
    without it the matches' offsets fit no stored text.
    """

    hits: Sequence[Hit]
    article: StoredArticle | None  # None: it would be a new one
    story_id: int  # below 0: a new one
    item_id: int | None
    at: datetime  # when it came
    url: str
    title: str
    backlog: bool
    placed: bool
    revision_id: int | None


def take(course: Course, heard: Sequence[Heard]) -> None:
    """Look up what a chunk of texts meets; gained alerts are told once, and stored if that was asked for."""
    pairs = {(hit.subscription_id, one.story_id) for one in heard for hit in one.hits if one.story_id > 0}
    with course.ground.store.read() as tx:
        rung = kept.rung(tx, pairs)
    wanted: list[tuple[Heard, Hit]] = []
    for one in heard:
        for hit in one.hits:
            policy = course.policies.get(hit.subscription_id)
            if policy is None:
                continue  # its subscription came or went at this moment
            slot = one.article.id if one.article and policy.mode is Mode.EVERY else 0
            made = [
                alert.id
                for alert in rung.get((hit.subscription_id, one.story_id), ())
                if slot in {0, alert.article_id}
            ]
            for alert_id in made:
                course.confirmed.add(alert_id)
            ring = (hit.subscription_id, one.story_id, slot)
            if not made and ring not in course.gained:
                course.gained.add(ring)
                wanted.append((one, hit))
    for (one, hit), outcome in zip(wanted, _outcomes(course, wanted), strict=True):
        course.ledger.differs(_gain(course, one, hit, outcome))
    if course.store and wanted:
        _keep(course, wanted)


def lost(course: Course) -> None:
    """Tell which of the alerts that exist nothing would ring for any more, once all else is done."""
    after = 0
    while True:
        with course.ground.store.read() as tx:
            ids = [id_ for id_, _ in kept.texts(tx, course.span, after=after, limit=CHUNK)]
            made = [
                one for one in kept.made(tx, course.span, ids, course.only) if one.id not in course.confirmed
            ]
        if not ids:
            return
        for one in made:
            if one.id not in course.confirmed:
                course.ledger.differs(_loss(one))
        after = ids[-1]


def _loss(one: kept.Lost) -> Difference:
    return Difference(
        kind=Kind.LOST,
        article_id=one.article_id,
        story_id=one.story_id,
        item_id=None,
        url=one.url,
        title=one.title,
        subscription_id=one.subscription_id,
        subscription=one.subscription,
        words=one.words,
        alert_id=one.id,
    )


def _gain(course: Course, one: Heard, hit: Hit, outcome: str) -> Difference:
    return Difference(
        kind=Kind.GAINED,
        article_id=one.article.id if one.article else None,
        story_id=one.story_id if one.story_id > 0 else None,
        item_id=one.item_id,
        url=one.url,
        title=one.title,
        subscription_id=hit.subscription_id,
        subscription=course.subscriptions[hit.subscription_id].name,
        words=tuple(dict.fromkeys(match.text for match in hit.matches)),
        outcome=outcome,
    )


def _outcomes(course: Course, wanted: Sequence[tuple[Heard, Hit]]) -> list[str]:
    """What each subscription's policy would have done, at the moment that the text came."""
    asked = [(hit.subscription_id, one.story_id, one.at) for one, hit in wanted]
    with course.ground.store.read() as tx:
        holds = alerts.foresee(tx, asked, course.policies)
    return [
        "backlog" if one.backlog else "sent" if hold is None else f"held: {hold.because}"
        for (one, _), hold in zip(wanted, holds, strict=True)
    ]


def _keep(course: Course, wanted: Sequence[tuple[Heard, Hit]]) -> None:
    """Store gained alerts as backlog, as far as a stored text has their words."""
    placed = [(one, _place(course, one, hit), hit.subscription_id) for one, hit in wanted]
    wishes = [
        Wish(
            subscription_id=subscription_id,
            story_id=one.article.story_id,
            article_id=one.article.id,
            revision_id=one.revision_id,
            backlog=True,
            matches=matches,
        )
        for one, matches, subscription_id in placed
        if one.article is not None and matches is not None
    ]
    now = course.ground.clock()
    rung = course.ground.store.write(lambda tx: alerts.ring(tx, wishes, now))
    course.stored += len(rung.alert_ids)
    course.unstored += len(placed) - len(wishes)


def _place(course: Course, one: Heard, hit: Hit) -> tuple[Match, ...] | None:
    """Where a stored text meets the query; None where only a text that is not stored does."""
    if one.placed or one.article is None:
        return hit.matches if one.placed else None
    with course.ground.store.read() as tx:
        found = articles.rows(tx, ids=[one.article.id])
    for row in found:
        analysed = analyse(row.title, row.summary, row.body, row.language, row.about)
        (hits,) = matched(course.ground, course.percolator, [analysed])
        return next((each.matches for each in hits if each.subscription_id == hit.subscription_id), None)
    return None
