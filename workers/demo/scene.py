"""The stage of a run: a data folder of its own, settings made for a short day, and what is declared in it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.settings import Settings
from config.settings import load as load_settings
from pipeline.channels.webhook import new_secret
from pipeline.store import channels, feeds, subscriptions
from pipeline.store.engine import Store, Tx
from workers.demo.edition import SUBSCRIPTIONS, Outlet

LOOPBACK = "127.0.0.1"
POLL_EVERY_S = 2.0  # at speed 1
_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_LEVEL", "LOG_FORMAT", "HOST", "PORT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Settings of the demo's own, the environment that says so to the processes, and its secrets."""

    settings: Settings
    env: Mapping[str, str]
    password: str
    secret: str  # of the webhook channel
    poll_every_s: int


def build(home: Path, asked: Settings, *, speed: float, env: Mapping[str, str]) -> Scene:
    """The scene of a run in ``home``; of the settings ``asked`` for, the web's host and port stay."""
    password = secrets.token_urlsafe(9)
    decided = {
        "TOCSIN_CANARY_S": "0",
        "HOST": asked.host,
        "PORT": str(_free_port(asked.host, asked.port)),
        "LOG_LEVEL": "ERROR",  # the terminal belongs to the news
        "LOG_FORMAT": asked.log_format,
        "TOCSIN_HOME": str(home),
        "TOCSIN_CONFIG": str(home),
        "TOCSIN_DEFAULTS": "0",
        "TOCSIN_PASSWORD": password,
        "TOCSIN_FETCH_ALLOW": LOOPBACK,
        "TOCSIN_CHANNEL_ALLOW": LOOPBACK,
        "TOCSIN_TICK_S": "0.1",
        # The outlets share one host, and their server is next door: it need not be spared.
        "TOCSIN_HOST_AT_ONCE": "100",
        "TOCSIN_HOST_GAP_S": "0",
    }
    outfit = {**{name: value for name, value in env.items() if not _is_ours(name)}, **decided}
    for name in ("NO_PROXY", "no_proxy"):
        outfit[name] = ",".join(part for part in (env.get(name, ""), LOOPBACK) if part)
    return Scene(
        settings=load_settings(outfit),
        env=outfit,
        password=password,
        secret=new_secret(),
        poll_every_s=max(1, round(POLL_EVERY_S / speed)),
    )


def declare(
    store: Store, scene: Scene, feed_urls: Mapping[Outlet, str], bell_url: str, now: datetime
) -> None:
    """Make the tables, with the outlets' feeds, the bell as a channel, and the subscriptions."""
    store.migrate()
    store.write(lambda tx: _declare(tx, scene, feed_urls, bell_url, now))


def _declare(tx: Tx, scene: Scene, feed_urls: Mapping[Outlet, str], bell_url: str, now: datetime) -> None:
    bell = channels.add(tx, name="bell", url=bell_url, secret=scene.secret, now=now)
    for name, query in SUBSCRIPTIONS.items():
        subscriptions.add(tx, name=name, query=query, channel_ids=[bell], now=now)
    for outlet, url in feed_urls.items():
        feeds.add(
            tx, url=url, title=outlet.name, interval_s=scene.poll_every_s, every_s=scene.poll_every_s, now=now
        )


def _is_ours(name: str) -> bool:
    plain = name.removesuffix("_FILE")
    return plain in _OURS or plain.startswith("TOCSIN_")


def _free_port(host: str, port: int) -> int:
    """``port`` when nothing listens there, as when Tocsin itself is up; else some free one."""
    for choice in (port, 0):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, choice))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    return port
