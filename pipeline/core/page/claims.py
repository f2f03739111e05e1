"""What a page says of itself: its title, language and address, and what it gives to machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pipeline.core.page.measure import Element
from pipeline.core.page.source import HEAD_BYTES
from pipeline.core.text import line, plain, truncate
from pipeline.core.urls import absolute

_TITLE_CHARS = 1_000
_DATA_CHARS = 1_000_000  # of JSON-LD that is read
_NODES = 2_000  # of it, that are looked at
_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?\s*([a-z]{2,3})\b", re.IGNORECASE)
_ARTICLE = re.compile(r"(?:Article|Posting|Report|Review)$")
_LOCKED = frozenset({"locked", "paid", "premium", "subscriber", "subscription", "metered"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What the page says of itself; all texts plain and tidy."""

    title: str  # "" when it has none
    window: str  # the title of the window, which names the outlet too
    language: str | None  # BCP 47 primary subtag, lower case
    canonical_url: str  # absolute; "" when it names none
    is_free: bool | None  # None: it does not say
    body: str  # the article's text as it is given to machines, "" where it is not


def read(tree: Element, text: str, url: str) -> Claims:
    """The claims of the page that is ``tree`` and was ``text``, fetched from ``url``."""
    articles = [node for node in _data(tree) if _is_article(node)]
    language = _LANGUAGE.search(text[:HEAD_BYTES])
    return Claims(
        title=_title(tree),
        window=truncate(line("".join(tree.xpath("//title[1]//text()"))), _TITLE_CHARS),
        language=language[1].lower() if language else None,
        canonical_url=_canonical(tree, url),
        is_free=_is_free(tree, articles),
        body=next((found for node in articles if (found := _body(node))), ""),
    )


def _title(tree: Element) -> str:
    """The headline: as the page gives it to others, else its heading, else its window's title."""
    for path in ("//meta[@property='og:title']/@content", "//article//h1", "//h1", "//title"):
        for found in tree.xpath(path)[:1]:
            text = line(found if isinstance(found, str) else found.text_content())
            if text:
                return truncate(text, _TITLE_CHARS)
    return ""


def _canonical(tree: Element, url: str) -> str:
    found = tree.xpath("//link[@rel='canonical']/@href")
    return absolute(str(found[0]), url) if found else ""


def _is_free(tree: Element, articles: list[dict[str, Any]]) -> bool | None:
    """What the page's data or its tier say; the price of any part is the price of the whole."""
    said = [str(node["isAccessibleForFree"]).casefold() for node in articles if "isAccessibleForFree" in node]
    tiers = tree.xpath("//meta[@property='article:content_tier' or @name='article:content_tier']/@content")
    if any(word in {"false", "no", "0"} for word in said) or any(
        str(tier).casefold() in _LOCKED for tier in tiers
    ):
        return False
    return True if said or tiers else None


def _body(node: dict[str, Any]) -> str:
    found = node.get("articleBody")
    return plain(found) if isinstance(found, str) else ""


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(isinstance(kind, str) and _ARTICLE.search(kind) for kind in kinds)


def _data(tree: Element) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD; what cannot be read says nothing."""
    left = _NODES
    for script in tree.xpath("//script[@type='application/ld+json']"):
        text = script.text or ""
        if len(text) > _DATA_CHARS:
            continue
        try:
            waiting = [json.loads(text, strict=False)]
        except (ValueError, RecursionError):
            continue
        while waiting and left:
            left -= 1
            node = waiting.pop()
            if isinstance(node, list):
                waiting.extend(reversed(node[:left]))
            elif isinstance(node, dict):
                yield node
                waiting.extend(node[name] for name in ("mainEntity", "@graph") if name in node)
