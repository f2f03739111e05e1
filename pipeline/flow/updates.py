"""Updates: what a new version of a story says that none of those that were told did.

A version is news where it is material against every version that was told: so
the second outlet's same correction, and a late copy of what was corrected, tell
nothing.  A page that completes a feed's summary is our own doing, not a change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.change import Change, change, is_news
from pipeline.store import updates
from pipeline.store.engine import Tx
from pipeline.store.updates import NewUpdate, Told, ToldAlert


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """A version that came, of an article of a story that may have been told."""

    story_id: int
    article_id: int
    revision_id: int | None  # where the version is kept; None: it is the current text
    before_id: int | None  # the version that gave way; None: the article came with it
    feed_id: int | None  # whose words it is in; None: those of the version whose page it is
    published_at: datetime | None

    @property
    def page(self) -> bool:
        """Whether its body is that of the article's page."""
        return self.feed_id is None


def tell(tx: Tx, fresh: Sequence[Fresh], now: datetime) -> list[int]:
    """Write an update for each alert that ``fresh`` is news to, in their order; ids of the deliveries."""
    if not fresh:
        return []
    alerts = updates.told(tx, {one.story_id for one in fresh})
    if not alerts:
        return []
    lines = updates.versions(tx, {one.article_id for one in fresh})
    found = [one for alert in alerts for one in _news(alert, fresh, lines)]
    return updates.put(tx, found, now)


def _news(alert: ToldAlert, fresh: Sequence[Fresh], lines: Mapping[int, Sequence[Told]]) -> list[NewUpdate]:
    """The changes that one alert's readers have to know of."""
    told = alert.versions
    start = next((i + 1 for i, one in enumerate(fresh) if _is(one, told[0])), 0)
    found = []
    for one in fresh[start:]:
        line = lines[one.article_id]
        itself = next(each for each in line if _is(one, each))
        if not _concerns(alert, one) or itself in told:
            continue
        if any(_completes(one, each) for each in told):
            told.append(itself)
        elif (what := _judge(itself, told, line[: line.index(itself)] if one.before_id else ())) is not None:
            told.append(itself)
            found.append(
                NewUpdate(
                    alert_id=alert.alert_id,
                    subscription_id=alert.subscription_id,
                    article_id=one.article_id,
                    revision_id=one.before_id,
                    change=what,
                    held=alert.held,
                )
            )
    return found


def _concerns(alert: ToldAlert, one: Fresh) -> bool:
    """Copies printed before the alert's article correct nothing, nor any where each has its own alert."""
    if one.story_id != alert.story_id:
        return False
    if one.article_id == alert.article_id:
        return True
    came = one.before_id is None
    older = one.published_at and alert.published_at and one.published_at < alert.published_at
    return not alert.own_article and not (came and older)


def _is(one: Fresh, told: Told) -> bool:
    return (one.article_id, one.revision_id) == (told.article_id, told.revision_id)


def _completes(one: Fresh, told: Told) -> bool:
    """Whether a page's text took the place of a feed's that was told."""
    return (
        one.page and not told.page and (one.article_id, one.before_id) == (told.article_id, told.revision_id)
    )


def _judge(one: Told, told: Sequence[Told], earlier: Sequence[Told]) -> Change | None:
    """What is news against all that was told, seen from what was told last.

    Who prints an article is compared with what of his own words was told, or else
    with what he printed before; and what changed there must be news to those who
    read the others.  Whoever comes new to a story is a copy of it.
    """
    if any(one.version.text == each.version.text for each in told):
        return None
    own = [each for each in told if _same_hand(one, each)]
    others = [each for each in told if not _same_hand(one, each)]
    own = own or [each for each in earlier if _same_hand(one, each)][-1:]
    as_copy = [change(each.version, one.version, copy=True) for each in others]
    if not own:
        return as_copy[-1] if all(as_copy) else None
    what = _revised(one, own)
    if what is None or not all(is_news(what, one.version, each.version) for each in others):
        return None
    return what if _same_hand(one, told[-1]) else as_copy[-1] or what


def _same_hand(one: Told, other: Told) -> bool:
    return (one.article_id, one.feed_id) == (other.article_id, other.feed_id)


def _revised(one: Told, own: Sequence[Told]) -> Change | None:
    """What is material against every one of an article's own versions."""
    found = [change(each.version, one.version, texts=one.page == each.page) for each in own]
    if all(found):
        return found[-1]
    # A text that grew did so against texts of its own kind: a feed's excerpt says nothing of a page.
    like = [what for what, each in zip(found, own, strict=True) if one.page == each.page]
    grown = like and all(what is not None and "text" in what.kinds for what in like)
    return like[-1] if grown else None
