"""Furniture: what stands around and between an article, taken out by how it is marked and built."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.core.page.measure import Element, Measure, measured

_WORD = re.compile("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)\b", re.IGNORECASE)

_TAGS = frozenset(
    {"nav", "aside", "form", "button", "dialog", "template", "iframe", "input", "select", "textarea"}
    | {"script", "style", "object", "embed", "canvas", "svg", "audio", "video", "menu", "label"}
)
_AMP = ("amp-ad", "amp-embed", "amp-sidebar", "amp-list", "amp-consent", "amp-user-notification")

# Words of classes and ids. The plain ones are never an article's, however much they hold.
_PLAIN = frozenset(
    "comment comments respond talkback talkbacks disqus cookie cookies consent gdpr cmp breadcrumb"
    " breadcrumbs pagination navbar navigation sidebar taboola outbrain adslot advert adverts"
    " advertisement advertising newsletter sponsored related recommendation recommendations recommend"
    " recommended trending".split()
)
# These name parts of articles too: what holds much of a page's prose stays.
_LIKELY = frozenset(
    "ad ads banner sponsor promo promotion promoted signup subscribe subscription share sharing"
    " sharebar social pager menu nav widget widgets popular ranking ticker copyright boilerplate contact"
    " feedback telegram whatsapp tag tags bio byline modal overlay popup toolbar skip masthead slug"
    " print footer recirc teasers pub publicite publicidad anuncio anuncios werbung anzeige anzeigen"
    " reklama reklame toc incut tools rating poll quiz disclaimer credits login register donate donation"
    " support upsell infobox factbox".split()
)
_PAIRS = frozenset(
    {("most", "read"), ("most", "watched"), ("most", "viewed"), ("read", "more"), ("read", "also")}
    | {("read", "too"), ("read", "next"), ("see", "also"), ("plus", "lus"), ("also", "like"), ("up", "next")}
    | {("editors", "picks"), ("more", "on"), ("more", "from"), ("about", "author"), ("about", "company")}
)
_MOST = 0.35  # of the page's prose, that an element of a likely name may hold and still go
_ALMOST_ALL = 0.9
_LINKED = 0.8  # of a block's text; more is a list of links
_LINKED_CHARS = 200
_BESIDE_CHARS = 25  # a date or a number beside a link
_CARD_HEADS = frozenset({"h2", "h3", "h4", "h5", "h6"})


def clear(root: Element) -> None:
    """Take the furniture out of the tree below ``root``."""
    sizes = measured(root)
    whole = sizes[root].prose or 1
    held = _with_headline(root)
    for one in list(root.iter()):
        if not isinstance(one.tag, str) or one is root or (one in held and one.tag in {"main", "article"}):
            continue
        size = sizes.get(one)
        share = size.prose / whole if size else 0.0
        if _goes(one, share, headed=one in held) or (size and _is_links(one, size)):
            _remove(one)
    _clear_cards(root)


def _goes(one: Element, share: float, *, headed: bool) -> bool:
    if one.tag in _TAGS or one.tag in _AMP:
        return share < _ALMOST_ALL
    if headed or share >= _ALMOST_ALL:
        return False
    if _is_hidden(one) or one.tag == "footer":
        return share < _MOST
    named = f"{one.get('class') or ''} {one.get('id') or ''}".strip()
    if not named or len(named) > 1_000:
        return False
    words = [word.lower() for word in _WORD.findall(named)]
    if not _PLAIN.isdisjoint(words):
        return True
    likely = not _LIKELY.isdisjoint(words) or not _PAIRS.isdisjoint(pairwise(words))
    return likely and share < _MOST


def _is_hidden(one: Element) -> bool:
    return one.get("hidden") is not None or bool(_HIDDEN.search(one.get("style") or ""))


def _is_links(one: Element, size: Measure) -> bool:
    """Whether it is no more than links: a menu, or a line that leads elsewhere."""
    if one.tag not in {"p", "li", "ul", "ol", "div", "td", "section", "header"} or not size.links:
        return False
    if one.tag == "p":
        return size.links >= _LINKED * size.text and size.text < _LINKED_CHARS
    rest = size.text - size.links
    return rest <= (1 - _LINKED) * size.text or rest <= min(_BESIDE_CHARS, size.links)


def _clear_cards(root: Element) -> None:
    """Take out cards, which are linked headlines with a teaser each, where several stand side by side."""
    cards: dict[Element, list[Element]] = {}
    for link in root.iter("a"):
        card = _card(link)
        if card is not None and card.getparent() is not None:
            cards.setdefault(card.getparent(), []).append(card)
    for many in cards.values():
        if len(many) > 1:
            for card in dict.fromkeys(many):
                _remove(card)


def _card(link: Element) -> Element | None:
    """The item that a linked headline heads: the next list item, article or div around it."""
    head = link.getparent()
    if head is None or (head.tag not in _CARD_HEADS and not any(child.tag in _CARD_HEADS for child in link)):
        return None
    card = head if head.tag not in _CARD_HEADS else head.getparent()
    return card if card is not None and card.tag in {"li", "article", "div"} else None


def _with_headline(root: Element) -> set[Element]:
    """The elements around a page's headings of the first rank."""
    found: set[Element] = set()
    for heading in root.iter("h1"):
        one = heading
        while one is not None and one not in found:
            found.add(one)
            one = one.getparent()
    return found


def _remove(one: Element) -> None:
    """Empty an element; what follows it stays, and so does the break between its neighbours."""
    one.clear(keep_tail=True)
