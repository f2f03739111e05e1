"""Words that dates, numbers and labels are made of, in the languages that most news is in."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re

_MONTHS = "|".join(
    """
    jan(?:uary|uar|vier|uari)? jän(?:ner)? feb(?:ruary|ruar|ruari)? février févr? mar(?:ch|zo|s|zec)? märz
    maart marzo apr(?:il|ile)? avril abr(?:il)? may mai mayo mei maj maggio maio jun(?:e|i|io|ho)? juin
    giugno jul(?:y|i|io|ho)? juillet luglio aug(?:ust|ustus)? août agosto ago sep(?:t|tember|tembre|tiembre)?
    settembre setembro oct(?:ober|obre|ubre)? okt(?:ober)? ottobre outubro nov(?:ember|embre|iembre|embro)?
    dec(?:ember|embre)? dez(?:ember|embro)? décembre dic(?:embre|iembre)? ene(?:ro)? enero febrero
    январ[ья] феврал[ья] марта? апрел[ья] ма[яй] июн[ья] июл[ья] августа? сентябр[ья] октябр[ья]
    ноябр[ья] декабр[ья] січня лютого березня квітня травня червня липня серпня вересня жовтня
    листопада грудня ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
    stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
    """.split()
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"\d{1,2}(?:st|nd|rd|th|er|º|\.)?"

#: Dates and times of day; "day 1,456" and its kin count days, as live reports do.
DATE = re.compile(
    rf"""(?<!\w)(?:
      {_YEAR}[-/.]\d\d?[-/.]\d\d?(?:[T\s]\d\d?:\d\d(?::\d\d)?Z?)?
    | \d\d?[-/.]\d\d?[-/.](?:{_YEAR}|\d\d)
    | \d\d?\s?:\s?\d\d(?::\d\d)?(?:\s?(?:[ap]\.?m\.?|uhr|h|gmt|utc|bst|est|edt|pst|cet))?
    | \d\d?[.:h]\d\d\s?(?:[ap]\.?m\.?|uhr|gmt|utc|bst|est|edt|pst|cet)
    | \d\d?\s?(?:[ap]\.?m\.?|uhr)
    | (?:{_MONTHS})\.?\s{_DAY}(?:,?\s{_YEAR})?
    | {_DAY}\s(?:de\s)?(?:{_MONTHS})\.?(?:,?\s(?:de\s)?{_YEAR})?
    | (?:{_YEAR}\s?年\s?)?\d\d?\s?月\s?\d\d?\s?日
    | (?:day|tag|jour|día|день)\s\d[\d.,]*
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)

SCALES = {
    **dict.fromkeys("k thousand tausend mille mil тыс".split(), 3),
    **dict.fromkeys("m mn mln mio million millions millionen millón millones milioni mln млн".split(), 6),
    **dict.fromkeys("bn billion billions mrd milliarde milliarden milliard milliards млрд".split(), 9),
    **dict.fromkeys("trn tn trillion trillions billionen трлн".split(), 12),
}
#: A number as people write it, with what scales it.
NUMBER = re.compile(
    r"(?<![\w.,])\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+(?:[.,]\d+)?(?!\d)|(?<!\w)\d+(?:[.,]\d+)?", re.IGNORECASE
)
SCALE = re.compile(rf"\s?({'|'.join(sorted(SCALES, key=len, reverse=True))})(?!\w)", re.IGNORECASE)

#: Numbers in words; one is left out, as it is an article or pronoun in most languages.
NUMBER_WORDS = {
    word: str(value)
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
        "deux trois quatre cinq six sept huit neuf dix onze douze",
        "dos tres cuatro cinco seis siete ocho nueve diez once doce",
        "due tre quattro cinque sei sette otto nove dieci undici dodici",
        "два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать",
    )
    for value, word in enumerate(words.split(), start=2)
} | {"dozen": "12", "thirteen": "13", "fourteen": "14", "fifteen": "15", "sixteen": "16", "seventeen": "17"}

_LABELS = "|".join(
    """
    update[sd]? updating upd live breaking urgent alert watch video photos? audio exclusive analysis explainer
    opinion just\\sin developing first\\slead lead new latest refile recap factbox snap flash
    eilmeldung eil live-?ticker liveblog aktualisiert ticker direct en\\sdirect vidéo mise\\sà\\sjour
    última\\shora en\\svivo en\\sdirecto actualizado actualización срочно обновлено молния оновлено
    son\\sdakika
    """.split()
)
#: What a newsroom puts before a headline without changing what it says.
LABEL = re.compile(
    rf"\A\W*(?:{_LABELS})(?:\s*\d+)?\s*(?:[:：|\-–—]\s*|[\])】）]\s*)",
    re.IGNORECASE,
)
#: Where a headline says that its report goes on.
LIVE = re.compile(
    r"(?:\A|[\s|(\[])(?:live(?:blog|-?ticker)?|en direct|en vivo|in diretta|онлайн|canlı)"
    r"(?:\s(?:updates?|blog|coverage|reporting))?\s*(?:[:|\-–—)\]]|\Z)|\blive (?:updates|blog|coverage)\b",
    re.IGNORECASE,
)
#: The outlet's name behind a headline.
OUTLET = re.compile(r"\s[|·]\s[^|·]{1,40}\Z|\s[-–—]\s(?:[A-ZА-Я][\w.]*\s?){1,4}\Z")
