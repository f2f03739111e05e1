"""The fetcher on a real server: redirects, limits, packing, credentials, and the guard at its socket."""

import asyncio
import gzip
import random
import socket
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pipeline.core.addresses import Allow
from pipeline.core.errors import FetchError, RefusedError
from pipeline.core.model import Response
from pipeline.fetch import Fetcher
from tests.sites import Reply, Request, Site, redirect

FEED = b"<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>"
HERE = Allow.parse("127.0.0.1")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with Site() as running:
        yield running


def get(url: str, *, allow: Allow = HERE, asked: dict[str, Any] | None = None, **options: Any) -> Response:
    """One fetch, with a fetcher of its own."""
    return get_all([url], allow=allow, asked=asked, **options)[0]


def get_all(
    urls: list[str], *, allow: Allow = HERE, asked: dict[str, Any] | None = None, **options: Any
) -> list[Response]:
    """Fetches one after another with the same fetcher, so that connections are reused."""
    settings: dict[str, Any] = {
        "timeout_s": 5.0,
        "body_limit": 1_000_000,
        "document_limit": 3_000_000,
        "user_agent": "Tocsin/test",
        "concurrency": 10,
        "proxies": {},
        "now": lambda: NOW,
    } | options

    async def run() -> list[Response]:
        async with Fetcher(allow, **settings) as fetcher:
            return [await fetcher.get(url, **(asked or {})) for url in urls]

    return asyncio.run(run())


def refusal(url: str, **options: Any) -> FetchError:
    """The error that a fetch ends with."""
    with pytest.raises(FetchError) as caught:
        get(url, **options)
    return caught.value


class Names(AbstractResolver):
    """A resolver of the test's own: each look-up of a name takes its next answer."""

    def __init__(self, **addresses: list[str]) -> None:
        self.addresses = {name.replace("_", "."): list(found) for name, found in addresses.items()}

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the interface's
    ) -> list[ResolveResult]:
        found = self.addresses[host]
        address = found.pop(0) if len(found) > 1 else found[0]
        return [
            ResolveResult(hostname=host, host=part, port=port, family=socket.AF_INET, proto=0, flags=0)
            for part in address.split("+")
        ]

    async def close(self) -> None:
        """Nothing to let go of."""


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
    assert refusal("http://no-such-name.invalid/").reason == "dns"


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


# --- redirects and credentials ---------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_the_last_address_told(site: Site, status: int) -> None:
    """Relative and absolute ones, of every kind."""
    site.answer("/a", redirect("b?x=1", status))
    site.answer("/b", redirect(site.url("/c"), status))
    site.answer("/c", Reply(body=FEED))
    answer = get(site.url("/a"))
    assert (answer.status, answer.url, answer.body) == (200, site.url("/c"), FEED)


def test_redirects_end_after_ten(site: Site) -> None:
    """Ten are followed, a loop is not."""
    for n in range(10):
        site.answer(f"/{n}", redirect(f"/{n + 1}"))
    site.answer("/10", Reply(body=FEED))
    assert get(site.url("/0")).body == FEED
    assert refusal(site.answer("/loop", redirect("/loop"))).reason == "redirects"
    assert len(site.seen("/loop")) == 11


def test_a_redirect_without_an_address_is_an_answer(site: Site) -> None:
    """There is nowhere to go: the status speaks for itself."""
    assert get(site.answer("/feed", Reply(302))).status == 302


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x/", "javascript:alert(1)", "data:,x"]
)
def test_a_redirect_out_of_the_web_is_refused(site: Site, to: str) -> None:
    """Only http and https are followed."""
    assert isinstance(refusal(site.answer("/feed", redirect(to))), RefusedError)


@pytest.mark.parametrize("to", ["http://[::1", "http://", "http://a:99999/"])
def test_a_redirect_to_nonsense_is_a_fetch_error(site: Site, to: str) -> None:
    """No stranger's header can raise anything else."""
    refusal(site.answer("/feed", redirect(to)))


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "/feed", "", "feed:http://x/", "http://", "http://[x/", "ftp://x/"]
)
def test_only_web_addresses_are_opened(url: str) -> None:
    """Anything else never reaches the network."""
    refusal(url)


