"""From first seen to delivered: idle, at a hundred matching articles a second, one receiver of ten dead."""

from __future__ import annotations

import asyncio
from statistics import quantiles
from typing import Any

from benchmarks import latency, newsroom
from benchmarks.crew import Crew, crew
from benchmarks.newsroom import Newsroom

_KINDS = ("scheduler", "ingest", "deliver")
_RECEIVERS = 10
_TURNS = 3
_BESIDE_PER_SECOND = 3  # articles, each told to ten receivers
_WARM_UP = 20  # articles that warm the processes up
_PATIENCE_S = 120.0  # for what is still on its way when the last article is out


def measure(database: str, *, items: int, per_second: int, seconds: int) -> list[dict[str, Any]]:
    """The figures on one database: a dict for each, with what it is to be."""
    idle = latency.measure(database, items=items)["first_seen_to_delivered_s"]
    rush, lost = _rush(database, per_second=per_second, seconds=seconds)
    beside = _beside(database, seconds=seconds)
    return [
        {"figure": "idle", "database": database, **idle, "target_p95": 0.3},
        {
            "figure": f"{per_second} articles a second for {seconds} s",
            "database": database,
            **rush,
            "target_p95": 2.0,
            "lost": lost,
        },
        {"figure": "ten receivers, all well", "database": database, **beside[0]},
        {
            "figure": "ten receivers, one dead",
            "database": database,
            **beside[1],
            "p95_to_all_well": round(beside[1]["p95"] / beside[0]["p95"], 2),
            "target_p95_to_all_well": 1.2,
        },
    ]


def show(rows: list[dict[str, Any]]) -> None:
    """Print a line for each figure."""
    for row in rows:
        facts = ", ".join(
            f"{name.replace('_', ' ')} {value}"
            for name, value in row.items()
            if name not in {"figure", "database"}
        )
        print(f"{row['database']:<10} {row['figure']:<36} {facts}")


def _rush(database: str, *, per_second: int, seconds: int) -> tuple[dict[str, float], int]:
    """How long alerts took to one receiver, in seconds, and how many never came."""
    with crew(database) as hands:
        room = _run(hands, receivers=1, dead=0, per_second=per_second, seconds=seconds)
    (heard,) = room.heard.values()
    return _spread(_warm(heard)), room.published - len(heard)


def _beside(database: str, *, seconds: int) -> list[dict[str, float]]:
    """How long alerts took to the nine receivers that are well, beside a tenth that is, and one that is dead.

    In turns, so that whatever else the machine does meets both alike.
    """
    nine = [f"bell {n}" for n in range(_RECEIVERS - 1)]
    took: list[list[float]] = [[], []]
    lost = [0, 0]
    for dead in (0, 1) * _TURNS:
        with crew(database) as hands:
            room = _run(
                hands,
                receivers=_RECEIVERS,
                dead=dead,
                per_second=_BESIDE_PER_SECOND,
                seconds=seconds // _TURNS,
            )
        took[dead] += [after for name in nine for after in _warm(room.heard[name])]
        lost[dead] += sum(room.published - len(room.heard[name]) for name in nine)
    return [{**_spread(took[dead]), "lost": lost[dead]} for dead in (0, 1)]


def _run(hands: Crew, *, receivers: int, dead: int, per_second: float, seconds: int) -> Newsroom:
    for kind in _KINDS:
        hands.start(kind)
    hands.ready(2)

    async def play() -> Newsroom:
        async with newsroom.opened(hands, receivers=receivers, dead=dead) as room:
            room.publish(_WARM_UP)
            await newsroom.play(hands, room, per_second=0, seconds=3)
            await _all_heard(room, receivers - dead)
            await newsroom.play(hands, room, per_second=per_second, seconds=seconds)
            await _all_heard(room, receivers - dead)
            return room

    return asyncio.run(play())


async def _all_heard(room: Newsroom, receivers: int) -> None:
    for _ in range(int(_PATIENCE_S)):
        if sum(map(len, room.heard.values())) >= room.published * receivers:
            return
        await asyncio.sleep(1)


def _warm(heard: dict[str, float]) -> list[float]:
    return [after for url, after in heard.items() if int(url.rpartition("/")[2]) > _WARM_UP]


def _spread(values: list[float]) -> dict[str, float]:
    cuts = quantiles(values, n=20, method="inclusive")
    return {"p50": round(cuts[9], 3), "p95": round(cuts[18], 3), "max": round(max(values), 3)}
