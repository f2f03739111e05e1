"""Which addresses and ids a raw item names as its own, as far as its bytes show it without a parse.

A raw item that waits or could not be parsed has nothing but its bytes; links in
its text are not its own and do not count.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

from pipeline.core import urls

_ELEMENT = re.compile(
    r"<(?:[\w.-]+:)?(?:link|guid|id|origlink)\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]+)", re.IGNORECASE
)
_HREF = re.compile(r"""<(?:[\w.-]+:)?link\b[^>]*?\bhref\s*=\s*["']([^"']+)""", re.IGNORECASE)
_MEMBER = re.compile(r'"(?:url|id|external_url)"\s*:\s*("(?:[^"\\]|\\.)*")')


def own_ids(data: bytes) -> Iterator[str]:
    """Links and guids, as written, of an item, or of each item of a whole document."""
    text = data.decode("utf-8", "replace")
    for pattern in (_ELEMENT, _HREF):
        for found in pattern.finditer(text):
            yield html.unescape(found[1]).strip()
    for found in _MEMBER.finditer(text):
        try:
            yield json.loads(found[1])
        except ValueError:
            continue


def names(data: bytes, base: str, ref: str, url_key: bytes | None) -> bool:
    """Whether an item from a document at ``base`` names the id ``ref``, or an address with this key."""
    for one in own_ids(data):
        if one == ref:
            return True
        if url_key is not None and urls.key(urls.absolute(one, base)) == url_key:
            return True
    return False