def test_credentials_are_sent_and_stay_on_their_host(site: Site) -> None:
    """User, password and a feed's own headers do not follow a redirect to another host; validators do."""
    site.answer("/a", redirect("/b"))
    site.answer("/b", redirect(site.url("/c", host="localhost")))
    site.answer("/c", Reply(body=FEED))
    get(
        site.url("/a"),
        allow=Allow.parse("127.0.0.1,::1"),
        asked={"auth": ("user", "pässword"), "headers": {"X-Key": "secret", "If-None-Match": '"1"'}},
    )
    for path in ("/a", "/b"):
        sent = site.seen(path)[0].headers
        assert sent["authorization"] == "Basic dXNlcjpww6Rzc3dvcmQ="
        assert sent["x-key"] == "secret"
    sent = site.seen("/c")[0].headers
    assert "authorization" not in sent
    assert "x-key" not in sent
    assert sent["if-none-match"] == '"1"'


def test_another_port_is_another_party(site: Site) -> None:
    """A redirect to another port of the same host carries no credentials."""
    with Site() as other:
        other.answer("/b", Reply(body=FEED))
        get(site.answer("/a", redirect(other.url("/b"))), asked={"auth": ("user", "password")})
        assert "authorization" not in other.requests[0].headers


def test_credentials_in_the_url_are_used_and_not_shown(site: Site) -> None:
    """They go into the header; the address that is kept is without them."""
    site.answer("/feed", Reply(body=FEED))
    answer = get(site.url("/feed", user="user:pa%20ss"))
    assert answer.url == site.url("/feed")
    assert site.requests[0].headers["authorization"] == "Basic dXNlcjpwYSBzcw=="


def test_errors_carry_no_secrets(site: Site) -> None:
    """Neither the password nor the query's token stands in an error."""
    for script in (Reply(hang=True), Reply(raw=b"x\r\n"), redirect("/feed")):
        site.answer("/feed", script)
        message = str(refusal(site.url("/feed?token=hush", user="user:sesame"), timeout_s=0.2))
        assert "hush" not in message
        assert "sesame" not in message


def test_a_header_with_a_line_break_is_a_fetch_error(site: Site) -> None:
    """A stored header cannot smuggle a second one."""
    refusal(site.answer("/feed", Reply(body=FEED)), asked={"headers": {"X-A": "1\r\nX-B: 2"}})
    assert not site.requests


def test_cookies_are_not_kept(site: Site) -> None:
    """One feed's cookie is no other request's business."""
    url = site.answer("/feed", Reply(body=FEED, headers={"Set-Cookie": "a=1"}))
    get_all([url, url])
    assert "cookie" not in site.requests[1].headers


# --- the guard -------------------------------------------------------------

LITERALS = [
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "[::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "0.0.0.0",
    "0",
    "[::]",
    "127.0.0.1.",
    "①②⑦.⓪.⓪.①",
    "localhost",
    "LOCALHOST.",
    "169.254.169.254",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "224.0.0.1",
]


@pytest.mark.parametrize("host", LITERALS)
def test_no_spelling_of_an_inner_address_gets_out(site: Site, host: str) -> None:
    """However this machine is written, nothing arrives."""
    site.answer("/secret", Reply(body=FEED))
    error = refusal(site.url("/secret", host=host), allow=Allow(), timeout_s=2)
    assert error.reason in {"refused", "dns", "protocol"}, error
    assert not site.connections


@pytest.mark.parametrize("host", ["127.0.0.1", "①②⑦.⓪.⓪.①", "[::ffff:127.0.0.1]", "localhost"])
def test_a_refusal_is_told_as_one(site: Site, host: str) -> None:
    """The operator learns that it was the guard, and which address."""
    error = refusal(site.url("/secret", host=host), allow=Allow())
    assert isinstance(error, RefusedError)
    assert "special address" in str(error)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "inner.example", "[::ffff:127.0.0.1]"])
def test_a_redirect_inward_is_refused(site: Site, host: str) -> None:
    """A public, allowed address does not open the way to its neighbours."""
    site.answer("/secret", Reply(body=FEED))
    site.answer("/a", redirect(site.url("/secret", host=host)))
    names = Names(outer_example=["127.0.0.1"], inner_example=["127.0.0.1"], localhost=["127.0.0.1"])
    names.addresses["0x7f.1"] = ["127.0.0.1"]
    error = refusal(site.url("/a", host="outer.example"), allow=Allow.parse("outer.example"), resolver=names)
    assert isinstance(error, RefusedError)
    assert not site.seen("/secret")


