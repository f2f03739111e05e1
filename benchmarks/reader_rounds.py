"""The same rounds through reader; runs in a virtual environment of its own and imports nothing of ours.

``python reader_rounds.py DATABASE FEEDS UNCHANGED CHANGED SITE`` prints one JSON
line for each kind of round.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection

from reader import Reader, make_reader


def main() -> None:
    path, count, unchanged, changed, site = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]

    def put_up(edition: int) -> None:
        connection = HTTPConnection(site.partition("//")[2], timeout=10)
        connection.request("GET", f"/control/edition/{edition}")
        connection.getresponse().read()
        connection.close()

    reader = make_reader(path)
    reader.enable_search()
    for number in range(count):
        reader.add_feed(f"{site}/{number}.xml")
    measure(reader, "all new", count, 1, put_up)
    measure(reader, "304", count, unchanged, lambda _: None)
    measure(reader, "5 new of 30", count, changed, lambda turn: put_up(turn + 1))


def measure(reader: Reader, name: str, count: int, turns: int, prepare: Callable[[int], None]) -> None:
    wall = updating = searching = 0.0
    for turn in range(turns):
        prepare(turn)
        began, cpu = time.monotonic(), spent()
        for result in reader.update_feeds_iter(scheduled=False, workers=8):
            if isinstance(result.value, Exception):
                raise result.value
        updated = spent()
        reader.update_search()
        updating += updated - cpu
        searching += spent() - updated
        wall += time.monotonic() - began
    row = {"round": name, "polls": count * turns, "wall_s": round(wall, 3)}
    print(
        json.dumps({**row, "cpu_s": {"update": round(updating, 3), "search": round(searching, 3)}}),
        flush=True,
    )


def spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


main()
