"""The HTTP header ``Link`` (RFC 8288), read with patience: what cannot be understood is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER_CHARS = 32_768
_LINKS = 100

_TARGET = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(
    r"""\s*;\s*([!#$&+\-.^_`|~0-9A-Za-z*]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]*)))?"""
)
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: where to, as written, and what it is."""

    target: str
    rels: frozenset[str]  # in lower case
    type: str  # media type without parameters, in lower case; "" when it does not say
    title: str


def links(header: str) -> Iterator[Link]:
    """The links of a header; several headers are joined by commas."""
    header = header[:_HEADER_CHARS]
    at = 0
    for _ in range(_LINKS):
        found = _TARGET.match(header, at)
        if found is None:
            return
        said: dict[str, str] = {}
        at = found.end()
        while parameter := _PARAMETER.match(header, at):
            quoted, plain = parameter[2], parameter[3]
            value = _ESCAPED.sub(r"\1", quoted) if quoted is not None else plain or ""
            said.setdefault(parameter[1].lower(), value)  # of several the first counts
            at = parameter.end()
        yield Link(
            target=found[1].strip(),
            rels=frozenset(said.get("rel", "").lower().split()),
            type=said.get("type", "").partition(";")[0].strip().lower(),
            title=said.get("title", ""),
        )
        at = header.find(",", at)
        if at == -1:
            return
