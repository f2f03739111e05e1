"""The analyser: tokens, folding, lemmas, languages, offsets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.analyse import Analysed, analyse, exact_forms, fold, forms_in, language_of, tokens
from pipeline.core.analyse.forms import LONGEST_TOKEN
from pipeline.core.analyse.tokens import split


def body(text: str, language: str | None = "en") -> Analysed:
    return analyse("", "", text, language)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("SANCTIONS", "sanctions"),
        ("İstanbul", "istanbul"),
        ("ısparta", "isparta"),
        ("Straße", "strasse"),
        ("STRASSE", "strasse"),
        ("ﬁnance", "finance"),
        ("café", "cafe"),
        ("cafe\u0301", "cafe"),
        ("Łódź", "lodz"),
        ("Ærø", "aero"),
        ("Київ", "київ"),
        ("ёлка", "елка"),
        ("за\u0301мок", "замок"),
        ("ΠΌΛΕΜΟΣ", "πολεμοσ"),
        ("πόλεμος", "πολεμοσ"),
        ("الْغَزْوُ", "الغزو"),
        ("إيران", "ايران"),
        ("כֹּהֵן", "כהן"),
        ("ガ", "ガ"),
        ("ｶﾞ", "ガ"),
        ("ＮＡＴＯ", "nato"),
        ("𝐍𝐀𝐓𝐎", "nato"),
        ("١٢٣", "123"),
        ("so\u00adft", "soft"),
        ("ze\u200bro", "zero"),
        ("\u200fישראל\u200e", "ישראל"),
        ("ـ", ""),
        ("ЇЖАК ҐАНОК Ўсё", "їжакґанокўсе"),
        ("Ќерка ЃОРЃИ", "ќеркаѓорѓи"),
        ("куќа", "куќа"),
        ("Ѝ", "и"),
        ("ΐ ΰ ᾳ", "ιυαι"),
        ("ΆΈΉΊΌΎΏ", "αεηιουω"),
        ("ISPARTA", "isparta"),
        ("IĞDIR", "igdir"),
        ("ẞ", "ss"),
        ("ÄÖÜ", "aou"),
        ("Đường", "duong"),
        ("người", "nguoi"),
        ("هجومٌ", "هجوم"),
        ("مستشفى", "مستشفي"),
        ("قوة", "قوه"),
        ("حملۀ", "حمله"),
        ("حملهٔ", "حمله"),
        ("کرکی", "كركي"),
        ("ہے", "هے"),
        ("ﻻ", "لا"),
        ("ײד", "ייד"),
        ("फ़ौज", "फौज"),
        ("हँसी", "हंसी"),
        ("प्रतिबन्ध", "प्रतिबंध"),
        ("हिन्दी", "हिंदी"),
        ("अन्न", "अन्न"),
        ("जन्म", "जन्म"),
        ("Hawaiʻi", "hawaii"),
        ("Qurʾān", "quran"),
        ("หนึ่ง", "หนึ่ง"),
    ],
)
def test_spellings_that_mean_the_same_fold_to_one_form(written: str, folded: str) -> None:
    """Case, accents, ligatures, width, vowel signs and invisible marks are folded away; letters stay apart."""
    assert fold(written) == folded


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Russia's war", ["Russia's", "war"]),
        ("anti-sanctions", ["anti", "sanctions"]),
        ("侵攻が", ["侵", "攻", "が"]),
        ("전쟁을", ["전", "쟁", "을"]),
        ("ยูเครน", ["ยู", "เ", "ค", "ร", "น"]),
        ("so\u00adft ze\u200bro", ["so\u00adft", "ze\u200bro"]),
        ("cafe\u0301 🎉 a_b", ["cafe\u0301", "a", "b"]),
        ("1,000 F-16s", ["1", "000", "F", "16s"]),
        ("", []),
        ("… — !", []),
    ],
)
def test_text_is_cut_into_words_and_into_characters_where_there_are_no_spaces(
    text: str, expected: list[str]
) -> None:
    """Marks inside a word belong to it; hyphens and punctuation part words."""
    assert tokens(text) == expected


@given(st.text())
def test_tokens_and_separators_make_up_the_text(text: str) -> None:
    """Nothing is lost in cutting, so offsets are sums of lengths."""
    assert "".join(split(text)) == text
    assert split(text)[1::2] == tokens(text)


INFLECTIONS = [
    ("en", "invasion invasions", "invasive invade invader"),
    ("en", "invade invaded invades invading", "invasion"),
    ("en", "sanction sanctions sanctioned sanctioning SANCTIONS Sanctions'", "sanctity"),
    ("en", "unit units", "united"),
    ("en", "troop troops", "trooper"),
    ("en", "missile missiles Missile's", "missive"),
    ("en", "war wars warring", "ward warrior"),
    ("en", "strike strikes struck striking", "striker"),
    ("en", "attack attacks attacked attacking", "attacker"),
    ("en", "talk talks", "tall"),
    ("en", "ceasefire ceasefires", "cease"),
    ("en", "russia Russia Russia's Russia’s", "Russian"),
    ("en", "ukrainian ukrainians Ukrainians", "Ukraine"),
    ("en", "houthi Houthis", "houses"),
    ("en", "bomb bombs bombing bombed", "bomber"),
    ("en", "US us US's", "we our"),
    ("en", "hamas Hamas", "hama"),
    ("en", "even", "evening"),
    ("uk", "вторгнення вторгненню", "вторгнутися"),
    ("uk", "санкції санкцій санкція санкціями", "санкціонувати"),
    ("uk", "об'єкт об’єкти обʼєкта", "обʼєднання"),
    ("ru", "санкции санкций САНКЦИЯМИ", "санкционный"),
    ("ru", "ёлки елки елка", "еле"),
    ("de", "Sanktion Sanktionen SANKTIONEN sanktionen", "sanktionieren"),
    ("de", "Straße Straßen Strasse", "Strauß"),
    ("fr", "sanction sanctions", "sanctionner"),
    ("fr", "invasion l'invasion l’invasion", "envahir"),
    ("es", "sanción sanciones sancion", "sancionar"),
    ("pl", "wojna wojny wojnę", "wojskowy"),
    ("tr", "Türkiye Türkiye'nin TÜRKİYE", "Türk"),
    ("el", "κυρώσεις κύρωση", "κύριος"),
    ("ar", "العقوبات عقوبة عقوبات", "عقار"),
    ("he", "סנקציה סנקציות", "סנה"),
]


@pytest.mark.parametrize(("language", "same", "others"), INFLECTIONS)
def test_words_share_a_form_with_their_inflections_and_not_with_derivations(
    language: str, same: str, others: str
) -> None:
    """Inflections of a word meet each other's base; words made from it are words of their own."""
    forms = forms_in(language)
    first, *rest = same.split()
    for word in rest:
        assert set(forms[first]) & set(forms[word]), word
    for word in others.split():
        assert not set(forms[first]) & set(forms[word]), word


