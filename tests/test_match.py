"""Matching: what rings, what does not, where, and that the percolator agrees with a naive reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.analyse import Analysed, analyse
from pipeline.core.errors import QueryError
from pipeline.core.match import Percolator, evaluate, vocabulary
from pipeline.core.model import About, Listing, Match, Subscription
from pipeline.core.query import ABOUT_FIELDS, All, Any, Everything, Narrow, Term, narrowing, parse
from tests.naive import Text, holds


def met(query: str, text: str, language: str | None = "en") -> list[str] | None:
    """The matched texts of a body, None when the query does not hold."""
    found = evaluate(parse(query), analyse("", "", text, language))
    return None if found is None else [match.text for match in found]


def subscription(id_: int, query: str, *, active: bool = True) -> Subscription:
    return Subscription(id=id_, name=f"s{id_}", query=query, active=active, version=id_)


def rung(percolator: Percolator, text: str) -> list[int]:
    return [hit.subscription_id for hit in percolator.match(analyse("", "", text, "en"))]


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("invasion", "Two invasions began", ["invasions"]),
        ("invasion", "An invasive species", None),
        ("invasions", "The invasion began", ["invasion"]),
        ("invade", "invaded, invading; an invader", ["invaded", "invading"]),
        ("sanction", "new anti-sanctions drive", ["sanctions"]),
        ("sanction", "SANCTIONED", ["SANCTIONED"]),
        ("strike", "They struck; strikes", ["struck", "strikes"]),
        ("pagan", "propaganda", None),
        ("unit", "United Nations", None),
        ("russia", "Russia’s war", ["Russia’s"]),
        ("Russia's", "Russia said", ["Russia"]),
        ("istanbul", "In İstanbul today", ["İstanbul"]),
        ("strasse", "Die Straße", ["Straße"]),
        ("cafe", "un cafe\u0301 noir", ["cafe\u0301"]),
        ("finance", "high ﬁnance", ["ﬁnance"]),
        ("soft", "a so\u00adft word", ["so\u00adft"]),
        ("ישראל", "על \u200fישראל\u200e היום", ["ישראל"]),
        ('"home invasion"', "a home\ninvasion", ["home\ninvasion"]),
        ('"home invasion"', "home of the invasion", None),
        ('"home invasion"', "a home invasions", None),
        ('"invade"', "they invaded", None),
        ('"to be or not to be"', "To be, or not to be!", ["To be, or not to be"]),
        ('"a a b"', "a a a b", ["a a b"]),
        ('invasion NOT "home invasion"', "a home invasion", None),
        ('invasion NOT "home invasion"', "the invasion", ["invasion"]),
        ("anti-war", "anti-war, anti war and antiwar", ["anti-war", "anti war", "antiwar"]),
        ("anti-war", "war against anti", None),
        ("anti-sanction", "anti-sanctions", ["anti-sanctions"]),
        ("ceasefire", "the cease-fires hold", ["cease-fires"]),
        ("cease-fire", "the ceasefire", ["ceasefire"]),
        ('"ceasefire"', "the cease-fire", None),
        ("f-16", "F16 and F-16s", ["F16"]),
        ("侵攻", "ロシアの侵攻が続く", ["侵攻"]),
        ("侵攻", "侵略が攻撃", None),
        ("制裁", "抵制，裁军", None),
        ('"制裁"', "抵制 裁军", None),
        ('"抵制 裁军"', "抵制，裁军", ["抵制，裁军"]),
        ("NATO軍", "NATO軍が", ["NATO軍"]),
        ("NATO軍", "NATO、軍が", None),
        ("ยูเครน", "ประเทศยูเครนวันนี้", ["ยูเครน"]),
        ("전쟁", "전쟁을 멈춰라", ["전쟁"]),
        ("us", "tell us why we go", ["us"]),
        ("US", "we go our way", None),
        ("russia (war OR invasion)", "Russia wars", ["Russia", "wars"]),
        ("russia (war OR invasion)", "Russia trades", None),
        ("missing OR war", "a war", ["war"]),
    ],
)
def test_queries_ring_for_what_they_mean(query: str, text: str, found: list[str] | None) -> None:
    """Inflections ring and derivations do not; quotes are exact; hyphens, accents and scripts are no walls."""
    hits = met(query, text)
    assert (hits and sorted(hits)) == (found and sorted(found))


@pytest.mark.parametrize(
    ("query", "text", "language"),
    [
        ("вторгнення", "Загроза вторгненню", "uk"),
        ("санкція", "Пакет санкцій", None),
        ("санкции", "Новый пакет санкций", "ru"),
        ("Sanktion", "Neue Sanktionen", "de"),
        ("guerre", "les guerres", "fr"),
        ("invasion", "face à l’invasion", "fr"),
        ("sancion", "Nuevas sanciones", "es"),
        ("wojna", "o wojnę", "pl"),
        ("عقوبات", "فرض العقوبات", "ar"),
    ],
)
def test_words_ring_by_the_lemmas_of_the_articles_language(
    query: str, text: str, language: str | None
) -> None:
    """The same query serves every language; the article says which dictionary is used."""
    assert met(query, text, language)


def test_a_match_tells_term_field_offsets_and_line() -> None:
    """Offsets count code points of the stored text, whatever stands before them."""
    article = analyse("Invasion", "", "🎉 Straße: the\nInvasions began", "en")
    assert evaluate(parse("invasion"), article) == (
        Match(term="invasion", field="title", start=0, end=8, text="Invasion", context="Invasion"),
        Match(
            term="invasion",
            field="body",
            start=14,
            end=23,
            text="Invasions",
            context="🎉 Straße: the Invasions began",
        ),
    )


def test_a_phrase_never_spans_fields() -> None:
    """The end of the title and the start of the summary are not neighbours."""
    assert evaluate(parse('"home invasion"'), analyse("Home", "invasion", "", "en")) is None
    assert evaluate(parse("home invasion"), analyse("Home", "invasion", "", "en"))


def test_the_line_around_a_match_is_cut_between_words() -> None:
    """About 80 characters on either side, with a mark where something was left out."""
    article = analyse("", "", f"{'before ' * 30}war {'after ' * 30}", "en")
    (match,) = evaluate(parse("war"), article) or ()
    assert match.context == f"… {'before ' * 11}war {'after ' * 13}…"


def test_the_line_around_a_match_survives_text_without_spaces() -> None:
    """Where there are no words to cut between, the cut is made anywhere."""
    (match,) = evaluate(parse("侵攻"), analyse("", "", f"{'戦' * 200}侵攻{'争' * 200}", "ja")) or ()
    assert match.context == f"… {'戦' * 80}侵攻{'争' * 80} …"


def test_the_places_of_a_term_and_of_a_query_are_bounded() -> None:
    """Five places of each term and fifty in all say enough."""
    words = [f"w{number}" for number in range(20)]
    article = analyse("", "", " ".join(words * 10), "en")
    assert len(evaluate(parse("w1"), article) or ()) == 5
    assert len(evaluate(parse(" ".join(words)), article) or ()) == 50


def test_subscriptions_change_in_place() -> None:
    """Adding, replacing, pausing and dropping are in force with the next article."""
    percolator = Percolator()
    percolator.apply([subscription(1, "war"), subscription(2, "war"), subscription(3, "peace NOT war")])
    assert rung(percolator, "the war") == [1, 2]
    percolator.apply([subscription(1, "peace")])
    assert (rung(percolator, "the war"), rung(percolator, "the peace")) == ([2], [1, 3])
    percolator.apply([subscription(2, "war", active=False), subscription(9, "x", active=False)])
    assert rung(percolator, "the war") == []
    percolator.apply([subscription(2, "wars")])
    assert rung(percolator, "the war") == [2]
    assert len(percolator) == 3


def test_dropping_every_subscription_leaves_nothing_behind() -> None:
    """A percolator that lived through many changes holds what it shows and no more."""
    percolator = Percolator()
    queries = ["war", '"the war"', "cease-fire NOT war", "a OR (b NOT c)", "侵攻", "case:US", "sanc*", "w?r"]
    queries += ["kyiv~1", '"a b"~3', "title:war", "tag:war author:x", "source:bbc NOT lang:en"]
    percolator.apply(subscription(number, query) for number, query in enumerate(queries))
    rung(percolator, "the war")
    percolator.apply(subscription(number, query, active=False) for number, query in enumerate(queries))
    held = percolator._vocabulary
    assert not any((percolator._plans, percolator._watchers, held._atoms, held.facets))
    assert not any((*held._words.values(), held._about, len(held._tables) > 1))
    assert not any(vars(held._tables[""]).values())


def test_a_query_that_cannot_be_read_is_told_and_silences_no_other() -> None:
    """Stored queries were checked; should one be broken all the same, the rest rings."""
    percolator = Percolator()
    assert percolator.apply([subscription(1, "war AND"), subscription(2, "war")]) == [1]
    assert rung(percolator, "war") == [2]
    assert percolator.apply([subscription(2, "war AND")]) == [2]
    assert rung(percolator, "war") == []


VOCABULARY = [
    *(
        "war",
        "wars",
        "War",
        "WAR",
        "invade",
        "invaded",
        "invasion",
        "cease",
        "fire",
        "ceasefire",
        "cease-fire",
    ),
    *("anti-war", "the", "of", "us", "US", "home", "Straße", "strasse", "l'invasion", "Russia's", "russia"),
    *(
        "侵攻",
        "侵",
        "攻",
        "、",
        "санкцій",
        "санкція",
        "16",
        "F-16",
        "F16",
        "sanctions",
        "sanction",
        "Kyiv",
        "Kiev",
    ),
]
ASKED = [
    *VOCABULARY,
    *("san*", "invad*", "ceas*", "санк*", "w?r", "inva?ion", "sancti?n*", "kyiv~1", "wars~1", "sanction~1"),
    *("case:US", "case:War", "exact:wars", "exact:ceasefire", "title:war", "body:ceasefire", "summary:san*"),
    *(
        "title:case:US",
        "source:bbc.co.uk",
        "source:bbc",
        "source:example.org",
        "lang:en",
        "lang:uk",
        "feed:2",
    ),
    *(
        "feed:world",
        'feed:"world news"',
        "tag:war",
        'tag:"the war"',
        "author:smith",
        "author:smi*",
        "url:war",
    ),
]
words_ = st.sampled_from(ASKED)
inner_words = st.sampled_from([*VOCABULARY, "san*", "w?r", "ceas*"])
quotes = st.lists(inner_words, min_size=1, max_size=3).map(lambda parts: f'"{" ".join(parts)}"')
nears = st.builds(
    lambda how, parts, gap: f'{how}"{" ".join(parts)}"~{gap}',
    st.sampled_from(["", "ordered:", "title:", "body:ordered:", "exact:", "case:"]),
    st.lists(inner_words, min_size=2, max_size=3),
    st.integers(0, 6),
)
fielded = st.builds(
    lambda field, quote: f"{field}{quote}", st.sampled_from(["title:", "body:", "case:"]), quotes
)
terms = words_ | quotes | nears | fielded
texts = st.lists(st.sampled_from([*VOCABULARY, ".", "-", "and-", "'"]), max_size=25).map(" ".join)
listings = st.builds(
    Listing,
    id=st.integers(1, 3),
    title=st.sampled_from(["", "World news", "The War"]),
    url=st.sampled_from(["https://feeds.bbc.co.uk/war.xml", "http://example.org/a"]),
    tags=st.sampled_from([(), ("war",)]),
)
abouts = st.builds(
    About,
    author=st.sampled_from(["", "Ann Smith", "Smithson"]),
    url=st.sampled_from(["", "https://www.bbc.co.uk/news/war-1", "https://www.example.org/"]),
    tags=st.sampled_from([(), ("The war", "us"), ("cease-fire",)]),
    feeds=st.lists(listings, max_size=2).map(tuple),
)
languages = st.sampled_from([None, "en", "uk", "de"])
articles = st.builds(Text, texts, texts, texts, languages, abouts)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"(NOT {part})"),
    ),
    max_leaves=6,
)


def readable(query: str) -> bool:
    try:
        parse(query)
    except QueryError:
        return False
    return True


def shown(article: Analysed, match: Match) -> bool:
    """Whether a match's offsets lead to its text."""
    fields = (*article.fields, *(one for name in ABOUT_FIELDS for one in article.beside(name)))
    texts = [field.text for field in fields if field.name == match.field] + list(article.facets.values())
    return any(text[match.start : match.end] == match.text for text in texts)


