"""Databases, Redis and the corpus for every test; a service that is missing is a failure."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from pipeline.store import engine
from pipeline.store.engine import Store
from pipeline.store.tables import metadata
from tests import services
from tests.ground import Bench
from tests.hub import Hub, named
from tests.sites import Site

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--queries 10000`` lets test_agreement.py try so many on each database."""
    parser.addoption("--queries", type=int, default=200, help="queries that all ways to ask must agree on")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what a clone without the corpus leaves out."""
    if not CORPUS.is_dir():
        terminalreporter.write_line("tests/corpus was left out: there is no corpus beside this clone")


@pytest.fixture
def uncollected() -> Iterator[None]:
    """No garbage is collected: a CPU limit that strikes in the midst of that is lost, and no fault of ours."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Log lines whose tracebacks are quick to write."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    store = engine.open(f"sqlite:///{path}")
    store.migrate()
    store.close()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server whose user may create databases: TEST_DATABASE_URL, else our own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    with services.postgresql() as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_database(postgresql_server: str) -> Iterator[str]:
    """The URL of a migrated database of this test process alone."""
    name = f"tocsin_test_{os.getpid()}"
    server = make_url(postgresql_server).set(drivername="postgresql+psycopg")
    url = server.set(database=name).render_as_string(hide_password=False)
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    store = engine.open(url)
    store.migrate()
    store.close()
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated, empty database; the test runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "tocsin.sqlite3"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    url: str = request.getfixturevalue("postgresql_database")
    _empty(url)
    return url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """The store of a migrated, empty database; the test runs on both kinds."""
    opened = engine.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def bench(store: Store) -> Bench:
    """The spine on an empty store."""
    return Bench(store)


@pytest.fixture
def site() -> Iterator[Site]:
    """A news site."""
    with Site() as opened:
        yield opened


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The URL of a real Redis of this test process alone."""
    with services.redis() as url:
        yield url


@pytest.fixture
def redis_url(redis_server: str) -> Iterator[str]:
    """The URL of a real Redis, empty."""
    yield redis_server
    with Redis.from_url(redis_server) as client:
        client.flushall()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The corpus folder beside the clone."""
    if not CORPUS.is_dir():
        pytest.skip("the corpus folder beside the clone is not there: nothing to compare with")
    return CORPUS


def _empty(url: str) -> None:
    """Every table but Alembic's as a migration leaves it."""
    made = create_engine(url)
    with made.begin() as connection:
        # A test leaves few rows: deleting them is quicker than new files for two dozen tables.
        tables = [table.name for table in reversed(metadata.sorted_tables)]
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in tables))
        connection.execute(text("INSERT INTO meta (key, value) VALUES ('subscription_version', 0)"))
    made.dispose()


@pytest.fixture
def hub(bench: Bench, site: Site) -> Hub:
    """A hub that confirms at once, named by the bench's one feed, which was polled."""
    return named(bench, site)
