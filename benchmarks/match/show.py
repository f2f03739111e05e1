"""The figures as tables, beside what is aimed at."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

_RATES = {10_000: 3_000, 100_000: 1_500}  # articles a CPU second
_GROWTH = 3.0
_INDEX = {"build_s": 3.0, "index_mb": 150.0, "edit_and_match_ms": 5.0}  # of 100,000
_WAYS = {"percolator": "percolator", "regex_loop": "regex loop", "pyahocorasick": "pyahocorasick + evaluate"}
_PARTS = {
    "build_s": "build, first match included, CPU s",
    "parsing_s": "  parsing",
    "indexing_s": "  indexing",
    "first_match_s": "  first match",
    "index_mb": "index, MB",
    "peak_mb": "  most while it is built, MB",
    "edit_ms": "replacing one, CPU ms",
    "edit_and_match_ms": "  with the first match after it",
}


def show(figures: dict[str, Any]) -> None:
    """Print the rates by number of subscriptions, the index's figures, and what they are of."""
    console = Console(width=None if Console().is_terminal else 140)
    console.print(_rates(figures["sizes"]))
    sizes = list(figures["sizes"])
    aim = f" (aim: < {_GROWTH:g})" if sizes == list(_RATES) else ""
    console.print(f"{sizes[0]:,} : {sizes[-1]:,} = {figures['growth']:.2f} times{aim}", highlight=False)
    console.print(_index(figures["index"]))
    for note in _notes(figures):
        console.print(note, highlight=False)


def _rates(sizes: dict[int, dict[str, dict[str, Any]]]) -> Table:
    table = Table("subscriptions", "client", "articles/s a core", "aim", "matching alone", "hits an article")
    for column in (table.columns[0], *table.columns[2:]):
        column.justify = "right"
    for size, ways in sizes.items():
        for way, row in ways.items():
            ours = way == "percolator"
            table.add_row(
                f"{size:,}",
                _WAYS[way],
                f"{row['articles_per_s']:,}",
                f"≥ {_RATES[size]:,}" if ours and size in _RATES else "",
                f"{row['matching_alone_per_s']:,}" if ours else "",
                f"{row['hits_per_article']:.1f}",
            )
    return table


def _index(index: dict[str, Any]) -> Table:
    table = Table(f"index of {index['subscriptions']:,}", "figure", "aim")
    for name, label in _PARTS.items():
        value = index[name]
        figure = f"p50 {value['p50']}, max {value['max']}" if isinstance(value, dict) else f"{value}"
        aimed = name in _INDEX and index["subscriptions"] == 100_000
        table.add_row(label, figure, f"≤ {_INDEX[name]:g}" if aimed else "")
    return table


def _notes(figures: dict[str, Any]) -> list[str]:
    prefixes = (
        "phrases and prefixes" if figures["prefixes"] else "phrases (prefixes: not in the language yet)"
    )
    return [
        f"Articles of 500 words, each read once; queries of 1-3 terms with AND, OR, NOT, {prefixes}.",
        "Rates: CPU time of one process, analysis included; medians. Matching alone: of analysed articles.",
        "Index, MB: growth of the resident memory of a process that does nothing else.",
        f"{figures['index']['edits']} edits, with 20 articles between two; the worst counts.",
        "The regexes and pyahocorasick look for words as written: they miss inflections.",
    ]
