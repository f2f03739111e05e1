"""From a draft to an entry: text cleaned and cut to its limits, links resolved, identity found."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from pipeline.core import urls
from pipeline.core.copies import Print, sketch
from pipeline.core.model import Entry
from pipeline.core.parse.dates import utc
from pipeline.core.parse.draft import Draft, Markup
from pipeline.core.parse.identity import content_hash, entry_key, text_key
from pipeline.core.text import clean, line, plain, tidy, truncate

MAX_TITLE = 1_000
MAX_SUMMARY = 20_000
MAX_BODY = 200_000
MAX_HTML = 500_000
MAX_AUTHOR = 200
MAX_TAGS = 50
MAX_TAG = 100
GENERATED_TITLE = 100

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_].*)?", re.IGNORECASE | re.DOTALL)
_NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """What an entry's document lends it."""

    now: datetime
    site: str  # the site's address; "" when the feed names none
    base: str  # what its relative links are relative to
    homes: frozenset[str]  # canonical, of the site and of the feed itself: they identify no article
    language: str | None


def entry(draft: Draft, lent: Lent, *, link_shared: bool, guid_shared: bool) -> Entry | None:
    """The entry; None when there is neither text nor link in it."""
    url = _url(draft, lent)
    summary, body = _texts(draft)
    title = truncate(_title(draft), MAX_TITLE) or _generated_title(summary or body, url)
    if not title:
        return None
    published_at = next((date for raw in draft.dates if (date := utc(raw, lent.now))), None)
    address = urls.canonical(url)
    if link_shared or (guid_shared and draft.link_is_guid) or address in lent.homes:
        address = ""
    return Entry(
        key=entry_key(
            guid="" if guid_shared else draft.guid,
            link=address,
            title=title,
            published_at=published_at,
        ),
        url=url,
        url_key=urls.digest(address) if address else None,
        title=title,
        summary=summary,
        body=body,
        html=_html(draft, lent),
        author=truncate(line(draft.author), MAX_AUTHOR),
        language=language(draft.language) or lent.language,
        tags=_tags(draft),
        published_at=published_at,
        content_hash=content_hash(title, summary, body),
        text_key=text_key(title, summary, body),
        keys=sketch(Print(title, summary, body)),
    )


def language(tag: str) -> str | None:
    """The primary subtag of a language tag, in lower case; None when it names no language."""
    match = _LANGUAGE.fullmatch(tag.strip())
    primary = match[1].lower() if match else ""
    return primary if primary and primary not in _NO_LANGUAGE else None


def _url(draft: Draft, lent: Lent) -> str:
    """The link, absolute and untracked; a guid is a link only if it is one by itself."""
    if draft.link_is_guid and not urls.is_http(draft.link):
        return ""
    return urls.untracked(urls.absolute(draft.link, lent.base))


def _title(draft: Draft) -> str:
    text = draft.title.text[: MAX_TITLE * 20]
    return " ".join(plain(text).split()) if draft.title.is_html else line(text)


def _text(markup: Markup) -> str:
    if markup.is_html:
        return plain(markup.text[:MAX_HTML])
    return tidy(markup.text[: MAX_BODY * 2])


def _texts(draft: Draft) -> tuple[str, str]:
    """Summary and body; a text that both hold is the summary, or the body where it is too long for one."""
    summary = _text(draft.summary)
    body = summary if draft.body == draft.summary else _text(draft.body)
    if summary == body:
        summary, body = ("", body) if len(body) > MAX_SUMMARY else (summary, "")
    elif not body and len(summary) > MAX_SUMMARY:
        summary, body = "", summary
    return truncate(summary, MAX_SUMMARY), truncate(body, MAX_BODY)


def _html(draft: Draft, lent: Lent) -> str:
    """Safe HTML of the fuller text; "" where there is no markup, or too much of it."""
    markup = draft.body if draft.body.text else draft.summary
    if not markup.is_html or "<" not in markup.text:
        return ""
    base = urls.absolute(markup.base, lent.base) if markup.base else ""
    html = clean(markup.text[:MAX_HTML], base or lent.base)
    return html if len(html) <= MAX_HTML else ""


def _generated_title(text: str, url: str) -> str:
    """The beginning of the text, or the address."""
    first = text.partition("\n")[0]
    return truncate(first, GENERATED_TITLE) or truncate(url.partition("://")[2], GENERATED_TITLE)


def _tags(draft: Draft) -> tuple[str, ...]:
    tags = (truncate(line(tag[: MAX_TAG * 4]), MAX_TAG) for tag in draft.tags[: MAX_TAGS * 4])
    return tuple(dict.fromkeys(tag for tag in tags if tag))[:MAX_TAGS]
