"""An update as a message: what an alert told, and how it reads now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from pipeline.core.model import Message
from pipeline.core.render.alert import Alert, body
from pipeline.core.render.parts import (
    CONTEXT_CHARS,
    SUBJECT_CHARS,
    SUMMARY_CHARS,
    anchor,
    asked,
    line,
    link,
    moment,
    said,
)

_TAGS = {"removed": "del", "added": "ins"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """All that rendering an update needs; texts are as stored, plain."""

    id: int
    created_at: datetime
    alert: Alert  # that told the story
    article_id: int  # that brought the change
    url: str
    feed_title: str
    feed_url: str
    change: Mapping[str, Any]  # as Change.as_json gives it


def update(one: Update, *, message_id: str) -> Message:
    """The message that tells of a material change of a story."""
    alert, change = one.alert, one.change
    title = change["headline"]["after"]
    return Message(
        id=message_id,
        created_at=one.created_at,
        subject=line(f"Tocsin: {alert.subscription_name}: {_what(change)}: {title}", SUBJECT_CHARS),
        text="\n\n".join(filter(None, _text(one))),
        html="\n".join(_html(one)),
        data={"type": "update.created", "timestamp": moment(one.created_at), "data": _data(one)},
        rest=_page(one),
    )


def _data(one: Update) -> dict[str, Any]:
    """What a webhook tells of an update."""
    told = body(one.alert, matches=0)
    return {
        "update": {"id": one.id, "created_at": moment(one.created_at)},
        "alert": told["alert"],
        "subscription": told["subscription"],
        "story": told["story"],
        "article": {
            "id": one.article_id,
            "url": one.url,
            "title": one.change["headline"]["after"],
            "feed": {"title": one.feed_title, "url": one.feed_url},
        },
        "change": dict(one.change),
    }


def _what(change: Mapping[str, Any]) -> str:
    """The gravest kind, in a word."""
    kind = change["kinds"][0]
    return kind if kind in {"retracted", "corrected"} else "changed"


def _text(one: Update) -> Iterator[str]:
    change, headline = one.change, one.change["headline"]
    yield said(headline["after"], CONTEXT_CHARS)
    if headline["after"] != headline["before"]:
        yield f"Before: {said(headline['before'], CONTEXT_CHARS)}"
    yield said(f"{_what(change).capitalize()}: {change['summary']}", SUMMARY_CHARS)
    yield said(change["notice"], CONTEXT_CHARS)
    yield "\n".join(
        f"{sign} {said(sentence, CONTEXT_CHARS)}"
        for sign, kind in (("-", "removed"), ("+", "added"))
        for sentence in change["sentences"][kind]
    )
    yield said(one.feed_title or one.feed_url, SUBJECT_CHARS)
    yield link(one.url)
    yield asked(one.alert.subscription_name, one.alert.query)
    yield _page(one)


def _html(one: Update) -> Iterator[str]:
    change = one.change
    yield f"<h3>{_overlay(change['headline'])}</h3>"
    what = f"{_what(change).capitalize()}: {change['summary']}"
    yield f"<p>{_shown(what, SUMMARY_CHARS)}</p>"
    if change["notice"]:
        yield f"<p>{_shown(change['notice'])}</p>"
    for kind, tag in _TAGS.items():
        for sentence in change["sentences"][kind]:
            yield f"<p><{tag}>{_shown(sentence)}</{tag}></p>"
    yield f"<p>{_shown(one.feed_title or one.feed_url)}</p>"
    yield from map(anchor, filter(None, [link(one.url)]))
    yield f"<p>{escape(asked(one.alert.subscription_name, one.alert.query))}</p>"
    yield from map(anchor, filter(None, [_page(one)]))


def _shown(text: str, limit: int = CONTEXT_CHARS) -> str:
    return escape(said(text, limit))


def _overlay(headline: Mapping[str, Any]) -> str:
    """The headlines laid over each other, as HTML; without a difference in words, the one of now."""
    if not headline["parts"]:
        return _shown(headline["after"])
    shown = []
    for part in headline["parts"]:
        text = _shown(part["text"])
        tag = _TAGS.get(part["kind"])
        shown.append(f"<{tag}>{text}</{tag}>" if tag else text)
    return " ".join(shown)


def _page(one: Update) -> str:
    return f"{one.alert.public_url}/alerts/{one.alert.id}" if one.alert.public_url else ""
