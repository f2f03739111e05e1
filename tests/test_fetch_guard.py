"""Where the fetcher goes and what it takes along: redirects, credentials, the guard at its socket, proxies."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from yarl import URL

from pipeline.core.addresses import Allow
from pipeline.core.errors import ConfigError, RefusedError
from pipeline.core.model import Response
from pipeline.fetch import Fetcher
from pipeline.fetch.fetcher import _same_party
from tests.fetching import FEED, HERE, Names, get, get_all, refusal
from tests.sites import Reply, Request, Site, redirect


@pytest.fixture
def site() -> Iterator[Site]:
    """A site on this machine."""
    with Site() as running:
        yield running


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


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://[::1", "http://"])
def test_a_proxy_that_cannot_be_used_is_a_config_error(proxy: str) -> None:
    """Told at the start, without its password."""
    with pytest.raises(ConfigError, match="HTTP_PROXY must be"):
        get("http://news.example/", proxies={"http": proxy})


@pytest.mark.parametrize(
    ("there", "trusted"),
    [
        ("https://a.example/x", True),
        ("http://a.example/x", False),
        ("https://a.example:8443/x", False),
        ("https://b.a.example/x", False),
        ("https://a.example:443/x", True),
    ],
)
def test_who_asked_over_tls_is_not_told_in_the_clear(there: str, trusted: bool) -> None:
    """Credentials stay with the origin; they may follow it from http to https, never back."""
    assert _same_party(URL("https://a.example/feed"), URL(there)) is trusted
    assert _same_party(URL("http://a.example/feed"), URL("https://a.example/feed"))
