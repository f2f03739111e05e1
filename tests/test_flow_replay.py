"""Replay: what is unchanged gives no difference, what is changed exactly its own, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace as changed
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from pipeline.core.model import Entry, FullText
from pipeline.core.parse import entries
from pipeline.core.policy import Mode, RingPolicy
from pipeline.flow import extract_pages, replay
from pipeline.flow.replay import Difference, Report, Span
from pipeline.store import alerts, audit, raw, subscriptions, tables
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_end_to_end import page

HOUR = timedelta(hours=1)


def again(bench: Bench, *, backlog: bool = False, name: str | None = None) -> tuple[Report, list[Difference]]:
    """A replay of all that is kept, and its differences."""
    found: list[Difference] = []
    only = None
    if name is not None:
        with bench.store.read() as tx:
            only = subscriptions.find(tx, name)
    span = Span(since=bench.now - 100 * HOUR, until=bench.now + 100 * HOUR)
    return replay(bench.ground, span, only=only, backlog=backlog, tell=found.append), found


def told(found: list[Difference]) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Kind, title, subscription, and words or fields."""
    return [(one.kind, one.title, one.subscription, one.words or one.fields) for one in found]


def edit(bench: Bench, name: str, query: str) -> None:
    """Change a query."""
    with bench.store.begin() as tx:
        subscriptions.edit(tx, subscriptions.find(tx, name).id, query=query, now=bench.now)


@pytest.fixture
def news(bench: Bench, site: Site) -> Bench:
    """Every kind of fate: articles, an update, a variant, a copy, old news, a page, a dead letter, alerts."""
    bench.subscribe("invasion", channel_url=site.url("/hook"))
    bench.subscribe("tag:war OR sanction*")
    html = {"Content-Type": "text/html"}
    site.answer("/page", Reply(body=page("Talks", "They warned of an invasion."), headers=html))
    long = " ".join(f"The invasion went on for day {number}." for number in range(9))
    items = [
        item(1, "Border", "The invasion began."),
        item(2, "Old", "An invasion of long ago.", at=bench.now - timedelta(days=2)),
        item(3, "Harvest", "Nothing to report."),
        item(4, "Day by day", long),
        item(5, "Talks", "They met.", link=site.url("/page")),
    ]
    bench.feed(site.answer("/a", Reply(body=rss(*items))), full_text=FullText.AUTO)
    bench.run()
    site.answer(
        "/b",
        Reply(body=rss(item(9, "Day by day", long, name="b"), item(3, "Harvest", "A longer text on it."))),
    )
    bench.feed(site.url("/b"))
    bench.run()
    bench.pass_by(hours=1)
    items[0] = item(1, "Border, corrected", "The invasion began at dawn.").replace(
        "</item>", "<category>war</category></item>"
    )
    site.answer("/a", Reply(body=rss(*items)))
    bench.poll()
    bench.ingest()
    bench.fetch_pages()
    for ids in bench.pushed["pages"]:
        extract_pages(bench.ground, bench.live, ids)
    return bench


def test_an_unchanged_system_gives_no_difference_and_one_digest(news: Bench) -> None:
    """Twice in a row, for one subscription too, whatever became of the items, and after retention as well."""
    first, found = again(news)
    assert told(found) == []
    assert (first.items, first.broken) == (8, 0)
    assert first.texts == 1
    second, _ = again(news)
    assert second == first
    assert told(again(news, name="invasion")[1]) == []
    with news.store.begin() as tx:
        tx.execute(text("UPDATE polls SET purged = new"))
        tx.execute(text("DELETE FROM raw_items"))
    purged, found = again(news)
    assert told(found) == []
    assert purged.items == 0
    assert purged.texts == 9


def test_a_query_edit_gives_exactly_its_alerts(news: Bench) -> None:
    """Gained and lost, each with its words; a story that rang is not gained, nor what a subscription never had."""
    edit(news, "invasion", "harvest OR dawn")
    report, found = again(news)
    assert told(found) == [
        ("gained", "Harvest", "invasion", ("Harvest",)),
        ("lost", "Old", "invasion", ("invasion",)),
        ("lost", "Day by day", "invasion", ("invasion",)),
        ("lost", "Talks", "invasion", ("invasion",)),
    ]
    assert (report.gained, report.lost) == ({"invasion": 1}, {"invasion": 3})
    assert told(again(news, name="tag:war OR sanction*")[1]) == []


def shout(real: Callable[..., Entry | None], words: str) -> Callable[..., Entry | None]:
    """A parser that reads titles otherwise where they have ``words``."""

    def read(*args: object, **options: object) -> Entry | None:
        entry = real(*args, **options)
        if entry is None or words not in entry.title:
            return entry
        return changed(entry, title=entry.title.upper() + " sanctions", author="A. Changed")

    return read


