"""What an operator may set by environment: every option with its name, unit and default.

Nothing else in the project reads the environment.  Any option may come from a
file instead: ``DATABASE_URL_FILE=/run/secrets/db`` holds what ``DATABASE_URL``
would.  An empty variable counts as unset.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from config import addresses
from pipeline.core.errors import ConfigError, ServiceError

PREFIX = "TOCSIN_"

Seconds = Annotated[float, Field(gt=0, le=31_536_000)]
Target = Annotated[float, Field(ge=0, le=31_536_000)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Bytes = Annotated[int, Field(ge=1_000, le=1_000_000_000)]
Interval = Annotated[int, Field(ge=15, le=31_536_000)]
Days = Annotated[int, Field(ge=0, le=36_500)]
Upper = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)


def _named(name: str, default: Any = None, **limits: Any) -> Any:  # noqa: ANN401  # as pydantic's own Field
    return Field(default=default, validation_alias=name, **limits)


class Settings(BaseModel):
    """The effective options: frozen, complete, checked.

    Build it with :func:`load`; the fields' own names work as keyword arguments too.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True, extra="forbid", validate_default=False)

    # Places
    home: Path = _named("TOCSIN_HOME")  # data folder: database, private Redis, socket
    config: Path = _named("TOCSIN_CONFIG", Path(__file__).resolve().parent)  # folder of the declared state
    defaults: bool = _named("TOCSIN_DEFAULTS", default=True)  # take the declared state over at each start
    database_url: Annotated[str, BeforeValidator(addresses.database)] = _named("DATABASE_URL")
    redis_url: Annotated[str, BeforeValidator(addresses.redis)] | None = _named("REDIS_URL")

    # Web and logs
    host: str = _named("HOST", "127.0.0.1")
    port: Annotated[int, Field(ge=1, le=65_535)] = _named("PORT", 8000)
    public_url: Annotated[str, BeforeValidator(addresses.web)] | None = _named("TOCSIN_PUBLIC_URL")
    secret_key: SecretStr | None = _named("SECRET_KEY")
    password: SecretStr | None = _named("TOCSIN_PASSWORD")
    metrics_token: SecretStr | None = _named("TOCSIN_METRICS_TOKEN")  # of /metrics; None: this machine only
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], Upper] = _named(
        "LOG_LEVEL", "INFO"
    )
    log_format: Annotated[Literal["auto", "pretty", "json"], Lower] = _named("LOG_FORMAT", "auto")

    # Whom to reach, and whom to tell
    fetch_allow: str = _named("TOCSIN_FETCH_ALLOW", "")  # special hosts and networks that feeds may be on
    channel_allow: str = _named("TOCSIN_CHANNEL_ALLOW", "")  # the same for channels
    contact: str = _named("TOCSIN_CONTACT", "")  # address or URL for the User-Agent header
    operator_channel: str | None = _named("TOCSIN_OPERATOR_CHANNEL")  # a channel's name
    heartbeat_url: Annotated[str, BeforeValidator(addresses.web)] | None = _named("TOCSIN_HEARTBEAT_URL")

    # Polling
    poll_every_s: Interval = _named("TOCSIN_POLL_EVERY_S", 300)  # the mean of feeds that follow their rhythm
    poll_min_s: Interval = _named("TOCSIN_POLL_MIN_S", 30)
    poll_max_s: Interval = _named("TOCSIN_POLL_MAX_S", 3600)
    poll_courtesy_s: Annotated[int, Field(ge=0, le=86_400)] = _named("TOCSIN_POLL_COURTESY_S", 300)
    poll_urgent_s: Interval = _named("TOCSIN_POLL_URGENT_S", 45)  # of feeds that urgent alerts came from
    feed_silent_times: Annotated[float, Field(ge=1, le=1000)] = _named("TOCSIN_FEED_SILENT_TIMES", 5.0)
    # after so many answers "not modified" the whole document is asked for
    poll_unconditional_every: Annotated[int, Field(ge=1, le=10_000)] = _named(
        "TOCSIN_POLL_UNCONDITIONAL_EVERY", 20
    )
    tick_s: Seconds = _named("TOCSIN_TICK_S", 0.5)  # how often what is due is looked for
    lease_s: Seconds = _named("TOCSIN_LEASE_S", 60.0)  # work not finished by then is given out again
    sweep_s: Seconds = _named("TOCSIN_SWEEP_S", 10.0)  # how often lost work is looked for
    websub: bool = _named("TOCSIN_WEBSUB", default=True)  # let hubs push; needs TOCSIN_PUBLIC_URL
    websub_backup_s: Seconds = _named("TOCSIN_WEBSUB_BACKUP_S", 1800.0)  # between polls of what is pushed
    fetch_timeout_s: Seconds = _named("TOCSIN_FETCH_TIMEOUT_S", 30.0)  # in total, redirects included
    fetch_concurrency: Count = _named("TOCSIN_FETCH_CONCURRENCY", 100)
    body_limit_bytes: Bytes = _named("TOCSIN_BODY_LIMIT", 5_000_000)  # on the wire
    document_limit_bytes: Bytes = _named("TOCSIN_DOCUMENT_LIMIT", 15_000_000)  # after decompression
    items_per_document: Count = _named("TOCSIN_ITEM_LIMIT", 2_000)
    split: bool = _named("TOCSIN_SPLIT", default=True)  # cut documents before parsing them
    host_at_once: Count = _named("TOCSIN_HOST_AT_ONCE", 2)  # feeds and pages at once per host
    host_gap_s: Annotated[float, Field(ge=0, le=3600)] = _named("TOCSIN_HOST_GAP_S", 1.0)  # between starts
    robots: bool = _named("TOCSIN_ROBOTS", default=True)  # obey robots.txt where pages are asked for
    short_text_chars: Annotated[int, Field(ge=0)] = _named("TOCSIN_SHORT_TEXT_CHARS", 600)

    # Work
    cpu_limit_s: Seconds = _named("TOCSIN_CPU_LIMIT_S", 2.0)  # for one document
    backlog_s: Annotated[float, Field(ge=0)] = _named("TOCSIN_BACKLOG_S", 7200.0)
    story_window_s: Seconds = _named("TOCSIN_STORY_WINDOW_S", 259_200.0)
    send_timeout_s: Seconds = _named("TOCSIN_SEND_TIMEOUT_S", 15.0)
    queue_target_s: Seconds = _named("TOCSIN_QUEUE_TARGET_S", 60.0)  # older than this, a queue is unwell

    # An article of our own goes the whole way so often, to name the stage that breaks; 0 lets none fly
    canary_s: Annotated[int, Field(ge=0, le=3600)] = _named("TOCSIN_CANARY_S", 120)

    # How quick stages should be: the 95th percentile of the last minutes; 0 sets no target
    target_seen_s: Target = _named("TOCSIN_TARGET_SEEN_S", 7200.0)  # published to first seen
    target_stored_s: Target = _named("TOCSIN_TARGET_STORED_S", 10.0)  # first seen to stored
    target_enqueued_s: Target = _named("TOCSIN_TARGET_ENQUEUED_S", 5.0)  # told to pushed on the queue
    target_delivered_s: Target = _named("TOCSIN_TARGET_DELIVERED_S", 10.0)  # pushed to accepted

    # How long things are kept; articles for ever by default
    raw_days: Annotated[int, Field(ge=1, le=36_500)] = _named("TOCSIN_RAW_DAYS", 7)
    poll_days: Annotated[int, Field(ge=1, le=36_500)] = _named("TOCSIN_POLL_DAYS", 14)
    article_days: Days = _named("TOCSIN_ARTICLE_DAYS", 0)
    revision_days: Days = _named("TOCSIN_REVISION_DAYS", 0)  # 0: as long as their article
    audit_days: Days = _named("TOCSIN_AUDIT_DAYS", 0)  # what was done to alerts, notices, closed dead letters
    max_size_bytes: Annotated[int, Field(ge=0)] = _named("TOCSIN_MAX_SIZE", 0)  # of living rows; 0: no limit

    @property
    def web_url(self) -> str:
        """Where the pages are, without a trailing slash: the public address, else that of this machine."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = reachable(self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def private_socket(self) -> Path:
        """The unix socket of the private Redis of this data folder, whether it runs or not."""
        return addresses.socket_of(self.home, uid=os.getuid())

    @property
    def private_redis_url(self) -> str:
        """The address of the private Redis of this data folder, whether it runs or not."""
        return addresses.socket_url(self.private_socket)

    def make_home(self) -> None:
        """Make the data folder; one that exists keeps its owner and its permissions.

        Raises:
            ServiceError: it cannot be made.

        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as exc:
            raise ServiceError(
                f"cannot make {self.home}: {exc.strerror}; set TOCSIN_HOME to a folder of yours"
            ) from exc

    def find_redis(self) -> str | None:
        """``REDIS_URL``, else the private Redis that an ``up`` on this data folder has started, else None."""
        if self.redis_url:
            return self.redis_url
        return self.private_redis_url if self.private_socket.is_socket() else None


