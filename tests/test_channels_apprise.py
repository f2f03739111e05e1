"""Apprise channels against real services of the test's own: an HTTP site for ntfy, a mail server for mailto."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import channels
from pipeline.channels.errand import Errand
from pipeline.core.addresses import Allow
from pipeline.core.errors import UsageError
from pipeline.core.model import Channel, Message, Sent
from tests import mailbox as mailboxes
from tests.mailbox import Mailbox
from tests.sites import Reply, Request, Site, redirect

# Apprise imports imghdr for its PGP module where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

HERE = Allow.parse("127.0.0.1")
MESSAGE = Message(
    id="msg_1",
    created_at=datetime(2026, 3, 1, tzinfo=UTC),
    subject="Tocsin: Sanctions: Talks — Санкції",
    text="First line & <b>no markup</b>\n\n*stars*\n\nhttps://agency.example/1",
    html='<p>First line</p>\n<p><a href="https://agency.example/1">https://agency.example/1</a></p>',
)


@pytest.fixture
def site() -> Iterator[Site]:
    """A service on this machine."""
    with Site() as running:
        yield running


def send(
    url: str,
    *,
    allow: Allow = HERE,
    timeout_s: float = 5.0,
    message: Message = MESSAGE,
    have: frozenset[str] = frozenset(),
) -> Sent:
    """One attempt through a channel of its own."""
    built = channels.build(Channel(id=1, name="chat", url=url, secret=""), allow=allow, timeout_s=timeout_s)
    return asyncio.run(built.send(message, have=have))


def ntfy(site: Site, options: str = "", *, host: str = "127.0.0.1") -> str:
    """The Apprise address of a topic at the site, which receives it at ``/``."""
    return f"ntfy://me:sesame@{host}:{site.port}/news{options}"


def test_a_message_arrives_as_text(site: Site) -> None:
    """Title and body reach the service as they are."""
    site.answer("/", Reply(body=b"{}"))
    assert send(ntfy(site)) == Sent(ok=True)
    got = json.loads(site.requests[0].body)
    assert got["topic"] == "news"
    assert got["title"] == MESSAGE.subject
    assert "First line & <b>no markup</b>" in got["message"]
    assert "*stars*" in got["message"]
    assert "https://agency.example/1" in got["message"]


def test_without_leave_nothing_is_connected_to(site: Site) -> None:
    """The library's own client is held by the guard, whatever name leads here."""
    for host in ("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]"):
        sent = send(ntfy(site, host=host), allow=Allow())
        assert not sent.ok, host
        assert "special address" in sent.error or "ntfy" in sent.error
    assert not site.connections
    assert "127.0.0.1 is a special address" in send(ntfy(site), allow=Allow()).error


def test_an_allowed_host_counts_for_its_own_name(site: Site) -> None:
    """Leave for ``localhost`` is none for the address, nor for another name."""
    site.answer("/", Reply(body=b"{}"))
    leave = Allow.parse("localhost")
    assert send(ntfy(site, host="localhost"), allow=leave).ok
    assert not send(ntfy(site), allow=leave).ok


def test_redirects_are_not_followed(site: Site) -> None:
    """A service cannot send us elsewhere."""
    site.answer("/", redirect(site.url("/other"), 307))
    assert not send(ntfy(site, "?redirect=yes")).ok
    assert not site.seen("/other")


@pytest.mark.parametrize("status", [401, 404, 429, 500])
def test_a_refusing_service_is_a_failure_told_without_secrets(site: Site, status: int) -> None:
    """The error is the service's, one line, without what stands in the URL."""
    site.answer("/", Reply(status, body=b'{"code": 1, "error": "denied for me:sesame"}'))
    sent = send(ntfy(site))
    assert not sent.ok
    assert sent.error
    assert sent.error.isprintable()
    assert "sesame" not in sent.error


def test_one_attempt_is_one_request(site: Site) -> None:
    """Retries are ours to plan: the library's own, asked for in the URL, do not happen."""
    site.answer("/", Reply(500))
    assert not send(ntfy(site, "?retry=5&wait=0.1&overflow=split&rto=900")).ok
    assert len(site.requests) == 1


def test_a_service_that_is_down_is_an_outcome() -> None:
    """Nothing is raised."""
    with Site() as closed:
        url = ntfy(closed)
    assert not send(url).ok


