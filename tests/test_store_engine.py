"""Transactions: committed or rolled back as a whole, retried when others are in the way."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from pipeline.core.errors import ConfigError, ServiceError
from pipeline.store import engine, feeds, ids
from pipeline.store.engine import ATTEMPTS, ConflictError, Store, Tx
from pipeline.store.tables import feeds as table
from tests import stock
from tests.stock import T0


def _count(store: Store) -> int:
    with store.read() as tx:
        count: int = tx.execute(select(func.count()).select_from(table)).scalar_one()
    return count


def test_write_that_raises_leaves_nothing(store: Store) -> None:
    """A transaction is kept as a whole or not at all."""

    def work(tx: Tx) -> None:
        feeds.add(tx, url="https://a.example/", interval_s=60, now=T0)
        raise KeyError("no")

    with pytest.raises(KeyError):
        store.write(work)
    assert _count(store) == 0


def test_conflict_runs_the_whole_write_again(store: Store) -> None:
    """What a lost race wrote is undone before the next try, and the tries have an end."""
    tries: list[int] = []

    def work(tx: Tx) -> int:
        tries.append(feeds.add(tx, url="https://a.example/", interval_s=60, now=T0))
        if len(tries) < 3:
            raise ConflictError
        return len(tries)

    assert store.write(work) == 3
    assert _count(store) == 1

    def never(_tx: Tx) -> None:
        tries.append(0)
        raise ConflictError

    with pytest.raises(ServiceError, match="busy"):
        store.write(never)
    assert len(tries) == 3 + ATTEMPTS


def test_reader_sees_one_moment_and_waits_for_no_writer(store: Store) -> None:
    """While a write is open, reads go on, and see the database as it was when they began."""
    stock.add_feed(store)
    with store.begin() as writing:
        feeds.add(writing, url="https://b.example/", interval_s=60, now=T0)
        with store.read() as tx:
            before = select(func.count()).select_from(table)
            assert tx.execute(before).scalar_one() == 1
            closing = threading.Thread(target=stock.add_channel, args=(store,))
            closing.start()
    closing.join()
    assert _count(store) == 2


def test_reader_sees_nothing_of_what_is_committed_meanwhile(store: Store) -> None:
    """All statements of one read agree with each other."""
    with store.read() as tx:
        count = select(func.count()).select_from(table)
        assert tx.execute(count).scalar_one() == 0
        stock.add_feed(store)
        assert tx.execute(count).scalar_one() == 0
    assert _count(store) == 1


def test_ids_are_never_given_twice(store: Store) -> None:
    """Reserved ids ascend and are gone even when nothing was written with them."""
    first = store.write(lambda tx: ids.reserve(tx, "articles", 3))
    second = store.write(lambda tx: ids.reserve(tx, "articles", 2))
    assert len(first) == 3
    assert sorted({*first, *second}) == [*first, *second]
    assert store.write(lambda tx: ids.reserve(tx, "articles", 0)) == []
    with pytest.raises(KeyError):
        store.write(lambda tx: ids.reserve(tx, "meta"))


def test_database_without_tables_says_what_to_do(tmp_path: Path) -> None:
    """Before the first migration every use ends in one clear line."""
    store = engine.open(f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(ServiceError, match="migrate"), store.read() as tx:
        feeds.rows(tx)
    with pytest.raises(ServiceError, match="migrate"):
        stock.add_feed(store)
    assert not store.is_current()
    store.close()


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all.sqlite3", "postgresql://nobody:pw1234@127.0.0.1:1/none"],
)
def test_database_that_cannot_be_reached_is_a_service_error(url: str) -> None:
    """The line names the trouble and no password."""
    store = engine.open(url)
    with pytest.raises(ServiceError) as caught, store.read():
        pass
    assert "pw1234" not in str(caught.value)
    store.close()


@pytest.mark.parametrize("url", ["", "not a url", "mysql://x/y", "nothing://x"])
def test_url_of_no_supported_database_is_a_config_error(url: str) -> None:
    """Only the two databases that every test runs on are accepted."""
    with pytest.raises(ConfigError):
        engine.open(url)


def test_parameters_never_stand_in_errors(store: Store) -> None:
    """An error of the database shows the statement, not the secrets that it carried."""
    with pytest.raises(Exception, match=r"nonsense|syntax|incomplete") as caught:
        store.write(lambda tx: tx.execute(text("SELECT :secret FROM nonsense, (("), {"secret": "hunter2"}))
    assert "hunter2" not in str(caught.value)