def reachable(host: str) -> str:
    """The address under which this machine reaches a process that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # read, not bound


def load(env: Mapping[str, str]) -> Settings:
    """Read the options from ``env``.

    Raises:
        ConfigError: with one line for every wrong, misspelt or unreadable option.

    """
    names = _names()
    faults = _misspelt(env, names)
    given: dict[str, Any] = {}
    for name in names:
        try:
            value = _value(env, name)
        except ValueError as exc:
            faults.append(str(exc))
        else:
            if value:
                given[name] = value
    home = _folder(given.get("TOCSIN_HOME")) or _default_home(env)
    given["TOCSIN_HOME"] = home
    if config := _folder(given.get("TOCSIN_CONFIG")):
        given["TOCSIN_CONFIG"] = config
    given.setdefault("DATABASE_URL", f"sqlite:///{quote(str(home / 'tocsin.sqlite3'))}")
    try:
        settings = Settings.model_validate(given)
    except ValidationError as exc:
        faults += [_sentence(error) for error in exc.errors(include_url=False, include_context=False)]
    if faults:
        raise ConfigError(faults)
    return settings


def masked(settings: Settings) -> dict[str, str]:
    """The effective options by their environment names, with secrets masked."""
    shown = {}
    for field, info in Settings.model_fields.items():
        value = getattr(settings, field)
        if value is None:
            text = ""
        elif isinstance(value, SecretStr):
            text = addresses.MASK
        elif isinstance(value, float):
            text = str(value).removesuffix(".0")
        elif isinstance(value, bool):
            text = "1" if value else "0"
        elif field == "heartbeat_url":
            text = addresses.masked_path(value)
        else:
            text = addresses.masked(str(value)) if field.endswith("_url") else str(value)
        shown[str(info.validation_alias)] = text
    return shown


def secrets(settings: Settings) -> frozenset[str]:
    """Every secret among the options, for the logs to mask."""
    kept = (settings.secret_key, settings.password, settings.metrics_token)
    found = {value.get_secret_value() for value in kept if value is not None}
    found.update(addresses.password(url) for url in (settings.database_url, settings.redis_url) if url)
    return frozenset(secret for secret in found if len(secret) >= 4)  # shorter ones would mask plain words


def _names() -> list[str]:
    return [str(info.validation_alias) for info in Settings.model_fields.values()]


def _value(env: Mapping[str, str], name: str) -> str:
    """The option's text from its variable or its file; ValueError names what is wrong."""
    path = env.get(f"{name}_FILE", "")
    if not path:
        return env.get(name, "").strip()
    if env.get(name):
        raise ValueError(f"{name}: {name}_FILE is set too; set one of them")
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as exc:
        cause = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        raise ValueError(f"{name}_FILE: cannot read {path}: {cause}") from exc


