"""A batch worked out on paper: which article, story and version each plan leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.core.dedupe import Decision
from pipeline.core.event import Telling
from pipeline.core.model import Entry, Fate
from pipeline.store.engine import Tx
from pipeline.store.ids import reserve


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A decision, with what the store needs beside it."""

    decision: Decision
    terms: frozenset[str]  # what the full-text index keeps
    backlog: bool
    page_due_at: datetime | None  # when to fetch the page; None: never
    telling: Telling | None = None  # what a story that it founds tells; None: too little to be compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What became of the plan at the same index."""

    article_id: int
    story_id: int  # 0 when the article is gone
    revision_id: int | None  # the version with the plan's text, when it is not the current one
    new: bool
    same_feed: bool  # a duplicate of an article that its feed had listed already
    enlivened: bool = False  # the article was backlog until another feed listed it live
    before_id: int | None = (
        None  # the version that gave way to the plan's text, or is it and never was current
    )


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one version."""

    title: str
    summary: str
    body: str

    @classmethod
    def of(cls, entry: Entry) -> Texts:
        return cls(entry.title, entry.summary, entry.body)


@dataclass(slots=True)
class Revision:
    """A version that is not current, as it will be kept; ``id`` comes when all are known."""

    article_id: int
    reason: str
    plan: Plan  # that caused it
    texts: Texts | None  # None: the stored ones
    holders: list[int]  # indexes of plans whose text it has
    index: int  # of the plan
    id: int = 0


@dataclass(slots=True)
class Standing:
    """An article as the batch leaves it; ``last`` is the plan that brought its current text, if one did."""

    id: int
    story_id: int
    new: bool
    first: Plan
    last: Plan | None = None
    holders: list[int] = field(default_factory=list)  # indexes of plans with the current text


@dataclass(slots=True)
class Draft:
    """A batch, with ids for all that it makes; ``stories`` are those that it founds."""

    plans: Sequence[Plan]
    article_ids: list[int]
    story_ids: list[int]
    stories: list[int]
    articles: dict[int, Standing] = field(default_factory=dict)
    revisions: list[Revision] = field(default_factory=list)
    revision_of: dict[int, int] = field(default_factory=dict)  # index of plan: id of revision
    before_of: dict[int, int] = field(default_factory=dict)  # the same: of the one that it caused

    def new(self) -> list[Standing]:
        """Articles that the batch makes."""
        return [one for one in self.articles.values() if one.new]

    def live(self) -> set[int]:
        """Articles that some plan of the batch brings as live news."""
        pairs = zip(self.plans, self.article_ids, strict=True)
        return {article_id for plan, article_id in pairs if not plan.backlog}

    def revised(self) -> list[Standing]:
        """Stored articles that get another text."""
        return [one for one in self.articles.values() if not one.new and one.last is not None]


def draft(tx: Tx, plans: Sequence[Plan]) -> Draft:
    """Work out a batch and reserve the ids of all that it makes."""
    decisions = [plan.decision for plan in plans]
    founders = [one for one in decisions if one.fate is Fate.ARTICLE]
    stories = reserve(tx, "stories", sum(one.story_id is None and one.story_of is None for one in founders))
    made = Draft(plans, *_ids(decisions, reserve(tx, "articles", len(founders)), stories), stories)
    for index, plan in enumerate(plans):
        _play(made, index, plan)
    for id_, revision in zip(reserve(tx, "revisions", len(made.revisions)), made.revisions, strict=True):
        revision.id = id_
        made.revision_of.update(dict.fromkeys(revision.holders, id_))
        made.before_of[revision.index] = id_
    return made


def _ids(
    decisions: Sequence[Decision], article_ids: Sequence[int], story_ids: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Article and story of each decision; those it refers to come earlier in the list."""
    new_articles, new_stories = iter(article_ids), iter(story_ids)
    articles: list[int] = []
    stories: list[int] = []
    for one in decisions:
        source = one.copy_of if one.copy_of is not None else one.story_of
        if one.article_id is not None:
            articles.append(one.article_id)
        elif one.copy_of is not None:
            articles.append(articles[one.copy_of])
        else:
            articles.append(next(new_articles))
        if one.story_id is not None:
            stories.append(one.story_id)
        elif source is not None:
            stories.append(stories[source])
        else:
            stories.append(next(new_stories) if one.fate is Fate.ARTICLE else 0)
    return articles, stories


def _play(made: Draft, index: int, plan: Plan) -> None:
    """What one plan does to its article's versions."""
    decision, article_id = plan.decision, made.article_ids[index]
    if made.story_ids[index] == 0:
        return  # the article is gone
    standing = made.articles.get(article_id)
    if standing is None:
        new = decision.fate is Fate.ARTICLE
        standing = Standing(article_id, made.story_ids[index], new, plan)
        made.articles[article_id] = standing
    if decision.fate is Fate.ARTICLE:
        standing.last, standing.holders = plan, [index]
    elif decision.fate is Fate.UPDATE and decision.current:
        before = None if standing.last is None else Texts.of(standing.last.decision.entry)
        made.revisions.append(Revision(article_id, "update", plan, before, standing.holders, index))
        standing.last, standing.holders = plan, [index]
    elif decision.fate is Fate.UPDATE:
        texts = Texts.of(decision.entry)
        made.revisions.append(Revision(article_id, "variant", plan, texts, [index], index))
    elif _same(standing, decision):
        standing.holders.append(index)


def _same(standing: Standing, decision: Decision) -> bool:
    """Whether a duplicate's text is the current one; an older version's is told apart by its hash."""
    last = standing.last
    return last is None or last.decision.entry.content_hash == decision.entry.content_hash
