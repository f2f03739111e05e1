"""The page's text takes the place of the feed's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from pipeline.core import urls
from pipeline.core.copies import Print, sketch
from pipeline.core.dedupe import Copy, Likeness
from pipeline.core.outlet import agency_of
from pipeline.store import search
from pipeline.store.articles.copies import hold, neighbours
from pipeline.store.articles.draft import Texts
from pipeline.store.articles.join import join
from pipeline.store.articles.revise import move_alerts
from pipeline.store.engine import StaleError, Tx
from pipeline.store.ids import reserve
from pipeline.store.pages import FetchedPage, close
from pipeline.store.sql import insert_missing
from pipeline.store.tables import articles, languages, revisions

_CURRENT = (
    select(
        articles.c.title,
        articles.c.summary,
        articles.c.body,
        articles.c.author,
        articles.c.language,
        articles.c.outlet,
        articles.c.agency,
        articles.c.feed_id,
        articles.c.story_id,
        articles.c.backlog,
    )
    .where(articles.c.id == bindparam("article"))
    .with_for_update(key_share=True)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """An article whose text its page has replaced."""

    article_id: int
    story_id: int
    revision_id: int  # the version that gave way
    backlog: bool


def apply_page(
    tx: Tx,
    page: FetchedPage,
    *,
    body: str,
    language: str | None,
    canonical_url: str,
    terms: frozenset[str],
    story_since: datetime,
    now: datetime,
) -> Revised:
    """Make the page's text the article's body and close the page; the old text becomes a version.

    ``language`` counts only where the article has none.  Where the page shows that
    the article is a copy of a text changed since ``story_since``, it joins that one's
    story.  ``canonical_url``, where the page is believed to live, becomes the address
    by which the article is known, if no other article has it.

    Raises:
        StaleError: the article has another text by now than ``page`` was taken with.

    """
    article_id = page.article.id
    before = Texts(page.article.title, page.article.summary, page.article.body)
    row = tx.execute(_CURRENT, {"article": article_id}).first()
    if row is None or Texts(row.title, row.summary, row.body) != before:
        raise StaleError(f"article {article_id} has changed since its page was taken")
    revision_id = reserve(tx, "revisions")[0]
    revision = {
        "id": revision_id,
        "article_id": article_id,
        "at": now,
        "feed_id": row.feed_id,
        "reason": "page",
        "raw_item_id": None,
    }
    tx.execute(insert(revisions), {**revision, "title": row.title, "summary": row.summary, "body": row.body})
    move_alerts(tx, {article_id: revision_id}, field="body")
    tongue = row.language or language
    tx.execute(
        update(articles)
        .where(articles.c.id == article_id)
        .values(
            body=body,
            language=tongue,
            agency=row.agency or agency_of(row.outlet, row.author, row.title, row.summary, body),
            updated_at=now,
        )
    )
    insert_missing(tx, languages, [{"language": tongue or ""}])
    _settle(tx, article_id, canonical_url)
    search.put(tx, {article_id: terms}, new=False)
    close(tx, page.id, state="done")
    text = Print(row.title, row.summary, body)
    copy = _copied(tx, text, article_id, row.story_id, story_since)
    story_id = row.story_id if copy is None else join(tx, article_id, row.story_id, copy, now)
    return Revised(article_id=article_id, story_id=story_id, revision_id=revision_id, backlog=row.backlog)


def _settle(tx: Tx, article_id: int, canonical_url: str) -> None:
    """Know the article by its canonical address; what another one has already, the copies will find."""
    key = urls.key(canonical_url)
    if key is None:
        return
    other = articles.alias()
    taken = select(other.c.id).where(other.c.url_key == key).exists()
    mine = (articles.c.id == article_id, articles.c.url_key != key, ~taken)
    tx.execute(update(articles).where(*mine).values(url_key=key))


def _copied(tx: Tx, text: Print, article_id: int, story_id: int, since: datetime) -> Copy | None:
    """Another story's text that the article's whole text is a copy of; later copies find it by its keys."""
    keys = sketch(text)
    near = neighbours(tx, [keys], since=since)
    others = {id_: one for id_, one in near.texts.items() if one.story_id != story_id}
    copy = Likeness(near.holders, others).find(text, keys)
    if copy is None or copy.fuller:
        hold(tx, dict.fromkeys(keys, article_id), near.holders)
    return copy
