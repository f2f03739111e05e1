"""Events on the way of an article: from two feeds' words to one event that both alerts speak of."""

from __future__ import annotations

from pipeline.core.model import FullText
from pipeline.flow import extract_pages
from pipeline.store import alerts, audit
from pipeline.store.alerts import AlertRow
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_end_to_end import page
from tests.test_event import FLOOD, FLOOD_AGAIN


def rung(bench: Bench) -> list[AlertRow]:
    """The alerts, oldest first; all adds up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        return alerts.rows(tx)[::-1]


def test_two_outlets_in_their_own_words_are_two_alerts_of_one_event(bench: Bench, site: Site) -> None:
    """An event swallows nothing: the second waits for its follow-up, and both say that two tell it."""
    bench.subscribe("Valmora", channel_url=site.url("/hook"))
    for name, text in (("one", FLOOD), ("two", FLOOD_AGAIN)):
        entry = item(1, *text, link=f"https://{name}.example/flood", at=bench.now, name=name)
        bench.feed(site.answer(f"/{name}", Reply(body=rss(entry))))
        bench.run()
    first, second = rung(bench)
    assert first.story_id != second.story_id
    assert first.event_id == second.event_id == first.story_id
    assert (second.independent_sources, second.copies) == (2, 0)
    assert [(one.disposition, one.held_because) for one in (first, second)] == [
        ("sent", ""),
        ("held", "follow-up"),
    ]
    assert len(bench.pushed["deliver"]) == 1


def test_credit_that_only_the_page_has_makes_two_reports_one(bench: Bench, site: Site) -> None:
    """Feeds often leave out whose report it is."""
    bench.subscribe("Valmora", channel_url=site.url("/hook"))
    signed = page(FLOOD_AGAIN[0], FLOOD_AGAIN[1], "The water keeps rising.").replace(
        b"</p></article>", b"</p><p>(AFP)</p></article>"
    )
    link = site.answer("/p", Reply(body=signed, headers={"Content-Type": "text/html"}))
    title, text = FLOOD
    agency = item(
        1, title, f"VALMORA (AFP) - {text}", link="https://one.example/flood", at=bench.now, name="one"
    )
    bench.feed(site.answer("/one", Reply(body=rss(agency))))
    bench.run()
    bench.feed(
        site.answer("/two", Reply(body=rss(item(1, *FLOOD_AGAIN, link=link, at=bench.now, name="two")))),
        full_text=FullText.ALWAYS,
    )
    bench.run()
    assert [row.independent_sources for row in rung(bench)] == [2, 2]
    assert bench.fetch_pages() == 1
    extract_pages(bench.ground, bench.live, bench.pushed["pages"].pop())
    assert [(row.independent_sources, row.copies) for row in rung(bench)] == [(1, 1), (1, 1)]
