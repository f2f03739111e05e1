"""Tuning: planted false friends are found, nothing true is given up, and the new query says what it should."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import count
from math import isclose

import pytest

from pipeline.core.analyse import Analysed, analyse
from pipeline.core.match import evaluate
from pipeline.core.query import Not, Query, parse
from pipeline.core.tune import Case, Tuning, excluding, propose
from pipeline.core.tune.evidence import chance

_numbers = count(1)

TRUE = (
    "Russia launches full-scale invasion of its neighbour|Columns of tanks crossed the border at dawn, the ministry said on Thursday.",
    "Allies condemn the invasion|Leaders met in Brussels and agreed on further sanctions against the banks, officials said.",
    "Invasion enters its second week|Thousands fled the shelling of towns near the border, aid agencies said on Thursday.",
    "General warns of a second invasion|Troops gather for an exercise along the border, the army said in a statement.",
    "Refugees of the invasion arrive by train|Families with children waited at the station, and the mayor said homes were found.",
)
BURGLARS = (
    "Two held after home invasion in Leeds|Masked men broke in at night and took jewellery, police said on Thursday.",
    "Home invasion leaves couple shaken|The victims were tied up while burglars searched for cash, an officer said.",
    "Man jailed for violent home invasion|A court heard how the gang forced the door with an axe, the paper said.",
    "Police hunt gang after string of home invasions|The home invasion on Monday was the third this month, residents said.",
)
SPECIES = (
    "Lake faces invasion of zebra mussels|The invasive species clogs pipes and starves fish, biologists said on Thursday.",
    "Invasive species: the silent invasion|Crayfish from abroad drive out native animals, the agency said.",
    "Gardeners asked to report invasion of hornets|An invasive species that preys on bees was seen, keepers said.",
)
RAIDS = (
    "Dozens arrested in police raid|Officers seized drugs and phones in the invasion of a quiet street, neighbours said.",
    "Club shut after police raid|Guests spoke of an invasion by masked men with torches, the owner said.",
    "Police raid finds stolen art|The lawyer called it an invasion without a warrant and said he would appeal.",
)


def meets(query: Query, article: Analysed) -> bool:
    """The matcher that rings."""
    return evaluate(query, article) is not None


def case(text: str, relevant: bool | None, language: str = "en") -> Case:
    """An alert for an article, its title before the bar."""
    title, _, body = text.partition("|")
    analysed = analyse(title, "", body, language)
    return Case(alert_id=next(_numbers), title=title, relevant=relevant, texts=(analysed,))


def cases(texts: Iterable[str], relevant: bool | None, language: str = "en") -> list[Case]:
    """An alert for each text."""
    return [case(text, relevant, language) for text in texts]


def tuned(query: str, *groups: Sequence[Case]) -> Tuning:
    """What is proposed for these alerts."""
    return propose(query, [one for group in groups for one in group], meets)


def terms(tuning: Tuning) -> list[str]:
    """The exclusions that are proposed."""
    return [one.term for one in tuning.proposals]


def test_planted_false_friends_are_found() -> None:
    """Burglaries, biology and police work are told from war by one phrase each: the most first, then what titles say."""
    tuning = tuned(
        "invasion", cases(BURGLARS, False), cases(SPECIES, False), cases(RAIDS, False), cases(TRUE, True)
    )
    assert [term.lower() for term in terms(tuning)] == [
        '"home invasion"',
        '"police raid"',
        '"invasive species"',
    ]
    assert tuning.query is not None
    assert tuning.query.text.startswith('invasion NOT "')
    assert len(tuning.effect.not_relevant) == len(tuning.not_relevant) == 10
    assert tuning.effect.relevant == ()
    assert not tuning.cautious


def test_effect_is_that_of_the_query_that_is_shown() -> None:
    """What is said to go and to be lost is what the matcher does with the new query, of each mark."""
    listed = [*cases(BURGLARS, False), *cases(TRUE[:3], True), *cases((*BURGLARS[:1], TRUE[3]), None)]
    tuning = propose("invasion", listed, meets)
    (proposal,) = tuning.proposals
    assert tuning.query is not None
    gone = [one for one in listed if not one.met(tuning.query, meets)]
    assert [one.alert_id for one in gone] == [listed[at].alert_id for at in (0, 1, 2, 3, 7)]
    assert proposal.effect == tuning.effect
    assert [one.title for one in proposal.effect.unmarked] == [BURGLARS[0].partition("|")[0]]
    assert len(tuning.effect) == 5


def test_term_that_costs_a_true_alert_is_not_proposed() -> None:
    """One alert marked relevant that names a home invasion is reason enough to leave that phrase alone."""
    true = "Army speaks of home invasion by saboteurs|Soldiers of the enemy searched houses at the border."
    tuning = tuned("invasion", cases(BURGLARS, False), cases((*TRUE, true), True))
    assert '"home invasion"' not in [term.lower() for term in terms(tuning)]
    assert tuning.effect.relevant == ()


def test_loss_is_found_where_only_the_matcher_sees_it() -> None:
    """A word far down a long text that was not looked at for terms still keeps an exclusion away."""
    far = f"Invasion day by day|{'The front moved. ' * 3000} A home invasion was reported."
    tuning = tuned("invasion", cases(BURGLARS, False), cases((*TRUE, far), True))
    assert '"home invasion"' not in [term.lower() for term in terms(tuning)]
    assert tuning.effect.relevant == ()


@pytest.mark.parametrize("seed", range(30))
def test_nothing_true_is_ever_lost(seed: int) -> None:
    """Whatever words meet whatever marks, no alert marked relevant goes, and with few of those no other."""
    chance_of = random.Random(seed)
    words = [
        f"{first}{last}" for first in ("bar", "mol", "ten", "vir") for last in ("dok", "fel", "gup", "hiz")
    ]
    listed = [
        case(
            f"invasion|{' '.join(chance_of.choices(words, k=chance_of.randrange(1, 12)))}",
            chance_of.choice((False, False, True, None)),
        )
        for _ in range(chance_of.randrange(4, 60))
    ]
    tuning = propose("invasion", listed, meets)
    assert tuning.effect.relevant == ()
    assert not (tuning.cautious and tuning.effect.unmarked)
    assert len(tuning.proposals) <= 5
    if tuning.query is not None:
        assert [one for one in listed if one.relevant and not one.met(tuning.query, meets)] == []


def test_unmarked_alerts_stand_in_where_few_are_marked_relevant() -> None:
    """They are not known to be false, so what would cost some of them is withheld, and said to be."""
    tuning = tuned("invasion", cases(BURGLARS, False), cases(TRUE, None), cases(SPECIES[:1], True))
    assert tuning.cautious
    assert [term.lower() for term in terms(tuning)] == ['"home invasion"']
    more = tuned("invasion", cases(BURGLARS, False), cases(BURGLARS[:1], None), cases(TRUE, None))
    assert '"home invasion"' not in [term.lower() for term in terms(more)]
    assert more.effect.unmarked == ()
    assert [one.term.lower() for one in more.withheld] == ['"home invasion"']
    assert [one.title for one in more.withheld[0].effect.unmarked] == [BURGLARS[0].partition("|")[0]]


def test_exclusion_that_a_later_one_contains_is_dropped() -> None:
    """A phrase that was chosen first is not repeated beside a word that takes all that it took, and more."""
    false = (
        "Attacks of the heart kill more|The heart attacks kill, doctors said.",
        "Study of heart attacks|Patients were asked.",
        "Who has heart attacks?|Smokers, mostly.",
        "Attack on fat to spare the heart|A diet against heart attacks.",
        "Doctors attack plan|They want more beds for heart patients.",
        "Attack of nerves|It may come from a weak heart.",
    )
    true = (
        "Attack on the port|Drones came.",
        "Army fends off attack|Shells fell.",
        "Attack at dawn|Ships sank.",
        "New attack|Planes flew.",
    )
    tuning = tuned("attack", cases(false[1:], False), cases(false[:1], False), cases(true, True))
    assert [term.lower() for term in terms(tuning)] == ["heart"]
    assert len(tuning.effect.not_relevant) == 6


def test_word_needs_more_evidence_than_a_phrase() -> None:
    """Two of three false alerts name a man by chance, and no true one does: that is no reason to leave men out."""
    false = (
        "Invasion of ants|A man swept them up.",
        "Invasion of mice|Men with traps came.",
        "Invasion of bats|The roof leaks.",
    )
    assert terms(tuned("invasion", cases(false, False), cases(TRUE, True))) == []


def test_one_mark_or_nothing_to_compare_with_proves_nothing() -> None:
    """A single false alert, false alerts beside two others or none, and no mark at all lead to no proposal."""
    assert terms(tuned("invasion", cases(BURGLARS[:1], False), cases(TRUE, True))) == []
    assert terms(tuned("invasion", cases(BURGLARS, False))) == []
    assert terms(tuned("invasion", cases(BURGLARS, False), cases(TRUE[:2], None))) == []
    empty = tuned("invasion", cases(TRUE, None))
    assert (empty.proposals, empty.query, len(empty.effect)) == ((), None, 0)


def test_word_that_the_query_asks_for_is_no_exclusion() -> None:
    """A branch of the query that brings only false alerts is not contradicted by its own word."""
    tuning = tuned("invasion OR raid", cases(RAIDS, False), cases(TRUE, True))
    assert [term.lower() for term in terms(tuning)] == ['"police raid"']
    assert tuning.query is not None
    assert tuning.query.text == f"(invasion OR raid) NOT {terms(tuning)[0]}"


def test_alerts_of_an_earlier_query_do_not_count() -> None:
    """What the query no longer meets is neither evidence nor effect."""
    tuning = tuned(
        'invasion NOT "home invasion"', cases(BURGLARS, False), cases(SPECIES, False), cases(TRUE, True)
    )
    assert tuning.strays == 4
    assert [term.lower() for term in terms(tuning)] == ['"invasive species"']


def test_alert_goes_only_when_no_version_of_its_article_rings() -> None:
    """An article that had two versions rings for either, so an exclusion must meet both."""
    short = [analyse("Invasion", "", "Police were called to the house.", "en") for _ in range(4)]
    listed = [
        Case(alert_id=next(_numbers), title="", relevant=False, texts=(one, *full.texts))
        for one, full in zip(short, cases(BURGLARS, False), strict=True)
    ]
    tuning = propose("invasion", [*listed, *cases(TRUE, True)], meets)
    assert '"home invasion"' not in [term.lower() for term in terms(tuning)]
    assert tuning.query is None or not any(
        evaluate(tuning.query, text) for gone in tuning.effect.not_relevant for text in gone.texts
    )


def test_order_of_the_alerts_decides_nothing() -> None:
    """Equal evidence leads to the same proposals, however it is listed."""
    listed = [*cases(BURGLARS, False), *cases(SPECIES, False), *cases(RAIDS, False), *cases(TRUE, True)]
    expected = terms(propose("invasion", listed, meets))
    for seed in range(10):
        random.Random(seed).shuffle(listed)
        assert terms(propose("invasion", listed, meets)) == expected


@pytest.mark.parametrize(
    ("language", "query", "false", "true", "expected"),
    [
        (
            "uk",
            "вторгнення",
            (
                "Вторгнення жуків|Інвазивні види нищать ліси",
                "Вторгнення раків|Інвазивних видів більшає",
                "Вторгнення ос|Ліси потерпають, інвазивний вид",
            ),
            (
                "Вторгнення триває|Танки на кордоні",
                "День вторгнення|Місто під обстрілом",
                "Вторгнення Росії|Уряд просить зброї",
            ),
            {"ліс", "ліси", "інвазивний", "інвазивні", "інвазивних", "вид"},
        ),
        (
            "de",
            "Einbruch",
            (
                "Einbruch in Villa|Der Täter nahm Schmuck mit",
                "Einbruch am Abend|Die Täter flohen",
                "Nach Einbruch gefasst|Täter geständig",
            ),
            (
                "Einbruch der Konjunktur|Die Exporte sanken",
                "Börse: Einbruch der Kurse|Anleger sind besorgt",
                "Einbruch im Handel|Firmen klagen",
            ),
            {"Täter"},
        ),
        (
            "zh",
            "入侵",
            ("家宅入侵案|警方拘捕两名男子", "警方侦破家宅入侵|失窃现金", "家宅入侵频发|居民不安"),
            ("军队入侵邻国|坦克越过边界", "联合国谴责入侵|各国代表发言", "入侵第二周|平民逃离"),
            {"家宅入侵"},
        ),
        (
            "ar",
            "غزو",
            ("غزو الجراد للحقول|مزارعون يشكون", "غزو الجراد يتسع|خسائر", "مكافحة غزو الجراد|رش المبيدات"),
            ("غزو البلاد|الدبابات تعبر الحدود", "إدانة غزو المدينة|بيان", "يوم غزو جديد|قصف"),
            {'"غزو الجراد"'},
        ),
    ],
)
def test_any_language_can_be_tuned(
    language: str, query: str, false: tuple[str, ...], true: tuple[str, ...], expected: set[str]
) -> None:
    """Inflections count as one word, and scripts without spaces have their words found as runs."""
    tuning = tuned(query, cases(false, False, language), cases(true, True, language))
    assert terms(tuning)[0] in expected
    assert len(tuning.effect.not_relevant) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("invasion", 'invasion NOT "home invasion" NOT burglar'),
        ("a OR b", '(a OR b) NOT "home invasion" NOT burglar'),
        ("(a OR b)", '(a OR b) NOT "home invasion" NOT burglar'),
        ("a AND b", None),
        ("a b", 'a b NOT "home invasion" NOT burglar'),
        ("a NOT b", 'a NOT b NOT "home invasion" NOT burglar'),
        ("a\n  OR b", '(a OR b) NOT "home invasion" NOT burglar'),
        ("title:(a OR b)", None),
        ("+a +b", None),
        ("(a AND b) OR c", None),
        ("NOT (a OR b) AND c", None),
        ("ceasefire OR cease-fire", None),
        ('"a b"~5', None),
    ],
)
def test_new_query_means_the_old_one_without_the_terms(old: str, new: str | None) -> None:
    """Brackets stand where they are needed: an article meets both, or has a term that is left out."""
    query = excluding(old, ['"home invasion"', "burglar"])
    if new is not None:
        assert query.text == new
    assert parse(query.text) == query
    assert query.root.parts[-2:] == tuple(Not(parse(term).root) for term in ('"home invasion"', "burglar"))  # type: ignore[union-attr]
    for text in ("a", "b", "c", "a b", "a x b", "b c", "cease-fire", "ceasefire", "invasion", "x"):
        for more in ("", " home invasion", " burglars", " home", " an invasion at home"):
            article = analyse(text, "", more, "en")
            left_out = more in {" home invasion", " burglars"}
            assert meets(query, article) == (meets(parse(old), article) and not left_out)


def test_chance_is_that_of_fishers_exact_test() -> None:
    """The figures of the lady tasting tea, and of a table that is all one way."""
    assert isclose(chance(4, 4, 0, 4), 1 / 70)
    assert isclose(chance(3, 4, 1, 4), 17 / 70)
    assert isclose(chance(0, 4, 4, 4), 1.0)
