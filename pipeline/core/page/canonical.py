"""Where a page says that it lives, and when that is believed."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from pipeline.core import urls

_WORD = re.compile(r"[^\W_]+")
_ID = re.compile(r"\d{4,}")
_KIN = 0.5  # of an address's words, that another address of the same article has too
_AMP_CACHE = "cdn.ampproject.org"
_LANGUAGE = re.compile(r"^[a-z]{2}(?:-[a-z]{2})?$", re.IGNORECASE)
_INDEX = re.compile(r"^(?:index|default|home)\.\w+$", re.IGNORECASE)
_AMP_WORDS = frozenset({"amp", "html", "htm", "php", "aspx", "www", "m", "mobile", "index"})


def trusted(said: str, *, url: str, title: str) -> str:
    """``said``, free of tracking, where it may be the article's own address; else "".

    It is a hint of strangers: pages name their front page, their section, or
    another article by mistake or on purpose.  It must be of the same site, lead
    deeper than its front page, to no part of the path that the page came from, and
    share the number or half of the words of the page's own address or title.
    """
    if not urls.is_http(said) or is_front(said) or is_above(said, url):
        return ""
    if not same_site(said, url) and _cached_host(url) != urls.host(said):
        return ""
    return urls.untracked(said).partition("#")[0] if _is_kin(said, url, title) else ""


def is_front(url: str) -> bool:
    """Whether the address is that of a front page: no path, or a language or an index alone, and no query."""
    parts = urlsplit(url)
    steps = [step for step in parts.path.split("/") if step]
    if parts.query:
        return False
    return not steps or (len(steps) == 1 and bool(_LANGUAGE.match(steps[0]) or _INDEX.match(steps[0])))


def is_above(url: str, other: str) -> bool:
    """Whether the path of ``url`` is where that of ``other`` begins: its section, of the same site."""
    parts = urlsplit(url)
    steps, deep = _steps(parts.path), _steps(urlsplit(other).path)
    return (
        not parts.query
        and len(steps) < len(deep)
        and deep[: len(steps)] == steps
        and deep[-1] not in _AMP_WORDS
    )


def same_site(url: str, other: str) -> bool:
    """Whether two addresses are of one owner."""
    return urls.site(urls.host(url)) == urls.site(urls.host(other))


def _is_kin(said: str, url: str, title: str) -> bool:
    there, here = _words(said), _words(url)
    numbers = {word for word in there if _ID.search(word)}
    if there == here or not numbers.isdisjoint(here):
        return True
    telling = there - numbers or there
    return max(len(telling & here), len(telling & _told(title))) >= _KIN * len(telling)


def _words(url: str) -> frozenset[str]:
    """The words of an address's last step that tells something, and of its query."""
    parts = urlsplit(url)
    for step in reversed(_steps(parts.path)):
        found = frozenset(_WORD.findall(unquote(step).casefold())) - _AMP_WORDS
        if found:
            return found | frozenset(_WORD.findall(unquote(urls.untracked(f"?{parts.query}")).casefold()))
    return frozenset(_WORD.findall(unquote(parts.query).casefold()))


def _told(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold()))


def _steps(path: str) -> list[str]:
    return [step.casefold() for step in path.split("/") if step]


def _cached_host(url: str) -> str:
    """The host whose page an AMP cache serves at ``url``: it names it in the path."""
    parts = urlsplit(url)
    if not (parts.hostname or "").endswith(_AMP_CACHE):
        return ""
    return next((step for step in _steps(parts.path) if "." in step), "")
