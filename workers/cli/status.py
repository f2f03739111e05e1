"""``./run status``: is all well, and does everything add up?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers.cli import output, session
from workers.cli.output import Column, Json

if TYPE_CHECKING:
    from datetime import datetime

    from workers.health import Health

FAULT_COLUMNS = (Column("table", "table"), Column("id", "id", "right"), Column("fault", "fault", wide=True))


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Prove over the database that every count adds up.")
    ] = False,
    json: Json = False,
) -> None:
    """Show how everything stands; exit 1 when something is not well, saying what."""
    if check:
        _check(as_json=json)
        return
    from workers import health
    from workers.context import targets

    settings = session.settings()
    with session.store(settings) as store:
        seen = health.look(
            store,
            settings.find_redis(),
            now=session.now(),
            queue_target_s=settings.queue_target_s,
            targets=targets(settings),
            canary_s=settings.canary_s,
        )
    if json:
        output.record(seen.as_json(), as_json=True)
    else:
        _show(seen)
    for fault in seen.faults:
        output.fail(fault)
    if seen.faults:
        raise typer.Exit(1)


def _check(*, as_json: bool) -> None:
    from pipeline.store import audit
    from workers import health

    settings = session.settings()
    with session.store(settings) as store:
        with store.read() as tx:
            faults = [{"table": one.table, "id": one.id, "fault": one.sentence} for one in audit.check(tx)]
        broken = health.broken_stage(store, settings, now=session.now())
    for fault in broken:
        output.fail(fault)
    if broken and not faults:
        raise typer.Exit(1)
    if not faults:
        if not as_json:
            output.say("everything adds up")
        return
    output.rows(faults, FAULT_COLUMNS, as_json=as_json, empty="")
    output.fail(f"{len(faults)} row{'s do' if len(faults) > 1 else ' does'} not add up")
    raise typer.Exit(1)


def _show(seen: Health) -> None:
    counts = seen.counts
    age = "never seen" if seen.scheduler_age_s is None else f"seen {seen.scheduler_age_s:.0f} s ago"
    lines = {
        "scheduler": age,
        "workers": ", ".join(f"{one.name} ({one.state})" for one in seen.workers) or "none",
        **{
            f"queue {name}": (
                f"{state.depth} waiting, the oldest {state.oldest_age_s:.0f} s; {state.failed} failed"
            )
            for name, state in seen.queues.items()
        },
        "feeds": _listed(counts.feeds),
        "pages": _listed(counts.pages),
        **({"pages without text": _listed(counts.refused)} if counts.refused else {}),
        **(
            {"hosts that refuse": ", ".join(map(_asked_again, counts.blocked.items()))}
            if counts.blocked
            else {}
        ),
        "articles": f"{counts.articles} in {counts.stories} stories",
        "subscriptions": counts.subscriptions,
        "alerts": f"{counts.alerts}, and {counts.backlog_alerts} of old news",
        "channels": _listed(counts.channels),
        "deliveries": _listed(counts.deliveries),
        "dead letters": counts.dead_letters,
        **{f"stage {name}": _took(one) for name, one in seen.as_json()["latency"].items() if one["count"]},
    }
    output.record(lines, as_json=False)


def _asked_again(block: tuple[str, datetime]) -> str:
    host, until = block
    return f"{host} (asked again {until:%Y-%m-%d %H:%M} UTC)"


def _took(stage: dict[str, Any]) -> str:
    target = f", the target is {stage['target_s']:g} s" if stage["target_s"] else ""
    return f"95 % within {stage['p95_s']:g} s of {stage['count']} lately{target}"


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
