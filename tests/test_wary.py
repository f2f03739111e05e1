"""Whether to believe a server that says "not modified"."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.core.canary import HOUSE
from pipeline.core.model import Feed, Response, Wariness
from pipeline.core.wary import DOUBT, asks_whole, heed
from tests.test_poll import FEED, NEW, NOW, OLD, document, response

ETAG, DATE = 'W/"old"', "Sun, 01 Mar 2026 10:00:00 GMT"


def feed(known: bytes = OLD, **wary: object) -> Feed:
    """A feed that sent its document an hour ago."""
    remembered = Wariness(whole_at=NOW - timedelta(hours=1), overlapped=True)
    return replace(FEED, known=frozenset({known}), wariness=replace(remembered, **wary))  # type: ignore[arg-type]


def answer(**headers: str) -> Response:
    """A document with these headers."""
    return response(**headers)


@pytest.mark.parametrize(
    ("wary", "whole"),
    [
        ({}, False),
        ({"unmodified": 18}, False),
        ({"unmodified": 19}, True),
        ({"whole_at": NOW - timedelta(days=1)}, True),
        ({"whole_at": NOW + timedelta(days=300)}, True),  # a clock was ahead
        ({"whole_at": None}, True),
        ({"doubted_until": NOW + timedelta(days=6)}, True),
        ({"doubted_until": NOW - timedelta(days=1)}, False),  # on trial
        ({"doubted_until": NOW - timedelta(days=1), "unmodified": 1}, True),
        ({"doubted_until": NOW + timedelta(days=360)}, False),  # a clock was ahead
    ],
)
def test_a_document_is_asked_for_every_so_often(wary: dict[str, object], whole: bool) -> None:
    """Each twentieth poll, once a day, and always where the server is doubted."""
    assert asks_whole(feed(**wary), every=20, now=NOW) is whole


def test_the_canary_is_asked_for_as_it_is() -> None:
    """It is nowhere in the net and has nothing to hide."""
    assert not asks_whole(replace(feed(whole_at=None), id=HOUSE), every=20, now=NOW)


def test_not_modified_is_counted_and_is_something_in_common() -> None:
    """The count decides when to ask anyway; the document is the one before."""
    found = heed(feed(unmodified=3, overlapped=False), response(304), None, whole=False, now=NOW)
    assert found.wariness == feed(unmodified=4).wariness


@pytest.mark.parametrize(
    ("held", "headers", "lied"),
    [
        ((ETAG, DATE), {"etag": ETAG}, True),
        ((ETAG, DATE), {"etag": '"old"'}, True),  # weak or not, it is the same to If-None-Match
        ((ETAG, DATE), {"etag": '"new"', "last_modified": DATE}, False),  # the ETag goes first
        ((ETAG, DATE), {"last_modified": DATE}, False),
        ((None, DATE), {"last_modified": DATE}, True),
        ((None, DATE), {"last_modified": "Sun, 01 Mar 2026 11:00:00 GMT"}, False),
    ],
)
def test_a_lie_is_what_is_new_under_validators_that_are_not(
    held: tuple[str | None, str], headers: dict[str, str], lied: bool
) -> None:
    """The server would have said "not modified" to them again."""
    asked = replace(feed(unmodified=5), etag=held[0], last_modified=held[1])
    assert heed(asked, answer(**headers), document(), whole=True, now=NOW).lied is lied


def test_nothing_new_or_nothing_hidden_is_no_lie() -> None:
    """A document that did not change, one that was never said to be unmodified, one that was not asked for whole."""
    same = answer(etag=ETAG)
    assert not heed(feed(unmodified=5), same, document(new=0), whole=True, now=NOW).lied
    assert not heed(feed(unmodified=0), same, document(), whole=True, now=NOW).lied
    assert not heed(feed(unmodified=5), same, document(), whole=False, now=NOW).lied


def test_three_changes_in_a_row_found_unasked_only_are_a_lie() -> None:
    """Also where each document has an ETag of its own; a change that the server tells ends the row."""
    other = answer(etag='"other"')
    asked = feed(unmodified=19)
    for strikes in (1, 2):
        found = heed(asked, other, document(), whole=True, now=NOW)
        assert (found.lied, found.wariness.strikes) == (False, strikes)
        asked = replace(asked, wariness=replace(found.wariness, unmodified=19))
    assert heed(asked, other, document(), whole=True, now=NOW).lied
    honest = heed(replace(asked, wariness=asked.wariness), other, document(), whole=False, now=NOW)
    assert (honest.lied, honest.wariness.strikes) == (False, 0)


def test_a_server_on_trial_is_trusted_when_it_tells_of_something_new() -> None:
    """Only an answer to validators counts."""
    tried = feed(doubted_until=NOW - timedelta(hours=1))
    assert heed(tried, answer(etag='"new"'), document(), whole=False, now=NOW).trusted
    assert not heed(tried, answer(etag='"new"'), document(), whole=True, now=NOW).trusted
    assert not heed(tried, answer(etag='"new"'), document(new=0), whole=False, now=NOW).trusted
    assert timedelta(days=1) < DOUBT


def test_a_document_without_a_known_piece_is_adrift() -> None:
    """But not a first one, one that is cut short, or one after an empty one."""
    whole = answer()
    assert heed(feed(), whole, document(), whole=False, now=NOW).adrift
    assert not heed(feed(NEW), whole, document(), whole=False, now=NOW).adrift
    assert not heed(feed(), whole, document(malformed=True), whole=False, now=NOW).adrift
    assert not heed(replace(feed(), first=True), whole, document(), whole=False, now=NOW).adrift
    assert not heed(replace(feed(), known=frozenset()), whole, document(), whole=False, now=NOW).adrift
