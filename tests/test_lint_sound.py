"""The lint is right: no article belies what it says, whatever is asked and read."""

from __future__ import annotations

from hypothesis import event, given, settings
from hypothesis import strategies as st

from pipeline.core.lint import Advice, leaves, lint
from pipeline.core.query import leaves as leaves_of
from pipeline.core.query import parse
from tests.naive import Text, holds
from tests.test_match import articles, queries, readable, terms

leaf_texts = terms.filter(readable)
related = st.recursive(
    st.sampled_from(
        [
            "war",
            "wars",
            "War",
            '"war"',
            "exact:war",
            "title:war",
            "war*",
            "w?r",
            '"the war"',
            '"the war"~3',
            'ordered:"the war"~2',
            "the",
            "case:War",
            "lang:en",
            "lang:uk",
        ]
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"(NOT {part})"),
    ),
    max_leaves=5,
)
asked = (queries | related | related.map(lambda text: f"war {text}")).filter(readable)


@settings(max_examples=1_500, deadline=None)
@given(leaf_texts, leaf_texts, articles)
def test_what_follows_from_a_leaf_does_so_in_every_article(one: str, other: str, text: Text) -> None:
    """An implication between two leaves holds for any article, or for any in its language."""
    for first in leaves_of(parse(one).root):
        for second in leaves_of(parse(other).root):
            for language in (None, text.read_in):
                if leaves.implies(first, second, language):
                    event(f"implies {language}")
                    assert not holds(first, text) or holds(second, text), (first, second, language)
            if leaves.excludes(first, second):
                assert not (holds(first, text) and holds(second, text))


@settings(max_examples=600, deadline=None)
@given(asked, asked, st.lists(articles, min_size=1, max_size=4))
def test_no_article_belies_the_lint(text: str, other: str, read: list[Text]) -> None:
    """What can never match meets nothing, and what is within another meets nothing besides."""
    query, beside = parse(text), parse(other)
    found = {one.code: one for one in lint(query, others={"X": other})}
    for article in read:
        met, met_too = holds(query.root, article), holds(beside.root, article)
        if "never" in found:
            event("never")
            assert not met
        for code in {"same", "contained", "contains"} & found.keys():
            if "in English" in found[code].message and article.read_in != "en":
                continue
            event(code)
            assert code == "contains" or not met or met_too
            assert code == "contained" or not met_too or met


@settings(max_examples=600, deadline=None)
@given(asked, articles)
def test_needless_parts_change_nothing(text: str, article: Text) -> None:
    """A query without what is told as needless meets the same articles."""
    query = parse(text)
    for one in lint(query):
        if one.code in {"redundant", "dead-part"}:
            event(one.code)
            shorter = without(text, one)
            if readable(shorter):
                assert holds(query.root, article) == holds(parse(shorter).root, article), (one, shorter)


def without(text: str, one: Advice) -> str:
    """A query of the generator without the part at a place: in its stead its neighbours stand alone."""
    start, end = one.start, one.end
    while start and text[start - 1] == "(" and text[end : end + 1] == ")":
        start, end = start - 1, end + 1
    if text[:start].endswith("(NOT ") and text[end : end + 1] == ")":
        start, end = start - 5, end + 1
    for operator in (" AND ", " OR "):
        if text[end:].startswith(operator):
            return text[:start] + text[end + len(operator) :]
        if text[:start].endswith(operator):
            return text[: start - len(operator)] + text[end:]
    return ""
