"""What a request to the API asks for."""

from __future__ import annotations

from flask import abort, request

MOST = 1_000
USUAL = 100


def limit() -> int:
    """How many rows are asked for."""
    return min(number("limit") or USUAL, MOST)


def number(name: str) -> int | None:
    """A positive number among the arguments."""
    text = request.args.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18 or int(text) < 1:
        abort(400, f"{name} is a number above 0.")
    return int(text)


def flag(name: str) -> bool | None:
    """A yes or no among the arguments; None where it is not there."""
    text = request.args.get(name)
    if text is None:
        return None
    if text not in {"0", "1", "false", "true"}:
        abort(400, f"{name} is 1 or 0.")
    return text in {"1", "true"}
