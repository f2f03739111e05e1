"""Trace: everything that is known of an address, looked up, and matched with the queries as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipeline.core import trace as core
from pipeline.core import urls
from pipeline.core.analyse import Analysed, analyse
from pipeline.core.match import Percolator
from pipeline.core.match import explain as explain_text
from pipeline.core.model import Subscription
from pipeline.core.parse.identity import entry_key
from pipeline.core.query import parse
from pipeline.core.split import ITS_LINK
from pipeline.core.trace import Asked, Facts, Sighting
from pipeline.core.trace.mention import names
from pipeline.store import articles, subscriptions
from pipeline.store import trace as known
from pipeline.store.articles import ArticleRow
from pipeline.store.engine import Store, Tx
from pipeline.store.sql import number
from pipeline.store.subscriptions import SubscriptionRow
from pipeline.store.trace import Keys

#: So many queries that are not met are explained; --subscription explains any.
EXPLAINED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """The answer, and the facts that it is made of."""

    facts: Facts
    answer: core.Trace


def trace(store: Store, ref: str, *, name: str | None = None, article_days: int = 0) -> Traced:
    """Why subscriptions, or the one called ``name``, were alerted to an address, guid or article id, or not.

    ``article_days`` is how long articles are kept, 0 for ever.

    Raises:
        NotFoundError: there is no such subscription.

    """
    ref = "".join(filter(str.isprintable, ref)).strip()
    with store.read() as tx:
        only = None if name is None else subscriptions.find(tx, name)
        facts = _facts(tx, ref, only, article_days)
    return Traced(facts=facts, answer=core.trace(facts))


def keys_of(ref: str) -> Keys:
    """All by which an address or a guid may be known."""
    form = urls.canonical(ref)
    guids = dict.fromkeys([ref, urls.untracked(ref)])
    entry_keys = [entry_key(guid=guid, link="", title="", published_at=None) for guid in guids if guid]
    spellings: list[str] = []
    if form:
        entry_keys.append(entry_key(guid="", link=form, title="", published_at=None))
        bare = form.partition("://")[2]
        spellings = [f"{way}://{bare}{end}" for way in ("https", "http") for end in ("", "/")]
        spellings = [*dict.fromkeys([ref, urls.untracked(ref), *spellings])]
    return Keys(url=urls.key(ref), entries=tuple(entry_keys), spellings=tuple(spellings))


def _facts(tx: Tx, ref: str, only: SubscriptionRow | None, article_days: int) -> Facts:
    keys = keys_of(ref)
    entries = known.entries_of(tx, keys)
    article_id = known.article_of(tx, keys, entries) or number(ref)
    found: tuple[Sighting, ...] = ()
    if article_id is None and not entries:
        found, article_id = _unfinished(tx, ref, keys)
    row = None if article_id is None else articles.row(tx, article_id)
    found = found if article_id is None and found else known.sightings(tx, article_id, entries)
    facts: dict[str, Any] = {
        "url": ref,
        "canonical": urls.canonical(ref),
        "feeds": (),
        "sightings": found,
        "article": None,
        "story": None,
        "asked": (),
        "article_days": article_days,
    }
    if row is None:
        host = urls.host(ref)
        return Facts(**{**facts, "feeds": known.feeds_of_site(tx, host) if host and not found else ()})
    article = known.article(tx, row)
    asked = _asked(tx, row, only)
    return Facts(**{**facts, "article": article, "story": known.story(tx, article), "asked": asked})


def _unfinished(tx: Tx, ref: str, keys: Keys) -> tuple[tuple[Sighting, ...], int | None]:
    """What no entry is known by: items that wait, died or were rejected, or whose entry has another link."""
    for item in known.items(tx):
        if names(item.data, item.base_url, ref, keys.url):
            article_id = known.article_of_item(tx, item.sighting.item_id or 0) if item.done else None
            if article_id is not None or item.sighting.fate != "duplicate":
                return (item.sighting,), article_id
    for sighting, base in known.rejections(tx):
        link = sighting.cause.partition(ITS_LINK)[2]
        if link and (link == ref or urls.key(urls.absolute(link, base)) == keys.url):
            return (sighting,), None
    return (), None


def _asked(tx: Tx, row: ArticleRow, only: SubscriptionRow | None) -> tuple[Asked, ...]:
    """Each subscription, with what its query says of the article and what rang for its story."""
    alerts = known.alerts_of(tx, row.story_id, subscription_id=only.id if only else None)
    listed = [only] if only else subscriptions.rows(tx)
    percolator = Percolator()
    unreadable = percolator.apply(
        Subscription(id=one.id, name=one.name, query=one.query, active=True, version=1) for one in listed
    )
    now = analyse(row.title, row.summary, row.body, row.language, row.about)
    met = {hit.subscription_id: hit.matches for hit in percolator.match(now)}
    before = _before_page(tx, row)
    met_before = met if before is None else {hit.subscription_id for hit in percolator.match(before)}
    unmet = [one for one in listed if one.id not in met][:EXPLAINED]
    lacks = {one.id: _lacks(one.query, now, readable=one.id not in unreadable) for one in unmet}
    return tuple(
        Asked(
            id=one.id,
            name=one.name,
            query=one.query,
            state=one.state,
            channels=one.channels,
            created_at=one.created_at,
            updated_at=one.updated_at,
            met=one.id in met,
            words=tuple(dict.fromkeys(match.text for match in met.get(one.id, ()))),
            lacks=lacks.get(one.id, ""),
            page_only=one.id in met and one.id not in met_before,
            alerts=alerts.get(one.id, ()),
        )
        for one in listed
    )


def _lacks(text: str, now: Analysed, *, readable: bool) -> str:
    """What it would take for a query to be met; queries are checked by the version that saves them."""
    return explain_text(parse(text), now).nearest if readable else "it cannot be read any more"


def _before_page(tx: Tx, row: ArticleRow) -> Analysed | None:
    """The feed's text, where the page's has taken its place."""
    given = [one for one in articles.revisions(tx, row.id) if one.reason == "page"]
    if not given:
        return None
    last = given[-1]
    return analyse(last.title, last.summary, last.body, row.language, row.about)
