"""Lets the news day pass: the site and the bell in a thread beside the supervisor of the real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from config import logs
from config.settings import Settings
from pipeline.store import engine
from workers import supervisor
from workers.demo import edition, scene
from workers.demo.bell import Bell
from workers.demo.day import Day
from workers.demo.ledger import Ledger
from workers.demo.scene import Scene
from workers.demo.site import Site
from workers.demo.view import View

T = TypeVar("T")


def run(settings: Settings, speed: float = 1.0) -> int:
    """Play the news day ``speed`` times faster than a minute, through the real processes; main thread only.

    Returns 0 when the day is over and every expected alert came exactly once and
    no other, else 1.

    Raises:
        ServiceError: there is no Redis, or the web's host cannot be listened on.

    """
    view = View()
    with TemporaryDirectory(prefix="tocsin-demo-") as folder:
        own = scene.build(Path(folder), settings, speed=speed, env=os.environ)
        logs.configure(own.settings, name="demo")
        news = edition.load()
        view.opening(speed)
        return _play(own, news, view, speed)


def _play(own: Scene, news: edition.Edition, view: View, speed: float) -> int:
    site, ledger = Site(news), Ledger(news)
    with closing(engine.open(own.settings.database_url)) as store, _loop() as loop:
        day = Day(site=site, ledger=ledger, view=view, store=store, speed=speed)
        bell = Bell(own.secret, ring=day.rang, refuse=ledger.refuse)

        def prepare(_redis_url: str) -> None:
            feed_urls = {outlet: site.feed_url(outlet) for outlet in news.outlets}
            scene.declare(store, own, feed_urls, bell.url, datetime.now(UTC))

        def tell(_line: str) -> None:
            loop.call_soon_threadsafe(day.up.set)

        _call(loop, site.start())
        _call(loop, bell.start())
        view.addresses(site.base_url, own.settings, own.password)
        passing = asyncio.run_coroutine_threadsafe(day.pass_by(), loop)
        passing.add_done_callback(_end)
        try:
            supervisor.up(own.settings, own.env, prepare=prepare, tell=tell)
        finally:
            stopped = passing.cancel()
            _call(loop, bell.stop())
            _call(loop, site.stop())
        if stopped:
            view.line("Stopped before the day was over.")
            return 1
        return 0 if passing.result() else 1


def _end(passing: Future[bool]) -> None:
    """Let the supervisor stop the processes, as Ctrl-C would, when the day is over."""
    if not passing.cancelled():
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop that runs in a thread: the main thread is the supervisor's."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="news-day", daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _call(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run_coroutine_threadsafe(work, loop).result()
