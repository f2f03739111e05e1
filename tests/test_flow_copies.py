"""Copies on the whole way: one text rings once, whoever prints it, and no other text is swallowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from pipeline.core.model import FullText
from pipeline.flow import extract_pages
from pipeline.store import alerts, articles, audit
from pipeline.store.tables import articles as article_table
from pipeline.store.tables import stories, story_links
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site

TITLE = "Crack closes northern basin of Marlow"
LEAD = (
    "The harbour authority of Marlow closed its northern basin on Tuesday after divers found a crack of"
    " 14 metres in the old sea wall, and said that repairs would take most of the summer."
)
MORE = (
    "Ferries to the islands leave from the southern quay until then. Owners of small boats were asked to move"
    " them before the weekend, when a spring tide is expected. The wall was built by the engineer Anna Corvin"
    " and has been repaired twice since. A spokesman called the damage serious but not dangerous to the town."
)
TEASER = (
    "What a crack in a sea wall means for those who live from boats, told by our correspondent on the quay."
)
TEXT = f"{LEAD} {MORE}"


def _print(bench: Bench, site: Site, name: str, *texts: tuple[str, str], at: datetime | None = None) -> None:
    """A feed of a house called ``name`` lists these titles and texts, and is ingested."""
    items = [item(n, *text, name=name, at=at or bench.now) for n, text in enumerate(texts)]
    bench.feed(site.answer(f"/{name}", Reply(body=rss(*items))))
    bench.run()


def _read_page(bench: Bench, site: Site, name: str) -> None:
    """A house lists a teaser, and the article's page is fetched and read."""
    title = "What the crack means"
    paragraphs = "".join(f"<p>{part}.</p>" for part in TEXT.rstrip(".").split(". "))
    html = f"<html><head><title>{title}</title></head><body><article>{paragraphs}</article></body></html>"
    link = site.answer(f"/{name}/page", Reply(body=html.encode(), headers={"Content-Type": "text/html"}))
    listed = item(1, title, TEASER, link=link, name=name, at=bench.now)
    bench.feed(site.answer(f"/{name}", Reply(body=rss(listed))), full_text=FullText.AUTO)
    bench.run()
    assert bench.fetch_pages() == 1
    extract_pages(bench.ground, bench.live, bench.pushed["pages"].pop())


