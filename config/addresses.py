"""Addresses among the options: checked, brought to one form, masked for display."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

MASK = "***"
#: A unix socket's path holds 107 bytes on Linux and 103 on macOS.
SOCKET_PATH_LIMIT = 100

_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_SECRET_PARAMETER = re.compile(r"pass|secret|token|key|auth|signature|credential", re.IGNORECASE)


def database(url: object) -> object:
    """A database URL in SQLAlchemy's form, with the driver that we bring.

    Raises:
        ValueError: it is neither SQLite in a file nor PostgreSQL.

    """
    if not isinstance(url, str):
        return url
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise ValueError("must be a URL such as postgresql://user:password@host/name or sqlite:////path/file")
    if scheme in _POSTGRES:
        return f"postgresql+psycopg://{rest}"
    if scheme != "sqlite":
        raise ValueError("must start with sqlite:/// or postgresql://")
    if rest in ("", "/") or ":memory:" in rest:
        raise ValueError("must name a file: each process would have a database of its own in memory")
    return url


def redis(url: object) -> object:
    """A Redis URL.

    Raises:
        ValueError: its scheme is not one of Redis's.

    """
    if isinstance(url, str) and not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must start with redis://, rediss:// or unix://")
    return url


def web(url: object) -> object:
    """An http(s) URL, without the slash at its end.

    Raises:
        ValueError: it is not http(s) or names no host.

    """
    if not isinstance(url, str):
        return url
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("must be an http:// or https:// address")
    return url.rstrip("/")


def masked(url: str) -> str:
    """``url`` with its password and secret parameters masked."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return MASK
    netloc = parts.netloc
    if "@" in netloc:
        user, _, host = netloc.rpartition("@")
        name, colon, _ = user.partition(":")
        netloc = f"{name}:{MASK}@{host}" if colon else f"{MASK}@{host}"
    query = parts.query
    if _SECRET_PARAMETER.search(query):
        pairs = parse_qsl(query, keep_blank_values=True)
        query = urlencode([(k, MASK if _SECRET_PARAMETER.search(k) else v) for k, v in pairs], safe="*/:")
    if netloc == parts.netloc and query == parts.query:
        return url
    return urlunsplit(parts._replace(netloc=netloc, query=query))


def masked_path(url: str) -> str:
    """``url`` without its path, which is the secret where a service gives each user an address."""
    parts = urlsplit(masked(url))
    return f"{parts.scheme}://{parts.netloc}" + (f"/{MASK}" if parts.path.strip("/") or parts.query else "")


def password(url: str) -> str:
    """The password in ``url``, decoded; "" when there is none."""
    try:
        return unquote(urlsplit(url).password or "")
    except ValueError:
        return ""


def socket_of(home: Path, *, uid: int) -> Path:
    """Where the private Redis of a data folder listens.

    A folder whose path is too long for a unix socket gets one under ``/tmp``,
    named after the folder and its owner, so that every process finds the same.
    """
    socket = home / "redis" / "redis.sock"
    if len(str(socket).encode()) <= SOCKET_PATH_LIMIT:
        return socket
    digest = hashlib.blake2b(str(home).encode(), digest_size=8).hexdigest()
    return Path("/tmp") / f"tocsin-{uid}-{digest}" / "redis.sock"  # noqa: S108  # its folder is made 0700, or refused


def socket_url(socket: Path) -> str:
    """The Redis URL of a unix socket."""
    return f"unix://{quote(str(socket))}?db=0"
