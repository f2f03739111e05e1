"""Updates of told stories: what is news to those who were alerted, once, over all outlets."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from pipeline.core.model import FullText
from pipeline.flow import extract_pages, tend
from pipeline.flow.messages import compose
from pipeline.flow.release import release
from pipeline.store import alerts, audit, deliveries, updates
from pipeline.store.deliveries import Job
from pipeline.store.engine import Store
from pipeline.store.tables import deliveries as deliveries_table
from pipeline.store.tables import subscriptions as subscriptions_table
from pipeline.store.updates import UpdateRow
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_end_to_end import page

TEXT = (
    "The strait was closed at noon after the invasion, the coast guard said, and ships wait on both sides of "
    "it. Insurers have suspended their cover for the route, and two ports on the southern shore are closed."
)
MORE = (
    "By evening the first convoy had turned back, and the harbour master spoke of a queue of ships that reached "
    "beyond the horizon. Grain prices rose by a tenth on the exchange, the steepest climb since spring, while "
    "the foreign ministers of four neighbouring states agreed to meet on Thursday in order to talk about escorts."
)


def ask_for_updates(store: Store) -> None:
    """Every subscription wants them."""
    with store.begin() as tx:
        tx.execute(update(subscriptions_table).values(policy={"updates": True}))


@pytest.fixture
def desk(bench: Bench, site: Site) -> Bench:
    """A bench whose one subscription asks for updates, with a webhook."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    ask_for_updates(bench.store)
    return bench


class Outlet:
    """A feed with one item, which may be another one at each poll."""

    def __init__(self, bench: Bench, site: Site, name: str, *, full_text: FullText = FullText.NEVER) -> None:
        self.bench, self.site, self.name = bench, site, name
        self.link = site.url(f"/{name}/1")
        self.feed_id = bench.feed(site.url(f"/{name}.xml"), full_text=full_text)

    def prints(self, title: str, text: str = TEXT, *, number: int = 1, **kwargs: Any) -> None:
        """What its next poll brings; the same number is the same item."""
        link = self.link if number == 1 else f"{self.link}-{number}"
        body = rss(item(number, title, text, link=link, name=self.name, **kwargs), title=self.name)
        self.site.answer(f"/{self.name}.xml", Reply(body=body))


def turn(bench: Bench) -> None:
    """Poll what is due an hour later, and ingest it."""
    bench.pass_by(hours=1)
    bench.poll()
    bench.ingest()


def told(bench: Bench) -> list[str]:
    """What the one alert's updates say, the oldest first; the accounts add up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        (alert,) = alerts.rows(tx, backlog=False)
        return [one.change["summary"] for one in updates.rows(tx, alert.id)]


def jobs(bench: Bench) -> list[Job]:
    """Every delivery, claimed."""
    with bench.store.begin() as tx:
        ids = tx.execute(select(deliveries_table.c.id).order_by(deliveries_table.c.id)).scalars().all()
        found = [deliveries.claim(tx, id_, now=bench.now, lease_s=60) for id_ in ids]
    return [one for one in found if one is not None]


def test_a_corrected_number_is_told_once(desk: Bench, site: Site) -> None:
    """The revision has an update and a delivery in its own transaction; another poll adds nothing."""
    outlet = Outlet(desk, site, "a")
    outlet.prints("Invasion: 12 ships stopped")
    turn(desk)
    outlet.prints("Invasion: 15 ships stopped")
    turn(desk)
    assert told(desk) == ["headline: 12 → 15"]
    assert len(desk.pushed["deliver"]) == 2
    alert, change = (compose(one, None) for one in jobs(desk))
    assert (alert.data["type"], change.data["type"]) == ("alert.created", "update.created")
    assert alert.data["data"]["article"]["title"] == "Invasion: 12 ships stopped"
    assert change.data["data"]["change"]["kinds"] == ["numbers"]
    assert change.data["data"]["alert"] == alert.data["data"]["alert"]
    assert "<del>12</del> <ins>15</ins>" in change.html
    assert "Before: Invasion: 12 ships stopped" in change.text
    outlet.prints("UPDATED: Invasion: 15 ships stopped")
    turn(desk)
    outlet.prints("Invasion: 12 ships stopped")
    turn(desk)
    assert told(desk) == ["headline: 12 → 15"]


def test_without_being_asked_nothing_is_told(bench: Bench, site: Site) -> None:
    """Updates are for subscriptions that ask for them."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    outlet = Outlet(bench, site, "a")
    for number in (12, 15):
        outlet.prints(f"Invasion: {number} ships stopped")
        turn(bench)
    assert told(bench) == []


