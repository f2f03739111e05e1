"""Which changes of a text are material."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.change import Change, Version, change, is_news

BODY = (
    "The army said on Monday that it had crossed the river before dawn. Witnesses in Karlsburg saw columns of "
    "trucks on the northern road. The minister, Anna Hale, called for calm and for a meeting of the council. "
    "Schools stay closed until further notice, and trains do not run."
)
MORE = (
    "By evening the bridge had fallen and the mayor had left the town. Shops along the quay were shut, and the "
    "hospital asked for blood. Neighbouring states offered to take in those who flee the fighting. "
    "A ceasefire that had been agreed in spring is thereby at an end, observers say."
)


def title(before: str, after: str, *, copy: bool = False, language: str = "en") -> Change | None:
    """What becomes of a headline over the same text."""
    return change(Version(before, "", BODY, language), Version(after, "", BODY, language), copy=copy)


@pytest.mark.parametrize(
    ("before", "after", "kind", "summary"),
    [
        ("Quake kills 12 in Chile", "Quake kills 15 in Chile", "numbers", "12 → 15"),
        ("Quake kills 12 in Chile", "Death toll rises to 30 after Chilean quake", "numbers", "12 → 30"),
        ("Quake kills two in Chile", "Quake kills three in Chile", "numbers", "two → three"),
        ("Dozens die in quake", "42 die in quake", "numbers", "nothing → 42"),
        ("Loss of $1.5 million at Acme", "Loss of $1.5 billion at Acme", "numbers", "million → 1.5 billion"),
        ("Verlust von 1,5 Mio. Euro", "Verlust von 2,5 Mio. Euro", "numbers", "1,5 Mio → 2,5 Mio"),
        (
            "Minister Smith arrested over fraud",
            "Minister Jones arrested over fraud",
            "names",
            "Smith → Jones",
        ),
        ("Russia strikes Kyiv", "Russia strikes Kharkiv", "names", "Kyiv → Kharkiv"),
        ("Strike hits harbour", "Strike hits harbour of Tromsø", "names", "nothing → Tromsø"),
        ("Singer Bob Trenk wins prize", "Singer wins prize", "names", "Bob Trenk → nothing"),
        ("Interest rate cut", "CORRECTED: Interest rate cut", "corrected", "CORRECTED"),
        ("Interest rate cut", "UPDATE 2-CORRECTED-Interest rate cut", "corrected", "CORRECTED"),
        ("Interest rate cut", "Interest rate cut (corrected)", "corrected", "corrected"),
        ("Interest rate cut", "WITHDRAWN: Interest rate cut", "retracted", "WITHDRAWN"),
        ("Leitzins gesenkt", "Berichtigung: Leitzins gesenkt", "corrected", "Berichtigung"),
        ("Le taux baisse", "RECTIFICATIF - Le taux baisse", "corrected", "RECTIFICATIF"),
        ("Baja la tasa", "Corrección: Baja la tasa", "corrected", "Corrección"),
        ("Ставка снижена", "Исправление: ставка снижена", "corrected", "Исправление"),
        ("利率下调", "更正：利率下调", "corrected", "更正"),
    ],
)
def test_numbers_names_and_notices_of_a_headline_are_material(
    before: str, after: str, kind: str, summary: str
) -> None:
    """Corrected, added and removed numbers and names, and notices in several languages."""
    found = title(before, after, language="de" if "Mio" in before or "zins" in before else "en")
    assert found is not None
    assert kind in found.kinds
    assert summary in found.summary


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Quake kills 12 in Chile", "UPDATED: Quake kills 12 in Chile"),
        ("Quake kills 12 in Chile", "Quake kills twelve in Chile"),
        ("Quake kills 12 in Chile", "Quake  kills 12 in Chile – BBC News"),
        ("Loss of 1,500 jobs", "Loss of 1.500 jobs"),
        ("Briefing for Feb 17", "Briefing for Feb 18"),
        ("Live at 10:30: talks go on", "Live at 11:45: talks go on"),
        ("What we know on day 1,455 of the war", "What we know on day 1,456 of the war"),
        ("“Calm”, asks the minister", '"Calm", asks the Minister'),
        ("Army crosses river", "Army has crossed the river, Anna Hale calls for calm"),
        ("Army crosses river", "Troops cross river before dawn"),
        ("Army crosses river", "LIVE: Army crosses river | The Wire"),
        ("Anna Hale calls for calm", "Minister calls for calm"),
        ("Troops stay in town", "Troops withdrawn from town"),
        ("Markets fall", "Correction shakes markets"),
        ("Leaders meet in capital", "Leaders meet in capital after invasion"),
    ],
)
def test_other_dates_labels_typography_and_words_are_not(before: str, after: str) -> None:
    """Re-dated, re-labelled and re-headlined texts say nothing new."""
    assert title(before, after) is None


def test_a_copy_under_another_headline_is_no_change() -> None:
    """Another outlet's names are its own words; a number in the place of another is not."""
    assert title("Quake kills 12", "Santiago counts its dead", copy=True) is None
    assert title("Quake kills 12", "Chile: 12 dead, 300 hurt", copy=True) is None
    found = title("Quake kills 12 in Chile", "Quake kills 15 in Chile", copy=True)
    assert found is not None
    assert found.kinds == ("numbers",)