def test_a_parser_change_gives_exactly_its_differences(news: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The changed fields of the article that it concerns, and the alert that its new text would ring."""
    monkeypatch.setattr("pipeline.core.parse.entry", shout(entries.entry, "Harvest"))
    report, found = again(news)
    assert told(found) == [
        ("changed", "HARVEST sanctions", "", ("title", "author")),
        ("changed", "HARVEST sanctions", "", ("title",)),
        ("gained", "HARVEST sanctions", "tag:war OR sanction*", ("sanctions",)),
    ]
    assert report.fields == {"author": 1, "title": 2}
    kept, _ = again(news, backlog=True)
    assert (kept.stored, kept.unstored) == (0, 1)
    assert kept.digest == report.digest


def test_a_parser_that_finds_other_entries_gives_new_and_missing_articles(
    news: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry with another identity is new; the article that nothing leads to is missing, and its alert lost."""

    def read(*args: object, **options: object) -> Entry | None:
        entry = entries.entry(*args, **options)  # type: ignore[arg-type]
        if entry is None or entry.title != "Day by day":
            return entry
        apart = {"key": entry.key[::-1], "url_key": entry.key[::-1], "text_key": None, "keys": ()}
        return changed(entry, title="Another", **apart)

    monkeypatch.setattr("pipeline.core.parse.entry", read)
    _, found = again(news)
    assert told(found) == [
        ("new", "Another", "", ()),
        ("new", "Another", "", ()),
        ("gained", "Another", "invasion", ("invasion",)),
        ("gained", "Another", "invasion", ("invasion",)),
        ("missing", "Day by day", "", ()),
        ("missing", "Day by day", "", ()),
        ("lost", "Day by day", "invasion", ("invasion",)),
    ]


def test_items_that_cannot_be_parsed_are_told_with_their_cause(
    bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What died and can be parsed by now is new; what was stored and cannot any more is missing."""
    bench.subscribe("invasion")
    bench.feed(site.answer("/a", Reply(body=rss(item(1, "Border", "The invasion began.")))))
    bench.poll()
    (ids,) = bench.pushed["ingest"]
    with bench.store.begin() as tx:
        raw.bury(tx, ids, cause="malformed", now=bench.now)
    assert told(again(bench)[1]) == [
        ("new", "Border", "", ()),
        ("gained", "Border", "invasion", ("invasion",)),
    ]
    bench.ingest()
    assert told(again(bench)[1]) == []

    def fail(*_args: object, **_options: object) -> None:
        raise AssertionError("a fault of ours")

    monkeypatch.setattr("pipeline.flow.prepare.parse_many", fail)
    report, found = again(bench)
    assert told(found) == [("missing", "Border", "", ()), ("lost", "Border", "invasion", ("invasion",))]
    assert found[0].cause == "AssertionError: a fault of ours"
    assert report.broken == 1


def test_gained_alerts_become_backlog_once_and_nothing_is_sent(news: Bench) -> None:
    """Twice stores nothing more; what is stored shows its words where they stand; the account is true."""
    edit(news, "invasion", "harvest OR longer")
    with news.store.read() as tx:
        before = tx.execute(select(func.count()).select_from(tables.deliveries)).scalar_one()
    first, _ = again(news, backlog=True)
    assert (first.stored, first.unstored, first.gained) == (1, 0, {"invasion": 1})
    second, _ = again(news, backlog=True)
    assert (second.stored, second.gained) == (0, {})
    with news.store.read() as tx:
        assert tx.execute(select(func.count()).select_from(tables.deliveries)).scalar_one() == before
        assert audit.check(tx) == []
        (row,) = [one for one in alerts.rows(tx, backlog=True) if one.title == "Harvest"]
        shown = alerts.show(tx, row.id)
    fields = {"title": shown.title, "summary": shown.summary, "body": shown.body}
    for match in shown.matches:
        assert fields[match["field"]][match["start"] : match["end"]] == match["text"]


def test_a_new_subscription_gains_what_it_missed(news: Bench) -> None:
    """Old news is told to be that; what a page said counts."""
    news.subscribe("warned OR ago")
    _, found = again(news)
    assert sorted((one.title, one.outcome, one.words) for one in found) == [
        ("Old", "backlog", ("ago",)),
        ("Talks", "sent", ("warned",)),
    ]


def test_copies_that_would_be_new_are_one_story(
    bench: Bench, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of the parser hid two copies; without it one alert would be gained, not two."""
    bench.subscribe("invasion")
    long = " ".join(f"The invasion went on for day {number}." for number in range(9))
    for name in ("a", "b"):
        bench.feed(site.answer(f"/{name}", Reply(body=rss(item(1, "Day by day", long, name=name)))))
    with monkeypatch.context() as faulty:
        faulty.setattr("pipeline.core.parse.entry", lambda *_args, **_options: None)
        bench.run()
    assert [one[:2] for one in told(again(bench)[1])] == [
        ("new", "Day by day"),
        ("new", "Day by day"),
        ("gained", "Day by day"),
    ]


def test_one_feed_alone(news: Bench) -> None:
    """Only what it brought; alerts on articles that other feeds list too are not said to be lost."""
    edit(news, "invasion", "longer")
    with news.store.read() as tx:
        first, second = tx.execute(select(tables.feeds.c.id).order_by(tables.feeds.c.id)).scalars()
    span = Span(since=news.now - 100 * HOUR, until=news.now + 100 * HOUR)
    found: dict[int, list[Difference]] = {first: [], second: []}
    for id_, differences in found.items():
        replay(news.ground, changed(span, feed_id=id_), tell=differences.append)
    assert {one.kind for one in found[first]} == {"lost"}
    assert {one.kind for one in found[second]} == {"gained"}


def test_the_policy_says_what_would_have_become_of_gained_alerts(news: Bench) -> None:
    """Held for a digest or for sources, or each article told by itself."""
    ids = {}
    for name, policy in (
        ("harvest", RingPolicy(mode=Mode.DIGEST)),
        ("report", RingPolicy(min_sources=5)),
        ("went", RingPolicy(mode=Mode.EVERY)),
    ):
        ids[name] = news.subscribe(name)
        with news.store.begin() as tx:
            subscriptions.edit(tx, ids[name], policy=policy, now=news.now)
    _, found = again(news)
    assert sorted((one.subscription, one.title, one.outcome) for one in found) == [
        ("harvest", "Harvest", "held: digest"),
        ("report", "Harvest", "held: sources"),
        ("went", "Day by day", "sent"),
        ("went", "Day by day", "sent"),
    ]
    first, _ = again(news, backlog=True)
    assert first.stored == 4
    assert told(again(news)[1]) == []
