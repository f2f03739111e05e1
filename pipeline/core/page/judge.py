"""Judge: what is the page that an article's address gave, and may its text be taken for the article's?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from urllib.parse import urlsplit

from pipeline.core.errors import DocumentError
from pipeline.core.page import claims, source
from pipeline.core.page.canonical import is_above, is_front, same_site, trusted
from pipeline.core.page.claims import Claims
from pipeline.core.page.extract import body, parsed
from pipeline.core.page.kinship import Listed, contains, is_headed, is_kin
from pipeline.core.page.phrases import CHALLENGE_MARKS, CHALLENGES, CONSENT, MISSING, WALLS
from pipeline.core.text import plain

_SHORT = 600  # characters of all that a reader sees; an article is longer
_TEASER = 1_200  # a text that a wall cuts is rarely longer
_TAIL = 5  # lines at the end, where a wall stands
_CONSENT_SHARE = 0.3  # of the lines
_CONSENT_AT = re.compile(r"(?:^|[./-])(?:consent|guce|privacy-?gate|cookie-?wall)(?:[./-]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The article's text, as its page tells it."""

    text: str  # paragraphs, one to a line
    language: str | None
    canonical_url: str  # believed; "" where there is none, or none to believe
    sure: bool  # False: only the page's headline speaks for it; another visit should show the same text

    @property
    def digest(self) -> bytes:
        """16 bytes that are equal for equal texts."""
        return blake2b(self.text.encode(), digest_size=16).digest()


def judge(html: bytes, *, url: str, content_type: str, listed: Listed) -> Found:
    """The text of the page at ``url``, after redirects, if it is that of the article that is listed.

    Raises DocumentError with the reason to leave the feed's text as it is:
    ``not-html``, ``too-large``, ``challenge`` (the site asks whether we are a
    person), ``not-found`` (a page that says, with status 200, that it is not
    there), ``front-page`` (a redirect to the front page or a section),
    ``consent`` (a page that asks for consent first), ``empty``, ``unrelated`` (its
    text has nothing to do with the entry), ``paywall`` (the rest is for those who
    pay, and what is shown is not the feed's text carried on), ``no-more`` (the
    feed says as much).
    """
    text = source.decoded(html, content_type)
    tree = parsed(text)
    said = claims.read(tree, text, url)
    seen = plain(text)
    _refuse_strangers(text, seen, said, url, listed)
    walled = said.is_free is False or _has_wall(seen)
    try:
        found = body(tree, said, url, given=not walled)
    except DocumentError as exc:
        raise _why_empty(seen, exc) from exc
    headed = is_headed(listed, said.title)
    sure = is_kin(listed, found, headed=headed)
    if not is_kin(listed, found):
        why = _why_unrelated(seen, found, walled=walled)
        if why.reason != "unrelated" or not headed:
            raise why
    if walled:
        found = _before_wall(found, listed, is_free=said.is_free)
    if len(found) <= len(listed.body):
        raise DocumentError("no-more", "the page says no more than the feed")
    canonical = trusted(said.canonical_url, url=url, title=listed.title)
    return Found(text=found, language=said.language, canonical_url=canonical, sure=sure)


def _refuse_strangers(text: str, seen: str, said: Claims, url: str, listed: Listed) -> None:
    """Raise for pages that are no article, whatever they show."""
    low = seen.casefold()
    if is_challenge(text, low, said.window) and not is_kin(listed, seen):
        raise DocumentError("challenge", "the site asks whether we are a person")
    if _led_away(url, listed):
        raise DocumentError("front-page", "the address leads to the front page or a section")
    if _is_missing(said, low) and not is_kin(listed, seen):
        raise DocumentError("not-found", "the page says that it is not there")
    parts = urlsplit(url)
    if _CONSENT_AT.search(f"{parts.hostname}{parts.path}") and _asks_consent(seen):
        raise DocumentError("consent", "the site asks for consent before it shows anything")


def is_challenge(text: str, low: str, window: str) -> bool:
    """Whether HTML, and what is seen of it in lower case, want to know if a reader is a person."""
    if len(low) > _TEASER:
        return False
    marked = any(mark in text.casefold() for mark in CHALLENGE_MARKS)
    return marked or _says(low, CHALLENGES) or _says(window, CHALLENGES)


def _led_away(url: str, listed: Listed) -> bool:
    if url == listed.url or is_front(listed.url):
        return False
    if same_site(url, listed.url):
        return is_front(url) or is_above(url, listed.url)
    return False


def _is_missing(said: Claims, low: str) -> bool:
    """Whether the headings say that nothing is here; a short page may say it in its text."""
    heads = f"{said.title}\n{said.window}"
    return _says(heads, MISSING) or (len(low) < _SHORT and _says(low, MISSING))


def _asks_consent(seen: str) -> bool:
    lines = [line.casefold() for line in seen.split("\n") if len(line) > 20]
    asking = sum(_says(line, CONSENT) for line in lines)
    return asking > 1 and asking >= _CONSENT_SHARE * len(lines)


def _has_wall(seen: str) -> bool:
    return _says(seen, WALLS)


def _before_wall(found: str, listed: Listed, *, is_free: bool | None) -> str:
    """What of a walled page may be taken: the feed's own text, carried on up to the wall."""
    lines = found.split("\n")
    walls = [number for number, line in enumerate(lines) if _says(line, WALLS)]
    late = bool(walls) and walls[0] >= len(lines) - _TAIL
    if is_free is not False and not late and len(found) > _TEASER:
        return found  # it says so somewhere else: in a menu, or of another article
    shown = "\n".join(lines[: walls[0]] if walls else lines)
    if contains(shown, listed.told):
        return shown
    raise DocumentError("paywall", "the rest of the article is for those who pay or register")


def _why_empty(seen: str, exc: DocumentError) -> DocumentError:
    if _asks_consent(seen):
        return DocumentError("consent", "the site asks for consent before it shows anything")
    return (
        DocumentError("paywall", "the article is for those who pay or register") if _has_wall(seen) else exc
    )


def _why_unrelated(seen: str, found: str, *, walled: bool) -> DocumentError:
    if _asks_consent(found) or _asks_consent(seen):
        return DocumentError("consent", "the site asks for consent before it shows anything")
    if walled:
        return DocumentError("paywall", "the article is for those who pay or register")
    return DocumentError("unrelated", "the page's text has nothing to do with the title and the summary")


def _says(text: str, phrases: tuple[str, ...]) -> bool:
    low = text.casefold()
    return any(phrase in low for phrase in phrases)
