"""``./run subscriptions lint`` and what saving a subscription says, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import flow
from pipeline.flow.lint import QUICK, Effort
from pipeline.store import subscriptions
from pipeline.store.engine import Store
from tests.command import Command
from tests.stock import T0, add_feed, bring, entry, ingest, parsed, take


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database."""
    return Command(tmp_path, database_url)


def fill(store: Store, *bodies: str) -> None:
    """An archive with an article for each body."""
    add_feed(store)
    names = [f"n{number}" for number in range(len(bodies))]
    items = take(store, bring(store, names))
    found = [
        parsed(item, entry(name, body=f"{body} {name}"))
        for item, name, body in zip(items, names, bodies, strict=True)
    ]
    ingest(store, found)


def test_a_warning_stands_under_its_place(run: Command) -> None:
    """The query, carets under what is meant, and what to do; warnings are no failure."""
    done = run.ok("subscriptions", "lint", "geneva (WHO OR chief)")
    assert done.out == (
        "  geneva (WHO OR chief)\n"
        "          ^^^\n"
        'warning: WHO also meets "who": write case:WHO for the acronym alone\n'
    )


def test_a_clean_query_is_said_to_be(run: Command) -> None:
    """Silence on stdout, a word on stderr."""
    done = run.ok("subscriptions", "lint", "sanction")
    assert (done.out, done.err) == ("", "nothing is wrong with the query\n")
    assert run.ok("subscriptions", "lint", "sanction", "--json").out == ""


@pytest.mark.parametrize(
    ("text", "carets", "said"),
    [
        ("aa titel:bb", "     ^^^^^^^^", "error: there is no field titel: (did you mean title:?)"),
        ("aa bb OR cc", "        ^^", "error: OR beside words without an operator is ambiguous"),
        ("aa AND", "     ^^^", "error: a term is missing after AND"),
        ("侵攻 NOT 侵攻", "           ^^^^", "error: this can never match: NOT 侵攻 excludes all"),
    ],
)
def test_a_refused_query_is_shown_with_its_place_and_fails(
    run: Command, text: str, carets: str, said: str
) -> None:
    """Faults of reading and contradictions alike end in 2; wide characters take two carets."""
    done = run("subscriptions", "lint", text)
    assert done.code == 2
    assert done.out.startswith(f"  {text}\n{carets}\n{said}")


def test_json_has_a_line_for_each_advice(run: Command) -> None:
    """Programs get code, severity, message and offsets."""
    run.ok("subscriptions", "add", "Oil", "oil price")
    first, second = run.ok("subscriptions", "lint", "oil OR the", "--json").lines
    assert first | {"message": ""} == {
        "subscription": None,
        "query": "oil OR the",
        "code": "contains",
        "severity": "warning",
        "message": "",
        "start": 0,
        "end": 10,
    }
    assert (second["code"], second["start"], second["end"]) == ("stop-word", 7, 10)
    refused = run("subscriptions", "lint", "oil NOT oil", "--json")
    assert (refused.code, refused.lines[0]["severity"]) == (2, "error")


def test_saved_subscriptions_are_looked_at_by_name_or_all(run: Command) -> None:
    """A subscription is not compared with itself, nor with a paused one."""
    run.ok("subscriptions", "add", "Oil", "oil")
    run.ok("subscriptions", "add", "Price", "oil price")
    run.ok("subscriptions", "add", "Quiet", "oil")
    run.ok("subscriptions", "pause", "Quiet")
    named = run.ok("subscriptions", "lint", "--name", "Oil", "--json").lines
    assert [(one["subscription"], one["code"]) for one in named] == [("Oil", "contains")]
    every = run.ok("subscriptions", "lint", "--all")
    assert (
        'Price:\n  oil price\n  ^^^^^^^^^\nwarning: all that this finds, the subscription "Oil"' in every.out
    )
    assert "Quiet" not in every.out
    assert "did you mean 'Price'" in run.refused("subscriptions", "lint", "--name", "Prices")
    assert "name one query" in run.refused("subscriptions", "lint")
    assert "name one query" in run.refused("subscriptions", "lint", "oil", "--all")


def test_a_long_query_is_cut_around_the_place(run: Command) -> None:
    """What is shown fits, and the carets still stand right."""
    text = " OR ".join(f"word{number}" for number in range(100)) + " OR WHO OR last OR " + "x" * 80
    query, carets, _ = run.ok("subscriptions", "lint", text).out.splitlines()
    assert len(query) < 160
    at = carets.index("^")
    assert query[at : carets.rindex("^") + 1] == "WHO"


