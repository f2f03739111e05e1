"""The live percolator: in force with the next batch, and no article lost for a query that is too slow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import structlog.testing

from pipeline.core.analyse import analyse
from pipeline.core.errors import DocumentError
from pipeline.core.match import Percolator
from pipeline.store import alerts
from pipeline.store.engine import Store
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site
from tests.test_match import subscription
from tests.test_match_limits import LEFT, RIGHT

HARD = "abcdefghij " * 15_000 + "zyxwvutsrq " * 15_000


@pytest.mark.usefixtures("uncollected")
def test_queries_that_take_too_long_cost_no_article_and_no_other_alert(store: Store, site: Site) -> None:
    """Where all queries together go over the limit, the slow ones are left out and told, and the rest rings."""
    bench = Bench(store)
    bench.with_policy(cpu_limit_s=0.4)
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "Hard", HARD), item(2, "Easy", "An invasion.")))))
    bench.subscribe("zyxwvutsrq")
    bench.subscribe("invasion")
    slow = [bench.subscribe(f'"{" ".join(LEFT + RIGHT)} word{number}*"~{number}') for number in range(3)]
    slow += [bench.subscribe(f'"{" ".join(LEFT + RIGHT)}"~{number}') for number in range(30)]
    with structlog.testing.capture_logs() as logs:
        done = bench.run()
    assert (done.articles, done.poisoned) == (2, ())
    with store.read() as tx:
        assert {row.subscription_name for row in alerts.rows(tx)} >= {"zyxwvutsrq", "invasion"}
    told = {line["subscription"] for line in logs if line["event"] == "subscription.slow"}
    assert told
    assert told <= set(slow)


def test_a_changed_subscription_is_in_force_with_the_next_batch(store: Store, site: Site) -> None:
    """Nothing is restarted and nothing built anew."""
    bench = Bench(store)
    bench.feed(site.answer("/feed", Reply(body=rss(item(1, "War", "")))))
    bench.run()
    bench.subscribe("war")
    site.answer("/feed", Reply(body=rss(item(2, "Another war", ""), item(1, "War", ""))))
    bench.pass_by(minutes=10)
    assert bench.run().alerts == 1


def test_an_article_is_given_up_as_soon_as_too_many_queries_are_slow() -> None:
    """Each slow query costs its whole limit: beyond the bound not one more is tried."""
    percolator = Percolator()
    percolator.apply(subscription(number, f"war NOT peace{number}") for number in range(40))
    tried = 0

    @contextmanager
    def limit() -> Iterator[None]:
        nonlocal tried
        tried += 1
        yield
        raise DocumentError("cpu-limit", "took too long")

    with pytest.raises(DocumentError):
        percolator.match_apart(analyse("", "", "war", "en"), limit, most_slow=5)
    assert tried == 6
