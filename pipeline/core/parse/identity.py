"""What makes an entry this entry, its content this content, and its text this text.

All keys are 16 bytes of BLAKE2b.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b

_SHORTEST_WORDS = 25
# Scripts that put no spaces between words count by the character.
_WORD = re.compile(
    "[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"
    "|[^\\W\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+"
)


def entry_key(*, guid: str, link: str, title: str, published_at: datetime | None) -> bytes:
    """The identity of an entry within its feed: its guid, else its canonical link, else title and date.

    A guid or link that identifies nothing is passed as "".
    """
    if guid:
        return _digest("guid", guid)
    if link:
        return _digest("link", link)
    return _digest("text", title, published_at.isoformat() if published_at else "")


def content_hash(title: str, summary: str, body: str) -> bytes:
    """Equal as long as the words stay the same, whatever becomes of markup, dates, guid and link."""
    return _digest(title, summary, body)


def text_key(title: str, summary: str, body: str) -> bytes | None:
    """Equal for equal texts whoever prints them: letters and digits count, case does not.

    None for a text of fewer than 25 words, which may be equal by chance.
    """
    words = _WORD.findall(f"{title}\n{summary}\n{body}".casefold())
    return _digest(*words) if len(words) >= _SHORTEST_WORDS else None


def _digest(*parts: str) -> bytes:
    return blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=16).digest()