def test_the_second_outlet_with_the_same_correction_tells_nothing(desk: Bench, site: Site) -> None:
    """What one outlet's copy corrected is known; a late copy of the uncorrected text is no news either."""
    outlets = [Outlet(desk, site, name) for name in "abcd"]
    for outlet in outlets[:3]:
        outlet.prints("Invasion: 12 ships stopped")
    outlets[3].prints("Quiet day", "Nothing happened.")
    turn(desk)
    for outlet in outlets[:2]:
        outlet.prints("Invasion: 15 ships stopped")
        turn(desk)
    outlets[3].prints("Invasion: 12 ships stopped", number=2)
    turn(desk)
    assert told(desk) == ["headline: 12 → 15"]


def test_a_text_that_grew_is_told_and_one_that_was_cut_is_not(desk: Bench, site: Site) -> None:
    """Growth is against what was told, not against the last version: a little each time adds up."""
    outlet = Outlet(desk, site, "a")
    outlet.prints("Invasion closes strait")
    turn(desk)
    sentences = MORE.split(". ")
    outlet.prints("Invasion closes strait", f"{TEXT} {sentences[0]}.")
    turn(desk)
    assert told(desk) == []
    outlet.prints("Invasion closes strait", f"{TEXT} {MORE}")
    turn(desk)
    (summary,) = told(desk)
    assert summary.startswith("text: 2 new sentences")
    outlet.prints("Invasion closes strait", TEXT[:90] + "…")
    turn(desk)
    assert told(desk) == [summary]


def test_a_page_that_completes_a_summary_is_no_change_and_one_that_changed_is(
    desk: Bench, site: Site
) -> None:
    """Our fetching of a page tells nothing; the page as it reads after the feed's next change may."""
    outlet = Outlet(desk, site, "a", full_text=FullText.ALWAYS)
    html = {"Content-Type": "text/html"}
    before = page("Invasion closes strait", TEXT, "An insurer has spoken of a long siege.")
    site.answer("/a/1", Reply(body=before, headers=html))
    outlet.prints("Invasion closes strait", "The strait was closed after the invasion.")
    turn(desk)
    extract(desk)
    assert told(desk) == []
    site.answer("/a/1", Reply(body=page("Invasion closes strait", TEXT, MORE, MORE[::-1]), headers=html))
    outlet.prints("Invasion closes strait", "The strait was closed at noon after the invasion.")
    turn(desk)
    assert told(desk) == []
    extract(desk)
    (summary,) = told(desk)
    assert summary.startswith("text: ")


def extract(bench: Bench) -> None:
    """Fetch what pages are due and take their text."""
    assert bench.fetch_pages() == 1
    extract_pages(bench.ground, bench.live, bench.pushed["pages"].pop())


def test_an_update_of_a_held_alert_waits_with_it(desk: Bench, site: Site) -> None:
    """It is on record at once, and delivered when the alert is, after it."""
    policy = {"updates": True, "mode": "digest", "digest": "0 */6 * * *"}
    with desk.store.begin() as tx:
        tx.execute(update(subscriptions_table).values(policy=policy))
    desk.now = desk.now.replace(hour=1, minute=0)
    outlet = Outlet(desk, site, "a")
    for number in (12, 15):
        outlet.prints(f"Invasion: {number} ships stopped")
        turn(desk)
    assert told(desk) == ["headline: 12 → 15"]
    assert jobs(desk) == []
    desk.pass_by(hours=5)
    release(desk.ground)
    assert [compose(one, None).data["type"] for one in jobs(desk)] == ["digest.created", "update.created"]
    assert told(desk) == ["headline: 12 → 15"]


#: How outlets print what an agency sent: under headlines of their own, tagged, and cut.
HANDS = (
    lambda title, text: (title, text),
    lambda title, text: (f"{title} - Harbour Post", f"SOUTH PORT (Agency) - {text}"),
    lambda title, text: (f"Grain prices: {title}", f"{text} Reporting by our staff."),
    lambda title, text: (f"{title} | Evening News", text.rpartition(", the steepest")[0] + "…"),
)


def test_fifty_copies_and_three_corrections_are_one_alert_and_three_updates(desk: Bench, site: Site) -> None:
    """Fifty outlets print a story in their own ways; a correction by one is taken over by others."""
    text = f"{TEXT} {MORE}"
    outlets = [Outlet(desk, site, f"outlet{number}") for number in range(50)]
    for number, outlet in enumerate(outlets):
        outlet.prints(*HANDS[number % 4]("Invasion: 12 ships stopped", text))
    turn(desk)
    for first, title, said in (
        (0, "Invasion: 15 ships stopped", text),
        (12, "CORRECTED: Invasion: 15 ships stopped", text),
        (24, "Invasion: 15 ships stopped", f"This report has been withdrawn. {text}"),
    ):
        outlets[first].prints(title, said)
        turn(desk)
        for number, outlet in enumerate(outlets[first + 1 : first + 9], start=first + 1):
            outlet.prints(*HANDS[number % 4](title, said))
        turn(desk)
    assert told(desk) == [
        "headline: 12 → 15",
        "corrected: CORRECTED: Invasion: 15 ships stopped",
        "retracted: This report has been withdrawn.",
    ]
    kinds = [compose(one, "https://tocsin.example").data["type"] for one in jobs(desk)]
    assert kinds == ["alert.created", *["update.created"] * 3]


