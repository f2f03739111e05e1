"""RSS, RDF and Atom, through feedparser.

feedparser gets clean UTF-8 and neither resolves addresses nor sanitises HTML: both
are done here once, with other tools.  Its guesses at dates are not used.
"""

from __future__ import annotations

import io
import re
from typing import Any

import feedparser

from pipeline.core.errors import DocumentError
from pipeline.core.parse.draft import Draft, Feed, Markup
from pipeline.core.parse.guard import guarded

_Fields = dict[str, Any]

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_TEXT_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
_HTML_TYPES = _TEXT_TYPES - {"text/plain"}
_PRELUDE = re.compile(r"\s*(?:<\?xml[^>]*\?>)?\s*")


def read(text: str, base_url: str) -> Feed:
    """The feed that the document's text holds; DocumentError when the parser fails on it.

    ``base_url`` is what a relative xml:base is relative to; links come back relative
    where no xml:base is in force.
    """
    body = _PRELUDE.sub("", guarded(text), count=1)
    try:
        found = feedparser.parse(
            io.BytesIO(body.encode()),
            response_headers=_HEADERS | ({"content-location": base_url} if "base=" in body else {}),
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except Exception as error:  # what a document can make the parser raise has no bounds
        raise DocumentError(
            "malformed", f"The parser failed: {type(error).__name__}: {error}"[:300]
        ) from error
    feed: _Fields = found.feed
    return Feed(
        title=_string(feed, "title"),
        link=_link(feed),
        language=_string(feed, "language"),
        base=_markup(feed, "title").base,
        links_follow_site=not str(found.version).startswith("atom"),
        drafts=tuple(_draft(entry) for entry in found.entries),
        sound=not found.bozo,
    )


def _draft(entry: _Fields) -> Draft:
    link = _string(entry, "feedburner_origlink") or _link(entry)
    guid = _string(entry, "id").strip()
    content = _content(entry)
    summary = _markup(entry, "summary")
    if content.text and content.text == summary.text and dict.get(entry, "summary_detail") is None:
        summary = Markup()  # feedparser's copy of the content
    return Draft(
        guid=guid,
        link=link,
        link_is_guid=bool(link) and link == guid,
        title=_markup(entry, "title"),
        summary=summary,
        body=content,
        author=_author(entry),
        language=_language(entry),
        tags=tuple(_tags(entry)),
        dates=tuple(_string(entry, name) for name in ("published", "updated", "created")),
    )


def _string(holder: _Fields, name: str) -> str:
    """A field that is text; feedparser's look-up, which maps old names to new, is passed by."""
    value = dict.get(holder, name)
    return value if isinstance(value, str) else ""


def _link(holder: _Fields) -> str:
    """The link, or else the first alternate whatever its type."""
    if link := _string(holder, "link"):
        return link
    for link in dict.get(holder, "links") or ():
        if _string(link, "rel") == "alternate" and (href := _string(link, "href")):
            return href
    return ""


def _markup(holder: _Fields, name: str) -> Markup:
    detail = dict.get(holder, f"{name}_detail")
    kind = _string(detail, "type") if detail is not None else "text/html"
    base = _string(detail, "base") if detail is not None else ""
    return Markup(text=_string(holder, name), is_html=kind in _HTML_TYPES, base=base)


def _content(entry: _Fields) -> Markup:
    """The longest content that is text."""
    best = Markup()
    for content in dict.get(entry, "content") or ():
        kind = _string(content, "type") or "text/html"
        value = _string(content, "value")
        if kind in _TEXT_TYPES and len(value) > len(best.text):
            best = Markup(text=value, is_html=kind in _HTML_TYPES, base=_string(content, "base"))
    return best


def _author(entry: _Fields) -> str:
    names = [_string(author, "name") for author in dict.get(entry, "authors") or ()]
    return ", ".join(dict.fromkeys(name for name in names if name)) or _string(entry, "author")


def _language(entry: _Fields) -> str:
    """What the entry says outright, or what its text inherits."""
    if language := _string(entry, "language"):
        return language
    holders = [*(dict.get(entry, "content") or ()), dict.get(entry, "title_detail")]
    return next((found for holder in holders if holder and (found := _string(holder, "language"))), "")


def _tags(entry: _Fields) -> list[str]:
    tags = dict.get(entry, "tags") or ()
    return [_string(tag, "label") or _string(tag, "term") for tag in tags]
