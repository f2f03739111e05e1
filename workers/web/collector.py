"""What Prometheus is told: figures of the database and of Redis, collected when it asks.

Whatever is counted stands in the database, so every web process tells the same
and no files are shared.  Labels are states, hops, stages and ids of channels,
never text of strangers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import structlog
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from pipeline.core.canary import STAGES
from pipeline.core.errors import ServiceError
from pipeline.core.latency import BOUNDS_MS, ENDLESS_MS, Histogram, Stage
from pipeline.flow import canary
from pipeline.store import figures
from pipeline.store.figures import Figures
from workers import health
from workers.context import Context, targets
from workers.queues import HOPS, QueueState, WorkerState

log = structlog.get_logger("tocsin")


class House(Collector):
    """All of Tocsin; ``tocsin_up`` is 0 where the database cannot be read, ``tocsin_redis_up`` likewise."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def describe(self) -> Iterable[Metric]:
        """Nothing ahead: asking costs what collecting does."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every figure; what cannot be read is left out, and said to be."""
        found = self._stored()
        yield GaugeMetricFamily("tocsin_up", "Whether the database could be read.", value=bool(found))
        yield from found
        broker = self._queued()
        yield GaugeMetricFamily("tocsin_redis_up", "Whether Redis could be read.", value=bool(broker))
        yield from broker
        yield from self._flown(redis_answers=bool(broker))

    def _stored(self) -> list[Metric]:
        context = self._context
        try:
            with context.store.read() as tx:
                found = figures.take(tx)
            age = health.scheduler_age_s(context.store, context.clock())
        except Exception as exc:  # noqa: BLE001 - whatever ails the database is told as 0, and logged
            log.warning("metrics.unreadable", part="database", cause=str(exc))
            return []
        return [
            *_counted(found),
            *([] if age is None else [_age(age)]),
            _latencies(found.latencies),
            _targets(targets(context.settings)),
        ]

    def _flown(self, *, redis_answers: bool) -> list[Metric]:
        context = self._context
        try:
            with context.store.read() as tx:
                every_s = context.settings.canary_s
                found = canary.broken(tx, every_s=every_s, redis_answers=redis_answers, now=context.clock())
        except Exception:  # noqa: BLE001 - told and logged already: the database is not up
            return []
        broken = {stage: float(found is not None and found.stage == stage) for stage in STAGES}
        return [_by("tocsin_broken", "Whether the canary did not pass a stage in time.", "stage", broken)]

    def _queued(self) -> list[Metric]:
        try:
            return [*_queues(self._context.queues.depths()), _workers(self._context.queues.workers())]
        except ServiceError as exc:
            log.warning("metrics.unreadable", part="redis", cause=str(exc))
            return []


def _counted(found: Figures) -> Iterator[Metric]:
    counts = found.counts
    yield _by("tocsin_feeds", "Feeds by state; failing and silent ones are active.", "state", counts.feeds)
    yield _by("tocsin_raw_items", "Raw items kept, by state.", "state", counts.items)
    yield _by("tocsin_pages", "Article pages by state.", "state", counts.pages)
    yield _by("tocsin_pages_refused", "Pages that gave no text, by reason.", "reason", counts.refused)
    blocked = len(counts.blocked)
    yield GaugeMetricFamily("tocsin_hosts_blocked", "Hosts that refuse us their pages.", value=blocked)
    yield GaugeMetricFamily("tocsin_articles", "Articles in the archive.", value=counts.articles)
    yield GaugeMetricFamily("tocsin_stories", "Stories in the archive.", value=counts.stories)
    yield GaugeMetricFamily("tocsin_subscriptions", "Active subscriptions.", value=counts.subscriptions)
    alerts = {"live": counts.alerts, "backlog": counts.backlog_alerts}
    yield _by("tocsin_alerts", "Alerts kept, live ones and those of old news.", "kind", alerts)
    yield _by("tocsin_deliveries", "Deliveries kept, by state.", "state", counts.deliveries)
    waiting = {str(channel): count for channel, count in found.waiting.items()}
    yield _by("tocsin_channel_waiting", "Pending deliveries by id of their channel.", "channel", waiting)
    yield GaugeMetricFamily(
        "tocsin_gaps", "Polls before which a feed's items may have been missed.", value=found.gaps
    )
    yield _by("tocsin_dead_letters", "Open dead letters, by what failed.", "stage", found.dead_letters)


def _age(seconds: float) -> Metric:
    return GaugeMetricFamily(
        "tocsin_scheduler_age_seconds", "Since a scheduler last said that it lives.", value=seconds
    )


def _latencies(found: Mapping[Stage, Histogram]) -> Metric:
    family = HistogramMetricFamily(
        "tocsin_stage_seconds", "How long a stage took, from the end of the one before.", labels=["stage"]
    )
    for stage in Stage:
        one = found.get(stage, Histogram({}, 0.0))
        below, buckets = 0, []
        for bound in BOUNDS_MS:
            below += one.counts.get(bound, 0)
            buckets.append(("+Inf" if bound == ENDLESS_MS else str(bound / 1000), below))
        family.add_metric([stage.value], buckets=buckets, sum_value=one.seconds)
    return family


def _targets(wanted: Mapping[Stage, float]) -> Metric:
    values = {stage.value: seconds for stage, seconds in wanted.items()}
    help_ = "What the 95th percentile of a stage should not be above."
    return _by("tocsin_stage_target_seconds", help_, "stage", values)


def _queues(states: Mapping[str, QueueState]) -> Iterator[Metric]:
    depths = {hop: state.depth for hop, state in states.items()}
    yield _by("tocsin_queue_waiting", "Jobs that wait in a queue.", "hop", depths)
    ages = {hop: state.oldest_age_s for hop, state in states.items()}
    yield _by("tocsin_queue_age_seconds", "How long the oldest job of a queue has waited.", "hop", ages)
    running = {hop: state.started for hop, state in states.items()}
    yield _by("tocsin_queue_running", "Jobs of a queue that run.", "hop", running)
    failed = {hop: state.failed for hop, state in states.items()}
    yield _by("tocsin_queue_failed", "Failed jobs of a queue that are kept.", "hop", failed)


def _workers(found: Iterable[WorkerState]) -> Metric:
    names = [name for worker in found for name in worker.queues]
    return _by("tocsin_workers", "Living workers of a hop.", "hop", {hop: names.count(hop) for hop in HOPS})


def _by(name: str, help_: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, help_, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
