"""The query language: what is understood, what is refused and where, what the index is asked."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.analyse import fold
from pipeline.core.errors import QueryError
from pipeline.core.query import (
    All,
    And,
    Any,
    Everything,
    Kind,
    Narrow,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Term,
    Word,
    leaves,
    narrowing,
    parse,
    quick,
)
from pipeline.core.query.check import LONGEST_QUERY
from pipeline.core.query.read import read_whole


def word(text: str) -> Word:
    return Word(text=text, surface=text)


def inflected(*parts: str, field: str = "") -> tuple[Word, ...]:
    return tuple(Word(part, part, field=field) for part in parts)


def exact(*parts: str) -> Phrase:
    return Phrase(f'"{" ".join(parts)}"', tuple(Word(part, fold(part), Kind.EXACT) for part in parts))


def near(text: str, gap: int, *parts: Word | Phrase, ordered: bool = False, field: str = "") -> Near:
    return Near(text, tuple((part,) for part in parts), gap, ordered, field)


A, B, C = word("aa"), word("bb"), word("cc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("aa", A),
        ("  aa\t", A),
        ("aa bb", And((A, B))),
        ("aa AND bb", And((A, B))),
        ("aa bb AND cc", And((A, B, C))),
        ("aa OR bb OR cc", Or((A, B, C))),
        ("aa AND bb OR cc", Or((And((A, B)), C))),
        ("aa (bb OR cc)", And((A, Or((B, C))))),
        ("(aa bb) OR cc", Or((And((A, B)), C))),
        ("((aa))", A),
        ("aa NOT bb", And((A, Not(B)))),
        ("NOT bb aa", And((Not(B), A))),
        ("aa NOT (bb OR cc)", And((A, Not(B), Not(C)))),
        ("aa NOT (bb cc)", And((A, Or((Not(B), Not(C)))))),
        ("NOT (NOT aa)", A),
        ("NOT NOT aa", A),
        ("(aa NOT bb) OR cc", Or((And((A, Not(B))), C))),
        ('"home invasion"', exact("home", "invasion")),
        ('aa NOT "home invasion"', And((A, Not(exact("home", "invasion"))))),
        ('"aa"', exact("aa")),
        ('("home invasion")', exact("home", "invasion")),
        ('"and OR (not)"', replace(exact("and", "OR", "not"), text='"and OR (not)"')),
        ("U.S.", Phrase("U.S.", inflected("U", "S"))),
        ("侵攻", Phrase("侵攻", (Word("侵", "侵"), Word("攻", "攻", glued=True)))),
        ("Russia's", Word(text="Russia's", surface="Russia's")),
        ("#nato,", Word(text="#nato,", surface="nato")),
        (
            "anti-war",
            Or((Phrase("anti-war", inflected("anti", "war")), Word("anti-war", "antiwar"))),
        ),
        ("TO", word("TO")),
        ("+aa -bb", And((A, Not(B)))),
        ("aa -(bb cc)", And((A, Or((Not(B), Not(C)))))),
        ('aa -"home invasion"', And((A, Not(exact("home", "invasion"))))),
        ("sanction*", Word("sanction*", "sanction", Kind.PREFIX)),
        ("Sanct?on*", Word("Sanct?on*", "sanct?on*", Kind.WILDCARD)),
        ("wom?n", Word("wom?n", "wom?n", Kind.WILDCARD)),
        ("Kyiv~1", Word("Kyiv~1", "kyiv", Kind.FUZZY)),
        ("kyiv~", Word("kyiv~1", "kyiv", Kind.FUZZY)),
        ("case:WHO", Word("case:WHO", "WHO", Kind.CASED)),
        ("exact:Invaded", Word("exact:Invaded", "invaded", Kind.EXACT)),
        ("case:(WHO OR UN)", Or((Word("case:WHO", "WHO", Kind.CASED), Word("case:UN", "UN", Kind.CASED)))),
        (
            'case:"Le Monde"',
            Phrase('case:"Le Monde"', (Word("Le", "Le", Kind.CASED), Word("Monde", "Monde", Kind.CASED))),
        ),
        ("title:aa", Word("title:aa", "aa", field="title")),
        (
            "title:(aa OR cc) bb",
            And((Or((Word("title:aa", "aa", field="title"), Word("title:cc", "cc", field="title"))), B)),
        ),
        ("-title:aa cc", And((Not(Word("title:aa", "aa", field="title")), C))),
        ("title:case:US", Word("title:case:US", "US", Kind.CASED, "title")),
        ('title:"aa"', Phrase('title:"aa"', (Word("aa", "aa", Kind.EXACT, "title"),), "title")),
        ('"aa bb"~3', near('"aa bb"~3', 3, A, B)),
        ('ordered:"aa bb"~3', near('ordered:"aa bb"~3', 3, A, B, ordered=True)),
        ('"sanc* aa"~0', near('"sanc* aa"~0', 0, Word("sanc*", "sanc", Kind.PREFIX), A)),
        (
            'exact:"aa bb"~3',
            near('exact:"aa bb"~3', 3, Word("aa", "aa", Kind.EXACT), Word("bb", "bb", Kind.EXACT)),
        ),
        (
            '"sanc* aa"',
            Phrase('"sanc* aa"', (Word("sanc*", "sanc", Kind.PREFIX), Word("aa", "aa", Kind.EXACT))),
        ),
        ('"is it war?"', replace(exact("is", "it", "war"), text='"is it war?"')),
        ("author:Smith", Word("author:Smith", "smith", Kind.EXACT, "author")),
        ("tag:smi*", Word("tag:smi*", "smi", Kind.PREFIX, "tag")),
        ("source:www.BBC.co.uk", Word("source:www.BBC.co.uk", "bbc.co.uk", Kind.FACET, "source")),
        ("lang:uk-UA", Word("lang:uk-UA", "uk", Kind.FACET, "lang")),
        ("feed:17", Word("feed:17", "17", Kind.FACET, "feed")),
        ("feed:world", Word("feed:world", "world", Kind.EXACT, "feed")),
        ("aa/bb", Phrase("aa/bb", inflected("aa", "bb"))),
    ],
)
def test_queries_mean_what_they_say(text: str, tree: Node) -> None:
    """Bare words mean AND, AND binds tighter than OR, NOT stands at the words."""
    assert parse(text) == Query(text, tree)


REFUSED = [
    ("", 0, "empty"),
    ("   ", 0, "empty"),
    ("aa bb OR cc", 6, "aa (bb OR cc) or (aa bb) OR cc"),
    ("aa OR bb cc", 3, "(aa OR bb) cc or aa OR (bb cc)"),
    ("aa NOT bb OR cc", 10, "aa (NOT bb OR cc) or (aa NOT bb) OR cc"),
    ("xx (aa bb OR cc)", 10, "ambiguous"),
    ("NOT aa", 0, "NOT alone"),
    ("NOT aa NOT bb", 0, "NOT alone"),
    ("aa OR NOT bb", 6, "NOT alone"),
    ("NOT (aa bb)", 0, "NOT alone"),
    ("aa and bb", 3, "write AND in capitals"),
    ("aa or bb", 3, "write OR in capitals"),
    ("not aa", 0, "write NOT in capitals"),
    ("aa Or bb", 3, "write OR in capitals"),
    ('aa "bb cc', 3, "quote is never closed"),
    ('aa" bb', 2, "quote is never closed"),
    ('"aa"bb', 4, "a space is missing"),
    ('aa"bb"', 2, "a space is missing"),
    ("aa(bb)", 2, "a space is missing"),
    ("(aa)bb", 4, "a space is missing"),
    ("(aa bb", 0, "bracket is never closed"),
    ("aa (bb (cc)", 3, "bracket is never closed"),
    ("aa bb)", 5, "bracket closes nothing"),
    (")aa(", 0, "bracket closes nothing"),
    ("aa ()", 4, "a term is missing"),
    ("AND aa", 0, "a term is missing before AND"),
    ("aa AND", 3, "a term is missing after AND"),
    ("aa OR", 3, "a term is missing after OR"),
    ("aa NOT", 3, "a term is missing after NOT"),
    ("aa AND OR bb", 7, "a term is missing before OR"),
    ("aa (OR bb)", 4, "a term is missing before OR"),
    ("sa*", 2, "3 letters"),
    ("?omen", 0, "before ?"),
    ("a?", 1, "3 letters"),
    ("sanc*ed", 4, "at the end of a word"),
    ("侵攻*", 2, "leave them out"),
    ("cease-f*", 7, "one plain word"),
    ("case:sanc*", 9, "within case:"),
    ("kyiv~2", 4, "one edit"),
    ("kyiv~0.5", 4, "one edit"),
    ("iq~1", 0, "4 letters"),
    ("cease-fire~1", 0, "one word"),
    ("exact:kyiv~1", 6, "within exact:"),
    ("kyiv ~1", 5, "without a space"),
    ('"aa bb" ~5', 8, "without a space"),
    ('"aa bb"~', 7, "number of words"),
    ('"aa bb"~x', 7, "number of words"),
    ('"aa bb"~101', 7, "100 words apart"),
    ('"aa"~5', 0, "two words or more"),
    ("ordered:aa", 8, "near words"),
    ('ordered:"aa bb"', 8, "near words"),
    ("aa^2", 2, "weights"),
    ("titel:aa", 0, "did you mean title:?"),
    ("Title:aa", 0, "did you mean title:?"),
    ("bb xyz:aa", 3, "there are title, summary"),
    ("title: aa", 6, "must follow title:"),
    ("title:", 6, "must follow title:"),
    ("title:body:aa", 6, "within title:"),
    ("case:exact:aa", 5, "within case:"),
    ("exact:lang:uk", 6, "within exact:"),
    ("lang:Ukrainian", 5, "code of a language"),
    ("source:a/b", 7, "host of an outlet"),
    ("url:/world/", 4, "regular expressions"),
    ("-aa", 0, "NOT alone"),
    ("-source:bbc.co.uk", 0, "NOT alone"),
    ("aa OR -bb", 6, "NOT alone"),
    ("aa OR +bb", 6, "no meaning beside OR"),
    ("http://example.com", 0, "goes into quotes"),
    ("10:30", 0, "goes into quotes"),
    ("[aa TO bb]", 0, "square"),
    ("{aa}", 0, "curly brackets"),
    ("\u201caa bb\u201d", 0, "curly quotes"),
    ("\u00abaa\u00bb", 0, "curly quotes"),
    ("aa\\ bb", 2, "backslash"),
    ('"aa\\" bb"', 3, "backslash"),
    ("aa && bb", 3, "write AND"),
    ("aa || bb", 3, "write OR"),
    ("aa & bb", 3, "write AND"),
    ("aa | bb", 3, "write OR"),
    ("aa|bb", 2, "write OR"),
    ("title :aa", 6, "stands right before its word"),
    ("\u2018aa bb\u2019", 0, "curly quotes"),
    ("source:https://bbc.co.uk", 7, "the host alone"),
    ("url:https://bbc.co.uk/a", 4, "goes into quotes"),
    ("!aa", 0, "write NOT"),
    ("aa - bb", 3, "a lone -"),
    ("aa + bb", 3, "a lone +"),
    ("aa -", 3, "a lone -"),
    ("aa \u2013 bb", 3, "dash"),
    ("/aa/", 0, "regular expressions"),
    (">aa", 0, "comparisons"),
    ("'aa bb'", 0, "double quotes"),
    ('""', 0, "no letter or digit"),
    ('aa "…"', 3, "no letter or digit"),
    ("🎉", 0, "no letter or digit"),
    ("\u0640", 0, "no letter or digit"),
    ("war\x00", 3, "control character"),
    ('aa "b \x1b c"', 6, "control character"),
    ("aa b\ud83d", 4, "control character"),
    ("x" * 81, 0, "80 characters"),
    ("a.b." * 26, 0, "50 words"),
    ("(" * 51 + "aa" + ")" * 51, 50, "nested"),
    ("NOT " * 200 + "aa", 404, "nested"),
    (" ".join(f"w{n}" for n in range(1_001)), 4_890, "1,000 terms"),
    ("aa " * 4_000, LONGEST_QUERY, "10,000 characters"),
]


@pytest.mark.parametrize(("text", "position", "said"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_position(text: str, position: int, said: str) -> None:
    """A clear sentence and the place of the fault, instead of a query that means something else."""
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert (said in refused.value.message, refused.value.position) == (True, position), refused.value


def test_a_refusal_is_one_short_line() -> None:
    """However long the fault, the message stays readable."""
    for text, _, _ in REFUSED:
        with pytest.raises(QueryError) as refused:
            parse(text)
        assert len(str(refused.value).splitlines()) == 1
        assert len(str(refused.value)) < 400


@given(st.text(alphabet='abetil1 "()ANDORT*?:~+-\\/[é侵🎉\x00\ud800', max_size=30))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    """Nothing that can be typed ends in another exception, or in a query that needs no term."""
    try:
        query = parse(text)
    except QueryError as refused:
        position = refused.position
    else:
        assert list(leaves(query.root))
        position = 0
    assert 0 <= position <= len(text)


plain_words = st.sampled_from(
    ["war", "Wars", "sanc*", "sa*", "NATO", "санкцій", "侵攻", "é", "F16", "x", "not"]
)
plain_quotes = st.lists(plain_words, min_size=1, max_size=3).map(lambda words: f'"{" ".join(words)}"')
operators = st.sampled_from(
    [" ", " AND ", " OR ", " NOT ", " AND NOT ", " OR NOT ", "  ", " NOT NOT ", " and "]
)


joined = st.recursive(
    plain_words | plain_quotes,
    lambda inner: st.one_of(
        st.lists(st.tuples(operators, inner), min_size=1, max_size=4).map(
            lambda parts: "".join(operator + term for operator, term in parts)[len(parts[0][0]) :]
        ),
        st.tuples(
            st.sampled_from(["({})", "({})", "( {})", "({} )", "(({}))", "NOT ({})", "NOT {}"]), inner
        ).map(lambda pair: pair[0].format(pair[1])),
    ),
    max_leaves=7,
)


@settings(max_examples=1_500)
@given(joined, st.sampled_from(["", "", "NOT ", " "]), st.sampled_from(["", "", " AND", " ", ")"]))
def test_the_short_way_reads_as_the_long_one(query: str, first: str, last: str) -> None:
    """Plain queries mean the same by either way, and what the long way refuses the short one leaves to it."""
    text = first + query + last
    short = quick.read(text)
    if short is not None:
        assert read_whole(text) == Query(text, short)


@pytest.mark.parametrize(
    "text", ["war", 'war AND "the war"', "war NOT peace", "sanc* OR war", "a (b OR c) NOT d"]
)
def test_plain_queries_go_the_short_way(text: str) -> None:
    """A worker with many subscriptions starts quickly."""
    assert quick.read(text) is not None


def test_a_thousand_terms_are_read() -> None:
    """The limits are generous enough for lists."""
    query = parse(" OR ".join(f"w{number}" for number in range(1_000)))
    assert len(list(leaves(query.root))) == 1_000


def test_queries_travel() -> None:
    """A query survives pickling, as work between processes needs."""
    query = parse('aa NOT "bb cc"')
    assert pickle.loads(pickle.dumps(query)) == query


def test_leaves_leave_out_what_is_negated() -> None:
    """Only what can be found is told as found."""
    assert [leaf.text for leaf in leaves(parse('aa (bb OR "cc dd") NOT ee').root)] == ["aa", "bb", '"cc dd"']


def term(*forms: str) -> Term:
    return Term(frozenset(forms))


@pytest.mark.parametrize(
    ("text", "narrow"),
    [
        ("invaded", term("invaded", "invade")),
        ("aa bb", All((term("aa"), term("bb")))),
        ("aa OR bb", Any((term("aa"), term("bb")))),
        ("aa NOT bb", term("aa")),
        ("aa NOT (bb cc)", term("aa")),
        ('"home invasions"', All((term("home"), term("invasions")))),
        ('"aa aa"', term("aa")),
        ("(aa NOT cc) OR bb", Any((term("aa"), term("bb")))),
        ("sanction*", Term(frozenset(), frozenset({"sanction"}))),
        ("wom?n", Term(frozenset(), frozenset({"wom"}))),
        ("case:WHO", term("who")),
        ("title:invaded", term("invaded", "invade")),
        ('"invaded aa"~5', All((term("invaded", "invade"), term("aa")))),
        ('"ceas* aa"', All((Term(frozenset(), frozenset({"ceas"})), term("aa")))),
        ("kyiv~1 aa", term("aa")),
        ("tag:bb aa source:bbc", term("aa")),
        ("lang:uk", Everything()),
        ("aa OR kyiv~1", Everything()),
        ("санкцій", term("санкцій", "санкція")),
        ("cease-fires", Any((All((term("cease"), term("fires", "fire"))), term("ceasefires", "ceasefire")))),
    ],
)
def test_the_index_is_asked_for_what_a_query_cannot_do_without(text: str, narrow: Narrow) -> None:
    """Negations ask nothing; words ask for any of their forms, phrases for each of their words."""
    assert narrowing(parse(text), ["en"]) == narrow


def test_the_index_is_asked_for_the_lemmas_of_every_language_in_question() -> None:
    """A lemma depends on the article's language, so those of all of them are asked for."""
    forms = narrowing(parse("Kriegs"), ["en", "de", None])
    assert isinstance(forms, Term)
    assert {"kriegs", "krieg"} <= forms.forms
