"""Events: the same news in other words is found, and other news with the same words is not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.analyse import analyse
from pipeline.core.event import (
    HOLDERS,
    KEYS,
    NEAREST,
    SAME,
    Candidate,
    Held,
    Sightings,
    Telling,
    best,
    likeness,
    tell,
)
from pipeline.core.event.telling import TERMS

FLOOD = (
    "Floods in Valmora leave thousands without a home",
    "The river Tessen broke its banks near Valmora on Monday, and 4,000 people had to leave their houses.",
)
FLOOD_AGAIN = (
    "Thousands homeless as the Tessen floods Valmora",
    "Some 4,000 residents of Valmora fled on Monday night when the river broke through its banks.",
)
ELECTION = (
    "Valmora elects a new mayor",
    "Voters in Valmora chose the former teacher Hedda Lindqvist on Sunday, the electoral office says.",
)


def told(text: tuple[str, str], language: str = "en") -> Telling:
    """What an article with this title and summary tells."""
    found = tell(analyse(text[0], text[1], "", language), language)
    assert found is not None
    return found


def candidate(number: int, text: tuple[str, str], event: int | None = None) -> Candidate:
    """A story that founded its event, unless another did."""
    return Candidate(story_id=number, event_id=event or number, telling=told(text))


def test_same_news_in_other_words_is_alike() -> None:
    """Most of the names and of the title are there in both."""
    assert likeness(told(FLOOD), told(FLOOD_AGAIN)) >= SAME


def test_other_news_of_the_same_place_is_not() -> None:
    """One name in common does not make one event."""
    assert likeness(told(FLOOD), told(ELECTION)) < SAME


def test_likeness_has_no_direction_and_one_is_the_most() -> None:
    """It does not matter which of the two came first."""
    one, other = told(FLOOD), told(FLOOD_AGAIN)
    assert likeness(one, other) == likeness(other, one)
    assert likeness(one, one) <= 1.0


def test_title_that_the_other_does_not_speak_of_tells_other_news() -> None:
    """Boilerplate of one outlet under two headlines is no event, however much of it there is."""
    same = "Subscribe today for unlimited digital access, newsletters, podcasts and exclusive reader events."
    assert likeness(told(("Harbour strike ends", same)), told(("Museum opens doors", same))) == 0.0


def test_common_words_say_nothing() -> None:
    """A text of nothing else is not compared at all."""
    assert tell(analyse("What they said about it", "This is what they have said.", "", "en"), "en") is None


def test_common_words_are_those_of_the_declared_language() -> None:
    """Vietnamese has no dictionary here, but a list of its own."""
    text = ("những người này đã được", "Hanoi Haiphong Danang Saigon những được người")
    said = tell(analyse(*text, "", "vi"), "vi")
    assert said is not None
    assert len(said.weights) == 4


def test_scripts_without_spaces_give_pairs_of_characters() -> None:
    """One character says little, and words have no bounds."""
    one, other = (
        told(("首相辞任を表明", "首相は記者会見で辞任する意向を表明した。"), "ja"),
        told(("首相が辞任表明", "首相が会見で辞任を表明。"), "ja"),
    )
    assert likeness(one, other) >= SAME


def test_packed_telling_comes_back_as_it_was() -> None:
    """What the store keeps is what was told."""
    one = told(FLOOD)
    assert Telling.unpack(one.pack()) == one
    assert list(Telling.unpack(one.pack()).keys) == list(one.keys)


@settings(deadline=None)  # the first text of a language loads its words
@given(st.text(max_size=400), st.text(max_size=400), st.sampled_from([None, "en", "de", "zh", "xx"]))
def test_any_text_is_told_within_bounds(title: str, body: str, language: str | None) -> None:
    """What strangers write never breaks it, and never makes it large."""
    found = tell(analyse(title, "", body, language), language)
    if found is not None:
        assert len(found.weights) <= TERMS
        assert len(found.keys) <= KEYS
        assert Telling.unpack(found.pack()) == found
        assert 0.0 <= likeness(found, found) <= 1.000001


def test_story_joins_the_event_of_the_one_most_alike() -> None:
    """The oldest of equals, whatever order they are found in; the event is theirs, not they."""
    found = [candidate(7, FLOOD, 3), candidate(5, FLOOD, 2), candidate(4, ELECTION)]
    chosen = best(told(FLOOD_AGAIN), found, {})
    assert chosen is not None
    assert (chosen.story_id, chosen.event_id) == (5, 2)
    assert best(told(FLOOD_AGAIN), reversed(found), {}) == chosen


def test_story_that_nothing_is_like_joins_none() -> None:
    """It founds an event of its own."""
    assert best(told(FLOOD), [candidate(4, ELECTION)], {}) is None


def test_key_that_half_of_all_stories_have_is_worth_little() -> None:
    """And one that nobody else has keeps its weight."""
    common, rare = told(FLOOD).keys[:2]
    held = {common: Held(number=50, first_id=1)}
    worth = Sightings(shared={}, held=held, first_id=0, story_id=100).worth(told(FLOOD).weights)
    assert worth[common] < 2.5
    assert rare not in worth


def test_key_with_more_holders_than_are_read_is_judged_by_their_pace() -> None:
    """When the newest came in one run, nearly every story has it."""
    weights = told(FLOOD).weights
    key = told(FLOOD).keys[0]

    def worth(first_id: int) -> float:
        held = {key: Held(number=HOLDERS, first_id=first_id)}
        return Sightings(shared={}, held=held, first_id=0, story_id=10_000).worth(weights)[key]

    assert worth(10_000 - HOLDERS) < 0.5
    assert worth(10_000 - 100 * HOLDERS) > 5.0


def test_stories_that_share_the_most_keys_are_compared() -> None:
    """And of those that share as many the oldest."""
    seen = Sightings(shared={2: 1, 3: 1, 4: 2, 5: 3}, held={}, first_id=0, story_id=9)
    assert seen.nearest() == [5, 4, 2, 3]
    crowd = Sightings(shared=dict.fromkeys(range(100), 1), held={}, first_id=0, story_id=100)
    assert crowd.nearest() == list(range(NEAREST))
