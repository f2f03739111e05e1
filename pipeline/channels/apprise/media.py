"""What each medium is given: mail HTML, chats HTML or Markdown, everything else plain text.

Messages come with the addresses in strangers' texts defused, so whatever still
is an address is ours and stays a link.  All other characters that a medium
would read as markup are escaped here, or by Apprise on the way from HTML or
text to a service's own dialect (Slack's entities, Telegram's few tags).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from pipeline.channels.apprise.services import Service
from pipeline.core.model import Message
from pipeline.core.text import defused, fit

_MAIL = frozenset({"mailto", "mailtos"})
_HTML = frozenset({"matrix", "matrixs", "tgram"})
_MARKDOWN = frozenset(
    {
        "discord",
        "gchat",
        "mmost",
        "mmosts",
        "rocket",
        "rockets",
        "workflow",
        "workflows",
        "wxteams",
        "zulip",
    }
)
_LABELLED = frozenset({"workflow", "workflows"})  # where an address is no link by itself
_TITLED = frozenset({"zulip"})  # a topic, which is plain, must be there
_IN_BYTES = frozenset({"ntfy", "ntfys"})
_NTFY_BYTES = 4_000  # longer messages become files

_ADDRESS = re.compile(r"(https?://\S+)")
_INLINE = re.compile(r"([\\`*_~\[\]|])")
_OPENING = re.compile(r"(?<=[<&])")  # a tag's or an entity's
_BLOCK = re.compile(r"^(?=[#>+=*|:-]|\d+[.)])", re.MULTILINE)
_UNSEEN = "\u200b"  # a space without width: what it divides is no markup any more
_MARGIN = 0.95  # of a limit: dialects may add a character here and there


@dataclass(frozen=True, slots=True)
class Letter:
    """What a plugin is handed; ``form`` is Apprise's name of the body's format."""

    title: str
    body: str
    form: str


def letter(scheme: str, service: Service, message: Message) -> Letter:
    """The message as the service's readers get it, within its limits, cut with a link to the rest."""
    if scheme in _MAIL:
        return Letter(message.subject, message.html, "html")
    room = _room(service)
    if scheme in _HTML:
        return Letter("", _html(message, room), "html")
    title = defused(message.subject)
    if scheme not in _MARKDOWN:
        return Letter(title, _plain(scheme, message, room), "text")
    # What knows no Markdown by Apprise's account gets it as the text that its readers' clients format.
    form = "markdown" if service.resolve_format("markdown") == "markdown" else "text"
    return Letter(title if scheme in _TITLED else "", _markdown(scheme, message, room), form)


def _html(message: Message, room: int) -> str:
    lines = message.html.replace("mark>", "b>").split("\n")
    address = escape(message.rest)
    rest = f'<p>… the rest: <a href="{address}">{address}</a></p>' if address else "<p>…</p>"
    return fit(lines, room, rest)


def _plain(scheme: str, message: Message, room: int) -> str:
    lines = _untitled(message)
    if scheme in _IN_BYTES:
        return fit(lines, min(room, _NTFY_BYTES), _rest(message), size=lambda text: len(text.encode()))
    return fit(lines, room, _rest(message))


def _markdown(scheme: str, message: Message, room: int) -> str:
    lines = _untitled(message)
    if scheme not in _TITLED:
        lines = [defused(message.subject), "", *lines]
    labelled = scheme in _LABELLED
    return fit([_escaped(line, labelled) for line in lines], room, _escaped(_rest(message), labelled))


def _untitled(message: Message) -> list[str]:
    """The text's lines, without a first one that the subject says already."""
    lines = message.text.split("\n")
    if len(lines) > 2 and defused(message.subject).endswith(lines[0]):
        return lines[2:]
    return lines


def _rest(message: Message) -> str:
    return f"… the rest: {message.rest}" if message.rest else "…"


def _escaped(line: str, labelled: bool) -> str:
    """A line of text as Markdown that shows just that text, with its addresses as links."""
    parts = _ADDRESS.split(line)
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = f"[{part}]({part})" if labelled else part
        else:
            parts[i] = _OPENING.sub(_UNSEEN, _INLINE.sub(r"\\\1", part))
    return _BLOCK.sub(_UNSEEN, "".join(parts))


def _room(service: Service) -> int:
    room = service.body_maxlen
    if service.overflow_amalgamate_title:
        room -= service.title_maxlen
    return int(room * _MARGIN)
