"""What commands print: a table for people, JSON Lines for programs, and one line for an error.

Titles, names and errors come from strangers: nothing of theirs is read as
markup, and no control character of theirs reaches the terminal.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol, TypeVar

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON Lines, every row, and nothing else.")]
Limit = Annotated[int | None, typer.Option("--limit", min=1, max=10**9, help="Print at most this many rows.")]

#: Rows that are read at a time, so that a long list needs no memory.
PAGE = 1_000
#: Rows of a table when no limit is asked for; JSON Lines have every row.
TABLE_ROWS = 50
#: Controls, and what reorders or breaks a line: none of it may reach a terminal.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]+")
#: The same beyond what JSON escapes by itself.
_UNPRINTABLE_IN_JSON = re.compile(r"[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=_Numbered)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the heading and the field of the row.

    Narrow columns are shown whole.  Wide ones share what the terminal leaves
    them, and spare ones are left out where that is too little.
    """

    heading: str
    field: str
    align: Literal["left", "right"] = "left"
    wide: bool = False
    spare: bool = False
    moment: bool = False  # an ISO moment, shown to the minute


def printable(text: object) -> str:
    """``text`` on one line, with everything taken out that a terminal would obey."""
    return _UNPRINTABLE.sub(" ", str(text)).strip()


def dump(value: Any) -> str:  # noqa: ANN401  # anything that JSON can say
    """``value`` as JSON on one line, readable in any script, harmless on a terminal."""
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def paged(step: Callable[[int | None, int], Sequence[Row]], limit: int | None) -> Iterator[Row]:
    """Rows, the newest first, a page at a time: ``step`` gets the id to go on below, and how many."""
    before: int | None = None
    left = limit
    while left is None or left > 0:
        size = PAGE if left is None else min(PAGE, left)
        page = step(before, size)
        yield from page
        if len(page) < size:
            return
        before = page[-1].id
        left = None if left is None else left - size


def rows(found: Iterable[Mapping[str, Any]], columns: Sequence[Column], *, as_json: bool, empty: str) -> None:
    """Print ``found`` as JSON Lines, or as a table with ``empty`` said where there is nothing."""
    if as_json:
        for row in found:
            print(dump(row))
        return
    listed = list(found)
    if listed:
        from workers.cli import table

        table.show(listed, columns)
    else:
        note(empty)


def record(row: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: as one JSON object, or a line for each field."""
    if as_json:
        print(dump(row))
        return
    width = max(len(name) for name in row)
    for name, value in row.items():
        lines = [printable(line) for line in text(value).splitlines()] or [""]
        print(f"{name:<{width}}  " + f"\n{'':<{width}}  ".join(lines))


def say(text: str) -> None:
    """Tell what was done, on stdout."""
    print(printable(text))


def note(text: str) -> None:
    """Tell something beside the output, on stderr."""
    print(printable(text), file=sys.stderr)


def declared(file: str) -> None:
    """Note that what was changed stands in a file, which is asked again."""
    note(f"note: {file} declares it, and has the last word when `./run up` starts")


def fail(text: object) -> None:
    """Say on stderr, in one line, what is wrong and what to do."""
    print(f"tocsin: {printable(text)}", file=sys.stderr)


def text(value: object) -> str:
    """A field as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return " ".join(f"{name}={text(item)}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return ", ".join(text(item) for item in value)
    return str(value)
