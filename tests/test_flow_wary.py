"""Floods, gaps and lies, from the poll to the alert."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import func, select

from pipeline.core.websub import Offer
from pipeline.flow import wary
from pipeline.flow.websub import Received, receive
from pipeline.store import alerts, audit, feeds, hubs, status, warnings
from pipeline.store.tables import articles, quarantine
from tests.ground import Bench
from tests.hub import signature
from tests.newswire import item, rss
from tests.sites import Reply, Request, Site


def words(bench: Bench, feed_id: int) -> dict[str, int]:
    """A feed's warnings, with how often each was noticed."""
    with bench.store.read() as tx:
        return {one.word: one.count for one in warnings.of(tx, [feed_id]).get(feed_id, [])}


def rung(bench: Bench) -> tuple[int, int]:
    """Live alerts and backlog; all adds up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        return len(alerts.rows(tx, backlog=False)), len(alerts.rows(tx, backlog=True))


def story(
    number: int, at: datetime, *, site: str = "https://news.example/a", text: str = "", guid: str = ""
) -> str:
    """An item about an invasion, unlike all others."""
    say = (
        text
        or f"Observer {number * 7919} tells of invasion {number}, in {number * 104729} words and {number} maps."
    )
    name = guid or "wire"
    return item(number, f"Report {number} of the invasion", say, link=f"{site}/{number}", at=at, name=name)


class Press:
    """A feed whose document a test sets; polled in steps of five minutes."""

    def __init__(self, bench: Bench, site: Site) -> None:
        self.bench, self.site = bench, site
        self.start = bench.now
        bench.subscribe("invasion", channel_url=site.url("/hook"))
        self.id = bench.feed(site.answer("/feed", Reply(body=rss("<!-- nothing yet -->"))))

    def print(self, *items: str) -> None:
        """Have these items listed, polled and ingested."""
        self.site.answer("/feed", Reply(body=rss(*items)))
        self.bench.pass_by(minutes=6)
        self.bench.poll()
        self.bench.ingest()

    def settled(self, count: int = 10) -> list[str]:
        """A feed that is known: old news in its first poll, and one more item in the next."""
        made = [
            story(number, self.start - timedelta(days=count - number + 1)) for number in range(1, count + 1)
        ]
        self.print(*made)
        made = [*made[1:], item(900, "Harvest", "It was good, all farmers agreed.", at=self.bench.now)]
        self.print(*made)
        assert rung(self.bench) == (0, count)
        return made


def test_a_flood_of_old_news_under_new_names_waits_for_the_operator(bench: Bench, site: Site) -> None:
    """It is stored and searchable, rings for nobody, and there is one trouble that says how to let it ring."""
    press = Press(bench, site)
    press.settled()
    press.print(
        *(
            story(n, press.start - timedelta(days=n), site="https://cms.example/x/y", guid="cms")
            for n in range(50, 62)
        )
    )
    assert rung(bench) == (0, 22)
    assert bench.pushed["deliver"] == []
    assert words(bench, press.id) == {"quarantine": 1}
    with bench.store.read() as tx:
        (trouble,) = status.troubles(tx, failing_before=bench.now)
        assert tx.execute(select(func.count()).select_from(quarantine)).scalar_one() == 12
    assert f"./run feeds release {press.id}" in trouble.text
    count, made = bench.store.write(lambda tx: wary.release(tx, press.id, bench.now))
    assert (count, len(made.alert_ids), len(made.delivery_ids)) == (12, 12, 12)
    assert rung(bench)[0] == 12
    assert words(bench, press.id) == {}
    with bench.store.read() as tx:
        assert status.troubles(tx, failing_before=bench.now) == []


def test_a_flood_that_is_kept_stays_silent(bench: Bench, site: Site) -> None:
    """The operator may say that it is old news, and the warning is over."""
    press = Press(bench, site)
    press.settled()
    press.print(*(story(n, press.start - timedelta(days=n), guid="cms") for n in range(50, 62)))
    count, made = bench.store.write(lambda tx: wary.release(tx, press.id, bench.now, keep=True))
    assert (count, made.alert_ids) == (12, ())
    assert (rung(bench)[0], words(bench, press.id)) == (0, {})


def test_a_live_copy_of_what_is_in_quarantine_rings(bench: Bench, site: Site) -> None:
    """The slot stays free for it; the release then rings no second time."""
    press = Press(bench, site)
    press.settled()
    flood = [story(n, press.start - timedelta(days=n), guid="cms") for n in range(50, 62)]
    press.print(*flood)
    bench.feed(site.answer("/other", Reply(body=rss(story(55, bench.now, guid="other")))))
    bench.poll()
    bench.ingest()
    assert rung(bench)[0] == 1
    count, made = bench.store.write(lambda tx: wary.release(tx, press.id, bench.now))
    assert (count, len(made.alert_ids)) == (11, 11)


def test_items_with_new_guids_links_and_dates_are_recognised(bench: Bench, site: Site) -> None:
    """The same titles and texts at another address with another guid and date are nothing new at all."""
    press = Press(bench, site)
    press.settled()
    press.print(*(story(n, bench.now, site="https://cms.example/x/y", guid="cms") for n in range(2, 11)))
    assert rung(bench) == (0, 10)
    assert words(bench, press.id) == {}
    with bench.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(articles)).scalar_one() == 11


def test_each_of_a_row_of_warnings_that_begin_alike_rings(bench: Bench, site: Site) -> None:
    """A feed of one item has nothing in common with what it was: the same title and preamble are no old news."""
    press = Press(bench, site)
    preamble = (
        "Warning of the weather service for all districts of the north coast, issued by the officer on duty. "
        * 2
    )
    for day in range(4):
        told = " ".join(f"village{(day * 7919 + number * 104729) % 99991}" for number in range(60))
        press.print(item(day, "Severe weather", f"{preamble} Invasion of storm {day}: {told}", at=bench.now))
        bench.pass_by(days=1)
    assert rung(bench) == (4, 0)


def test_a_burst_of_news_rings_and_is_called_a_gap(bench: Bench, site: Site) -> None:
    """A window that is new as a whole is news where its dates go on; something may have been missed."""
    press = Press(bench, site)
    press.settled()
    press.print(*(story(n, bench.now + timedelta(seconds=n)) for n in range(50, 90)))
    assert rung(bench) == (40, 10)
    assert words(bench, press.id) == {"gap": 1}
    with bench.store.read() as tx:
        row = feeds.find(tx, str(press.id))
    assert row.gaps == 1
    assert row.next_poll_at - bench.now <= timedelta(seconds=60)


def test_undated_news_at_known_addresses_rings(bench: Bench, site: Site) -> None:
    """Without dates there is nothing that says it is old, where the feed has dated its items before."""
    press = Press(bench, site)
    press.settled()
    bare = [story(n, bench.now).replace("pubDate", "noDate") for n in range(50, 60)]
    press.print(*bare)
    assert rung(bench)[0] == 10


def test_items_written_anew_at_each_poll_are_no_gap(bench: Bench, site: Site) -> None:
    """A feed whose bytes change by design is known by its items; one that was emptied is no gap either."""
    press = Press(bench, site)
    made = press.settled()
    for count in range(3):
        press.print(
            *(one.replace("</item>", f"<slash:comments>{count}</slash:comments></item>") for one in made)
        )
    press.print()
    press.print(*made)
    assert words(bench, press.id) == {}
    assert rung(bench) == (0, 10)


def test_a_first_poll_is_neither_gap_nor_flood(bench: Bench, site: Site) -> None:
    """There is nothing before it; and a second one that differs may be the feed's way."""
    press = Press(bench, site)
    press.print(*(story(n, bench.now) for n in range(1, 9)))
    press.print(*(story(n, bench.now) for n in range(11, 19)))
    assert words(bench, press.id) == {}
    assert rung(bench)[0] == 16


