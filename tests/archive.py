"""An archive of articles made from texts, indexed and stored as the pipeline does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pipeline.core.model import About, Listing
from pipeline.store import articles, feeds
from pipeline.store.engine import Store, Tx
from tests import seed, stock
from tests.naive import Text

FEEDS = (
    ("https://feeds.bbc.co.uk/war.xml", "World news", ()),
    ("http://example.org/a", "The War", ("war",)),
)


def fill(
    store: Store, texts: Sequence[Text], *, now: datetime = stock.T0, backlog: bool = False
) -> list[tuple[int, Text]]:
    """Store each text as an article of one of two feeds, by turns; with the ids, and as it is known then."""
    return store.write(lambda tx: _fill(tx, texts, now, backlog=backlog))


def _fill(tx: Tx, texts: Sequence[Text], now: datetime, *, backlog: bool) -> list[tuple[int, Text]]:
    listed = {row.url: row.id for row in feeds.rows(tx)}
    listings = [
        Listing(
            id=listed.get(url) or feeds.add(tx, url=url, title=title, tags=tags, interval_s=300, now=now),
            title=title,
            url=url,
            tags=tags,
        )
        for url, title, tags in FEEDS
    ]
    plans, known = [], []
    for number, text in enumerate(texts):
        listing = listings[number % len(listings)]
        url = text.about.url and f"{text.about.url}?n={number}"
        about = About(author=text.about.author, url=url, tags=text.about.tags, feeds=(listing,))
        whole = replace(text, about=about)
        entry = replace(
            stock.entry(f"{now.isoformat()} {backlog} {number}", url=url),
            text_key=None,  # each its own story
            title=text.title,
            summary=text.summary,
            body=text.body,
            author=about.author,
            language=text.language,
            tags=about.tags,
        )
        plans.append(seed.plan(entry, listing.id, number, whole.analysed.terms, backlog=backlog))
        known.append(whole)
    saved = articles.save(tx, plans, now=now)
    return [(one.article_id, whole) for one, whole in zip(saved, known, strict=True)]