def test_saving_notes_what_is_likely_wrong(run: Command) -> None:
    """The subscription is stored, and stderr says what to look at."""
    added = run.ok("subscriptions", "add", "Health", "WHO OR outbreak")
    assert added.err == 'note: WHO also meets "who": write case:WHO for the acronym alone (at position 1)\n'
    assert run.ok("subscriptions", "edit", "Health", "--query", "case:WHO OR outbreak").err == ""
    edited = run.ok("subscriptions", "edit", "Health", "--query", "outbreak OR outbreak")
    assert "there twice: once is enough (at position 13)" in edited.err
    assert run.ok("subscriptions", "edit", "Health", "--name", "Ill").err == ""


def test_what_can_never_match_is_not_stored(run: Command, tmp_path: Path) -> None:
    """By command as by file."""
    said = run.refused("subscriptions", "add", "War", "war NOT war")
    assert "this can never match" in said
    assert "(at position 9)" in said
    run.ok("subscriptions", "add", "War", "war")
    assert "never match" in run.refused("subscriptions", "edit", "War", "--query", '"home war" NOT war')
    assert run.ok("subscriptions", "show", "War", "--json").lines[0]["query"] == "war"
    folder = tmp_path / "declared"
    folder.mkdir()
    file = folder / "subscriptions.yaml"
    file.write_text("subscriptions:\n  - name: Peace\n    query: peace NOT peace\n")
    declared = Command(tmp_path, run.env["DATABASE_URL"], TOCSIN_CONFIG=str(folder))
    assert "never match" in declared.refused("config", "apply")
    file.write_text("subscriptions:\n  - name: Peace\n    query: war AND talks\n")
    for done in (declared.ok("config", "apply", "--dry-run"), declared.ok("config", "apply")):
        assert "subscription Peace: war AND talks" in done.out
        assert done.err == (
            'note: all that this finds, the subscription "War" finds already (at position 1)\n'
        )


def test_the_archive_shows_what_meets_too_much(store: Store, run: Command) -> None:
    """The share of the newest articles, by the matcher itself; a save takes a short look as well."""
    fill(store, *(["Oil and the market"] * 60 + ["War is near"] * 160))
    (one,) = flow.lint(store, "oil NOT peace").advice
    assert one.code == "broad"
    assert one.message.startswith("this meets 60 of the newest 220 articles (27%)")
    assert "60 of the newest 220" in run.ok("subscriptions", "add", "Oil", "oil").err
    assert flow.lint(store, "oil", "Oil", effort=Effort(articles=150, seconds=9)).advice == ()


def test_the_archive_shows_words_that_were_hardly_meant(store: Store) -> None:
    """Each word that an open ending meets, with its articles; inflections of what was meant are not told."""
    fill(store, *(["The invasion, the invasions"] * 5 + ["Invasive mussels"] * 3 + ["An invasor"]))
    (one,) = flow.lint(store, "invas* NOT war").advice
    assert (one.code, one.start, one.end) == ("other-words", 0, 6)
    assert one.message.startswith('invas* also meets "invasive" (3 articles): ')
    assert flow.lint(store, "invas* NOT invasive", effort=QUICK).advice == ()


def test_all_subscriptions_are_measured_in_one_go(store: Store, run: Command) -> None:
    """Each report has the figures of its own query."""
    fill(store, *(["Oil and the market"] * 200))
    run.ok("subscriptions", "add", "Oil", "market")
    run.ok("subscriptions", "add", "War", "war OR marke*")
    reports = {report.name: [one.code for one in report.advice] for report in flow.lint_all(store)}
    assert reports == {"Oil": ["broad"], "War": ["broad"]}


def test_a_stored_query_that_cannot_be_read_is_told(store: Store, run: Command) -> None:
    """Should one be broken all the same, the others are still looked at."""
    store.write(lambda tx: subscriptions.add(tx, name="Broken", query="war AND", now=T0))
    store.write(lambda tx: subscriptions.add(tx, name="WHO", query="WHO", now=T0))
    done = run("subscriptions", "lint", "--all")
    assert done.code == 2
    assert "Broken:\n  war AND\n      ^^^\nerror: a term is missing after AND\n" in done.out
    assert "write case:WHO" in done.out
