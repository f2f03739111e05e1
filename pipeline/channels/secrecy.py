"""A channel's URL is a secret: what may be shown of it, and what must be taken out of errors."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

_STARS = "***"
_SHORTEST = 4  # characters; shorter parts are words of the interface, not keys
# Schemes whose host is a machine; in the others a token stands there.
HOSTED = frozenset(
    {
        "http",
        "https",
        "mailto",
        "mailtos",
        "ntfy",
        "ntfys",
        "matrix",
        "matrixs",
        "gotify",
        "gotifys",
        "signal",
        "signals",
        "rocket",
        "rockets",
        "mmost",
        "mmosts",
        "workflow",
        "workflows",
        "zulip",
    }
)


def mask(url: str) -> str:
    """``url`` for people to recognise: scheme and machine, the rest starred out."""
    scheme, host, _ = _parts(url)
    return f"{scheme}://{host}/{_STARS}" if host else f"{scheme}://{_STARS}"


def scrub(text: str, url: str, *secrets: str) -> str:
    """``text`` as one short line without any part of ``url`` that may be secret, nor ``secrets``."""
    _, host, rest = _parts(url)
    words = {word for part in (rest, unquote(rest)) for word in re.split(r"[^\w.~+-]+|\s", part)}
    words |= {url, *secrets} - {""}
    for word in sorted(words, key=len, reverse=True):
        if len(word) >= _SHORTEST and word != host:
            text = text.replace(word, _STARS)
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:300]


def _parts(url: str) -> tuple[str, str, str]:
    """Scheme, host ("" when a token stands there) and all that follows the scheme but the host."""
    scheme, _, rest = url.partition("://")
    scheme = scheme.lower()
    try:
        split = urlsplit(url)
        host, port = split.hostname or "", split.port
    except ValueError:
        return scheme, "", rest
    if scheme not in HOSTED or not host or (scheme == "ntfy" and "." not in host):
        return scheme, "", rest
    shown = f"[{host}]" if ":" in host else host
    return scheme, f"{shown}:{port}" if port else shown, rest.replace(split.netloc.rpartition("@")[2], "", 1)
