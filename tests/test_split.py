"""Cutting documents: which pieces, which of them are new, and what cannot be cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import DocumentError
from pipeline.core.model import Document
from tests.documents import atom, cut_up, entries, rss

ONE = "<guid>1</guid><title>One</title><link>https://wire.test/1</link>"
TWO = "<guid>2</guid><title>Two</title><link>https://wire.test/2</link>"


def data(document: Document) -> list[bytes]:
    """The new pieces' bytes."""
    return [piece.data for piece in document.pieces]


@pytest.mark.parametrize(
    ("body", "first"),
    [
        (rss(ONE, TWO), f"<item>{ONE}</item>"),
        (atom("<id>1</id>", "<id>2</id>"), "<entry><id>1</id></entry>"),
        (b"<rdf:RDF><channel/><item a='1'>x</item>\n<item a='2'>y</item></rdf:RDF>", "<item a='1'>x</item>"),
        (b"<rss><channel><ITEM>x</ITEM><ITEM>y</ITEM></channel></rss>", "<ITEM>x</ITEM>"),
    ],
)
def test_a_document_is_cut_at_its_items(body: bytes, first: str) -> None:
    """Head, pieces and tail are the document again, to the byte."""
    document = cut_up(body)
    assert document.cut
    assert not document.malformed
    assert (document.seen, len(document.pieces), document.rejected) == (2, 2, ())
    assert data(document)[0].decode() == first
    assert body.startswith(document.head)
    assert body.endswith(document.tail)
    assert all(piece.data in body for piece in document.pieces)


def test_only_what_the_last_document_did_not_have_is_new() -> None:
    """A piece is known by its bytes, wherever it stands; one changed byte makes it new."""
    before = cut_up(rss(ONE, TWO))
    known = frozenset(before.fingerprints)
    same = cut_up(rss(TWO, ONE), known=known)
    assert (same.pieces, same.seen, len(same.fingerprints)) == ((), 2, 2)
    changed = cut_up(rss(ONE, TWO.replace("Two", "Two!")), known=known)
    assert [piece.position for piece in changed.pieces] == [1]


def test_a_repeat_within_the_document_counts_once() -> None:
    """What is equal to the byte is one piece, and still counted as seen."""
    document = cut_up(rss(ONE, TWO, ONE))
    assert (document.seen, len(document.pieces), len(document.fingerprints)) == (3, 2, 2)


def test_marks_of_items_in_comments_and_cdata_are_none() -> None:
    """A title that quotes markup does not cut its item in two."""
    quoting = "<title><![CDATA[how to write </item> and <item>]]></title><guid>q</guid>"
    document = cut_up(rss(ONE, quoting, "<!-- <item>no</item> --><guid>c</guid>"))
    assert (document.cut, len(document.pieces)) == (True, 3)
    titles = [entry.title for entry in entries(rss(ONE, quoting))]
    assert titles == ["One", "how to write </item> and <item>"]


@pytest.mark.parametrize(
    "body",
    [
        b"<rss><channel><item><title>a</title><item><title>b</title></item></item></channel></rss>",
        b"<!DOCTYPE rss [<!ENTITY x 'y'>]><rss><channel><item><title>&x;</title></item></channel></rss>",
        '<?xml version="1.0" encoding="utf-16"?><rss><channel><item><title>a</title></item></channel></rss>'.encode(
            "utf-16"
        ),
    ],
)
def test_what_cannot_be_cut_safely_is_one_piece(body: bytes) -> None:
    """Items in items, entities of its own and encodings without ASCII marks leave the document whole."""
    document = cut_up(body)
    assert not document.cut
    assert (len(document.pieces), document.head, document.tail) == (1, b"", b"")
    assert entries(body)


def test_the_switch_leaves_every_document_whole() -> None:
    """Without cutting the entries are the same."""
    for body in (rss(ONE, TWO), atom("<id>a</id><title>A</title>", "<id>b</id><title>B</title>")):
        assert not cut_up(body, cut=False).cut
        assert entries(body, cut=False) == entries(body)


