"""Silences: tell a subscription's channels, once, that it has been silent for longer than is usual."""

from __future__ import annotations

from datetime import datetime

from pipeline.core.render.parts import moment
from pipeline.core.silence import LEARNED, SHORTEST, Silence, find
from pipeline.flow.ground import Ground, log
from pipeline.store import notices
from pipeline.store import silences as store
from pipeline.store.silences import Quiet


def look(ground: Ground) -> list[int]:
    """Look for silences that begin and end now; ids of the subscriptions with a new one."""
    now = ground.clock()
    ground.store.write(lambda tx: store.end(tx, now))
    with ground.store.read() as tx:
        quiet = store.quiet(tx, since=now - LEARNED, before=now - SHORTEST)
        found = [
            (one, silence)
            for one in quiet
            if (
                silence := find(
                    store.rang(tx, one.id, since=one.last - LEARNED), began=one.changed_at, now=now
                )
            )
        ]
    return [one.id for one, silence in found if _tell(ground, one, silence, now)]


def _tell(ground: Ground, one: Quiet, silence: Silence, now: datetime) -> bool:
    subject = f"{one.name}: silent for {silence.hours:.0f} hours"
    text = (
        f"It usually rings {silence.usual_per_day:.1f} times a day, and has not since"
        f" {silence.since:%-d %b %Y, %H:%M} UTC. Do its feeds still bring what it asks for?"
    )
    data = {
        "subscription": {"id": one.id, "name": one.name, "query": one.query},
        "since": moment(silence.since),
        "hours": round(silence.hours, 1),
        "usual_per_day": round(silence.usual_per_day, 1),
        "expected": round(silence.expected, 1),
    }
    ids = ground.store.write(
        lambda tx: notices.begin(
            tx,
            kind="silence",
            cause=f"silence:{one.id}",
            subject=subject,
            text=text,
            data=data,
            subscription_id=one.id,
            now=now,
        )
    )
    if ids is None:
        return False
    ground.hand_on("deliver", ids)
    log.info("silence", subscription=one.name, hours=round(silence.hours, 1))
    return True