def test_a_long_text_is_sent_in_one_piece(site: Site) -> None:
    """Cut where the service's limit is, never split into a dozen messages."""
    site.answer("/", Reply(body=b"{}"))
    long = Message(id="m", created_at=MESSAGE.created_at, subject="s" * 5_000, text="x " * 20_000, html="")
    assert send(ntfy(site), message=long).ok
    assert len(site.requests) == 1


@pytest.mark.parametrize(
    "script", [Reply(hang=True), Reply(body=b"{}" + b" " * 10_000, drip_s=0.05)], ids=["hangs", "drips"]
)
def test_a_message_given_up_on_is_cut_off(site: Site, script: Reply) -> None:
    """The timeout holds, and the sending thread ends with it rather than deliver later."""
    site.answer("/", script)
    started = time.perf_counter()
    sent = send(ntfy(site), timeout_s=0.5)
    assert "timeout" in sent.error
    assert time.perf_counter() - started < 2
    for thread in threading.enumerate():
        if thread.name == "apprise":
            thread.join(5)
            assert not thread.is_alive()


def test_the_operators_proxy_is_used_and_not_misused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy may stand anywhere; it is not asked for addresses of this machine."""
    monkeypatch.setenv("HTTP_PROXY", site.url(""))
    monkeypatch.delenv("NO_PROXY", raising=False)
    site.answer("http://ntfy.example", Reply(body=b"{}"))
    site.answer("http://ntfy.example/", Reply(body=b"{}"))
    assert send("ntfy://ntfy.example/news", allow=Allow()).ok
    arrived = len(site.requests)
    for host in ("127.0.0.1", "localhost", "[::1]"):
        assert "special address" in send(ntfy(site, host=host), allow=Allow()).error
    assert len(site.requests) == arrived


def test_other_threads_are_none_of_the_guards_business(site: Site) -> None:
    """A database connection of the same process passes while a channel is refused."""
    assert not send(ntfy(site), allow=Allow()).ok  # the hook is in force from here on
    with Errand(Allow()):
        passed: list[bool] = []

        def connect() -> None:
            with socket.create_connection(("127.0.0.1", site.port)):
                passed.append(True)

        other = threading.Thread(target=connect)
        other.start()
        other.join()
        assert passed == [True]
        with pytest.raises(PermissionError):
            socket.create_connection(("127.0.0.1", site.port))
    connect()
    assert passed == [True, True]


def test_unix_sockets_and_datagrams_are_refused_too(tmp_path: Path) -> None:
    """A plugin has no way to the sockets of this machine."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "s"))
    listener.listen()
    with listener, Errand(Allow.parse("127.0.0.1")), socket.socket(socket.AF_UNIX) as client:
        with pytest.raises(PermissionError):
            client.connect(str(tmp_path / "s"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram, pytest.raises(PermissionError):
            datagram.sendto(b"x", ("127.0.0.2", 9))


# --- mail --------------------------------------------------------------------


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    with mailboxes.running() as server:
        yield server


def test_mail_arrives_at_a_real_server(mailbox: Mailbox) -> None:
    """Subject on one line, body as text and as HTML, from who we are."""
    url = mailbox.url("desk@x.example")
    assert send(url, allow=Allow()).ok is False
    assert not mailbox.mails
    assert send(url).ok
    mail = mailbox.mails[0]
    assert mail["Subject"] == MESSAGE.subject
    assert mail["To"] == "desk@x.example"
    for form in ("plain", "html"):
        body = mail.get_body((form,))
        assert body is not None
        assert "https://agency.example/1" in body.get_content()


# --- several targets -------------------------------------------------------------


def test_each_target_is_sent_to_by_itself(mailbox: Mailbox) -> None:
    """What one refuses the others have; the next attempt goes to that one alone."""
    desk, ann, bob = (f"{name}@x.example" for name in ("desk", "ann", "bob"))
    mailbox.refused = {ann}
    sent = send(mailbox.url(desk, ann, bob))
    assert not sent.ok
    assert sent.error.startswith("2 of 3 targets have it")
    assert {mail["To"] for mail in mailbox.mails} == {desk, bob}
    assert len(sent.have) == 2
    mailbox.refused = set()
    assert send(mailbox.url(desk, ann, bob), have=sent.have) == Sent(ok=True)
    assert [mail["To"] for mail in mailbox.mails[2:]] == [ann]


def test_a_target_that_hangs_holds_no_other(site: Site) -> None:
    """All are sent to at once, each with the whole time; who has it is told in spite of the timeout."""

    def reply(request: Request) -> Reply:
        return Reply(hang=True) if b'"one"' in request.body else Reply(body=b"{}")

    site.answer("/", reply)
    url = f"ntfy://127.0.0.1:{site.port}/one/two/three"
    sent = send(url, timeout_s=0.5)
    assert sent.error.startswith("2 of 3 targets have it: timeout")
    site.answer("/", Reply(body=b"{}"))
    assert send(url, have=sent.have).ok
    assert [json.loads(request.body)["topic"] for request in site.requests[3:]] == ["one"]


def test_who_a_target_is_stays_in_the_url(mailbox: Mailbox) -> None:
    """What is remembered of those who have a message names nobody."""
    mailbox.refused = {"ann@x.example"}
    sent = send(mailbox.url("desk@x.example", "ann@x.example"))
    assert not any("desk" in key for key in sent.have)


# --- what may be a channel -----------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "json://127.0.0.1/x",
        "xml://127.0.0.1/x",
        "form://127.0.0.1/x",
        "syslog://",
        "rsyslog://127.0.0.1",
        "file:///etc/passwd",
        "apprise://127.0.0.1/token",
        "mqtt://127.0.0.1/x",
        "dbus://",
        "windows://",
        "msteams://a/b/c",
        "unknown://x",
        "slack",
        "://",
    ],
)
def test_other_services_are_not_channels(url: str) -> None:
    """What is not on the list does not exist."""
    with pytest.raises(UsageError):
        channels.check_url(url)


