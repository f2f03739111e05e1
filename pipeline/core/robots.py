"""robots.txt: which addresses of a site robots may ask for, by RFC 9309.

Only the group that is meant for us is kept, so a file's size bounds what it costs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes, urlsplit

#: So much of a file is read (RFC 9309, 2.5: at least 500 KiB).
MOST_BYTES = 500 * 1024

_TOKEN = re.compile(r"[a-zA-Z_-]+")
_ESCAPE = re.compile("%[0-9a-fA-F]{2}")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_DELAYS = re.compile(r"\d{1,6}(?:\.\d{1,6})?")


@dataclass(frozen=True, slots=True)
class _Rule:
    allow: bool
    length: int  # of the pattern as written: the longest that matches decides
    parts: tuple[str, ...]  # between the asterisks
    ends: bool  # the address must end where the pattern does

    def matches(self, path: str) -> bool:
        """Whether the pattern fits the beginning of ``path``, or all of it where it ends with ``$``."""
        if not path.startswith(self.parts[0]):
            return False
        at = len(self.parts[0])
        if len(self.parts) == 1:
            return not self.ends or at == len(path)
        for part in self.parts[1:-1]:
            at = path.find(part, at)
            if at < 0:
                return False
            at += len(part)
        last = self.parts[-1]
        return path.endswith(last) and len(path) - len(last) >= at if self.ends else path.find(last, at) >= 0


@dataclass(frozen=True, slots=True)
class Rules:
    """What a site's robots.txt says to one robot."""

    rules: tuple[_Rule, ...]  # the longest first; of equal ones, those that allow
    delay_s: float  # between two requests, as the file asks; 0 where it does not
    lines: tuple[str, ...]  # of our group: all that need be kept of the file

    def allows(self, url: str) -> bool:
        """Whether ``url``, of this site, may be asked for."""
        parts = urlsplit(url)
        path = _spelled(parts.path or "/") + (f"?{_spelled(parts.query)}" if parts.query else "")
        if path == "/robots.txt":
            return True
        return next((rule.allow for rule in self.rules if rule.matches(path)), True)


def read(text: str, robot: str) -> Rules:
    """The rules for ``robot``, a product token: those of its own groups, else those of ``*``."""
    own: list[tuple[str, str]] = []
    common: list[tuple[str, str]] = []
    named = False  # whether any group is the robot's own
    heads: set[str] = set()
    heading = False
    for line in re.split(r"\r\n|\r|\n", text.removeprefix("\ufeff")):
        name, colon, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        name = name.lower() if colon else ""
        if name == "user-agent":
            heads = heads if heading else set()
            heads.add(_token(value))
            named = named or robot.lower() in heads
            heading = True
        elif name in {"allow", "disallow", "crawl-delay"}:
            heading = False
            if robot.lower() in heads:
                own.append((name, value))
            if "*" in heads:
                common.append((name, value))
    return _rules(own if named else common)


def _rules(lines: list[tuple[str, str]]) -> Rules:
    rules = [_rule(value, allow=name == "allow") for name, value in lines if name != "crawl-delay" and value]
    delays = [float(value) for name, value in lines if name == "crawl-delay" and _DELAYS.fullmatch(value)]
    return Rules(
        rules=tuple(sorted(rules, key=lambda rule: (-rule.length, not rule.allow))),
        delay_s=max(delays, default=0.0),
        lines=tuple(f"{name}: {value}" for name, value in lines),
    )


def _rule(pattern: str, *, allow: bool) -> _Rule:
    ends = pattern.endswith("$")
    spelled = _spelled(pattern.removesuffix("$"))
    parts = tuple(re.sub(r"\*+", "*", spelled).split("*"))
    return _Rule(allow, len(spelled.encode()) + ends, parts, ends)


def _token(value: str) -> str:
    """The product token of a User-agent line: "*", or what stands before a version."""
    if value.startswith("*"):
        return "*"
    found = _TOKEN.match(value)
    return found[0].lower() if found else ""


def _spelled(text: str) -> str:
    """One spelling: what need not be escaped is not, what must be is, in upper case (RFC 9309, 2.2.2)."""

    def unescaped(escape: re.Match[str]) -> str:
        byte = unquote_to_bytes(escape[0])
        return byte.decode() if byte[0] in _UNRESERVED else escape[0].upper()

    return quote(_ESCAPE.sub(unescaped, text), safe="/%?&=+:;,@!$'()*[]#~", errors="replace")
