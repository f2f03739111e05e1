"""Deliver: claim, render, send, settle; one event loop for all sends of a process.

A receiver that hangs holds its own lane only: each channel has a few sends at
once, and a job does not wait for lanes that are known to be slow.  A delivery is
claimed at the moment it is sent, not before, so no lease runs out in a line of
others.
"""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar

from pipeline.core import render, retry
from pipeline.core.canary import HOUSE
from pipeline.core.latency import Sample, Stage
from pipeline.core.model import Channel, Message, Sent
from pipeline.flow.courier import Courier
from pipeline.flow.ground import Ground, log
from pipeline.flow.lanes import Lane
from pipeline.flow.messages import compose
from pipeline.store import deliveries, gates, latencies
from pipeline.store.channels import ChannelRow
from pipeline.store.deliveries import Job
from pipeline.store.engine import Tx

T = TypeVar("T")

#: Threads that claim and settle.
STORE_THREADS = 2


class Sender:
    """Sends deliveries on an event loop of its own, in a thread of its own."""

    def __init__(self, ground: Ground, courier: Callable[[], Courier]) -> None:
        self.ground = ground
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sender", daemon=True)
        self._store = ThreadPoolExecutor(STORE_THREADS, "sender-store")
        self._lanes: dict[int, Lane] = defaultdict(Lane)
        self._in_hand: set[int] = set()
        self._thread.start()
        self._courier = self._submit(courier().__aenter__()).result()

    def deliver(self, ids: Sequence[int], *, patience_s: float | None) -> dict[str, int]:
        """Send ``ids``; wait for them ``patience_s`` seconds, or until all are done when None.

        With patience those for slow channels are not waited for at all.  Returns how
        many were delivered, put off or given up, and how many still go on.
        """
        done = self._submit(self._deliver_all(ids, patience_s)).result()
        log.info("deliver", **done)
        return done

    def send(self, channel: Channel, message: Message) -> Sent:
        """Send a message that is no delivery, once; nothing is recorded."""
        return self._submit(self._courier.send(channel, message)).result()

    def close(self, *, wait_s: float = 30.0) -> None:
        """Wait for the sends that run, then end the loop and its thread."""
        self._submit(self._finish(wait_s)).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._store.shutdown()

    def _submit(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _deliver_all(self, ids: Sequence[int], patience_s: float | None) -> dict[str, int]:
        routes = await self._in_store(self._routes, ids)
        now = self.ground.clock()
        tasks = {
            asyncio.create_task(self._deliver(id_, lane)): lane
            for id_, channel_id in routes.items()
            if id_ not in self._in_hand and (lane := self._lanes[channel_id]).takes(now)
        }
        counts = {"delivered": 0, "again": 0, "dead": 0, "skipped": len(ids) - len(tasks), "going_on": 0}
        awaited = [task for task, lane in tasks.items() if patience_s is None or not lane.behind]
        if awaited:
            await asyncio.wait(awaited, timeout=patience_s)
        for task, lane in tasks.items():
            if task.done():
                counts[task.result()] += 1
            else:
                counts["going_on"] += 1
                lane.leave_behind(task)
        return counts

    async def _finish(self, wait_s: float) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=wait_s)
        await self._courier.__aexit__(None, None, None)

    async def _deliver(self, id_: int, lane: Lane) -> str:
        """One delivery from claim to settlement; the word it is counted under."""
        self._in_hand.add(id_)
        lane.waiting += 1
        try:
            async with lane.gate:
                if lane.is_shut(self.ground.clock()):
                    return "skipped"
                job = await self._in_store(self._claim, id_, lane)
                if job is None:
                    return "skipped"
                sent = await self._send(job)
                return await self._in_store(self._settle, job, sent, lane)
        except Exception:
            log.exception("deliver.broken", delivery=id_)
            raise
        finally:
            self._in_hand.discard(id_)
            lane.waiting -= 1

    async def _send(self, job: Job) -> Sent:
        try:
            message = compose(job, self.ground.policy.public_url)
            return await self._courier.send(job.channel, message, have=job.have)
        except Exception as exc:  # noqa: BLE001 - logged, and settled as a failed attempt
            log.exception("deliver.send_failed", delivery=job.id)
            return Sent(ok=False, error=f"{type(exc).__name__} while sending")

    def _routes(self, ids: Sequence[int]) -> dict[int, int]:
        with self.ground.store.read() as tx:
            return deliveries.routes(tx, ids)

    def _claim(self, id_: int, lane: Lane) -> Job | None:
        now = self.ground.clock()
        lease_s = self.ground.policy.lease_s

        def work(tx: Tx) -> tuple[Job | None, datetime | None]:
            job = deliveries.claim(tx, id_, now=now, lease_s=lease_s)
            return job, None if job is not None else gates.shut_until(tx, id_, now)

        job, until = self.ground.store.write(work)
        lane.shut(until, now)
        return job

    def _settle(self, job: Job, sent: Sent, lane: Lane) -> str:
        """Delivered, to be tried again, or dead; the attempt is on record either way."""
        now = self.ground.clock()
        next_at = None
        if not sent.ok:
            next_at = retry.next_delivery(
                job.attempts,
                created_at=job.created_at,
                now=now,
                jitter=self.ground.chance(),
                retry_after_s=sent.retry_after_s,
            )
        lane.shut(self.ground.store.write(lambda tx: self._note(tx, job, sent, next_at, now)), now)
        word = "delivered" if sent.ok else "again" if next_at is not None else "dead"
        log.info(
            word, delivery=job.id, channel=job.channel.name, attempt=job.attempts, cause=sent.error or None
        )
        return word

    def _note(self, tx: Tx, job: Job, sent: Sent, next_at: datetime | None, now: datetime) -> datetime | None:
        """Settle the delivery, and say until when its channel is left alone now, if it is."""
        until = None
        # That all goes well is no news, and what only some targets lacked says nothing about the channel.
        if not (sent.ok and job.well) and (sent.ok or not job.have):
            jitter = self.ground.chance()
            until = gates.leave(tx, job.channel.id, sent=sent, probe=job.probe, now=now, jitter=jitter)
        if until is not None and next_at is not None:
            next_at = until
        deliveries.settle(tx, job.id, sent=sent, next_attempt_at=next_at, now=now)
        latencies.count(tx, _samples(job, sent, now), now)
        return until

    async def _in_store(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._store, call, *args)


def _samples(job: Job, sent: Sent, now: datetime) -> Iterable[Sample]:
    """How long a delivery took to its queue, and from there to its receiver."""
    if job.channel.id == HOUSE:
        return
    pushed = job.enqueued_at or job.created_at
    if job.attempts == 1:
        yield Sample(Stage.ENQUEUED, (pushed - job.created_at).total_seconds())
    if sent.ok and job.attempts == 1:
        yield Sample(Stage.DELIVERED, (now - pushed).total_seconds())
    elif sent.ok:
        yield Sample(Stage.RETRIED, (now - job.created_at).total_seconds())


def test_channel(sender: Sender, row: ChannelRow) -> Sent:
    """Send a test message through a channel, now; paused or not."""
    message = render.notice(
        message_id=f"msg_test_{int(sender.ground.chance() * 1e15):015d}",
        created_at=sender.ground.clock(),
        subject=f"a test of the channel {row.name}",
        text="If you can read this, alerts will reach you here.",
        cause="test",
    )
    return sender.send(Channel(id=row.id, name=row.name, url=row.url, secret=row.secret), message)
