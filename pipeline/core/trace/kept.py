"""What was kept of it: the article, its page, and the story and event that it is in."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.core.trace.answer import Line, count, listed, moment
from pipeline.core.trace.facts import ArticleFact, CopyFact, PageFact, StoryFact

_VERSIONS = {"update": "update", "variant": "other feed's text", "page": "page's text"}


def kept(article: ArticleFact, story: StoryFact) -> Iterator[Line]:
    """A line each for the article, its page, its story and its event."""
    yield Line("article", _article(article))
    yield Line("page", "its page was not asked for" if article.page is None else _page(article.page))
    yield Line("story", _story(article, story))
    if story.links:
        yield Line(
            "story", "found to be the same text later: " + listed([_link(*one) for one in story.links])
        )
    yield Line("event", _event(story))


def _article(article: ArticleFact) -> str:
    old = ", old news of its feed's first poll (backlog)" if article.backlog else ""
    versions = ""
    if article.versions:
        kinds = {name: article.versions.count(name) for name in dict.fromkeys(article.versions)}
        versions = "; its text gave way to " + ", ".join(
            count(number, _VERSIONS.get(name, name)) for name, number in kinds.items()
        )
    return (
        f"article {article.id} ({article.title}), first seen {moment(article.first_seen_at)}{old},"
        f" listed by {listed(article.feeds)}{versions}"
    )


def _page(page: PageFact) -> str:
    if page.state == "done":
        when = f" at {moment(page.fetched_at)}" if page.fetched_at else ""
        return f"its page was fetched{when} and its text taken"
    if page.state == "fetched":
        return "its page is fetched and waits for a pages worker"
    if page.state == "due":
        tried = f", {count(page.attempts, 'attempt')} so far: {page.error}" if page.error else ""
        return f"its page is due at {moment(page.due_at)}{tried}"
    return f"its page gave no text ({page.state}): {page.error}"


def _story(article: ArticleFact, story: StoryFact) -> str:
    why = _why(article.story_reason, article.similarity)
    size = f"{count(story.article_count, 'article')} from {count(story.source_count, 'source')}"
    others = f"; with {listed([_copy(one) for one in story.copies])}" if story.copies else ""
    return f"story {story.id}, {why}; {size}{others}"


def _why(reason: str, similarity: float | None) -> str:
    if reason == "similarity":
        return f"as a near copy (similarity {similarity:.2f})" if similarity is not None else "as a near copy"
    return {"founder": "which it founded", "url": "by its address", "text": "by the same text"}.get(
        reason, f"by {reason}"
    )


def _copy(one: CopyFact) -> str:
    return f"article {one.article_id} of {one.feed} ({one.story_reason}, {moment(one.first_seen_at)})"


def _link(story_id: int, similarity: float) -> str:
    return f"story {story_id} ({similarity:.2f})"


def _event(story: StoryFact) -> str:
    others = story.event_stories - 1
    if others < 1:
        return f"event {story.event_id}, which no other story tells"
    return f"event {story.event_id}, which {count(others, 'other story', 'other stories')} tell too"
