"""The text of fetched pages: judged, stored with their articles, and matched again.

What the feed's summary rang for does not wait for the page; what only the page
says rings when the page is here; the alert's own key lets both ring once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pipeline.core import urls
from pipeline.core.alert import Wish
from pipeline.core.analyse import Analysed, analyse, spoken
from pipeline.core.errors import DocumentError
from pipeline.core.match import Percolator
from pipeline.core.model import About, Hit
from pipeline.core.page import Found, Listed, judge
from pipeline.flow import updates
from pipeline.flow.blocks import FETCHES, turned_away, welcome
from pipeline.flow.ground import Ground, log
from pipeline.flow.ingest import ATTEMPTS, Ingested
from pipeline.flow.percolate import LivePercolator, matched
from pipeline.flow.updates import Fresh
from pipeline.store import alerts, articles, pages
from pipeline.store.alerts import Rung
from pipeline.store.articles import Revised
from pipeline.store.engine import StaleError, Tx
from pipeline.store.pages import FetchedPage

#: After so many seconds a page with a doubtful text is visited again.
AGAIN_S = 5.0


def extract_pages(ground: Ground, live: LivePercolator, ids: Sequence[int]) -> Ingested:
    """Take the text from fetched pages, store it with their articles and match these again."""
    now = ground.clock()
    taken = ground.store.write(lambda tx: pages.take(tx, ids, now=now, lease_s=ground.policy.lease_s))
    with ground.store.read() as tx:
        about = {row.id: row.about for row in articles.rows(tx, ids=[page.article.id for page in taken])}
    percolator = live.current(ground.store)
    poisoned: list[str] = []
    updates = alerts_made = 0
    for page in taken:
        if page.job_attempts > ATTEMPTS:
            poisoned.append(_bury(ground, page, "worker-died: its worker died over it three times"))
            continue
        try:
            rang = _extract(ground, percolator, page, about.get(page.article.id))
        except StaleError as exc:  # the feed changed the article meanwhile: the page meets its new text
            poisoned.extend(_set_aside(ground, page, str(exc)))
            continue
        except Exception as exc:  # noqa: BLE001 - logged; the page's attempts lead it to the dead letters
            log.exception("page.broken", page=page.id, attempt=page.job_attempts)
            poisoned.extend(_set_aside(ground, page, f"{type(exc).__name__}: {exc}"))
            continue
        updates += rang is not None
        alerts_made += rang or 0
    done = Ingested(
        items=len(taken),
        articles=0,
        updates=updates,
        duplicates=0,
        alerts=alerts_made,
        poisoned=tuple(poisoned),
    )
    log.info("pages", **done.as_json(), dead=len(poisoned))
    return done


def _extract(ground: Ground, percolator: Percolator, page: FetchedPage, about: About | None) -> int | None:
    """Judge, match and store one page; the number of alerts, or None where it told nothing new."""
    text = page.article
    listed = Listed(url=text.url, title=text.title, summary=text.summary, body=text.body)
    try:
        with ground.limit(ground.policy.cpu_limit_s):
            found = judge(page.body, url=page.url, content_type=page.content_type, listed=listed)
        if not found.sure and _is_doubtful(ground, page, found):
            return None
        language = text.language or spoken(f"{text.title}\n{found.text}", found.language)
        percolator.prepare(language)
        with ground.limit(ground.policy.cpu_limit_s):
            analysed = analyse(text.title, text.summary, found.text, language, about)
        (hits,) = matched(ground, percolator, [analysed])
    except DocumentError as exc:
        _refused(ground, page, exc)
        return None
    rung = ground.store.write(
        lambda tx: _save(tx, ground, page, found=found, language=language, analysed=analysed, hits=hits)
    )
    ground.hand_on("deliver", rung.delivery_ids)
    return len(rung.alert_ids)


def _save(
    tx: Tx,
    ground: Ground,
    page: FetchedPage,
    *,
    found: Found,
    language: str | None,
    analysed: Analysed,
    hits: Sequence[Hit],
) -> Rung:
    """Store the text with its article, and what it rings for."""
    now = ground.clock()
    revised = articles.apply_page(
        tx,
        page,
        body=found.text,
        language=language,
        canonical_url=found.canonical_url,
        terms=analysed.terms,
        story_since=now - timedelta(seconds=ground.policy.story_window_s),
        now=now,
    )
    wishes = [
        Wish(
            subscription_id=hit.subscription_id,
            story_id=revised.story_id,
            article_id=revised.article_id,
            revision_id=None,
            backlog=revised.backlog,
            matches=hit.matches,
        )
        for hit in hits
    ]
    welcome(tx, urls.host(page.url))
    rung = alerts.ring(tx, wishes, now)
    told = updates.tell(tx, _fresh(revised, page), now)
    return Rung(alert_ids=rung.alert_ids, delivery_ids=(*rung.delivery_ids, *told))


def _fresh(revised: Revised, page: FetchedPage) -> list[Fresh]:
    """The page's text; of an article that only joins the story by it, it is the first that counts."""
    if revised.backlog:
        return []
    joins = revised.story_id != page.article.story_id
    return [
        Fresh(
            story_id=revised.story_id,
            article_id=revised.article_id,
            revision_id=None,
            before_id=None if joins else revised.revision_id,
            feed_id=None,
            published_at=None,
        )
    ]


def _is_doubtful(ground: Ground, page: FetchedPage, found: Found) -> bool:
    """Whether a text that only its headline speaks for has to be seen once more before it is taken.

    Raises:
        DocumentError: ``differs``, where the visit before showed another text.

    """
    if page.seen_as == found.digest:
        return False
    if page.seen_as is not None:
        raise DocumentError("differs", "the page has another text at each visit")
    due_at = ground.clock() + timedelta(seconds=AGAIN_S)
    cause = "doubtful: only the headline is the entry's; the page is asked for once more"
    ground.store.write(
        lambda tx: pages.put_off(
            tx, page.id, reason="doubtful", cause=cause, due_at=due_at, seen_as=found.digest
        )
    )
    return True


def _refused(ground: Ground, page: FetchedPage, error: DocumentError) -> None:
    """Close a page whose text is not taken; the article keeps its feed's.

    A challenge is no page: it is asked for again when the host has been left alone.
    """
    cause = f"{error.reason}: {error}"
    host = urls.host(page.url)

    def close(tx: Tx) -> None:
        if error.reason != "challenge":
            welcome(tx, host)
            pages.skip(tx, page.id, reason=error.reason, cause=cause)
            return
        until = turned_away(tx, ground, page_id=page.id, host=host, text=str(error), sure=True)
        if until is None or page.attempts >= FETCHES:
            pages.skip(tx, page.id, reason=error.reason, cause=cause)
        else:
            pages.put_off(tx, page.id, reason=error.reason, cause=cause, due_at=until)

    ground.store.write(close)
    log.debug("page.refused", page=page.id, cause=cause)


def _set_aside(ground: Ground, page: FetchedPage, cause: str) -> list[str]:
    """Another attempt in a job of its own, or the dead letters after the last."""
    if page.job_attempts >= ATTEMPTS:
        return [_bury(ground, page, cause)]
    now = ground.clock()
    ground.store.write(lambda tx: pages.release(tx, [page.id], now))
    ground.hand_on("pages", [page.id])
    return []


def _bury(ground: Ground, page: FetchedPage, cause: str) -> str:
    now = ground.clock()
    ground.store.write(lambda tx: pages.bury(tx, page.id, cause=cause, now=now))
    return f"page {page.id}: {cause}"
