"""``./run alerts mark`` and ``./run subscriptions tune`` on both databases."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.core.alert import Wish
from pipeline.core.model import About
from pipeline.store import alerts, articles, subscriptions
from pipeline.store.engine import Store, Tx
from tests import stock
from tests.archive import fill
from tests.command import Command
from tests.naive import Text
from tests.seed import seed


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database."""
    return Command(tmp_path, database_url)


def test_alerts_are_marked_and_listed_by_their_mark(run: Command, store: Store) -> None:
    """A mark shows in lists, on the alert itself and in the filter, until it is taken back."""
    live, old = map(str, seed(store).alerts)
    assert run.ok("alerts", "mark", live, old, "--not-relevant").out == "2 alerts are marked not relevant\n"
    (row,) = run.ok("alerts", "list", "--not-relevant", "--json").lines
    assert (row["id"], row["relevant"]) == (int(live), False)
    (row,) = run.ok("alerts", "list", "--not-relevant", "--backlog", "--json").lines
    assert row["id"] == int(old)
    heading, line = run.ok("alerts", "list").out.splitlines()
    assert line[heading.index("relevant") :].startswith("no ")
    assert run.ok("alerts", "mark", live, "--relevant").out == "1 alert is marked relevant\n"
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is True
    assert run.ok("alerts", "mark", live, "--clear").out == "1 alert is no longer marked\n"
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is None
    done = run.ok("alerts", "list", "--not-relevant")
    assert (done.out, done.err) == ("", "no alert is marked not relevant\n")


@pytest.mark.parametrize("said", [(), ("--relevant", "--clear"), ("--relevant", "--not-relevant")])
def test_mark_says_exactly_one_thing(run: Command, store: Store, said: tuple[str, ...]) -> None:
    """Neither silence nor a contradiction marks anything."""
    live = str(seed(store).alerts[0])
    assert "say one of" in run.refused("alerts", "mark", live, *said)
    assert run.ok("alerts", "show", live, "--json").lines[0]["relevant"] is None


def test_unknown_alert_is_not_marked(run: Command, store: Store) -> None:
    """The number that does not exist is named, and the others are not marked either."""
    live = str(seed(store).alerts[0])
    assert "no alert 12345" in run.refused("alerts", "mark", live, "12345", "--not-relevant")
    assert run.ok("alerts", "list", "--not-relevant", "--json").out == ""


FALSE = (
    ("Two held after home invasion in Leeds", "Masked men broke in at night and took jewellery."),
    ("Home invasion leaves couple shaken", "The victims were tied up while burglars searched."),
    ("Man jailed for violent home invasion", "A court heard how the gang forced the door."),
)
TRUE = (
    ("Invasion of the north begins", "Columns of tanks crossed the border at dawn."),
    ("Allies condemn the invasion", "Leaders met and agreed on further sanctions."),
    ("Invasion enters its second week", "Thousands fled the shelling of towns."),
)
OPEN = (
    ("General warns of invasion", "Troops gather for an exercise."),
    ("Third home invasion this month", "Residents ask for patrols."),
)


TITLES = [title for title, _ in (*FALSE, *TRUE, *OPEN)]


def ring(store: Store, query: str = "invasion", *, managed: bool = False) -> list[str]:
    """Articles of today that rang for a subscription called War; the ids of the alerts, as listed above."""
    now = datetime.now(UTC) - timedelta(hours=1)
    texts = [
        Text(title, "", body, "en", About(url="https://news.example/a"))
        for title, body in (*FALSE, *TRUE, *OPEN)
    ]
    ids = [id_ for id_, _ in fill(store, texts, now=now)]

    def work(tx: Tx) -> tuple[int, ...]:
        war = subscriptions.add(tx, name="War", query=query, managed=managed, now=now)
        wishes = [
            Wish(
                subscription_id=war,
                story_id=row.story_id,
                article_id=row.id,
                revision_id=None,
                backlog=False,
                matches=(),
            )
            for row in articles.rows(tx, ids=ids)
        ]
        return alerts.ring(tx, wishes, now).alert_ids

    made = store.write(work)
    with store.read() as tx:
        by_title = {row.title: str(row.id) for row in alerts.rows(tx)}
    assert len(made) == len(TITLES)
    return [by_title[title] for title in TITLES]


