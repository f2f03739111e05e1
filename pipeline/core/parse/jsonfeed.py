"""JSON Feed 1.0 and 1.1: feedparser does not read it.

What is of the wrong type is taken for absent; numbers pass where text is meant, as
the specification asks for ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipeline.core.errors import DocumentError
from pipeline.core.parse.draft import Draft, Feed, Markup


def read(head: str, item: str) -> Feed:
    """The feed of one item, or of a whole document when ``head`` is empty."""
    try:
        feed = json.loads(head or item)
        items = [json.loads(item)] if head else feed.get("items")
    except (ValueError, RecursionError, AttributeError) as error:
        raise DocumentError("malformed", f"The document is not valid JSON: {error}"[:300]) from error
    if not isinstance(feed, dict) or not isinstance(items, list):
        raise DocumentError("not-a-feed", "The document is JSON, but not a JSON Feed.")
    return Feed(
        title=_string(feed, "title"),
        link=_string(feed, "home_page_url"),
        language=_string(feed, "language"),
        base="",
        links_follow_site=False,
        drafts=tuple(_draft(item if isinstance(item, dict) else {}, feed) for item in items),
        sound=True,
    )


def _draft(item: Mapping[str, Any], feed: Mapping[str, Any]) -> Draft:
    html = _string(item, "content_html")
    guid = _string(item, "id").strip()
    link = next(
        (url for name in ("url", "external_url") if isinstance(url := item.get(name), str) and url), ""
    )
    given = bool(link)
    return Draft(
        guid=guid,
        link=link or guid,
        link_is_guid=not given,
        title=Markup(text=_string(item, "title")),
        summary=Markup(text=_string(item, "summary")),
        body=Markup(text=html, is_html=True) if html else Markup(text=_string(item, "content_text")),
        author=_author(item) or _author(feed),
        language=_string(item, "language"),
        tags=tuple(_strings(item.get("tags"))),
        dates=(_string(item, "date_published"), _string(item, "date_modified")),
    )


def _string(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _strings(values: object) -> list[str]:
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []


def _author(holder: Mapping[str, Any]) -> str:
    """The names of ``authors`` (1.1), or that of ``author`` (1.0)."""
    people = holder.get("authors")
    people = people if isinstance(people, list) and people else [holder.get("author")]
    return ", ".join(
        name for person in people if isinstance(person, dict) and (name := _string(person, "name"))
    )
