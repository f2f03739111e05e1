"""The lint: what it says of bad queries and where, and that it leaves good ones alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.core.errors import QueryError
from pipeline.core.lint import Measured, accept, lint, refusal
from pipeline.core.query import parse

BAD = [
    # what can never match
    ("aa NOT aa", "never", "aa", 2, "NOT aa excludes all that aa finds"),
    ("Russia NOT Russia's", "never", "Russia's", 1, "can never match"),
    ('"home invasion" NOT home', "never", "home", 2, 'excludes all that "home invasion" finds'),
    ('"home invasion" NOT "home invasion"~5', "never", '"home invasion"~5', 1, "never"),
    ('"home invasion"~2 NOT home', "never", "home", 2, "never"),
    ("title:xx NOT xx", "never", "xx", 2, "excludes all that title:xx finds"),
    ("case:US NOT us", "never", "us", 1, "never"),
    ("exact:invaded NOT invad*", "never", "invad*", 1, "never"),
    ("invasion* NOT invas*", "never", "invas*", 1, "never"),
    ("inva?ion NOT inva*", "never", "inva*", 1, "never"),
    ("exact:kyiv NOT kiiv~1", "never", "kiiv~1", 1, "never"),
    ("lang:uk AND lang:ru", "never", "lang:uk AND lang:ru", 1, "write lang:uk OR lang:ru"),
    ("source:bbc.co.uk NOT source:bbc", "never", "source:bbc", 2, "never"),
    ("(aa OR bb) NOT aa NOT bb", "never", "(aa OR bb) NOT aa NOT bb", 1, "exclude one another"),
    ("aa (bb OR cc) NOT bb NOT cc dd", "never", "(bb OR cc) NOT bb NOT cc", 1, "(bb OR cc)"),
    ("(aa NOT aa) OR (bb NOT bb)", "never", "aa", 2, "NOT aa"),
    ("author:smith NOT author:smi*", "never", "author:smi*", 1, "never"),
    # a part that can never match
    ("(aa NOT aa) OR bb", "dead-part", "aa NOT aa", 1, "no article can meet"),
    ("(aa OR bb) NOT aa", "dead-part", "aa", 1, "NOT aa leaves nothing of it"),
    (
        "(cease-fire OR bb) NOT (ceasefire OR cease)",
        "dead-part",
        "cease-fire",
        1,
        "no article can meet cease-fire",
    ),
    # what is excluded as it is written
    ("sanctions NOT sanction", "contradiction", "sanction", 2, "excludes sanctions too in English"),
    ("sanction NOT sanctions", "contradiction", "sanctions", 1, "in English"),
    ('"home invasions" NOT invasion', "contradiction", "invasion", 2, "in English"),
    ("(invaded OR war) NOT invade", "contradiction", "invade", 2, "excludes invaded too"),
    ("Iran NOT iran", "contradiction", "iran", 1, "in English"),
    ("invade NOT invad*", "contradiction", "invad*", 1, "excludes invade too"),
    # needless parts
    ("aa OR aa", "redundant", "aa", 2, "there twice"),
    ("aa bb aa", "redundant", "aa", 2, "there twice"),
    ("Russia's OR Russia", "redundant", "Russia", 2, "Russia's finds all that Russia finds"),
    ("War OR war", "same-word", "war", 1, "in English"),
    ('invasion OR "home invasion"', "redundant", '"home invasion"', 1, "invasion finds all"),
    ('invasion AND "home invasion"', "redundant", "invasion", 1, 'what has "home invasion" has invasion'),
    ("title:war war", "redundant", "war", 2, "what has title:war has war"),
    ("case:US OR us", "redundant", "case:US", 1, "us finds all"),
    ("sanc* OR sanction*", "redundant", "sanction*", 1, "sanc* finds all"),
    ('"aa bb"~3 OR "aa bb"~9', "redundant", '"aa bb"~3', 1, "finds all"),
    ('ordered:"aa bb"~3 OR "aa bb"~3', "redundant", 'ordered:"aa bb"~3', 1, "finds all"),
    ('war NOT home NOT "home invasion"', "redundant", '"home invasion"', 1, "beside NOT home"),
    ("war AND (war OR peace)", "redundant", "war OR peace", 1, "changes nothing"),
    ("(war peace) OR war", "redundant", "war peace", 1, "changes nothing"),
    ("cease-fire OR ceasefire", "redundant", "ceasefire", 1, "cease-fire finds all"),
    ("source:bbc OR source:bbc.co.uk", "redundant", "source:bbc.co.uk", 1, "source:bbc finds all"),
    ("invasion OR invasions", "same-word", "invasions", 1, "either finds both"),
    ("invaded OR invades", "same-word", "invades", 1, "in English"),
    ("sanction sanctions", "same-word", "sanctions", 1, "narrows nothing"),
    # words that mislead
    ("WHO", "acronym", "WHO", 1, "write case:WHO"),
    ("US AND sanction", "acronym", "US", 1, "write case:US"),
    ("geneva (IT OR war)", "acronym", "IT", 1, "write case:IT"),
    ("UN sanction", "acronym", "UN", 1, "write case:UN"),
    ("title:AID", "acronym", "AID", 1, "write case:AID"),
    ("ARM OR MAY", "acronym", "MAY", 1, "write case:MAY"),
    ('"WHO chief"~5', "acronym", "WHO", 1, 'within case:"…"'),
    ("the", "stop-word", "the", 1, "almost every article"),
    ("war OR the", "stop-word", "the", 1, "rest of the OR is needless"),
    ("the war", "stop-word", "the", 1, "narrows nothing"),
    ("war NOT of", "stop-word", "of", 1, "leaves almost nothing"),
    ('"the"', "stop-word", '"the"', 1, "almost every article"),
    ("und", "stop-word", "und", 1, "almost every article"),
    ("и", "stop-word", "и", 1, "almost every article"),
    ("war?", "question-mark", "war?", 1, "leave the ? out"),
    ("troops NEAR border", "operator", "NEAR", 1, '"troops border"~5'),
    ("troops W/5 border", "operator", "W/5", 1, '"troops border"~5'),
    ("war, invasion", "comma", ",", 1, "write OR between words"),
    ("war;invasion", "comma", ";", 1, "write OR between words"),
    ("con*", "broad-prefix", "con*", 1, "more letters"),
    ("from~1", "fuzzy-common", "from~1", 1, "one letter"),
    ('"war war"~5', "repeated", "war", 2, "asked for twice"),
]


def place(text: str, part: str, which: int) -> tuple[int, int]:
    """Where the ``part`` stands, the first, second … of its kind."""
    at = -1
    for _ in range(which):
        at = text.index(part, at + 1)
    return at, at + len(part)


def told(text: str, **given: Any) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in lint(parse(text), **given)]


@pytest.mark.parametrize(("text", "code", "part", "which", "said"), BAD)
def test_bad_queries_are_told_with_the_place_and_the_cure(
    text: str, code: str, part: str, which: int, said: str
) -> None:
    """Each fault has its code, its message on one line, and exactly the place that has to change."""
    found = lint(parse(text))
    (one,) = [
        each for each in found if each.code == code and (each.start, each.end) == place(text, part, which)
    ]
    assert said in one.message
    assert len(one.message.splitlines()) == 1
    assert one.severity == ("error" if code == "never" else "warning")


@pytest.mark.parametrize(
    "text",
    [
        'invasion NOT "home invasion"',
        "sanction",
        "NATO OR IMF OR case:WHO",
        "source:bbc.co.uk source:reuters.com",
        "lang:uk OR lang:ru",
        "cease-fire",
        "ceasefire OR cease-fire",
        'exact:ceasefire NOT "ceasefire"',
        "title:war NOT body:war",
        "war NOT title:war",
        '"to be or not to be"',
        '"the war"',
        '"sanctions"',
        "exact:invaded OR exact:invades",
        'ordered:"war war"~5',
        "sanction* NOT sanctuary",
        "wom?n",
        "kyiv~1",
        "aid OR arms",
        "tag:the war",
        "(aa OR bb) (aa OR cc)",
        "(aa bb) OR (aa cc)",
        "aa NOT (bb cc)",
        "вторгнення OR вторжение",
        "侵攻 OR 侵略",
        "RUSSIA UKRAINE WAR",
        "feed:1 feed:2",
        '"war, invasion"',
        "10,000 troops",
        "near east",
    ],
)
def test_good_queries_are_left_alone(text: str) -> None:
    """What an analyst may well mean gets no advice."""
    assert lint(parse(text)) == ()


def test_positions_count_code_points() -> None:
    """Emoji and accents before a fault do not shift its place."""
    (one,) = lint(parse('"🎉 é" WHO'))
    assert (one.start, one.end) == (6, 9)


def test_an_error_comes_alone_and_is_not_accepted() -> None:
    """Where nothing can match, nothing else matters, and the query is not to be stored."""
    assert [one.code for one in lint(parse("WHO NOT WHO"))] == ["never"]
    with pytest.raises(QueryError, match="can never match") as refused:
        accept("WHO NOT WHO")
    assert refused.value.position == 8
    assert accept("WHO NOT the") == parse("WHO NOT the")


def test_a_refusal_is_advice_too() -> None:
    """The place is the word at which the fault shows, and never beyond the text."""
    for text, part in (("aa titel:bb cc", "titel:bb"), ("aa AND", "AND"), ("(aa", "(aa"), ("title:", "")):
        with pytest.raises(QueryError) as refused:
            parse(text)
        one = refusal(text, refused.value)
        assert (one.code, one.severity, text[one.start : one.end]) == ("refused", "error", part)


@pytest.mark.parametrize(
    ("text", "other", "code", "said"),
    [
        ("aa bb", "bb AND aa", "same", 'the subscription "X" find the same: one of them is enough'),
        ("aa bb", "aa bb", "same", "the same"),
        ("aa OR (bb NOT cc)", "(bb NOT cc) OR aa", "same", "the same"),
        ('invasion NOT "home invasion"', "invasion", "contained", 'the subscription "X" finds already'),
        ('"home invasion" OR "land invasion"', "invasion", "contained", "already"),
        ("sanction", "sanction oil", "contains", "this finds too"),
        ("oil OR gas", "title:oil OR (gas NOT price)", "contains", "this finds too"),
        ("sanc*", "exact:sanctions", "contains", "this finds too"),
        ("exact:kyiv", "kiiv~1 OR war", "contained", "already"),
        ("source:bbc.co.uk", "source:bbc", "contained", "already"),
        ('"oil price"~2', 'oil AND "oil price"~8', "contained", "already"),
        ("invasions", "invasion", "contains", "needless, in English"),
        ("invasion", "invaded OR invasions", "contained", "already, in English"),
    ],
)
def test_a_query_is_compared_with_other_subscriptions(text: str, other: str, code: str, said: str) -> None:
    """The same, within one, or around one, with its name; the place is the whole query."""
    found = lint(parse(text), others={"X": other, "Y": "zz OR yy", "broken": "aa OR"})
    (one,) = [each for each in found if each.code in {"same", "contained", "contains"}]
    assert (one.code, one.end) == (code, len(text))
    assert said in one.message
    assert '"Y"' not in one.message


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("aa bb", "aa cc"),
        ("aa OR bb", "aa OR cc"),
        ("aa NOT bb", "aa NOT cc"),
        ("exact:ceasefire", '"ceasefire"'),
        ("invaded", "invades"),
        ("saw", "see"),
        ("aa", "title:aa bb"),
        ('"aa bb"~3', '"aa bb"'),
        ("sanction", "sanct*"),
        ("war", "author:war"),
    ],
)
def test_queries_that_share_words_are_not_the_same(text: str, other: str) -> None:
    """Nothing is said of queries of which each may find what the other does not."""
    for one, beside in ((text, other), (other, text)):
        codes = {code for code, _ in told(one, others={"X": beside})}
        assert codes.isdisjoint({"same", "contained"} if (one, beside) == (text, other) else {"same"})


def test_many_others_are_named_by_the_first_five() -> None:
    """A message stays one line, however many subscriptions are within a query."""
    ((code, said),) = told("oil", others={f"s{number}": f"oil w{number}" for number in range(9)})
    assert code == "contains"
    assert '"s0", "s1", "s2", "s3", "s4" and 4 more' in said


def test_ten_thousand_others_take_no_time() -> None:
    """Comparing is quick enough for each save, and finds the one that matters."""
    others = {
        f"s{number}": f'(word{number % 700} OR invasion) AND oil{number} NOT "price{number % 90} of oil"'
        for number in range(10_000)
    }
    others["Force"] = "invasion NOT tourists"
    query = parse("invasion NOT (tourists OR price1 OR word5)")
    lint(query, others=others)  # words and queries are remembered
    start = time.process_time()
    found = told("invasion NOT (tourists OR price1 OR word5)", others=others)
    assert time.process_time() - start < 1.5
    assert ("contained", 'all that this finds, the subscription "Force" finds already') in found


def test_a_nasty_query_ends_soon() -> None:
    """Where telling would take too long, nothing is said."""
    pairs = [f"(a{n} OR b{n} OR c{n})" for n in range(40)]
    nots = [f"(NOT a{n} OR NOT b{(n * 7) % 40})" for n in range(40)]
    query = parse(" AND ".join(["start", *pairs, *nots]))
    wide = parse(" OR ".join(f'"w{n} attack"' for n in range(500)))
    start = time.process_time()
    lint(query, others={"X": " AND ".join(pairs), "Y": " OR ".join(pairs)})
    lint(wide, others={"X": wide.text, "Y": "attack"})
    assert time.process_time() - start < 5


def test_what_meets_almost_everything_in_the_archive_is_told() -> None:
    """From a fifth of at least 200 articles on."""
    assert told("oil", measured=Measured(met=80, of=200))[0] == (
        "broad",
        "this meets 80 of the newest 200 articles (40%): add a word that only the news you want has",
    )
    assert told("oil", measured=Measured(met=39, of=200)) == []
    assert told("oil", measured=Measured(met=100, of=199)) == []


def test_words_of_the_archive_that_were_hardly_meant_are_told() -> None:
    """Inflections of what was meant are left out, and so is what the query excludes."""
    words = {"invas*": {"invasion": 40, "invasions": 4, "invasive": 12, "invasively": 1, "invasor": 3}}
    measured = Measured(met=1, of=900, words=words)
    assert told("invas*", measured=measured) == [
        (
            "other-words",
            (
                'invas* also meets "invasive" (12 articles), "invasor" (3 articles): '
                "exclude what you do not mean with NOT, or write out what you do"
            ),
        )
    ]
    assert told("invas* NOT invasive NOT exact:invasor", measured=measured) == []
    assert (
        told(
            "sanction*", measured=Measured(met=1, of=9, words={"sanction*": {"sanction": 4, "sanctions": 9}})
        )
        == []
    )
    kyiv = Measured(met=1, of=9, words={"kyiv~1": {"kyiv": 3, "kiiv": 2}})
    assert "kiiv" in told("kyiv~1", measured=kyiv)[0][1]


@pytest.mark.parametrize("text", ["cease-fire NOT ceasefire", "anti-war NOT war", "(F-16 OR jet) NOT F16"])
def test_a_word_with_a_hyphen_lives_as_long_as_one_way_to_write_it_does(text: str) -> None:
    """Where only one of its ways is excluded, an article may have the other."""
    assert lint(parse(text)) == ()


def test_the_queries_that_come_with_the_project_are_clean() -> None:
    """The default subscriptions and those of the examples deserve no advice."""
    listed = yaml.safe_load((Path(__file__).parents[1] / "config" / "subscriptions.yaml").read_text())
    asked = {one["name"]: one["query"] for one in listed["subscriptions"] if "query" in one}
    for name, text in asked.items():
        others = {each: query for each, query in asked.items() if each != name}
        assert lint(parse(text), others=others) == (), name
