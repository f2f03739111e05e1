"""The scheduler's ticks: each runs to its end, whatever becomes of it and whenever it began."""

from __future__ import annotations

import asyncio

import structlog.testing

from workers.scheduler import finished, steady


def test_a_tick_that_was_started_this_moment_is_waited_for_too() -> None:
    """A stop between two ticks cancels neither: what they claimed would lie until its lease ends."""
    done: list[str] = []

    async def scenario() -> None:
        running: set[asyncio.Task[None]] = set()
        gate = asyncio.Event()

        async def late() -> None:
            await gate.wait()
            done.append("late")

        async def early() -> None:
            asyncio.get_running_loop().call_soon(gate.set)
            done.append("early")

        tasks = [asyncio.create_task(steady(tick, "tick", running)()) for tick in (late, early)]
        await finished(running)
        assert (done, running) == (["early", "late"], set())
        await asyncio.gather(*tasks)

    asyncio.run(scenario())


def test_a_tick_that_fails_is_logged_with_its_cause() -> None:
    """The next one comes all the same."""

    async def scenario() -> None:
        async def broken() -> None:
            raise ValueError("no")

        await steady(broken, "Poller.tick", set())()

    with structlog.testing.capture_logs() as logs:
        asyncio.run(scenario())
    assert [(line["event"], line["tick"], line["exc_info"]) for line in logs] == [
        ("tick.failed", "Poller.tick", True)
    ]