@pytest.mark.parametrize(
    ("token", "forms"),
    [
        ("Russia's", ("russia", "russias")),
        ("l’invasion", ("invasion", "linvasion")),
        ("invaded", ("invaded",)),
        ("home'", ("home",)),
        ("x" * LONGEST_TOKEN, ("x" * LONGEST_TOKEN,)),
        ("x" * (LONGEST_TOKEN + 1), ()),
    ],
)
def test_exact_forms_leave_out_the_lemma(token: str, forms: tuple[str, ...]) -> None:
    """A quoted word is compared with the folded token and its base, never with a lemma."""
    assert exact_forms(token) == forms


def test_terms_hold_forms_lemmas_and_hyphenated_pairs() -> None:
    """What the index stores: folded words, lemmas, the parts of hyphenated words and the pair in one."""
    found = body("New anti-sanctions drive as the cease-fires held in 2021-22; F-16s").terms
    assert {
        "sanctions",
        "sanction",
        "anti",
        "antisanctions",
        "ceasefires",
        "ceasefire",
        "held",
        "hold",
    } <= found
    assert {"f16s", "2021", "22"} <= found
    assert "202122" not in found


def test_terms_are_what_an_index_takes() -> None:
    """Terms consist of letters, marks and digits: no space, quote or apostrophe reaches the index."""
    terms = body("Russia’s “war”, l'invasion ½ ﷺ a_b c++ x\x00y \ud800 🎉 1,000").terms
    assert terms
    assert all(term.isalnum() for term in terms)


@pytest.mark.parametrize(
    ("text", "tag", "language"),
    [
        ("Russia invades", None, "en"),
        ("Russia invades", "en-US", "en"),
        ("Sanktionen", "de-AT", "de"),
        ("Sanksjoner", "no", "nb"),
        ("Санкції і війна", None, "uk"),
        ("Санкції і війна", "en", "uk"),
        ("Война и мир", None, "ru"),
        ("Война и мир", "bg", "bg"),
        ("Πόλεμος", None, "el"),
        ("العقوبات", "en", "ar"),
        ("Sanctions", "uk", "en"),
        ("侵攻", "ja", "en"),
        ("", "uk", "uk"),
        ("hello", "xx-nonsense", "en"),
    ],
)
def test_the_declared_language_counts_unless_the_script_denies_it(
    text: str, tag: str | None, language: str
) -> None:
    """Feeds declare the wrong language, or none; the script of the text is the better witness."""
    assert language_of(text, tag) == language
    assert analyse(text, "", "", tag).language == language


def test_english_words_keep_their_lemmas_in_other_scripts() -> None:
    """A Latin word in a Ukrainian text is read as English."""
    assert "sanction" in body("Нові санкції: new sanctions", "uk").terms


def test_fields_without_text_are_left_out() -> None:
    """Only fields that say something are analysed, under their own names."""
    assert [field.name for field in analyse("Title", "", "Body", "en").fields] == ["title", "body"]


@settings(deadline=None)  # the first one in a script loads a dictionary
@given(st.text(max_size=200), st.sampled_from([None, "en", "uk", "ja"]))
def test_any_text_is_analysed_with_spans_that_fit_it(text: str, language: str | None) -> None:
    """Each token's span cuts the token, loose ends taken off, out of the original text."""
    article = body(text, language)
    assert article.terms == frozenset(term for term in article.terms if term)
    for field in article.fields:
        for number, token in enumerate(field.tokens):
            start, end = field.span(number, 1)
            assert start < end
            assert token.startswith(field.text[start:end])


def test_a_megabyte_of_text_is_analysed_at_once() -> None:
    """One long text, one endless word: neither is slow nor fails."""
    assert "invade" in body("They invaded again. " * 50_000).terms
    assert body("x" * 1_000_000).terms == frozenset()