def _stories(bench: Bench) -> list[int]:
    """The story of each article in the order in which they came, counted from 1."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        ids = [row.story_id for row in sorted(articles.rows(tx), key=lambda row: row.id)]
    order = {id_: number for number, id_ in enumerate(dict.fromkeys(ids), 1)}
    return [order[id_] for id_ in ids]


def _reasons(bench: Bench) -> Sequence[tuple[str, float | None]]:
    columns = article_table.c
    with bench.store.read() as tx:
        found = tx.execute(select(columns.story_reason, columns.similarity).order_by(columns.id))
        return [tuple(row) for row in found]


def _rung(bench: Bench, *, backlog: bool = False) -> list[str]:
    with bench.store.read() as tx:
        return [f"{row.subscription_name}: {row.title}" for row in alerts.rows(tx, backlog=backlog)]


def test_copies_of_many_houses_ring_once(bench: Bench, site: Site) -> None:
    """Tagged, cut, edited and under other headlines, each says why it is in the story."""
    bench.subscribe("crack")
    _print(bench, site, "a", (TITLE, TEXT))
    _print(bench, site, "b", (f"{TITLE} (AP)", f"MARLOW (AP) — {TEXT}"))
    _print(
        bench, site, "c", ("A crack in the sea wall closes Marlow's harbour", TEXT.replace("closed", "shut"))
    )
    _print(bench, site, "d", (TITLE, f"{LEAD[:140]}…"))
    _print(bench, site, "e", (TITLE.upper(), TEXT.upper()))
    assert _rung(bench) == [f"crack: {TITLE}"]
    assert set(_stories(bench)) == {1}
    reasons = _reasons(bench)
    assert [reason for reason, _ in reasons] == ["founder", "similarity", "similarity", "similarity", "text"]
    assert all(0.8 <= (alike or 0) <= 1 for reason, alike in reasons if reason == "similarity")


def test_copies_of_one_batch_are_one_story(bench: Bench, site: Site) -> None:
    """What comes in one document is held against what stands before it there."""
    bench.subscribe("crack")
    _print(
        bench, site, "a", (TITLE, TEXT), (TITLE, f"LONDON (Reuters) - {TEXT}"), (TITLE, f"{LEAD} Read more")
    )
    assert len(_rung(bench)) == 1
    assert set(_stories(bench)) == {1}


def test_another_number_rings_again(bench: Bench, site: Site) -> None:
    """A form filled in otherwise is another text: in one batch as over two."""
    bench.subscribe("crack")
    _print(bench, site, "a", (TITLE, TEXT), (TITLE, TEXT.replace("14", "40")))
    _print(bench, site, "b", (TITLE, TEXT.replace("Marlow", "Kelby")))
    assert len(_rung(bench)) == 3
    assert _stories(bench) == [1, 2, 3]


def test_copies_of_copies_do_not_drift(bench: Bench, site: Site) -> None:
    """One house leaves the number out, the next has another one: that is no copy of the first text."""
    bench.subscribe("crack")
    _print(bench, site, "a", (TITLE, TEXT))
    _print(bench, site, "b", (TITLE, f"{TEXT.replace('of 14 metres ', '')} More is expected this evening."))
    _print(bench, site, "c", (TITLE, TEXT.replace("14", "40")))
    assert _stories(bench) == [1, 1, 2]
    assert len(_rung(bench)) == 2


def test_a_copy_after_the_window_founds_a_story(bench: Bench, site: Site) -> None:
    """After 72 hours a text is news again."""
    bench.subscribe("crack")
    _print(bench, site, "a", (TITLE, TEXT))
    bench.pass_by(hours=73)
    _print(bench, site, "b", (TITLE, f"MARLOW (AP) — {TEXT}"))
    assert len(_rung(bench)) == 2


def test_a_copy_that_came_first_as_old_news_does_not_silence_the_live_one(bench: Bench, site: Site) -> None:
    """Backlog takes no alert's place, in the story of a near copy either."""
    bench.subscribe("crack", channel_url=site.url("/hook"))
    _print(bench, site, "a", (TITLE, TEXT), at=bench.now - timedelta(days=1))
    assert (_rung(bench), len(_rung(bench, backlog=True))) == ([], 1)
    _print(bench, site, "b", (TITLE, f"MARLOW (AP) — {LEAD}"))
    assert _rung(bench) == [f"crack: {TITLE}"]
    assert len(bench.pushed["deliver"]) == 1
    assert set(_stories(bench)) == {1}


def test_a_page_that_shows_a_copy_brings_its_article_to_the_story(bench: Bench, site: Site) -> None:
    """A teaser of its own tells nothing; the page does, and does not ring again."""
    bench.subscribe("ferries")
    _print(bench, site, "a", (TITLE, TEXT))
    _read_page(bench, site, "b")
    assert _rung(bench) == [f"ferries: {TITLE}"]
    assert _stories(bench) == [1, 1]
    assert _reasons(bench)[1][0] == "similarity"
    with bench.store.read() as tx:
        assert tx.execute(select(stories.c.article_count)).scalars().all() == [2]


def test_stories_that_rang_are_linked_and_ring_once_for_what_they_share(bench: Bench, site: Site) -> None:
    """The teaser rang for one subscription; what the page says had rung for another, and does not again."""
    bench.subscribe("ferries")
    bench.subscribe("correspondent")
    bench.subscribe("spokesman")
    _print(bench, site, "a", (TITLE, TEXT.replace("A spokesman", "An official")))
    _read_page(bench, site, "b")
    assert sorted(_rung(bench)) == [
        "correspondent: What the crack means",
        f"ferries: {TITLE}",
        "spokesman: What the crack means",
    ]
    assert _stories(bench) == [1, 2]
    with bench.store.read() as tx:
        (link,) = tx.execute(select(story_links)).all()
    assert link.story_id < link.other_id
    assert link.similarity == pytest.approx(1, abs=0.1)


def test_later_copies_find_the_text_of_a_page(bench: Bench, site: Site) -> None:
    """A house that lists the whole text joins the story of one that listed a teaser."""
    bench.subscribe("ferries")
    _read_page(bench, site, "a")
    _print(bench, site, "b", (TITLE, f"MARLOW (AP) — {TEXT}"))
    assert len(_rung(bench)) == 1
    assert _stories(bench) == [1, 1]