@settings(max_examples=250, deadline=None)
@given(st.lists(queries, min_size=1, max_size=30), st.lists(articles, min_size=1, max_size=3))
def test_the_percolator_agrees_with_a_naive_reading(asked: list[str], read: list[Text]) -> None:
    """However queries are indexed, each article rings for exactly those that hold when read one by one."""
    wanted = {number: query for number, query in enumerate(asked) if readable(query)}
    percolator = Percolator()
    percolator.apply(subscription(number, query) for number, query in enumerate(asked))
    for text in read:
        article = text.analysed
        hits = percolator.match(article)
        expected = [number for number, query in wanted.items() if holds(parse(query).root, text)]
        assert [hit.subscription_id for hit in hits] == expected
        for hit in hits:
            assert hit.matches == evaluate(parse(wanted[hit.subscription_id]), article)
            assert hit.matches
            assert all(shown(article, match) for match in hit.matches)


changes = st.tuples(st.integers(1, 12), queries, st.booleans())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(changes, max_size=8), min_size=2, max_size=5),
    st.lists(articles, min_size=1, max_size=3),
)
def test_a_percolator_that_lived_agrees_with_a_new_one(
    days: list[list[tuple[int, str, bool]]], read: list[Text]
) -> None:
    """Whatever it has learned, remembered and had changed, it rings as one that was built this moment."""
    lived, standing = Percolator(), dict[int, Subscription]()
    for day in days:
        asked = [subscription(id_, query, active=active) for id_, query, active in day]
        lived.apply(asked)
        standing.update((each.id, each) for each in asked)
        fresh = Percolator()
        fresh.apply(standing.values())
        for _ in range(12):  # often enough to choose other words to wait for
            for text in read:
                assert lived.match(text.analysed) == fresh.match(text.analysed)
            lived.tidy()


