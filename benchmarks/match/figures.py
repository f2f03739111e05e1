"""Every figure of the match bench, in one run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

from benchmarks.match import measure, others
from benchmarks.match.queries import draw, prefixes
from benchmarks.match.vocabulary import Vocabulary, write

SEED = 20_260_218


def measured(
    sizes: Sequence[int],
    *,
    articles: int,
    repeats: int,
    edits: int,
    regex_articles: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """The figures for each number of subscriptions; build, memory and edits for the greatest."""
    say("making words, queries and articles")
    vocabulary = Vocabulary(SEED)
    drawn = {size: draw(vocabulary, size, SEED) for size in sizes}
    most = sizes[-1]
    spare = draw(vocabulary, most, SEED + 1)[:edits]
    stream = write(vocabulary, SEED)
    gc.collect()
    gc.freeze()  # what is made here is none of the percolator's, nor for its collections to walk through

    say(f"{most:,} subscriptions: building, {repeats} times")
    built = measure.build(drawn[most], next(stream), repeats)
    built.update(measure.memory(drawn[most]))
    say(f"{articles} articles, {repeats} times through each")
    measure.forget()
    rates = measure.rates(drawn, stream, count=articles, repeats=repeats)
    say(f"{edits} edits")
    measure.forget()
    changed = measure.edits(drawn[most], spare, stream, SEED)
    compared: dict[int, dict[str, Any]] = {}
    for size, queries in drawn.items():
        say(f"{size:,} subscriptions: regexes and pyahocorasick")
        measure.forget()
        compared[size] = {
            "regex_loop": others.regexes(queries, list(islice(stream, regex_articles))),
            "pyahocorasick": others.aho_corasick(queries, list(islice(stream, max(1, articles // 5)))),
        }
    return {
        "prefixes": prefixes(),
        "sizes": {size: {"percolator": rates[size].as_json(), **compared[size]} for size in sizes},
        "growth": round(_rate(rates[sizes[0]]) / _rate(rates[most]), 2),
        "index": {"subscriptions": most, **built, **changed, "edits": edits},
    }


def _rate(rates: measure.Rates) -> float:
    return float(rates.as_json()["articles_per_s"])
