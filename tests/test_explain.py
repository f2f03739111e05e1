"""Explanation: each clause by itself, and what it would take."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from pipeline.core.analyse import analyse
from pipeline.core.match import Clause, evaluate, explain
from pipeline.core.query import parse
from tests.naive import Text
from tests.test_match import articles, queries, readable

BODY = "Russia said on Monday that new sanctions, the fifth package this year, would not change its course."


def outline(clause: Clause) -> str:
    """A clause on one line: + met, - not."""
    inner = " ".join(map(outline, clause.parts))
    name = clause.text if clause.kind == "term" else f"{clause.kind} {clause.text}".strip()
    return f"{'+' if clause.met else '-'}{name}" + (f"({inner})" if inner else "")


@pytest.mark.parametrize(
    ("query", "drawn", "nearest"),
    [
        ("sanction", "+sanction", ""),
        ("russia AND invasion", "-all(+russia -invasion)", "lacks invasion"),
        ("invasion OR (war AND peace)", "-any(-invasion -all(-war -peace))", "lacks invasion"),
        ("sanction NOT russia", "-all(+sanction -not russia)", "has russia, which is excluded"),
        ("sanction NOT ukraine", "+all(+sanction +not ukraine)", ""),
        (
            '"sanction* Russia"~4',
            "-sanction* within 4 of Russia(+sanction* +Russia)",
            "lacks sanction* within 4 of Russia",
        ),
        ('"sanction* Russia"~5', "+sanction* within 5 of Russia", ""),
        (
            'ordered:"sanction* Russia"~9',
            "-sanction* at most 9 before Russia(+sanction* +Russia)",
            "lacks sanction* at most 9 before Russia",
        ),
        (
            '"new tariffs"',
            '-"new tariffs"(+new -tariffs)',
            'lacks "new tariffs" (tariffs nowhere)',
        ),
        ("title:sanction", "-title:sanction", "lacks title:sanction"),
        ("case:monday", "-case:monday", "lacks case:monday"),
        ("war peace", "-all(-war -peace)", "lacks war; lacks peace"),
    ],
)
def test_each_clause_says_whether_it_is_met_and_the_whole_what_is_missing(
    query: str, drawn: str, nearest: str
) -> None:
    """A miss names the fewest clauses that would have to be met."""
    found = explain(parse(query), analyse("", "", BODY, "en"))
    assert (outline(found.root), found.nearest) == (drawn, nearest)


def test_a_met_clause_tells_its_places() -> None:
    """Places are those that an alert would carry, those of excluded words included."""
    found = explain(parse("russia NOT sanction"), analyse("", "", BODY, "en"))
    met, excluded = found.root.parts
    assert [(one.text, one.start, one.end) for one in met.places] == [("Russia", 0, 6)]
    assert [one.text for one in excluded.places] == ["sanctions"]


@settings(max_examples=300, deadline=None)
@given(queries.filter(readable), articles)
def test_an_explanation_says_what_the_matcher_says(query: str, text: Text) -> None:
    """The root is met exactly where the query rings, and a miss always names something."""
    found = explain(parse(query), text.analysed)
    assert found.met == (evaluate(parse(query), text.analysed) is not None)
    assert found.met == (found.nearest == "")
