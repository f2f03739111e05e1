"""What an adapter reads of one entry, as the feed has it: untrusted, in the feed's own forms."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """Text with what it claims to be."""

    text: str = ""
    is_html: bool = False
    base: str = ""  # what relative links in it are relative to; "" for the document's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One entry before its text is cleaned and its identity found."""

    guid: str
    link: str  # as written, relative perhaps
    link_is_guid: bool  # the guid claims to be the link, and no other is given
    title: Markup
    summary: Markup
    body: Markup
    author: str
    language: str
    tags: tuple[str, ...]
    dates: tuple[str, ...]  # what may be the date of publication, the likeliest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What a document says of itself, and its entries."""

    title: str
    link: str
    language: str
    base: str  # xml:base of the document; "" when it has none
    links_follow_site: bool  # relative links are relative to the site's link, as RSS has it
    drafts: tuple[Draft, ...]
    sound: bool  # well-formed