def _misspelt(env: Mapping[str, str], names: list[str]) -> list[str]:
    """A misspelt option is a fault: in silence it would keep its default.

    Variables that resemble no option are not ours to judge: a cluster may set
    ``TOCSIN_SERVICE_HOST``, and channels may keep their secrets in such names.
    """
    faults = []
    for name in sorted(env):
        bare = name.removesuffix("_FILE")
        if name.startswith(PREFIX) and bare not in names:
            near = difflib.get_close_matches(bare, names, n=1, cutoff=0.85)
            faults += [f"{name}: no such option; did you mean {near[0]}?"] if near else []
    return faults


def _folder(text: str | None) -> Path | None:
    return Path(text).expanduser().absolute() if text else None


def _default_home(env: Mapping[str, str]) -> Path:
    """``$XDG_DATA_HOME/tocsin``; the XDG specification has relative paths ignored."""
    data = env.get("XDG_DATA_HOME", "")
    if data.startswith("/"):
        return Path(data) / "tocsin"
    return Path(env.get("HOME") or Path.home()) / ".local" / "share" / "tocsin"


def _sentence(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as ``NAME: what is wrong``; values of secret options are not repeated."""
    name = str(error["loc"][0]) if error["loc"] else "settings"
    message = str(error["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    plain = isinstance(error["input"], str) and not name.endswith(("_URL", "_KEY", "_TOKEN", "PASSWORD"))
    return f"{name}: {message}" + (f", not {error['input']!r}" if plain else "")
