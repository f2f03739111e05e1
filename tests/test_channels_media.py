"""What strangers wrote stays text in every medium: what services receive, read as their readers' programs do."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module

import pytest
from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from pipeline import channels
from pipeline.channels.apprise.media import letter
from pipeline.channels.apprise.services import targets
from pipeline.core.addresses import Allow
from pipeline.core.model import Channel, Message
from pipeline.core.render import message
from tests import mailbox as mailboxes
from tests.sites import Reply, Request, Site
from tests.test_render import ALERT

# Apprise imports imghdr for its PGP module where Python still has it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")

FORMATS = "*b* **b** _i_ __u__ ~~s~~ ~s~ `c` ||sp|| $$m$$ \\*e\\* :smile: <b>h</b> &lt;b&gt; @everyone #tag"
LINKS = "[x](http://evil.example) ![x](//evil.example/i) <http://evil.example|y> www.evil.example http://evil.example/x"
CALLS = "<!channel> <@U1> <@&1> <at>Bob</at> @room @everyone #tag <a href='http://evil.example'>a</a>"
INLINE = f"{FORMATS} {LINKS} {CALLS}"
BLOCKS = (
    "# heading",
    "> quote",
    "- list",
    "1. list",
    "```",
    "    code",
    "---",
    "===",
    "| a | b |",
    "+ x",
    "/cmd",
)
OURS = {"https://agency.example/1?x=1&y=*2*", "https://tocsin.example/alerts/7"}
SHOWN = {"https://agency.example/1?x=1&y=%2A2%2A", "https://tocsin.example/alerts/7"}


def hostile(words: str) -> Message:
    """An alert in which strangers wrote ``words`` wherever they can."""
    return message(
        replace(
            ALERT,
            title=words,
            feed_title=words,
            subscription_name=words,
            query=words,
            url="https://agency.example/1?x=1&y=*2*",
            matches=({"field": "body", "text": "b", "context": words},),
        ),
        message_id="msg_1",
    )


@dataclass(frozen=True)
class Medium:
    """A service as the test plays it: its URL with PORT, where it looks for what it is told."""

    url: str
    said: Callable[[Request], str]
    patch: tuple[str, str, str] = ("", "", "")  # plugin, attribute, and its value with PORT
    answer: bytes = b"{}"


def _json(*path: str | int) -> Callable[[Request], str]:
    def said(request: Request) -> str:
        found = json.loads(request.body)
        for step in path:
            found = found[step]
        return str(found)

    return said


MARKDOWN = {
    "discord": Medium(
        "discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
        _json("content"),
        ("discord:NotifyDiscord", "notify_url", "http://127.0.0.1:PORT"),
    ),
    "mattermost": Medium(
        "mmost://127.0.0.1:PORT/3ccdd113474722377935511fc85d3dd4", _json("text"), answer=b"ok"
    ),
    "rocket": Medium("rocket://" + "a" * 17 + "/" + "b" * 24 + "@127.0.0.1:PORT/#room", _json("text")),
    "webex": Medium(
        "wxteams://" + "a" * 80,
        _json("markdown"),
        ("webexteams:NotifyWebexTeams", "notify_url", "http://127.0.0.1:PORT/"),
    ),
    "zulip": Medium(
        "zulip://bot@org/a6k4ABnck26hDh8AA3EDHoOVdDEUlw3n/room",
        lambda request: _form(request)["content"],
        ("zulip:NotifyZulip", "notify_url", "http://127.0.0.1:PORT/"),
    ),
}
HTML = {
    "telegram": Medium(
        "tgram://123456789:abcdefg_hijklmnop-qrstuvwxyz012345/12315544/",
        _json("text"),
        ("telegram:NotifyTelegram", "notify_url", "http://127.0.0.1:PORT/bot"),
        answer=b'{"ok": true}',
    ),
    "matrix": Medium("matrix://token@127.0.0.1:PORT/?mode=hookshot", _json("html")),
}
PLAIN = {
    "ntfy": Medium("ntfy://127.0.0.1:PORT/news", _json("message")),
    "gotify": Medium("gotify://127.0.0.1:PORT/abcdefghijklmno", _json("message")),
    "slack": Medium(
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        _json("attachments", 0, "text"),
        ("slack:NotifySlack", "webhook_url", "http://127.0.0.1:PORT"),
        answer=b"ok",
    ),
    "pushover": Medium(
        "pover://" + "u" * 30 + "@" + "t" * 30,
        lambda request: _form(request)["message"],
        ("pushover:NotifyPushover", "notify_url", "http://127.0.0.1:PORT/"),
    ),
}


def _form(request: Request) -> dict[str, str]:
    from urllib.parse import parse_qsl

    return dict(parse_qsl(request.body.decode()))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Medium, Message], Request]]:
    """Sends a message to a service on this machine, and gives back what it received."""
    with Site() as site:

        def send(medium: Medium, told: Message) -> Request:
            module, _, name = medium.patch[0].partition(":")
            if module:
                plugin = getattr(import_module(f"apprise.plugins.{module}"), name)
                monkeypatch.setattr(plugin, medium.patch[1], medium.patch[2].replace("PORT", str(site.port)))
            monkeypatch.setattr(site, "take", _taking(site, medium.answer))
            url = medium.url.replace("PORT", str(site.port))
            built = channels.build(
                Channel(id=1, name="chat", url=url, secret=""), allow=Allow.parse("127.0.0.1"), timeout_s=5.0
            )
            sent = asyncio.run(built.send(told))
            assert sent.ok, sent.error
            return site.requests[-1]

        yield send


def _taking(site: Site, answer: bytes) -> Callable[[Request], Reply]:
    def take(request: Request) -> Reply:
        site.requests.append(request)
        return Reply(body=answer)

    return take


def addresses(text: str) -> set[str]:
    """What a program would make a link of."""
    return set(re.findall(r"[a-z]+://[^\s<>\"]+|www\.\S+|\b\w+\.example\S*", text))


def calls(text: str) -> list[str]:
    """What a program would take for a mention, a tag or a command."""
    return re.findall(r"[@#]\w+|<[!@#&]+\w+|^/\w+", text)


@pytest.mark.parametrize("name", MARKDOWN)
@pytest.mark.parametrize("words", [FORMATS, LINKS, CALLS, *BLOCKS])
def test_markdown_shows_the_text_as_it_is(service: Callable[..., Request], name: str, words: str) -> None:
    """Nothing is formatted, linked or called but our own links."""
    body = MARKDOWN[name].said(service(MARKDOWN[name], hostile(words)))
    assert addresses(body) <= SHOWN
    assert set(re.findall(r"https?://\S+", body)) >= SHOWN
    assert not calls(body)
    assert "<at>" not in body
    read = LexborHTMLParser(
        f"<main>{MarkdownIt('commonmark').enable(['strikethrough', 'table']).render(body)}</main>"
    )
    assert {node.tag for node in read.css_first("main").css("*")} - {"main"} <= {"p", "br"}, body
    assert plain(words) in plain(read.css_first("main").text())


@pytest.mark.parametrize("name", HTML)
@pytest.mark.parametrize("words", [FORMATS, LINKS, CALLS, *BLOCKS])
def test_html_shows_the_text_as_it_is(service: Callable[..., Request], name: str, words: str) -> None:
    """Elements are those that we made, links lead where ours do."""
    body = HTML[name].said(service(HTML[name], hostile(words)))
    read = LexborHTMLParser(body).body
    assert read is not None
    assert {node.tag for node in read.css("*")} - {"body"} <= {"h3", "h4", "p", "a", "b", "br", "strong"}
    assert {node.attributes["href"] for node in read.css("a")} == SHOWN
    assert addresses(read.text(separator=" ")) <= SHOWN
    assert not calls(read.text(separator=" "))
    assert plain(words) in plain(read.text())


@pytest.mark.parametrize("name", PLAIN)
def test_plain_text_is_the_text(service: Callable[..., Request], name: str) -> None:
    """Where nothing is formatted, nothing but links and calls is to be taken out."""
    request = service(PLAIN[name], hostile(INLINE))
    body = PLAIN[name].said(request)
    if name == "slack":
        assert not json.loads(request.body)["mrkdwn"]
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", body)
        body = body.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert addresses(body) == SHOWN
    assert not calls(body)
    assert plain(INLINE) in plain(body)


def test_addresses_are_labelled_where_they_are_no_links_by_themselves() -> None:
    """Teams shows an address as text unless it has a label."""
    url = "workflow://prod-1.westus.logic.azure.com:443/643e69f83c8944/SIGNATURE0123/"
    (target,) = targets(url, 1.0)
    sheet = letter("workflow", target.service, hostile("*b* <at>Bob</at>"))
    assert sheet.form == "markdown"
    assert all(f"[{one}]({one})" in sheet.body for one in SHOWN)
    assert "\\*b\\*" in sheet.body
    assert "<at>" not in sheet.body


def test_mail_is_text_and_html() -> None:
    """Both say all, with links that lead where ours do and the matched words marked; headers stay whole."""
    told = hostile(f"{INLINE}\r\nBcc: all@x.example")
    with mailboxes.running() as mailbox:
        url = mailbox.url("desk@x.example")
        built = channels.build(
            Channel(id=1, name="mail", url=url, secret=""), allow=Allow.parse("127.0.0.1"), timeout_s=5.0
        )
        assert asyncio.run(built.send(told)).ok
        (mail,) = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("Tocsin: *b*")
    text, html = (mail.get_body((form,)).get_content() for form in ("plain", "html"))  # type: ignore[union-attr]
    assert addresses(text) == SHOWN
    assert plain(INLINE) in plain(text)
    read = LexborHTMLParser(html).body
    assert read is not None
    assert {node.tag for node in read.css("*")} - {"body"} <= {"h3", "p", "a", "mark"}
    assert {node.attributes["href"] for node in read.css("a")} == SHOWN
    assert read.css("mark")


@pytest.mark.parametrize(
    ("name", "limit"),
    [("discord", 2_000), ("rocket", 1_000), ("mattermost", 4_000), ("pushover", 1_024), ("ntfy", 4_096),
     ("telegram", 4_096)],
)  # fmt: skip
def test_what_a_medium_cannot_hold_is_cut_with_a_link_to_the_rest(
    service: Callable[..., Request], name: str, limit: int
) -> None:
    """Between lines, never within markup; what was cut is a click away."""
    many = tuple({"field": "body", "text": "ж", "context": f"{n} *ж* & " * 60} for n in range(5))
    told = message(replace(ALERT, matches=many, url=""), message_id="m")
    told = replace(told, text=told.text + "\n\nmore" * 2_000, html=told.html + "\n<p>more</p>" * 2_000)
    medium = (MARKDOWN | HTML | PLAIN)[name]
    body = medium.said(service(medium, told))
    assert len(body.encode() if name == "ntfy" else body) <= limit
    assert "… the rest: " in body
    assert body.removesuffix("</a>").endswith("https://tocsin.example/alerts/7")


def plain(text: str) -> str:
    """``text`` without what is not seen."""
    return re.sub(r"[\s\u200b]+", "", text)