def test_a_document_that_changes_around_its_items_costs_no_parse(bench: Bench, site: Site) -> None:
    """A new date of the feed, and items in another order, put nothing on the queue."""
    press = Press(bench, site)
    made = press.settled()
    changed = rss(*made[::-1]).replace(b"All the news", b"Built at noon")
    site.answer("/feed", Reply(body=changed))
    bench.pass_by(minutes=6)
    assert bench.poll() == 1
    assert bench.pushed["ingest"] == []


def test_a_gap_of_many_parts_is_one_gap(bench: Bench, site: Site) -> None:
    """A document of more items than a job takes is counted once, also where its first item was refused."""
    press = Press(bench, site)
    press.settled()
    refused = story(999, bench.now).replace("</item>", f"{'<b/>' * 20_001}</item>")
    press.print(refused, *(story(n, bench.now + timedelta(seconds=n)) for n in range(50, 190)))
    assert words(bench, press.id) == {"limit": 1, "gap": 1}


def liar(body: Callable[[], bytes], etag: str = '"a"') -> Callable[[Request], Reply]:
    """A server that says "not modified" to whoever sends it validators."""

    def reply(request: Request) -> Reply:
        if "if-none-match" in request.headers:
            return Reply(304)
        return Reply(body=body(), headers={"ETag": etag})

    return reply


