"""JSON Feed (1.0, 1.1): one piece for each item, in one spelling whatever the order of its keys."""

from __future__ import annotations

import json
from typing import Any

from pipeline.core.errors import DocumentError
from pipeline.core.split.shared import Marks

_VERSION = "jsonfeed.org/version"


def load(text: str) -> dict[str, Any]:
    """The feed's object; DocumentError when the text is no JSON (``malformed``) or no feed."""
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DocumentError("malformed", f"The document is not valid JSON: {error}.") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise DocumentError("not-a-feed", "The document is JSON, but not a JSON Feed: it lists no items.")
    if _VERSION not in str(feed.get("version")):
        raise DocumentError("not-a-feed", "The document is JSON, but names no JSON Feed version.")
    return feed


def dump(value: object) -> bytes:
    """One spelling for equal values; ASCII, so that lone surrogates pass as escapes."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def marks_of(item: object) -> Marks:
    """The marks of a JSON item."""
    fields = item if isinstance(item, dict) else {}
    link, guid, title = (
        str(fields.get(name) or "").strip().encode("utf-8", "surrogatepass")
        for name in ("url", "id", "title")
    )
    return Marks(link, guid, title)