@pytest.mark.parametrize(
    "option",
    [
        "attach=/etc/hostname",
        "Attach=/etc/hostname",
        "%61ttach=/etc/hostname",
        "a=1&attach=http://127.0.0.1/",
        "a=1;attach=/etc/hostname",
        "template=/etc/hostname",
        "pgpprv=/keys/private",
        "wkd=yes",
        "config=/etc/apprise.yml",
        "optional=yes",
    ],
)
def test_options_that_read_files_or_hide_failures_are_refused(site: Site, option: str) -> None:
    """In any spelling that the library would understand."""
    with pytest.raises(UsageError, match="not allowed"):
        channels.check_url(ntfy(site, f"?{option}"))


@pytest.mark.parametrize(
    "url", ["slack://", "slack://a", "tgram://x", "mailto://", "matrix://", "discord://a", "pover://x"]
)
def test_an_incomplete_address_is_refused_without_being_repeated(url: str) -> None:
    """The advice says where to look, and holds no secret."""
    with pytest.raises(UsageError, match="not a complete"):
        channels.check_url(url)


def test_a_channel_has_a_few_targets() -> None:
    """Many more would be a mailing list."""
    channels.check_url("ntfy://ntfy.example/one/two")
    channels.check_url("mailto://me:pw@mail.example?to=a@x.example,b@x.example")
    with pytest.raises(UsageError, match="at most 32"):
        channels.check_url("ntfy://ntfy.example/" + "/".join(f"topic{n}" for n in range(33)))


@pytest.mark.parametrize(
    "url",
    [
        "mailto://me:pw@mail.example?to=a@x.example",
        "mailtos://me:pw@gmail.com",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        "tgram://123456789:abcdefg_hijklmnop-qrstuvwxyz012345/12315544/",
        "ntfy://topic",
        "ntfys://ntfy.example/topic",
        "matrixs://user:pw@matrix.example/#room",
        "workflow://prod-1.westus.logic.azure.com:443/643e69f83c8944/SIGNATURE0123/",
        "pover://" + "u" * 30 + "@" + "t" * 30,
        "gotifys://gotify.example/abcdefghijklmno",
        "signal://127.0.0.1:8080/+15551234567/+15557654321",
        "rockets://user:pw@rocket.example/#room",
        "mmosts://mattermost.example/3ccdd113474722377935511fc85d3dd4",
        "pbul://a6k4ABnck26hDh8AA3EDHoOVdDEUlw3nty",
        "zulip://bot@org/a6k4ABnck26hDh8AA3EDHoOVdDEUlw3n",
        "gchat://workspace/key/token",
        "wxteams://" + "a" * 80,
    ],
)
def test_the_services_of_the_list_are_channels(url: str) -> None:
    """Each as its own documentation writes it."""
    channels.check_url(url)
