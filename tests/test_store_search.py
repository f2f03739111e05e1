"""The full-text index over our own analyser's terms."""

from __future__ import annotations

import pytest

from pipeline.core.query import All, Any, Everything, Narrow, Term
from pipeline.store import search
from pipeline.store.engine import Store
from tests import stock
from tests.stock import later


def _term(*forms: str) -> Term:
    return Term(frozenset(forms))


@pytest.fixture
def archive(store: Store) -> tuple[Store, list[int]]:
    """Four articles with terms of their own, the last one an hour younger."""
    stock.add_feed(store)
    ids = [one.article_id for one in stock.news(store, "1", "2", "3").saved]
    ids += [one.article_id for one in stock.news(store, "4", now=later(3600)).saved]
    terms = [
        {"invasion", "talk"},
        {"invasion", "don't", 'a"b'},
        {"вторгнення", "侵攻", "x-y", "c\\d"},
        {"talk"},
    ]
    store.write(lambda tx: search.put(tx, dict(zip(ids, terms, strict=True)), new=False))
    return store, ids


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        (_term("invasion"), [1, 0]),
        (_term("invasions", "talk"), [3, 0]),
        (All((_term("invasion"), _term("talk"))), [0]),
        (Any((_term("вторгнення"), _term("talk"))), [3, 2, 0]),
        (All((Any((_term("invasion"), _term("侵攻"))), Everything())), [2, 1, 0]),
        (Any((_term("invasion"), Everything())), [3, 2, 1, 0]),
        (Everything(), [3, 2, 1, 0]),
        (All(()), [3, 2, 1, 0]),
        (_term("don't"), [1]),
        (_term('a"b'), [1]),
        (_term("x-y"), [2]),
        (_term("c\\d"), [2]),
        (_term("x"), []),
        (_term("AND"), []),
        (_term("talk talk"), []),
        (_term("' | 'talk"), []),
        (_term(), []),
        (Any(()), []),
        (All((_term("invasion"), _term())), []),
    ],
)
def test_narrowing_finds_the_articles_with_its_terms(
    archive: tuple[Store, list[int]], narrow: Narrow, expected: list[int]
) -> None:
    """Terms are found as they are, letter by letter, however odd they look to the index."""
    store, ids = archive
    with store.read() as tx:
        found = search.candidates(tx, narrow, limit=10)
    assert [ids.index(id_) for id_ in found] == expected


@pytest.mark.parametrize("narrow", [_term("talk", "invasion", "侵攻"), Everything()])
def test_candidates_are_paged_and_dated(archive: tuple[Store, list[int]], narrow: Narrow) -> None:
    """A search goes on where it stopped, and back only so far as asked."""
    store, ids = archive
    with store.read() as tx:
        assert search.candidates(tx, narrow, limit=2) == [ids[3], ids[2]]
        assert search.candidates(tx, narrow, limit=2, before_id=ids[2]) == [ids[1], ids[0]]
        assert search.candidates(tx, narrow, limit=9, since=later(60)) == [ids[3]]
        assert search.candidates(tx, narrow, limit=9, since=later(60), before_id=ids[3]) == []


def test_updated_article_is_found_by_its_new_terms_only(archive: tuple[Store, list[int]]) -> None:
    """Replacing terms leaves nothing of the old ones, and removing none at all."""
    store, ids = archive
    store.write(lambda tx: search.put(tx, {ids[0]: {"peace"}}, new=False))
    store.write(lambda tx: search.remove(tx, [ids[3]]))
    with store.read() as tx:
        assert search.candidates(tx, _term("talk"), limit=9) == []
        assert search.candidates(tx, _term("peace"), limit=9) == [ids[0]]
        assert search.missing(tx, ids) == {ids[3]}


def test_enormous_article_is_indexed_as_far_as_it_fits(archive: tuple[Store, list[int]]) -> None:
    """More terms than the index of PostgreSQL takes, and one that is too long, stop nothing."""
    store, ids = archive
    terms = [f"{n:07d}ü" for n in range(120_000)]
    store.write(lambda tx: search.put(tx, {ids[0]: ["first", "x" * 5000, "", *terms]}, new=False))
    with store.read() as tx:
        assert search.candidates(tx, _term("first"), limit=9) == [ids[0]]
