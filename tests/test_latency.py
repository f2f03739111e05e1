"""How long stages take: counting samples, and what quantiles say of the counts."""

from __future__ import annotations

import random
from statistics import quantiles

import pytest

from pipeline.core.latency import BOUNDS_MS, ENDLESS_MS, Histogram, Sample, Stage, Tally, quantile, tally


def test_samples_are_counted_in_the_bucket_that_they_fit() -> None:
    """A bound belongs to its bucket; a clock that runs behind makes a sample 0; the last bucket has no end."""
    samples = [
        Sample(Stage.STORED, 0.05),
        Sample(Stage.STORED, 0.0501),
        Sample(Stage.SEEN, -3.0),
        Sample(Stage.STORED, 1e12),
    ]
    assert tally(samples) == [
        Tally(Stage.SEEN, 50, 1, 0.0),
        Tally(Stage.STORED, 50, 1, 0.05),
        Tally(Stage.STORED, 100, 1, 0.0501),
        Tally(Stage.STORED, ENDLESS_MS, 1, 1e12),
    ]
    assert tally([]) == []


def test_quantile_is_within_the_bucket_of_the_real_one() -> None:
    """Whatever the samples are, the estimate lies in the bucket that the real quantile lies in."""
    chance = random.Random(7)
    times = sorted(chance.lognormvariate(0, 2) for _ in range(2000))
    found = tally(Sample(Stage.STORED, one) for one in times)
    histogram = Histogram({one.up_to_ms: one.count for one in found}, sum(times))
    real = quantiles(times, n=20)[-1] * 1000
    upper = min(bound for bound in BOUNDS_MS if bound >= real)
    estimate = quantile(histogram, 0.95)
    assert estimate is not None
    assert max([0, *(bound for bound in BOUNDS_MS if bound < real)]) <= estimate * 1000 <= upper


@pytest.mark.parametrize(
    ("counts", "expected"),
    [({}, None), ({50: 4}, 0.0475), ({50: 19, ENDLESS_MS: 1}, 0.05), ({ENDLESS_MS: 1}, 86_400.0)],
)
def test_quantile_of_few(counts: dict[int, int], expected: float | None) -> None:
    """Nothing has none; the endless bucket is told by where it begins."""
    found = quantile(Histogram(counts, 0.0), 0.95)
    assert found == expected if expected is None else found == pytest.approx(expected)