def test_updates_are_listed_with_what_brought_them(desk: Bench, site: Site) -> None:
    """A row has the article, its feed and the difference."""
    outlet = Outlet(desk, site, "a")
    for number in (12, 15):
        outlet.prints(f"Invasion: {number} ships stopped")
        turn(desk)
    with desk.store.read() as tx:
        (alert,) = alerts.rows(tx)
        (row,) = updates.rows(tx, alert.id)
        assert updates.show(tx, row.id) == row
    assert isinstance(row, UpdateRow)
    assert (row.article_id, row.url, row.feed_title, row.channels) == (alert.article_id, outlet.link, "a", 1)
    assert row.change["headline"]["before"] == "Invasion: 12 ships stopped"


class Crash:
    """Where a process dies: what it had in hand is taken up again when its lease has run out."""

    def __init__(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bench, self.monkeypatch = bench, monkeypatch

    def after_the_poll(self) -> None:
        """The items are committed, and no job was made for them."""
        self.bench.poll()
        self.bench.pushed["ingest"].clear()
        self._sweep()

    def before_the_commit(self) -> None:
        """All is written, and nothing committed."""
        self.bench.poll()

        def die(*_args: object) -> None:
            raise KeyboardInterrupt

        with self.monkeypatch.context() as patch:
            patch.setattr("pipeline.store.raw.finish", die)
            with pytest.raises(KeyboardInterrupt):
                self.bench.ingest()
        self.bench.pushed["ingest"].clear()
        self._sweep()

    def after_the_commit(self) -> None:
        """The alert or update is committed, and no job was made to deliver it."""
        self.bench.poll()
        self.bench.ingest()
        self.bench.pushed["deliver"].clear()
        self._sweep()

    def after_the_claim(self) -> None:
        """Deliveries were claimed, and never settled."""
        self.bench.poll()
        self.bench.ingest()
        jobs(self.bench)
        self._sweep()

    def _sweep(self) -> None:
        self.bench.pass_by(seconds=70)
        tend.sweep(self.bench.ground, lambda _hop: None)
        self.bench.ingest()
        tend.push_due(self.bench.ground, lambda _hop: None)


@pytest.mark.parametrize(
    "step", ["after_the_poll", "before_the_commit", "after_the_commit", "after_the_claim"]
)
def test_a_crash_at_any_step_makes_nothing_twice_and_loses_nothing(
    desk: Bench, site: Site, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One alert and three updates, each delivered under one id, whichever step is cut off each time."""
    outlets = [Outlet(desk, site, name) for name in "abc"]
    for title in (
        "Invasion: 12 ships stopped",
        "Invasion: 15 ships stopped",
        "Correction: Invasion: 15 ships stopped",
        "Withdrawn: Invasion: 15 ships stopped",
    ):
        for outlet in outlets:
            outlet.prints(title)
        desk.pass_by(hours=1)
        getattr(Crash(desk, monkeypatch), step)()
        desk.ingest()
    assert [summary.split(":")[0] for summary in told(desk)] == ["headline", "corrected", "retracted"]
    desk.pass_by(seconds=70)
    found = jobs(desk)
    assert len({one.message_id for one in found}) == len(found) == 4
    assert {id_ for ids in desk.pushed["deliver"] for id_ in ids} == {one.id for one in found}


def test_other_outlets_words_are_never_an_update_and_their_corrections_are(desk: Bench, site: Site) -> None:
    """Each outlet is compared with itself; what it corrected is told unless others have said so."""
    first, second = Outlet(desk, site, "a"), Outlet(desk, site, "b")
    first.prints("Invasion closes strait")
    turn(desk)
    # The same address under another headline, from another feed: a variant of the same article.
    second.link = first.link
    second.prints("Ships queue off Karlsburg as Hale dithers")
    turn(desk)
    second.prints("Ships queue off Karlsburg while Hale waits")
    turn(desk)
    assert told(desk) == []
    third = Outlet(desk, site, "c")
    third.link = first.link
    third.prints("Correction: Ships queue off Karlsburg")
    turn(desk)
    assert told(desk) == ["corrected: Correction: Ships queue off Karlsburg"]
