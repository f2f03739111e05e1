"""Detection: the language of a text where nobody names it, or where what is named cannot be."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.analyse import detect, language_of, spoken

NEWS = [
    ("en", "Russia launches new missile strikes on Kyiv, killing at least three people"),
    ("de", "EU beschließt neue Sanktionen gegen Moskau, Tausende Soldaten an die Grenze verlegt"),
    ("fr", "Le président appelle à un cessez-le-feu après l'attaque contre la capitale"),
    ("es", "El presidente pide un alto el fuego tras el ataque contra la capital"),
    ("it", "Il presidente chiede il cessate il fuoco dopo l'attacco alla capitale"),
    ("pt", "A Rússia lança novo ataque contra a capital e o presidente pede cessar-fogo"),
    ("nl", "Duizenden soldaten naar de grens gestuurd na de aanval op de hoofdstad"),
    ("pl", "Prezydent wzywa do zawieszenia broni po ataku na stolicę"),
    ("cs", "Prezident vyzývá k příměří po útoku na hlavní město"),
    ("sk", "Prezident vyzýva na prímerie po útoku na hlavné mesto"),
    ("hu", "Az elnök azonnali tűzszünetet követel a főváros elleni támadás után"),
    ("ro", "Președintele cere încetarea imediată a focului după atacul asupra capitalei"),
    ("sv", "Presidenten kräver omedelbar vapenvila efter attacken mot huvudstaden"),
    ("fi", "Presidentti vaatii välitöntä tulitaukoa pääkaupunkiin tehdyn hyökkäyksen jälkeen"),
    ("tr", "Cumhurbaşkanı başkente yapılan saldırının ardından ateşkes çağrısında bulundu"),
    ("id", "Presiden menyerukan gencatan senjata segera setelah serangan di ibu kota"),
    ("vi", "Tổng thống kêu gọi ngừng bắn ngay lập tức sau cuộc tấn công vào thủ đô"),
    ("uk", "Президент закликав до припинення вогню після удару по столиці"),
    ("ru", "Президент призвал к прекращению огня после удара по столице"),
    ("bg", "Президентът призова за прекратяване на огъня след удара по столицата"),
    ("el", "Ο πρόεδρος ζητά κατάπαυση του πυρός μετά την επίθεση στην πρωτεύουσα"),
    ("ar", "الرئيس يدعو إلى وقف إطلاق النار بعد الهجوم على العاصمة"),
    ("fa", "رئیس جمهور پس از حمله به پایتخت خواستار آتش بس شد"),
    ("he", "הנשיא קרא להפסקת אש לאחר המתקפה על הבירה"),
    ("hi", "राष्ट्रपति ने राजधानी पर हमले के बाद युद्धविराम की अपील की"),
    ("zh", "总统在首都遭袭后呼吁立即停火"),
    ("ja", "大統領は首都への攻撃を受けて即時停戦を呼びかけた"),
    ("ko", "대통령은 수도 공격 이후 즉각 휴전을 촉구했다"),
    ("th", "ประธานาธิบดีเรียกร้องให้หยุดยิงทันทีหลังการโจมตีเมืองหลวง"),
]


@pytest.mark.parametrize(("language", "text"), NEWS)
def test_the_language_of_a_headline_is_told_where_none_is_declared(language: str, text: str) -> None:
    """One sentence is enough, in whatever script."""
    assert detect(text) == language
    assert spoken(text, None) == language


@pytest.mark.parametrize(
    "text", ["", "   ", "42", "NATO", "OK", "AAPL +2%", "🎉🎉", "Volodymyr Zelensky", "\ud800"]
)
def test_nothing_is_guessed_from_too_little(text: str) -> None:
    """Numbers, names and marks are in no language."""
    assert detect(text) is None
    assert spoken(text, None) is None


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Neue Sanktionen gegen Moskau beschlossen", "en", "en"),
        ("Президентът призова за прекратяване на огъня", "en", "bg"),
        ("The president has called for an immediate ceasefire", "uk", "en"),
        ("Председник је позвао на прекид ватре", "sr", "sr"),
        ("Predsednik je pozvao na prekid vatre", "sr", "sr"),
        ("Прэзідэнт заклікаў да спынення агню", "be", "be"),
        ("总统呼吁立即停火", "zh", "zh"),
        ("The president has called for an immediate ceasefire", "ja", "ja"),
        ("42 %", "uk", "uk"),
        ("NATO", "uk", "uk"),
        ("", "de", "de"),
    ],
)
def test_what_is_declared_counts_unless_its_script_is_another(
    text: str, declared: str, language: str
) -> None:
    """A wrong script shows a wrong declaration; without a better answer, the declaration stands."""
    assert spoken(text, declared) == language


def test_a_detected_language_is_read_with_its_dictionary() -> None:
    """Bulgarian that declares English, or nothing, is no longer taken for Russian."""
    text = "Президентът призова за прекратяване на огъня"
    assert language_of(text, spoken(text, "en")) == "bg"
    assert language_of(text, spoken(text, None)) == "bg"


@settings(deadline=None)  # the first one loads the identifier
@given(st.text(max_size=300), st.sampled_from([None, "en", "uk", "ja", "nonsense"]))
def test_any_text_has_one_answer(text: str, declared: str | None) -> None:
    """Whatever the text, there is an answer, and it is the same the second time."""
    assert spoken(text, declared) == spoken(text, declared)


def test_only_the_beginning_of_a_long_text_is_looked_at() -> None:
    """A megabyte in another language behind it changes nothing."""
    text = NEWS[1][1]
    assert detect(f"{text * 10} {NEWS[2][1] * 10_000}") == "de"


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """A process that meets only declared languages carries no identifier and no numpy."""
    code = (
        "import sys; from pipeline.core.analyse import spoken;"
        "assert spoken('Sanctions against Moscow', 'en') == 'en';"
        "assert 'numpy' not in sys.modules;"
        "spoken('Sanctions against Moscow', None); assert 'numpy' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
