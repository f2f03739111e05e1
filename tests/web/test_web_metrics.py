"""``/metrics``: who may read it, that Prometheus can, and what it says when something is away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as parsed

from config.settings import Settings
from pipeline.core.latency import Sample, Stage
from pipeline.store import engine, latencies
from pipeline.store.engine import Store
from tests.seed import seed
from tests.web.browser import beat, context, served
from workers.context import now
from workers.web.app import create_app

LABELS = {"reason", "state", "kind", "stage", "hop", "channel", "le"}


def _families(client: FlaskClient, **headers: str) -> dict[str, Metric]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {one.name: one for one in parsed(answer.text)}


def _values(family: Metric, suffix: str = "") -> dict[str, float]:
    return {
        next(iter(sample.labels.values()), ""): sample.value
        for sample in family.samples
        if sample.name == family.name + suffix
    }


def test_figures_of_database_and_redis_are_told(client: FlaskClient, store: Store) -> None:
    """Counts by state, waiting work, and latencies as cumulative buckets with sum and count."""
    seed(store)
    beat(store, age_s=3)
    store.write(lambda tx: latencies.count(tx, [Sample(Stage.STORED, s) for s in (0.02, 0.2, 90)], now()))
    found = _families(client)
    assert _values(found["tocsin_up"]) == _values(found["tocsin_redis_up"]) == {"": 1}
    assert _values(found["tocsin_deliveries"]) == {"pending": 0, "delivered": 0, "dead": 1}
    assert _values(found["tocsin_dead_letters"]) == {"ingest": 0, "page": 0, "deliver": 1}
    assert _values(found["tocsin_articles"]) == {"": 2}
    assert _values(found["tocsin_workers"]) == {"ingest": 0, "pages": 0, "deliver": 0}
    assert 3 <= _values(found["tocsin_scheduler_age_seconds"])[""] < 10
    stages = found["tocsin_stage_seconds"]
    assert stages.type == "histogram"
    stored = {
        s.labels["le"]: s.value
        for s in stages.samples
        if s.labels == s.labels | {"stage": "stored", "le": s.labels.get("le")}
    }
    assert (stored["0.05"], stored["0.2"], stored["60.0"], stored["120.0"], stored["+Inf"]) == (1, 2, 2, 3, 3)
    assert _values(stages, "_sum")["stored"] == pytest.approx(90.22)
    assert _values(stages, "_count")["stored"] == 3


def _faults(families: Iterator[Metric]) -> Iterator[str]:
    """What ``promtool check metrics`` would say, and that labels are of the few kinds that stay few."""
    seen: set[str] = set()
    for one in families:
        if one.name in seen:
            yield f"{one.name} comes twice"
        seen.add(one.name)
        if not re.fullmatch(r"tocsin_[a-z_]+", one.name) or not one.documentation.endswith("."):
            yield f"{one.name} has no proper name or help"
        if one.type not in {"gauge", "histogram", "counter"} or (
            one.type == "gauge" and one.name.endswith(("_total", "_count", "_sum"))
        ):
            yield f"{one.name} is a {one.type}"
        if re.search(r"_(ms|milliseconds|minutes|kb|mb|kilobytes|percent)$", one.name):
            yield f"{one.name} is not in base units"
        if not one.samples:
            yield f"{one.name} has no sample"
        keys = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in one.samples]
        if len(keys) != len(set(keys)):
            yield f"{one.name} has a sample twice"
        for sample in one.samples:
            if not set(sample.labels) <= LABELS or any("/" in value for value in sample.labels.values()):
                yield f"{sample} has labels that may be many"


def test_text_is_what_prometheus_expects(client: FlaskClient, store: Store) -> None:
    """Names, help, types, units and labels pass a lint, in the old format and in OpenMetrics."""
    seed(store)
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert list(_faults(iter(parsed(answer.text)))) == [
        "tocsin_pages has no sample",
        "tocsin_pages_refused has no sample",
        "tocsin_channel_waiting has no sample",
    ]
    newer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert newer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert {one.name for one in openmetrics(newer.text)} == {one.name for one in parsed(answer.text)}
    assert "news.example" not in answer.text


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_is_not_this_machine(client: FlaskClient, name: str) -> None:
    """Who comes through a proxy comes from elsewhere, whatever the header claims."""
    assert client.get("/metrics", headers={name: "127.0.0.1"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "code"),
    [("127.9.9.9", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 403), ("", 403)],
)
def test_without_a_token_only_this_machine_reads(client: FlaskClient, address: str, code: int) -> None:
    """Loopback addresses of both families may, others may not; no login is asked for."""
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == code


def test_with_a_token_only_its_bearer_reads(settings: Settings, store: Store) -> None:
    """From wherever; this machine's other users need it too."""
    given = Settings.model_validate({**settings.model_dump(), "metrics_token": "tell-me-all"})
    client = create_app(context(given, store)).test_client()
    assert client.get("/metrics").status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer tell-me"}).status_code == 403
    there = {"Authorization": "Bearer tell-me-all", "X-Forwarded-For": "10.0.0.7"}
    assert client.get("/metrics", headers=there, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code == 200


def test_what_is_away_is_told_as_zero(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Neither a database without tables nor a missing Redis breaks the page."""
    app_context = context(
        Settings.model_validate({**settings.model_dump(), "redis_url": "redis://127.0.0.1:1/0"}), store
    )
    client = create_app(app_context).test_client()
    found = _families(client)
    assert (_values(found["tocsin_up"]), _values(found["tocsin_redis_up"])) == ({"": 1}, {"": 0})
    empty = engine.open(f"sqlite:///{tmp_path}/empty.sqlite3")
    object.__setattr__(app_context, "store", empty)
    found = _families(client)
    assert set(found) == {"tocsin_up", "tocsin_redis_up"}
    assert _values(found["tocsin_up"]) == {"": 0}
    empty.close()


def test_server_lets_metrics_see_that_there_is_a_proxy(settings: Settings, store: Store) -> None:
    """As the web process serves it: a request from here is answered, one through a proxy here is not."""
    with served(settings, store) as (_, port):
        for headers, status in (({}, 200), ({"X-Forwarded-For": "192.0.2.7"}, 403)):
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/metrics", headers=headers)
            answer = connection.getresponse()
            assert (answer.status, b"tocsin_up 1" in answer.read()) == (status, status == 200)
            connection.close()


def test_a_target_is_told_beside_its_stage(client: FlaskClient) -> None:
    """So that a rule can hold one against the other."""
    assert (
        _values(_families(client)["tocsin_stage_target_seconds"])["stored"] == timedelta(seconds=10).seconds
    )