def test_without_marks_it_says_how_to_mark(run: Command, store: Store) -> None:
    """Nothing can be learnt from nothing: one line names the command, which can be pasted."""
    ring(store)
    (line,) = run.ok("subscriptions", "tune", "War").out.splitlines()
    assert "./run alerts mark ID... --not-relevant" in line
    (row,) = run.ok("subscriptions", "tune", "War", "--json").lines
    assert (row["proposals"], row["new_query"], row["unmarked"], row["archive"]) == ([], None, 8, None)
    assert "did you mean 'War'" in run.refused("subscriptions", "tune", "Wor")


def test_proposal_tells_its_effect_and_the_command_that_makes_it_so(run: Command, store: Store) -> None:
    """What goes and what is lost is listed, nothing is changed, and the command shown changes just that."""
    ids = ring(store)
    run.ok("alerts", "mark", *ids[:3], "--not-relevant")
    run.ok("alerts", "mark", *ids[3:6], "--relevant")
    lines = run.ok("subscriptions", "tune", "War").out.splitlines()
    assert lines[0] == "War: 3 alerts are marked not relevant, 3 relevant, 2 are not marked"
    told = "3 of 3 false alerts go, 0 of 3 relevant and 1 of 2 not marked are lost"
    assert lines[1].lower() == f'not "home invasion": {told}'
    assert [line for line in lines if line.startswith("    takes: ")] == [
        f"    takes: {id_} {title}" for id_, title in reversed([*zip(ids[:3], TITLES[:3], strict=True)])
    ]
    assert f"    loses, not marked: {ids[7]} Third home invasion this month" in lines
    assert lines[-4] == f"all together: {told}"
    assert lines[-3] == "in the archive of the last 30 days: 8 alerts become 4"
    assert run.ok("subscriptions", "show", "War", "--json").lines[0]["query"] == "invasion"
    _, *command = shlex.split(lines[-1])
    run.ok(*command)
    assert run.ok("subscriptions", "show", "War", "--json").lines[0]["query"].lower() == (
        'invasion not "home invasion"'
    )
    again = run.ok("subscriptions", "tune", "War").out
    assert again == "no alert that War would still ring for is marked not relevant\n"


def test_json_has_every_alert_that_goes(run: Command, store: Store) -> None:
    """Programs get the ids and titles, with the old query, the new one, and the archive's counts."""
    ids = ring(store, "invasion OR incursion")
    run.ok("alerts", "mark", *ids[:3], "--not-relevant")
    run.ok("alerts", "mark", *ids[3:6], "--relevant")
    (row,) = run.ok("subscriptions", "tune", "War", "--json").lines
    assert row["query"] == "invasion OR incursion"
    assert row["new_query"].lower() == '(invasion or incursion) not "home invasion"'
    (proposal,) = row["proposals"]
    assert {str(one["alert_id"]) for one in proposal["takes"]} == set(ids[:3])
    assert proposal["loses_relevant"] == []
    assert proposal["loses_unmarked"] == [{"alert_id": int(ids[7]), "title": TITLES[7]}]
    assert {name: row["effect"][name] for name in row["effect"]} == {
        name: proposal[name] for name in row["effect"]
    }
    assert row["archive"] == {"days": 30, "before": 8, "after": 4}