def test_what_is_forgotten_in_the_midst_of_an_article_is_not_lost_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where more words are met than are remembered, each article rings for all of its own all the same."""
    monkeypatch.setattr(vocabulary, "_REMEMBERED", 20)
    percolator = Percolator()
    queries = ["alpha", '"alpha beta"', '"beta alpha"~3', "title:alpha", 'tag:"alpha beta"']
    percolator.apply(subscription(number, query) for number, query in enumerate(queries))
    about = About(author="", url="", tags=("alpha beta", *(f"t{number}" for number in range(15))), feeds=())
    for day in range(30):
        body = " ".join(("alpha beta", *(f"w{day}x{number}" for number in range(15))))
        hits = percolator.match(analyse("Alpha", "", body, "en", about))
        assert [hit.subscription_id for hit in hits] == [0, 1, 2, 3, 4]
        assert all(hit.matches for hit in hits)


def test_queries_wait_for_the_words_that_prove_rare() -> None:
    """A word that turns out to be everywhere is waited for no more where another will do."""
    percolator = Percolator()
    percolator.apply([subscription(1, "zzyzx AND hydroxychloroquine")])
    (plan,) = percolator._plans.values()
    guessed = plan.watched
    for _ in range(40):
        rung(percolator, " ".join(atom.surface for atom in guessed))
        percolator.tidy()
    assert plan.watched != guessed
    assert rung(percolator, "zzyzx hydroxychloroquine") == [1]


def satisfied(narrow: Narrow, terms: frozenset[str]) -> bool:
    match narrow:
        case Term(forms, prefixes):
            return bool(forms & terms) or any(term.startswith(tuple(prefixes)) for term in terms)
        case All(parts):
            return all(satisfied(part, terms) for part in parts)
        case Any(parts):
            return any(satisfied(part, terms) for part in parts)
        case Everything():
            return True


@settings(max_examples=300, deadline=None)
@given(queries.filter(readable), articles)
def test_the_index_loses_no_article_that_matches(query: str, text: Text) -> None:
    """What an index is asked for is never more than what a match needs, whatever the article's language."""
    article = text.analysed
    if evaluate(parse(query), article) is not None:
        assert satisfied(narrowing(parse(query), [None, "en", "uk", "de"]), article.terms)
