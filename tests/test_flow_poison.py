"""Documents that are made to hold a worker: each is stopped by a limit with a name, and its neighbours go on."""

from __future__ import annotations

import time

import pytest

from pipeline.flow.ingest import ingest
from pipeline.store import audit, dead_letters, feeds, warnings
from pipeline.store.feeds import FeedRow
from tests.ground import Bench
from tests.newswire import item, rss
from tests.sites import Reply, Site


def made(body: str) -> str:
    """An item with something added."""
    return item(1, "Harvest", "It was good.").replace("</item>", f"{body}</item>")


def deep(depth: int) -> str:
    """Elements in elements."""
    return "<b>" * depth + "</b>" * depth


NAMES = " ".join(f"xmlns:a{number}='u{number}'" for number in range(9_000))
REFUSED = {
    "categories": ("<category>x</category>" * 50_000, "too-many-tags"),
    "nesting": (deep(50_000), "too-many-tags"),
    "markup": (f"<description><![CDATA[{'<div>' * 50_000}]]></description>", "too-many-tags"),
    "bytes": (f"<description>{'x' * 4_000_001}</description>", "item-too-large"),
}
READ = {"nesting": deep(9_000), "namespaces": f"<x {NAMES}/>"}


def state(bench: Bench, feed: int) -> tuple[FeedRow, dict[str, str]]:
    """A feed and its warnings; all adds up."""
    with bench.store.read() as tx:
        assert audit.check(tx) == []
        return feeds.find(tx, str(feed)), {
            one.word: one.text for one in warnings.of(tx, [feed]).get(feed, [])
        }


def test_what_is_over_a_limit_is_refused_by_name(bench: Bench, site: Site) -> None:
    """Each feed is marked with the word of its limit, and what else it lists is taken."""
    neighbour = item(7000, "Neighbour", "Nothing is wrong with it.")
    words = {
        bench.feed(site.answer(f"/{name}", Reply(body=rss(neighbour, made(body))))): word
        for name, (body, word) in REFUSED.items()
    }
    bench.with_policy(items_per_document=20)
    many = rss(*(item(number, "Many", "One of them.") for number in range(25)))
    words[bench.feed(site.answer("/items", Reply(body=many)))] = "too-many-items"
    started = time.process_time()
    bench.poll()
    bench.ingest()
    assert time.process_time() - started < bench.policy.cpu_limit_s
    for feed, word in words.items():
        row, warned = state(bench, feed)
        assert row.articles >= 1
        assert list(warned) == ["limit"]
        assert f" {word}: " in warned["limit"]


def test_what_is_only_odd_is_read_in_time(bench: Bench, site: Site) -> None:
    """Depth and names alone are no reason to refuse."""
    for name, body in READ.items():
        bench.feed(site.answer(f"/{name}", Reply(body=rss(made(body).replace("wire-1", name)))))
    bench.poll()
    assert [done.poisoned for done in bench.ingest()] == [()]


def test_entities_are_never_expanded(bench: Bench, site: Site) -> None:
    """A billion laughs are a few bytes, and stay so."""
    laughs = "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(12))
    head = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">{laughs}]>'.encode()
    body = head + rss(item(1, "Laughs", "LAUGH")).partition(b"?>")[2].replace(b"LAUGH", b"&amp;m;&m;")
    bench.feed(site.answer("/feed", Reply(body=body)))
    started = time.process_time()
    assert bench.run().articles == 1
    assert time.process_time() - started < bench.policy.cpu_limit_s


@pytest.mark.usefixtures("uncollected")
def test_the_same_poison_is_not_tried_for_ever(bench: Bench, site: Site) -> None:
    """Three attempts, then a dead letter with the limit's name; the same bytes are buried untried when they return."""
    bench.with_policy(cpu_limit_s=0.05)
    poison = made("<author>a@b.example (A)</author>" * 9_000)
    headers = {"ETag": '"1"'}
    feed = bench.feed(site.answer("/feed", Reply(body=rss(poison), headers=headers)))
    bench.poll()
    bench.ingest()
    with bench.store.read() as tx:
        (letter,) = dead_letters.rows(tx)
    assert letter.cause.startswith("cpu-limit: ")
    assert "cpu-limit" in state(bench, feed)[1]["poison"]
    for body in (rss(item(2, "Harvest", "It was bad.")), rss(poison)):
        site.answer("/feed", Reply(body=body, headers=headers))
        bench.pass_by(minutes=6)
        bench.poll()
        assert "if-none-match" not in site.seen("/feed")[1].headers  # else a 304 would hide the mended one
        done = bench.ingest()
    assert "died-before: cpu-limit" in done[0].poisoned[0]
    state(bench, feed)
    bench.with_policy(cpu_limit_s=5.0)  # the operator has more patience, and presses requeue
    assert ingest(bench.ground, bench.live, [letter.ref_id]).articles == 1
