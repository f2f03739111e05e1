"""``./run up``, ``demo``, ``migrate``, and one command for each process that the Procfile names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import configuration, output, session

if TYPE_CHECKING:
    from config.settings import Settings

Port = Annotated[
    int | None, typer.Option("--port", min=1, max=65_535, help="Where the pages are (PORT, 8000).")
]
Workers = Annotated[int, typer.Option("--ingest-workers", min=1, max=64, help="How many parse and match.")]


def register(app: typer.Typer) -> None:
    """Add these commands to ``app``, which they stand in without a group."""
    for command in (up, demo, scheduler, ingest, pages, deliver, web, migrate):
        app.command(command.__name__)(command)


def up(port: Port = None, ingest_workers: Workers = 1) -> None:
    """Run every process on this machine; Ctrl-C stops them cleanly."""
    from workers import supervisor

    settings = _settled("up", port)

    def prepare(_redis_url: str) -> None:
        with session.store(settings) as store:
            if settings.defaults:
                configuration.take_over(settings, store)
        session.log_as(settings, "up")

    _exit(
        supervisor.up(settings, dict(os.environ), prepare=prepare, ingest_workers=ingest_workers, tell=_tell)
    )


def demo(
    speed: Annotated[
        float, typer.Option("--speed", min=0.1, max=100, help="How much faster than a minute.")
    ] = 1.0,
) -> None:
    """Play a news day from a local site in about a minute, through the real pipeline."""
    from workers import demo

    _exit(demo.run(_settled("demo"), speed))


def scheduler() -> None:
    """Run the scheduler: it polls feeds and pages, and pushes what is due."""
    from workers import scheduler

    _exit(scheduler.run(_settled("scheduler")))


def ingest() -> None:
    """Run a worker that parses, deduplicates, stores and matches."""
    _worker("ingest")


def pages() -> None:
    """Run a worker that extracts the text of articles' pages."""
    _worker("pages")


def deliver() -> None:
    """Run a worker that sends alerts to channels."""
    _worker("deliver")


def web(port: Port = None) -> None:
    """Run the pages, the API and rq-dashboard."""
    from workers import web

    _exit(web.run(_settled("web", port)))


def migrate() -> None:
    """Bring the database up to date."""
    from pipeline.store import engine

    settings = _settled("migrate")
    settings.make_home()
    store = engine.open(settings.database_url)
    try:
        before = store.is_current()
        store.migrate()
    finally:
        store.close()
    output.say("the database is up to date" if before else "the database was brought up to date")


def _worker(hop: str) -> None:
    from workers import worker

    _exit(worker.run(_settled(hop), hop))


def _settled(name: str, port: int | None = None) -> Settings:
    """The settings of a process called ``name``, whose logs are set up with them."""
    settings = session.settings(PORT=None if port is None else str(port))
    session.log_as(settings, name)
    return settings


def _tell(line: str) -> None:
    print(line, flush=True)


def _exit(code: int) -> None:
    if code:
        raise typer.Exit(code)
