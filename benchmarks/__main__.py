"""``./run bench [feeds]``, ``latency``, ``alerts``, ``match``, ``backtest``, ``stories`` and ``poll``."""

from __future__ import annotations

import argparse
import json
import sys

from benchmarks import alerts, archive, latency, report, rounds, site, yardstick
from benchmarks.match import measured, show
from benchmarks.poll import report as poll
from benchmarks.rounds import Result
from benchmarks.stories import events, lookup
from benchmarks.stories import report as copies

_BENCHES = ("feeds", "latency", "alerts", "match", "backtest", "stories", "poll")


def main() -> int:
    options = _options()
    if options.what == "latency":
        found = [
            latency.measure(database, items=options.items, push=options.push)
            for database in options.databases
        ]
        if options.json:
            print(json.dumps(found))
        else:
            for row in found:
                _say_latency(row)
        return 0
    if options.what == "alerts":
        spans = [
            row
            for database in options.databases
            for row in alerts.measure(
                database, items=options.items, per_second=options.per_second, seconds=options.seconds
            )
        ]
        print(json.dumps(spans)) if options.json else alerts.show(spans)
        return 0
    if options.what == "backtest":
        rows = [archive.measure(database, count=options.archive) for database in options.databases]
        print(json.dumps(rows)) if options.json else archive.show(rows)
        return 0
    if options.what in ("stories", "poll"):
        return _stories(options) if options.what == "stories" else _poll(options)
    if options.what == "match":
        figures = measured(
            options.sizes, articles=options.articles, repeats=options.repeats, edits=options.edits,
            regex_articles=options.regex_articles, say=_say,
        )  # fmt: skip
        print(json.dumps(figures)) if options.json else show(figures)
        return 0
    results = _feeds(options)
    if options.json:
        print(json.dumps([result.as_json() for result in results]))
    else:
        report.show(results, notes=_notes(options))
    return 0


def _stories(options: argparse.Namespace) -> int:
    if options.lookup:
        rows = [lookup.measure(database, count=options.lookup) for database in options.databases]
        print(json.dumps(rows)) if options.json else lookup.show(rows)
        return 0
    told = None if options.events else copies.measured(each=options.each, say=_say)
    same = events.measured()
    if options.json:
        print(json.dumps({"copies": told, "events": same}))
        return 0
    if told is not None:
        copies.show(told)
    events.show(same)
    return 0


def _poll(options: argparse.Namespace) -> int:
    taken = poll.measured(
        options.databases, parts=options.parts, rows=options.rows, per_second=options.per_second,
        seconds=options.seconds, hosts=options.hosts, say=_say,
    )  # fmt: skip
    print(json.dumps(taken)) if options.json else poll.show(taken)
    return 0


def _feeds(options: argparse.Namespace) -> list[Result]:
    results: list[Result] = []
    _say(f"making {options.feeds} feeds of 30 entries")
    with site.running(options.feeds + 1, rounds.EDITIONS) as press:
        for database in options.databases:
            measured = rounds.measure(
                database, press, count=options.feeds, workers=options.workers, queries=options.subscriptions
            )
            for result in measured:
                _tell(result)
                results.append(result)
        if options.reader_feeds:
            for result in yardstick.measure(press, count=min(options.reader_feeds, options.feeds)):
                _tell(result)
                results.append(result)
    return results


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("what", nargs="?", choices=_BENCHES, default="feeds")
    parser.add_argument("--events", action="store_true", help="of the stories bench: only what events are")
    parser.add_argument(
        "--archive", type=int, default=1_000_000, help="articles of the backtest bench (1,000,000)"
    )
    parser.add_argument("--feeds", type=int, default=500, help="how many feeds (500)")
    parser.add_argument(
        "--reader-feeds", type=int, default=100, help="how many of them through reader (100); 0: none"
    )
    parser.add_argument("--workers", type=int, default=2, help="ingest workers (2)")
    parser.add_argument("--subscriptions", type=int, default=3, help="how many (3)")
    parser.add_argument("--push", action="store_true", help="of the latency bench: from a hub's push")
    parser.add_argument("--items", type=int, default=100, help="single items of the latency bench (100)")
    parser.add_argument(
        "--per-second",
        type=int,
        default=100,
        help="articles of the alerts bench, polls of the poll bench (100)",
    )
    parser.add_argument("--seconds", type=int, default=60, help="of each run of these two (60)")
    numbers = parser.add_argument_group("of the match bench")
    numbers.add_argument("--sizes", type=_sizes, default=[10_000, 100_000],
                         help="subscriptions, from few to many (10000,100000)")  # fmt: skip
    numbers.add_argument("--articles", type=int, default=500, help="articles of one measurement (500)")
    numbers.add_argument(
        "--repeats", type=int, default=3, help="of each measurement; their median counts (3)"
    )
    numbers.add_argument("--edits", type=int, default=200, help="subscriptions that are replaced (200)")
    numbers.add_argument("--regex-articles", type=int, default=3, help="articles through every regex (3)")
    told = parser.add_argument_group("of the stories bench")
    told.add_argument("--each", type=int, default=100, help="copies of each kind and collection (100)")
    told.add_argument(
        "--lookup", type=int, default=0, metavar="ARTICLES", help="look copies up among so many"
    )
    polled = parser.add_argument_group("of the poll bench")
    polled.add_argument("--parts", nargs="+", choices=poll.PARTS, default=poll.PARTS, help="only these")
    polled.add_argument("--rows", type=_sizes, default=[2_000, 180_000],
                        help="feeds in the database, from few to many (2000,180000)")  # fmt: skip
    polled.add_argument("--hosts", type=int, default=50, help="hosts that the feeds are on (50)")
    parser.add_argument("--databases", type=lambda text: text.split(","), default=["sqlite", "postgresql"],
                        help="sqlite,postgresql")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON on stdout")
    return parser.parse_args()


def _sizes(text: str) -> list[int]:
    return sorted(map(int, text.split(",")))


def _notes(options: argparse.Namespace) -> list[str]:
    return [
        f"{options.feeds} feeds of 30 entries, 79 KB, gzip and ETag; no pages.",
        f"{options.workers} ingest workers; {options.subscriptions} subscriptions.",
        "CPU: user and system of all the client's processes, Redis and PostgreSQL (fsync off) included.",
        "x reader: how many times less CPU than reader, its search index included (and without it).",
    ]


def _say_latency(row: dict[str, object]) -> None:
    print(f"{row['client']}, {row['items']} items")
    for name in ("served_to_delivered_s", "first_seen_to_delivered_s"):
        print(f"  {name[:-2].replace('_', ' '):<26} {row[name]}")


def _tell(result: Result) -> None:
    figures = f"{result.cpu_ms:.2f} ms CPU a feed, {result.feeds_per_s:.0f} feeds/s"
    _say(f"{result.client}: {result.round}: {figures}")


def _say(text: str) -> None:
    print(f"bench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
