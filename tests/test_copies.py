"""Copies: what is one text in another house, and what is another text in the same form."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from pipeline.core.copies import ENOUGH, KEYS, Print, similarity, sketch

LEAD = (
    "The harbour authority of Marlow closed its northern basin on Tuesday after divers found a crack of"
    " 14 metres in the old sea wall, and said that repairs would take most of the summer."
)
MORE = (
    " Ferries to the islands leave from the southern quay until then. Owners of small boats were asked to move"
    " them before the weekend, when a spring tide is expected. The wall was built by the engineer Anna Corvin"
    " and has been repaired twice since. A spokesman called the damage serious but not dangerous to the town,"
    " whose lower streets were flooded nine years ago when a storm broke through the gates of the basin."
)
STORY = Print("Crack closes northern basin of Marlow", "", LEAD + MORE)
BRIEF = Print("Crack closes northern basin of Marlow", LEAD, "")


def _same(one: Print, other: Print) -> bool:
    """Whether keys bring the two together, and they are taken for one text."""
    near = len({*sketch(one)} & {*sketch(other)}) >= ENOUGH
    return near and similarity(one, other) is not None


@pytest.mark.parametrize(
    "copy",
    [
        Print(STORY.title, "", LEAD + MORE + "\nRead more on our website."),
        Print(STORY.title, "", f"MARLOW (Reuters) - {LEAD}{MORE}"),
        Print(STORY.title, "", f"By Jo Smith\nMARLOW, Feb 18 (AP) — {LEAD}{MORE} (Reporting by Jo Smith)"),
        Print(f"{STORY.title} - AP News", "", (LEAD + MORE).replace("'", "’").replace(" and ", " \u00a0and ")),
        Print(STORY.title.upper(), "", (LEAD + MORE).upper()),
        Print("Summer of repairs ahead for the harbour", "", LEAD + MORE),
        Print(STORY.title, "", (LEAD + MORE).replace("closed", "shut").replace("called", "named").replace("most", "part")),
        Print(STORY.title, f"{LEAD[:120]}…", ""),
        Print(STORY.title, "", f"Subscribers read this first every morning in our letter.\n{LEAD}{MORE}"),
        BRIEF,
    ],
)  # fmt: skip
def test_a_text_in_another_house_is_the_same_text(copy: Print) -> None:
    """Cut, tagged, with another headline or furniture, and with a word in twenty changed."""
    assert _same(STORY, copy)
    assert _same(copy, STORY)


@pytest.mark.parametrize(
    ("old", "new"), [("14", "40"), ("Marlow", "Kelby"), ("northern", "Southern"), ("Tuesday", "Friday")]
)
def test_the_same_form_filled_in_otherwise_is_another_text(old: str, new: str) -> None:
    """Another number or another name is another event, or a correction that must be told."""
    other = Print(BRIEF.title.replace(old, new), LEAD.replace(old, new), "")
    assert similarity(BRIEF, other) is None or old == "northern"


def test_a_number_of_the_lead_counts_in_a_long_text_too() -> None:
    """Nobody reads on to find that a toll has risen."""
    assert similarity(STORY, Print(STORY.title, "", STORY.body.replace("14", "40"))) is None


def test_what_a_text_is_told_after_is_news() -> None:
    """A text that has all of the other at its end has something new at its beginning."""
    other = Print("Basin opens again", "", f"{MORE} {MORE.upper()} {LEAD}")
    assert similarity(BRIEF, other) is None


def test_a_series_is_many_texts_under_one_summary() -> None:
    """A short text says only together with its title what it is about."""
    words = "A selection of the most striking pictures that our readers sent us from all over the world."
    assert (
        similarity(
            Print("Your pictures: on two wheels", words, ""), Print("Your pictures: winter walks", words, "")
        )
        is None
    )
    week = Print("Week in pictures: 5-11 March", words, "")
    assert similarity(week, Print("Week in pictures: 12-18 March", words, "")) is None


def test_a_correction_is_news() -> None:
    """A text that is told again because it was wrong must reach those who read it."""
    assert similarity(STORY, Print(f"CORRECTION: {STORY.title}", "", STORY.body)) is None


def test_a_summary_is_held_against_summary_and_body() -> None:
    """A page may have replaced the body, and the teaser be a text of its own."""
    teaser = "What a crack in the old sea wall means for those who live from ferries, boats and the fish of Marlow."
    assert similarity(Print(STORY.title, teaser, ""), Print(STORY.title, teaser, STORY.body)) == 1.0
    assert similarity(BRIEF, Print(STORY.title, teaser, STORY.body)) == 1.0


def test_a_few_words_have_no_keys() -> None:
    """Texts that short may be equal by chance."""
    assert sketch(Print("Basin closed", "More soon.", "")) == ()
    assert (
        similarity(Print("Basin closed", "More soon.", ""), Print("Basin closed", "More soon.", "")) is None
    )


def test_scripts_without_spaces_are_read_by_the_character() -> None:
    """Their texts have keys, and one other character in twenty leaves them copies."""
    text = "港务局星期二关闭了北部港池因为潜水员在旧海堤上发现了一条裂缝并表示维修工作将持续大半个夏天渡轮改从南码头出发"
    one, other = Print("港池关闭", text, ""), Print("港池关闭", text.replace("发现", "看到"), "")
    assert len(sketch(one)) == KEYS
    assert _same(one, other)


def test_keys_are_the_same_in_every_process() -> None:
    """All workers on all machines, and later versions, must find what this one has kept."""
    code = (
        "import sys; sys.path.insert(0, '.'); from pipeline.core.copies import Print, sketch;"
        f"print(*sketch(Print({BRIEF.title!r}, {LEAD!r}, '')))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert tuple(map(int, told.split())) == sketch(BRIEF)
    assert sketch(BRIEF)[:3] == (21126044, 100302009, 143160672)


@pytest.mark.parametrize(
    "text", ["By " + "A" * 5_000, "A" + "." * 5_000, "By A. " * 900, "A'" * 2_500, "(" * 5_000, "… " * 2_500]
)
def test_hostile_furniture_takes_no_time(text: str) -> None:
    """No text makes the patterns try it in ever more ways."""
    begun = time.process_time()
    one = Print(text, text, text * 3)
    sketch(one)
    similarity(one, Print(text, f"{text} end", ""))
    assert time.process_time() - begun < 1
