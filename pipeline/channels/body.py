"""A webhook's body in bytes, within its limit."""

from __future__ import annotations

import json
from typing import Any

from pipeline.core.model import Message
from pipeline.core.text import truncate

#: What receivers commonly take; more would be a message that never arrives.
LIMIT_BYTES = 256 * 1024

_WHOLE = frozenset({"id", "url"})  # half of it would be of no use
_STEPS = (
    (16_000, 100),
    (4_000, 50),
    (1_000, 25),
    (400, 10),
    (100, 5),
)  # characters of a text, items of a list


def body(message: Message) -> bytes:
    """The message's data as JSON.

    Too much of it is cut, texts and lists down to the longest that fit; then
    ``cut`` is true in its ``data``, and ``rest`` the address of all of it ("" where
    none is known).
    """
    whole = _json(message.data)
    if len(whole) <= LIMIT_BYTES:
        return whole
    for chars, items in _STEPS:
        less = _cut(message.data, chars, items)
        less["data"] |= {"cut": True, "rest": message.rest}
        whole = _json(less)
        if len(whole) <= LIMIT_BYTES:
            break
    return whole


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _cut(data: Any, chars: int, items: int) -> Any:  # noqa: ANN401 - JSON has no type of its own
    match data:
        case dict():
            return {key: value if key in _WHOLE else _cut(value, chars, items) for key, value in data.items()}
        case list():
            return [_cut(value, chars, items) for value in data[:items]]
        case str():
            return truncate(data, chars)
    return data