def test_a_text_that_grew_is_a_change_and_one_that_was_cut_is_not() -> None:
    """Growth counts from a threshold on; excerpts, furniture and copies never do."""
    short, long = Version("A river", "", BODY), Version("A river", "", f"{BODY} {MORE}")
    found = change(short, long)
    assert found is not None
    assert found.kinds == ("text",)
    assert found.added[0].startswith("By evening the bridge")
    assert found.removed == ()
    assert 0.4 < found.added_share < 0.6
    assert found.summary.startswith("text: 4 new sentences")
    assert change(long, short) is None
    assert change(short, long, copy=True) is None
    assert change(short, long, texts=False) is None
    furniture = "Updated at 10:30 GMT\n1,204 views\n3 min read\nRead more: the river and its bridges\n"
    assert change(short, Version("A river", "", f"{furniture}{BODY}\nThis is a developing story.")) is None
    one = Version("A river", "", f"{BODY} The mayor left.")
    assert change(short, one) is None


def test_a_notice_in_the_text_is_told_once() -> None:
    """A correction beneath the text is a change, in its own words; with another date it is the same one."""
    first = Version("A river", "", f"{BODY}\nCorrection (17 Feb): The minister is Anna Hale, not Anne Hall.")
    found = change(Version("A river", "", BODY), first)
    assert found is not None
    assert found.kinds == ("corrected",)
    assert "not Anne Hall" in found.notice
    later = Version("A river", "", first.body.replace("17 Feb", "18 Feb"))
    assert change(first, later) is None
    gone = change(first, Version("A river", "This article has been withdrawn.", first.body))
    assert gone is not None
    assert gone.kinds == ("retracted",)


def test_headlines_are_laid_over_each_other() -> None:
    """The parts say what stayed, went and came, in the words as written."""
    found = title("Quake kills 12 in Chile", "CORRECTED: Quake kills 15 in Chile")
    assert found is not None
    assert [(part.kind, part.text) for part in found.parts] == [
        ("same", "Quake kills"),
        ("removed", "12"),
        ("added", "15"),
        ("same", "in Chile"),
    ]
    assert found.as_json()["headline"]["parts"][1] == {"kind": "removed", "text": "12"}


def test_the_same_correction_has_the_same_key_whoever_prints_it() -> None:
    """A key is of what the change says."""
    first = title("Quake kills 12 in Chile", "Quake kills 15 in Chile")
    second = title("Chile: 12 die in quake", "Chile: 15 die in quake", copy=True)
    third = title("Quake kills 12 in Chile", "Quake kills 16 in Chile")
    assert first is not None
    assert second is not None
    assert third is not None
    assert first.key == second.key != third.key


texts = st.text(alphabet=st.characters(codec="utf-8"), max_size=200)


@settings(deadline=None)  # the first to ask loads what tells languages
@given(texts, texts, texts)
def test_a_text_is_never_a_change_of_itself(headline: str, summary: str, body: str) -> None:
    """Whatever it says, and however it is spaced."""
    version = Version(headline, summary, body)
    assert change(version, version) is None
    assert change(version, Version(f"  {headline} ", summary, body)) is None


@settings(deadline=None)  # the first to ask loads what tells languages
@given(texts, texts, texts, texts)
def test_any_two_texts_can_be_compared(one: str, two: str, three: str, four: str) -> None:
    """No text of strangers is an error, and what is told has an end."""
    found = change(Version(one, two), Version(three, four))
    assert found is None or (found.kinds and len(found.summary) <= 300 and len(found.key) == 16)


def test_live_reports_change_all_the_time() -> None:
    """Of a live report only numbers in each other's place and notices are material."""
    assert title("War live: Karlsburg falls", "War live: Hale resigns") is None
    assert title("River in flood – live updates", "Jarl Town in flood – live updates") is None
    assert title("War live: 12 dead in Karlsburg", "War live: 15 dead in Karlsburg") is not None
    long = Version("War live: Karlsburg falls", "", f"{BODY} {MORE}")
    assert change(Version("War live: Karlsburg falls", "", BODY), long) is None


def test_a_change_is_news_to_who_has_not_read_it_elsewhere() -> None:
    """What one outlet corrected is known to whoever read it in another's words."""
    before, after = Version("Quake kills 12", "", BODY), Version("Quake kills 15", "", BODY)
    found = change(before, after)
    assert found is not None
    assert is_news(found, after, Version("Chile counts its dead", "", "At least 12 people died."))
    assert not is_news(found, after, Version("Chile counts its dead", "", "At least 15 people died."))
    noticed = Version("Quake kills 12", "Correction: the quake was in Chile, not in Peru.", BODY)
    found = change(before, noticed)
    assert found is not None
    assert is_news(found, noticed, Version("Quake in Chile", "", BODY))
    assert not is_news(found, noticed, Version("Correction: the quake was in Chile, not in Peru", "", BODY))
    grown = Version("Quake kills 12", "", f"{BODY} {MORE}")
    found = change(before, grown)
    assert found is not None
    assert is_news(found, grown, Version("Quake in Chile", "", BODY))
    assert not is_news(found, grown, Version("Quake in Chile", "", MORE))