def test_unmarked_alerts_are_not_risked_before_enough_are_known_to_be_true(
    run: Command, store: Store
) -> None:
    """The phrase that would cost an unmarked alert is withheld, and the alert named, so that it can be marked."""
    ids = ring(store)
    run.ok("alerts", "mark", *ids[:3], "--not-relevant")
    out = run.ok("subscriptions", "tune", "War").out
    assert "fewer than 3 are marked relevant" in out
    assert 'withheld: not "home invasion": 3 of 3 false alerts go' in out.lower()
    assert f"    would lose, not marked: {ids[7]} Third home invasion this month" in out.splitlines()
    assert "./run subscriptions edit" not in out
    run.ok("alerts", "mark", ids[7], "--not-relevant")
    assert "./run subscriptions edit War --query" in run.ok("subscriptions", "tune", "War").out


def test_too_little_to_learn_from_is_said(run: Command, store: Store) -> None:
    """One false alert, or no other to compare with, leads to a line that says what is missing."""
    ids = ring(store)
    run.ok("alerts", "mark", ids[0], "--not-relevant")
    assert "one false alert shows no pattern" in run.ok("subscriptions", "tune", "War").out
    run.ok("alerts", "mark", *ids, "--not-relevant")
    assert "there must be 3 other alerts" in run.ok("subscriptions", "tune", "War").out


def test_both_alerts_of_a_story_count_once(run: Command, store: Store) -> None:
    """Old news that became live is one case, and its mark stands for both of its alerts."""
    seeded = seed(store)
    with store.begin() as tx:
        (old,) = [row for row in alerts.rows(tx) if row.backlog]
        wish = Wish(
            subscription_id=seeded.subscription,
            story_id=old.story_id,
            article_id=old.article_id,
            revision_id=None,
            backlog=False,
            matches=(),
        )
        alerts.ring(tx, [wish], datetime.now(UTC))
        alerts.mark(tx, [old.id], False, by="anna", now=datetime.now(UTC))
    (row,) = run.ok("subscriptions", "tune", "War", "--json").lines
    assert (row["not_relevant"], row["relevant"], row["unmarked"]) == (1, 0, 1)


def test_subscription_of_a_file_is_changed_there(run: Command, store: Store) -> None:
    """A declared subscription's query would come back at the next start, and the note says so."""
    ids = ring(store, managed=True)
    run.ok("alerts", "mark", *ids[:3], ids[7], "--not-relevant")
    assert "subscriptions.yaml declares it" in run.ok("subscriptions", "tune", "War").err


def test_alert_whose_article_rings_in_its_new_version_does_not_go(run: Command, store: Store) -> None:
    """What its feed has rewritten since would ring for the new text, so an exclusion of the old saves nothing."""
    war = stock.add_subscription(store, "War")
    stock.add_feed(store)
    names = [f"invasion-{number}" for number in range(7)]
    bodies = [
        *(f"Burglars came to house {number}." for number in range(4)),
        "Tanks roll.",
        "Ships sail.",
        "Planes fly.",
    ]
    items = stock.take(store, stock.bring(store, names))
    stock.ingest(
        store,
        [
            stock.parsed(item, replace(stock.entry(name, body=f"An invasion. {body}"), title=name))
            for item, name, body in zip(items, names, bodies, strict=True)
        ],
        ring=stock.Ring((war,)),
    )
    with store.read() as tx:
        ids = {row.title: row.id for row in alerts.rows(tx)}
    store.write(lambda tx: alerts.mark(tx, [ids[name] for name in names[:4]], False, by="anna", now=stock.T0))
    store.write(lambda tx: alerts.mark(tx, [ids[name] for name in names[4:]], True, by="anna", now=stock.T0))
    (row,) = run.ok("subscriptions", "tune", "War", "--json").lines
    assert [len(one["takes"]) for one in row["proposals"]] == [4]

    new = stock.entry(names[0], body="An invasion. Drones were seen over the port.")
    again = stock.take(store, stock.bring(store, ["again"], now=stock.later(900)), stock.later(900))
    stock.ingest(store, [stock.parsed(again[0], new)], now=stock.later(900))
    (row,) = run.ok("subscriptions", "tune", "War", "--json").lines
    (proposal,) = row["proposals"]
    assert {one["alert_id"] for one in proposal["takes"]} == {ids[name] for name in names[1:4]}
