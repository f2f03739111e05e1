"""The fetcher on a real server: answers, limits on time and bytes, packing."""

import asyncio
import gzip
import random
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import brotli
import pytest

from pipeline.core.model import Response
from pipeline.fetch import Fetcher
from tests.fetching import FEED, HERE, NOW, get, get_all, refusal
from tests.sites import Reply, Site


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with Site() as running:
        yield running


# --- answers ---------------------------------------------------------------


def test_a_document_comes_with_its_headers_and_time(site: Site) -> None:
    """Status, final URL, headers in lower case, body, clock: all that a poll keeps."""
    url = site.answer("/feed", Reply(body=FEED, headers={"ETag": 'W/"a b"', "Content-Type": "text/xml"}))
    answer = get(url)
    assert (answer.status, answer.url, answer.body, answer.complete) == (200, url, FEED, True)
    assert answer.headers["etag"] == 'W/"a b"'
    assert answer.fetched_at == NOW
    assert 0 < answer.elapsed_s < 5


def test_validators_go_out_as_given_and_304_comes_back(site: Site) -> None:
    """A conditional request costs no body."""
    url = site.answer("/feed", Reply(304, headers={"ETag": 'W/"x"'}))
    answer = get(url, asked={"headers": {"If-None-Match": 'W/"x"', "If-Modified-Since": "yesterday"}})
    assert (answer.status, answer.body) == (304, b"")
    sent = site.requests[0].headers
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('W/"x"', "yesterday")
    assert sent["user-agent"] == "Tocsin/test"
    assert sent["accept-encoding"] == "gzip, deflate, br"


def test_connections_are_reused(site: Site) -> None:
    """Ten polls of one host, one connection."""
    url = site.answer("/feed", Reply(304))
    get_all([url] * 10)
    assert site.connections == 1


def test_error_answers_are_answers_without_their_bodies(site: Site) -> None:
    """What a 404 page says is nobody's business, however long it is."""
    answer = get(site.answer("/feed", Reply(404, body=b"x" * 2_000_000)))
    assert (answer.status, answer.body) == (404, b"")


def test_strange_header_values_become_storable_text(site: Site) -> None:
    """Bytes that are no UTF-8 never reach the database as lone surrogates."""
    answer = get(site.answer("/feed", Reply(body=FEED, headers={"X-Odd": "caf\xe9"})))
    answer.headers["x-odd"].encode()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (Reply(raw=b"SSH-2.0-OpenSSH_9\r\n"), "protocol"),
        (Reply(raw=b""), "connect"),
        (Reply(headers={"X-Long": "x" * 100_000}), "protocol"),
        (Reply(headers={f"X-{n}": "x" for n in range(500)}), "protocol"),
        (Reply(body=FEED, cut=0), "protocol"),
    ],
    ids=["another protocol", "nothing", "a huge header", "too many headers", "no byte of the body"],
)
def test_what_is_no_answer_is_an_error_with_a_reason(site: Site, script: Reply, reason: str) -> None:
    """Each fault has a short stable word."""
    assert refusal(site.answer("/feed", script)).reason == reason


def test_nobody_listening_and_no_such_name_are_told_apart(site: Site) -> None:
    """A dead port is not a dead name."""
    with Site() as closed:
        url = closed.url("/")
    assert refusal(url).reason == "connect"
    for name in ("no-such-name.invalid", "a..invalid", f"{'a' * 70}.invalid"):
        assert refusal(f"http://{name}/").reason == "dns"


def test_plain_http_behind_https_is_a_tls_fault(site: Site) -> None:
    """A server that does not speak TLS is named as that."""
    assert refusal(site.url("/", scheme="https")).reason == "tls"


# --- limits ----------------------------------------------------------------


def test_a_server_that_never_answers_costs_the_deadline(site: Site) -> None:
    """A hanging server ends with a timeout, soon after it is due."""
    started = time.perf_counter()
    assert refusal(site.answer("/feed", Reply(hang=True)), timeout_s=0.3).reason == "timeout"
    assert time.perf_counter() - started < 1.5


def test_a_drip_ends_at_the_total_deadline(site: Site) -> None:
    """A byte now and then does not buy more time."""
    started = time.perf_counter()
    error = refusal(site.answer("/feed", Reply(body=FEED * 10, drip_s=0.05)), timeout_s=0.4)
    assert error.reason == "timeout"
    assert time.perf_counter() - started < 1.5


def test_redirects_share_one_deadline(site: Site) -> None:
    """Ten slow hops are one slow fetch."""
    for n in range(10):
        site.answer(f"/{n}", Reply(302, headers={"Location": f"/{n + 1}"}, delay_s=0.15))
    started = time.perf_counter()
    assert refusal(site.url("/0"), timeout_s=0.4).reason == "timeout"
    assert time.perf_counter() - started < 1.5


def test_the_wait_for_a_place_is_not_counted(site: Site) -> None:
    """With one place, four fetches that take most of the deadline all succeed."""
    url = site.answer("/feed", Reply(body=FEED, delay_s=0.2))

    async def run() -> list[Response]:
        async with Fetcher(
            HERE,
            timeout_s=0.5,
            body_limit=10_000,
            document_limit=10_000,
            user_agent="t",
            concurrency=1,
            proxies={},
        ) as fetcher:
            return await asyncio.gather(*(fetcher.get(url) for _ in range(4)))

    assert [answer.status for answer in asyncio.run(run())] == [200] * 4


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_body_over_the_wire_limit_is_refused(site: Site, declared: bool) -> None:
    """The limit holds with and without a Content-Length."""
    body = b"x" * 20_000
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (
        len(body),
        body,
    )
    url = site.answer("/feed", Reply(body=body) if declared else Reply(raw=chunked))
    assert get(url, body_limit=20_000).body == body
    assert refusal(url, body_limit=19_999).reason == "too-large"


