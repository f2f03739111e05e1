"""Texts and queries made to be slow or to confuse: none crashes, none takes long, offsets stay right."""

from __future__ import annotations

from time import process_time

import pytest

from pipeline.core.analyse import Analysed, analyse
from pipeline.core.match import evaluate
from pipeline.core.query import parse

#: CPU seconds for one query and one megabyte: far below the limit of a document (2 s), far above what is measured.
PATIENCE_S = 1.5

FAMILY = [f"{'aaaaaaaaaa'[:size]}*" for size in range(3, 11)]
LEFT, RIGHT = ["abc*", "abcd*", "abcde*"] * 8, ["zyx*", "zyxw*", "zyxwv*"] * 8
TEXTS = {
    "one word over and over": "aaaaaaaaaa " * 90_000,
    "two halves": "abcdefghij " * 45_000 + "zyxwvutsrq " * 45_000,
    "two words in turn": "abc def " * 125_000,
    "one character over and over": "侵" * 300_000,
    "hyphens": "abc-def-" * 120_000,
    "digits": "1 " * 500_000,
    "combining marks": "e" + "\u0301" * 1_000_000,
    "joiners": "ab\u200d" * 300_000,
    "emoji": "🎉" * 250_000,
}
QUERIES = {
    "phrase": f'"{" ".join(["aaaaaaaaaa"] * 49)} b"',
    "phrase of prefixes": f'"{" ".join(FAMILY * 6)} zzz"',
    "near prefixes": f'"{" ".join(FAMILY * 6)} zzz*"~100',
    "near halves": f'"{" ".join(LEFT + RIGHT)}"~0',
    "halves in order": f'ordered:"{" ".join(LEFT + RIGHT)}"~0',
    "halves in the other order": f'ordered:"{" ".join(RIGHT + LEFT)}"~0',
    "alternating phrase": f'"{" ".join(["abc", "def"] * 24)} abc abc"',
    "near what is missing": 'exact:"abc def abc def zzz"~100',
    "characters": "侵" * 49 + "攻",
    "near characters": f'"{" ".join(["侵侵"] * 24)} 攻"~5',
    "many phrases": " OR ".join(f'"w{number} x{number}"' for number in range(400)),
    "wildcard": "a?a?a?a?a?b*",
    "fuzzy": "aaaaaaaaab~1",
    "many exclusions": "abc " + " ".join(f'NOT "abc{number} def"' for number in range(300)),
}


@pytest.fixture(scope="module", params=TEXTS)
def article(request: pytest.FixtureRequest) -> Analysed:
    """A megabyte of text that is hard on somebody."""
    return analyse("", "", TEXTS[request.param], "en")


def test_no_query_takes_long_on_a_hard_text(article: Analysed) -> None:
    """Phrases, near words, wildcards and lists of hundreds: each well within a document's CPU limit."""
    article.words  # noqa: B018  # counted apart: every query shares it
    spent = {}
    for name, query in QUERIES.items():
        began = process_time()
        evaluate(parse(query), article)
        spent[name] = process_time() - began
    assert max(spent.values()) < PATIENCE_S, max(spent.items(), key=lambda item: item[1])


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("🎉🎉 In İstanbul 🎉", "istanbul", "İstanbul"),
        ("die lange Straße hinab", "strasse", "Straße"),
        ("un cafe\u0301 noir", "café", "cafe\u0301"),
        ("\u200fשלום \u202bעולם\u202c", "עולם", "עולם"),
        ("a soft\u200dly joined word", "softly", "soft\u200dly"),
        ("family 👨‍👩‍👧 sanctions", "sanction", "sanctions"),
        ("ﬁnance and ﬁre", "finance", "ﬁnance"),
        ("𝐖𝐚𝐫 is declared", "war", "𝐖𝐚𝐫"),
        ("broken \ud800 war", "war", "war"),
    ],
)
def test_offsets_lead_to_the_word_in_the_stored_text(text: str, query: str, found: str) -> None:
    """Whatever a text holds, start and end count its code points."""
    (match, *_) = evaluate(parse(query), analyse("", "", text, None)) or ()
    assert (match.text, text[match.start : match.end]) == (found, found)
