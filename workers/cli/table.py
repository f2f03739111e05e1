"""A table that fits: narrow columns whole, wide ones cut where the terminal is not wide enough."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workers.cli.output import Column, printable, text

GAP = 2
#: A wide column with less than this tells nothing.
LEAST = 12
#: Cells where the output is no terminal, and so has no width, end here.
MOST = 200


def show(found: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> None:
    """Print the rows as a table as wide as the terminal, or as its content where there is none."""
    wanted = {column: min(MOST, _widest(found, column)) for column in columns}
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        widths = _fitted(wanted, width)
    else:
        width = sum(wanted.values()) + GAP * len(wanted)
        widths = wanted
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column, size in widths.items():
        table.add_column(column.heading, justify=column.align, width=size, no_wrap=True, overflow="ellipsis")
    for row in found:
        # Texts, not strings: those would be read as markup.
        table.add_row(*(Text(_cell(row, column)) for column in widths))
    # Without a height rich takes a dumb terminal for 80 columns wide.
    Console(file=sys.stdout, width=width, height=100, highlight=False, emoji=False).print(table)


def _fitted(wanted: Mapping[Column, int], width: int) -> dict[Column, int]:
    """The columns that are shown, with their widths."""
    shown = dict(wanted)
    for column in reversed([column for column in wanted if column.spare]):
        wide = [size for one, size in shown.items() if one.wide]
        if _room(shown, width) >= sum(min(size, LEAST) for size in wide):
            break
        del shown[column]
    room = _room(shown, width)
    narrowest_first = sorted(
        (size, number, one) for number, (one, size) in enumerate(shown.items()) if one.wide
    )
    for left, (size, _, column) in zip(range(len(narrowest_first), 0, -1), narrowest_first, strict=True):
        shown[column] = max(1, min(size, room // left))
        room -= shown[column]
    return shown


def _room(columns: Mapping[Column, int], width: int) -> int:
    """What the narrow columns and the gaps leave to the wide ones."""
    narrow = sum(size for column, size in columns.items() if not column.wide)
    return width - narrow - GAP * (len(columns) - 1)


def _widest(found: Sequence[Mapping[str, Any]], column: Column) -> int:
    return max(cell_len(column.heading), *(cell_len(_cell(row, column)) for row in found))


def _cell(row: Mapping[str, Any], column: Column) -> str:
    content = text(row.get(column.field))
    return printable(content[:16].replace("T", " ") if column.moment else content)[:MOST]