@pytest.mark.parametrize("lost", [1, 20, 60])
def test_a_document_cut_short_gives_its_complete_items(lost: int) -> None:
    """The broken one is rejected with its reason; head and the tail made up for it parse."""
    whole = rss(ONE, TWO)
    body = whole[: -len("</item></channel></rss>") - lost]
    document = cut_up(body)
    assert (document.malformed, document.seen, len(document.pieces)) == (True, 2, 1)
    assert document.rejected == ("cut-short: The item is cut short.",)
    assert [entry.title for entry in entries(body)] == ["One"]


def test_an_answer_that_broke_off_is_malformed() -> None:
    """The fetch knows that bytes are missing, even if the document looks whole."""
    assert cut_up(rss(ONE), complete=False).malformed


def test_items_over_the_limit_are_rejected_with_a_reason() -> None:
    """Seen = taken + rejected, item by item."""
    document = cut_up(rss(*(f"<guid>{n}</guid>" for n in range(12))), items_limit=10)
    assert (document.seen, len(document.pieces)) == (12, 10)
    assert document.rejected == ("too-many-items: The document lists more than 10 items.",) * 2


def test_an_item_that_is_too_large_is_rejected_and_its_neighbour_taken() -> None:
    """Bytes and tags both have their limit."""
    for heavy in ("x" * 4_000_001, "<b></b>" * 10_001):
        document = cut_up(rss(f"<description>{heavy}</description>", ONE))
        assert (document.seen, len(document.pieces), len(document.rejected)) == (2, 1, 1)
        again = cut_up(
            rss(f"<description>{heavy}</description>", ONE), known=frozenset(document.fingerprints)
        )
        assert (again.pieces, again.rejected) == ((), ())  # told once, not with every poll


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"<html><body>404</body></html>", "not-a-feed"),
        (b"<!doctype html><html></html>", "not-a-feed"),
        (b'{"error": "rate limit"}', "not-a-feed"),
        (b"hello", "not-a-feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "malformed"),
    ],
)
def test_what_is_no_feed_has_a_reason(body: bytes, reason: str) -> None:
    """The feed keeps it as its error."""
    with pytest.raises(DocumentError) as caught:
        cut_up(body)
    assert caught.value.reason == reason


def test_a_json_feed_is_cut_at_its_items() -> None:
    """Each item is a piece; its spelling does not matter, its content does."""
    items = [
        {"id": "1", "title": "One", "content_text": "a"},
        {"id": "2", "title": "Two", "content_text": "b"},
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items}
    document = cut_up(json.dumps(feed).encode())
    assert (document.format, document.cut, len(document.pieces)) == ("json", True, 2)
    spaced = cut_up(json.dumps(feed, indent=2).encode(), known=frozenset(document.fingerprints))
    assert spaced.pieces == ()
    assert [entry.title for entry in entries(json.dumps(feed).encode())] == ["One", "Two"]


def test_links_and_guids_that_several_items_share_are_marked() -> None:
    """They identify nothing, also when only one of the items is new."""
    same = "<link>https://wire.test/live</link>"
    shared = rss(f"<guid>a</guid>{same}", f"<guid>b</guid>{same}", ONE)
    document = cut_up(shared)
    assert [(piece.link_shared, piece.guid_shared) for piece in document.pieces] == [
        (True, False),
        (True, False),
        (False, False),
    ]
    known = frozenset(document.fingerprints[1:])
    (piece,) = cut_up(shared, known=known).pieces
    assert piece.link_shared


@given(st.lists(st.text(alphabet="<>/!-[]CDATAitem \"'&x", max_size=40), max_size=6))
def test_whatever_stands_in_items_nothing_is_lost_or_made_up(texts: list[str]) -> None:
    """Any bytes give a Document whose counts add up, or a DocumentError."""
    body = rss(*texts)
    try:
        document = cut_up(body)
    except DocumentError:
        return
    repeats = document.seen - len(document.rejected) - len(document.pieces)
    assert repeats >= 0
    if document.cut:
        assert document.head + b"".join(data(document)) + document.tail
        assert len(document.pieces) == len(set(data(document)))