def test_an_allowed_host_is_reached_by_that_name_only(site: Site) -> None:
    """The same machine under another name, on the same fetcher, stays out of reach."""
    site.answer("/feed", Reply(body=FEED))
    names = Names(a_example=["127.0.0.1"], b_example=["127.0.0.1"])

    async def run() -> None:
        async with Fetcher(
            Allow.parse("a.example"),
            timeout_s=5,
            body_limit=10_000,
            document_limit=10_000,
            user_agent="t",
            concurrency=5,
            resolver=names,
            proxies={},
        ) as fetcher:
            for _ in range(3):  # the second and third on pooled connections
                assert (await fetcher.get(site.url("/feed", host="a.example"))).status == 200
                with pytest.raises(RefusedError):
                    await fetcher.get(site.url("/feed", host="b.example"))
                with pytest.raises(RefusedError):
                    await fetcher.get(site.url("/feed"))
            # Many at once: each request is judged by its own host.
            hosts = ["a.example", "b.example"] * 10
            answers = await asyncio.gather(
                *(fetcher.get(site.url("/feed", host=host)) for host in hosts), return_exceptions=True
            )
            for host, answer in zip(hosts, answers, strict=True):
                assert isinstance(answer, Response if host == "a.example" else RefusedError)

    asyncio.run(run())


def test_rebinding_is_caught_at_the_socket(site: Site) -> None:
    """A name that changes its address between look-ups is judged by the address connected to."""
    site.answer("/feed", Reply(body=FEED))
    names = Names(rebind_example=["127.0.0.1"])
    assert isinstance(
        refusal(site.url("/feed", host="rebind.example"), allow=Allow(), resolver=names), RefusedError
    )
    # First an allowed address, then, for the redirect's look-up, another one of this machine.
    names = Names(rebind_example=["127.0.0.1", "127.0.0.2"])
    site.answer("/a", Reply(302, headers={"Location": "/feed", "Connection": "close"}))

    async def run() -> None:
        async with Fetcher(
            HERE,
            timeout_s=5,
            body_limit=10_000,
            document_limit=10_000,
            user_agent="t",
            concurrency=5,
            resolver=names,
            proxies={},
        ) as fetcher:
            connector: Any = fetcher._outbound._session.connector  # type: ignore[union-attr]
            connector._use_dns_cache = False  # as if its minute were over
            with pytest.raises(RefusedError):
                await fetcher.get(site.url("/a", host="rebind.example"))

    asyncio.run(run())
    assert not site.seen("/feed")


def test_a_forbidden_address_among_allowed_ones_is_passed_over(site: Site) -> None:
    """A name with an inner and an allowed address is reached at the allowed one alone."""
    site.answer("/feed", Reply(body=FEED))
    names = Names(mixed_example=["127.0.0.2+127.0.0.1+10.0.0.1"])
    assert get(site.url("/feed", host="mixed.example"), resolver=names).body == FEED


# --- proxies ---------------------------------------------------------------


def through(site: Site, url: str, *, allow: Allow | None = None, proxy: str = "") -> Response:
    """A fetch through the site as a proxy, as the environment would name it."""
    return get(url, allow=allow or Allow(), proxies={"http": proxy or site.url(""), "no": "direct.example"})


def test_the_operators_proxy_is_used_wherever_it_stands(site: Site) -> None:
    """A proxy on this machine is no forbidden address: the operator named it."""
    seen: list[Request] = []
    site.answer("http://news.example/feed", lambda request: (seen.append(request), Reply(body=FEED))[1])
    assert through(site, "http://news.example/feed").body == FEED
    assert seen[0].path == "http://news.example/feed"


def test_the_proxys_credentials_go_to_the_proxy(site: Site) -> None:
    """User and password of the proxy's URL become its header."""
    site.answer("http://news.example/feed", Reply(body=FEED))
    through(site, "http://news.example/feed", proxy=site.url("", user="me:pw"))
    sent = site.requests[0].headers
    assert sent["proxy-authorization"] == "Basic bWU6cHc="
    assert "authorization" not in sent


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f.1", "[::1]", "[::ffff:10.0.0.1]", "localhost", "a.localhost"]
)
def test_a_proxy_is_not_asked_for_inner_addresses(site: Site, host: str) -> None:
    """What can be told by its name is refused before the proxy hears of it."""
    with pytest.raises(RefusedError):
        through(site, f"http://{host}/secret")
    assert not site.connections


def test_hosts_without_proxy_are_judged_at_the_socket(site: Site) -> None:
    """NO_PROXY leads past the proxy, not past the guard."""
    names = Names(direct_example=["127.0.0.1"])
    error = refusal(
        site.url("/feed", host="direct.example"),
        allow=Allow(),
        resolver=names,
        proxies={"http": site.url(""), "no": "direct.example"},
    )
    assert isinstance(error, RefusedError)


def test_proxies_come_from_the_environment(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is obeyed without further ado."""
    monkeypatch.setenv("HTTP_PROXY", site.url(""))
    monkeypatch.delenv("NO_PROXY", raising=False)
    site.answer("http://news.example/feed", Reply(body=FEED))
    assert get("http://news.example/feed", allow=Allow(), proxies=None).body == FEED