def test_a_server_that_hides_news_is_found_out_and_no_longer_believed(bench: Bench, site: Site) -> None:
    """Each so-manieth poll asks whatever it thinks; then no validators are sent for a week."""
    bench.with_policy(unconditional_every=4)
    listed = [item(1, "Harvest", "It was good.", at=bench.now)]
    bench.subscribe("invasion")
    feed = bench.feed(site.answer("/feed", liar(lambda: rss(*listed))))

    def poll() -> bool:
        """Whether validators were sent."""
        bench.pass_by(minutes=6)
        bench.poll()
        bench.ingest()
        return "if-none-match" in site.seen("/feed")[-1].headers

    poll()
    listed.append(story(2, bench.now))
    assert [poll() for _ in range(4)] == [True, True, True, False]
    assert rung(bench) == (1, 0)
    assert words(bench, feed) == {"etag": 1}
    listed.append(story(3, bench.now))
    assert [poll(), poll()] == [False, False]
    assert rung(bench) == (2, 0)
    bench.pass_by(days=7)  # on trial: it may be asked with validators again, and is caught at once
    listed.append(story(4, bench.now))
    poll()  # a day without a document
    assert [poll(), poll()] == [True, False]
    listed.append(story(5, bench.now))
    assert [poll(), poll(), poll()] == [True, False, False]
    assert words(bench, feed) == {"etag": 2}
    assert rung(bench) == (4, 0)


def test_what_a_hub_pushes_is_no_way_round_quarantine(bench: Bench, site: Site) -> None:
    """Old news under new names rings no more than in a poll; a push of many new items has no gap, and rings."""
    press = Press(bench, site)
    press.settled()
    with bench.store.begin() as tx:
        hubs.offered(tx, {press.id: Offer(hub="https://hub.example", topic="t")}, bench.now)
        row = hubs.of(tx, press.id)
    assert row is not None

    def push(*items: str) -> None:
        body = rss(*items)
        given = signature(row.secret, body)
        assert receive(bench.ground, row.token, body, content_type="", signature=given) is Received.TAKEN
        bench.ingest()

    push(*(story(n, bench.now, site="https://cms.example/x/y", guid="cms") for n in range(2, 11)))
    assert rung(bench) == (0, 10)
    push(*(story(n, press.start - timedelta(days=n), guid="cms") for n in range(50, 62)))
    assert (rung(bench), words(bench, press.id)) == ((0, 22), {"quarantine": 1})
    push(*(story(n, bench.now + timedelta(minutes=1), guid="new") for n in range(100, 106)))
    assert (rung(bench), words(bench, press.id)) == ((6, 22), {"quarantine": 1})
    push(*(story(n, bench.now - timedelta(minutes=n), guid="late") for n in range(200, 220)))
    assert rung(bench) == (26, 22)
