"""The declared state: what feeds.opml, subscriptions.yaml and channels.yaml say should exist.

Only read here, and checked as far as files can be: what is done about it is
decided against the store.  A file that is not there declares nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import opml
from config.entries import Entry, entries
from pipeline.core.errors import ConfigError, QueryError, UsageError

FEEDS = "feeds.opml"
SUBSCRIPTIONS = "subscriptions.yaml"
CHANNELS = "channels.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredSubscription:
    """A subscription as declared; ``channels`` are names, ``policy`` is None where it says nothing of it."""

    name: str
    query: str
    channels: tuple[str, ...]
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredChannel:
    """A channel as declared; ``secret`` is "" where one is to be made."""

    name: str
    url: str
    secret: str
    pace: int | None = None  # messages a minute at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """Everything that the files of one folder declare, in their order."""

    feeds: tuple[opml.Outline, ...]
    subscriptions: tuple[DeclaredSubscription, ...]
    channels: tuple[DeclaredChannel, ...]
    notes: tuple[str, ...]  # one for each line of the feed list that brought no feed of its own


def read(
    folder: Path,
    env: Mapping[str, str],
    *,
    check_query: Callable[[str], object],
    check_url: Callable[[str], object],
    check_policy: Callable[[Mapping[str, Any]], object],
) -> Declared:
    """Read the declared state.

    ``check_query``, ``check_url`` and ``check_policy`` raise UsageError for what
    the pipeline would refuse; ``env`` holds the channels' secrets.

    Raises:
        ConfigError: with one line for every fault in any of the files.

    """
    try:
        found = folder.is_dir()
    except OSError as exc:
        raise ConfigError([f"TOCSIN_CONFIG: {folder} cannot be read: {exc.strerror}"]) from exc
    if not found:
        raise ConfigError([f"TOCSIN_CONFIG: {folder} is not a folder"])
    faults: list[str] = []
    feeds, notes = _feeds(folder / FEEDS, faults)
    subscriptions = [
        _subscription(entry, check_query, check_policy)
        for entry in entries(folder / SUBSCRIPTIONS, "subscriptions", faults)
    ]
    channels = [_channel(entry, env, check_url) for entry in entries(folder / CHANNELS, "channels", faults)]
    if faults:
        raise ConfigError(faults)
    return Declared(
        feeds=feeds,
        subscriptions=tuple(made for made in subscriptions if made is not None),
        channels=tuple(made for made in channels if made is not None),
        notes=notes,
    )


def _feeds(path: Path, faults: list[str]) -> tuple[tuple[opml.Outline, ...], tuple[str, ...]]:
    try:
        found = opml.read(path.read_bytes())
    except FileNotFoundError:
        return (), ()
    except OSError as exc:
        faults.append(f"{path.name}: cannot be read: {exc.strerror}")
    except UsageError as exc:
        faults.append(f"{path.name}: {exc}")
    else:
        return found.feeds, tuple(f"{path.name}, {reason}" for reason in found.skipped)
    return (), ()


def _subscription(
    entry: Entry, check: Callable[[str], object], check_policy: Callable[[Mapping[str, Any]], object]
) -> DeclaredSubscription | None:
    name = entry.name()
    query = entry.text("query")
    keywords = entry.texts("keywords")
    channels = entry.texts("channels")
    policy = entry.mapping("policy", word="mode")
    entry.nothing_else()
    if bool(query) == bool(keywords):
        entry.fault("needs either `query` or `keywords`")
        return None
    query = query or " OR ".join(map(_term, keywords))
    try:
        check(query)
    except QueryError as exc:
        entry.fault(f"query: {exc}")
    try:
        check_policy(policy or {})
    except UsageError as exc:
        entry.fault(f"policy: {exc}")
    if not entry.sound:
        return None
    return DeclaredSubscription(name=name, query=query, channels=channels, policy=policy)


def _term(keyword: str) -> str:
    """A keyword as a term: one word meets its inflections, several are a phrase."""
    word = keyword.replace('"', " ").strip()
    plain = all(letter.isalnum() or letter in "-'’" for letter in word)
    return word if plain and word.upper() not in ("AND", "OR", "NOT") else f'"{word}"'


def _channel(entry: Entry, env: Mapping[str, str], check: Callable[[str], object]) -> DeclaredChannel | None:
    name = entry.name()
    url = entry.secret("url", env, inline=True)
    secret = entry.secret("secret", env, inline=False)
    pace = entry.number("pace")
    entry.nothing_else()
    if not url:
        entry.fault("needs one of `url`, `url_env` and `url_file`", unless_faulty=True)
        return None
    try:
        check(url)
    except UsageError as exc:
        entry.fault(f"url: {exc}")
    return DeclaredChannel(name=name, url=url, secret=secret, pace=pace) if entry.sound else None