def test_the_wire_limit_counts_packed_bytes(site: Site) -> None:
    """What is small on the wire may be larger when unpacked, up to the document's own limit."""
    body = b"x" * 100_000
    url = site.answer("/feed", Reply(body=gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    assert get(url, body_limit=1_000, document_limit=100_000).body == body
    assert refusal(url, body_limit=1_000, document_limit=99_999).reason == "too-large"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_is_stopped_at_the_limit_in_little_memory(site: Site, coding: str) -> None:
    """200 MB of nothing never exist in our memory."""
    stream: Any = (
        brotli.Compressor(quality=1)
        if coding == "br"
        else zlib.compressobj(1, wbits={"gzip": 31, "deflate": 15}[coding])
    )
    pack = stream.process if coding == "br" else stream.compress
    bomb = b"".join(pack(bytes(1_000_000)) for _ in range(200)) + (
        stream.finish() if coding == "br" else stream.flush()
    )
    url = site.answer("/bomb", Reply(body=bomb, headers={"Content-Encoding": coding}))
    tracemalloc.start()
    error = refusal(url, body_limit=5_000_000, document_limit=2_000_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert error.reason == "too-large"
    assert peak < 12_000_000


def test_a_thousand_gzip_members_do_not_cost_a_thousand_times(site: Site) -> None:
    """A body of endless tiny gzip streams is followed for a while and then taken as padded."""
    url = site.answer("/feed", Reply(body=gzip.compress(b"a") * 20_000, headers={"Content-Encoding": "gzip"}))
    started = time.perf_counter()
    assert get(url).body == b"a" * 100
    assert time.perf_counter() - started < 1


# --- packing ---------------------------------------------------------------


def raw_deflate(data: bytes) -> bytes:
    """Deflate without zlib's wrapping, as many servers send it."""
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(FEED)),
        ("x-gzip", gzip.compress(FEED)),
        ("GZIP", gzip.compress(FEED)),
        ("identity, gzip", gzip.compress(FEED)),
        ("gzip", gzip.compress(FEED[:20]) + gzip.compress(FEED[20:])),
        ("gzip", gzip.compress(FEED) + b"\0" * 512),
        ("gzip", FEED),
        ("", gzip.compress(FEED)),
        ("identity", FEED),
        ("deflate", zlib.compress(FEED)),
        ("deflate", raw_deflate(FEED)),
        ("br", brotli.compress(FEED)),
    ],
    ids=range(12),  # the packed bytes hold the time, which differs between the processes of one run
)
@pytest.mark.parametrize("drip_s", [0.0, 0.0001], ids=["at once", "byte by byte"])
def test_every_honest_packing_is_unpacked(site: Site, coding: str, packed: bytes, drip_s: float) -> None:
    """Declared or not, wrapped or raw, in one piece or a byte at a time."""
    headers = {"Content-Encoding": coding} if coding else {}
    answer = get(site.answer("/feed", Reply(body=packed, headers=headers, drip_s=drip_s)))
    assert (answer.body, answer.complete) == (FEED, True)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip", gzip.compress(gzip.compress(FEED))),
        ("zstd", FEED),
        ("br", FEED),
        ("deflate", b"\x78\x9c" + b"\xff" * 20),
        ("gzip", gzip.compress(FEED)[:-8] + b"\0" * 8),
    ],
    ids=["packed twice", "unknown", "not brotli", "broken deflate", "wrong checksum"],
)
def test_what_cannot_be_unpacked_is_an_encoding_fault(site: Site, coding: str, body: bytes) -> None:
    """A clean error, no guess."""
    assert (
        refusal(site.answer("/feed", Reply(body=body, headers={"Content-Encoding": coding}))).reason
        == "encoding"
    )


@pytest.mark.parametrize("body", [b"", b"a", b"ab"])
def test_tiny_bodies_are_bodies(site: Site, body: bytes) -> None:
    """Fewer bytes than it takes to recognise a packing."""
    for coding in ("gzip", "identity"):
        answer = get(site.answer("/feed", Reply(body=body, headers={"Content-Encoding": coding})))
        assert (answer.body, answer.complete) == (body, True)


def test_a_body_cut_short_is_given_as_far_as_it_came(site: Site) -> None:
    """A feed of which half arrived may hold whole items."""
    answer = get(site.answer("/feed", Reply(body=FEED, cut=40)))
    assert (answer.body, answer.complete) == (FEED[:40], False)


def test_a_packed_body_cut_short_is_unpacked_as_far_as_it_came(site: Site) -> None:
    """Also when the server itself believes that it sent everything."""
    noise = random.Random(1).randbytes(5_000)
    packed = gzip.compress(noise)[:-400]
    answer = get(site.answer("/feed", Reply(body=packed, headers={"Content-Encoding": "gzip"})))
    assert not answer.complete
    assert answer.body
    assert noise.startswith(answer.body)
