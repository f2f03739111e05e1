"""The news agency whose report an article carries, as byline, dateline or credit line say it.

Only what a text says of itself counts: a place where outlets put the name of
the agency that wrote it.  A name in the running text ("told Reuters") or under a
picture ("AP Photo/…") says nothing.
"""

from __future__ import annotations

import re

# By the name that is kept: the domains of the agency, then what it is called, as written.
_AGENCIES: dict[str, tuple[str, tuple[str, ...]]] = {
    "AAP": ("aap.com.au", ("AAP", "Australian Associated Press")),
    "Adnkronos": ("adnkronos.com", ("Adnkronos",)),
    "AFP": ("afp.com", ("AFP", "Agence France-Presse", "Agence France Presse")),
    "AGI": ("agi.it", ("AGI",)),
    "Anadolu": ("aa.com.tr", ("Anadolu", "Anadolu Agency", "Anadolu Ajansı", "AA")),
    "ANI": ("aninews.in", ("ANI", "Asian News International")),
    "ANP": ("anp.nl", ("ANP",)),
    "ANSA": ("ansa.it", ("ANSA",)),
    "AP": ("apnews.com", ("AP", "Associated Press", "The Associated Press")),
    "APA": ("apa.at", ("APA", "Austria Presse Agentur")),
    "Belga": ("belganewsagency.eu", ("Belga", "BELGA")),
    "Bernama": ("bernama.com", ("Bernama", "BERNAMA")),
    "Bloomberg": ("bloomberg.com", ("Bloomberg", "Bloomberg News")),
    "BNS": ("bns.ee", ("BNS",)),
    "BTA": ("bta.bg", ("BTA", "БТА")),
    "Canadian Press": ("thecanadianpress.com", ("The Canadian Press", "Canadian Press", "CP")),
    "ČTK": ("ctk.cz", ("ČTK", "CTK")),
    "dpa": ("dpa.com", ("dpa", "DPA", "Deutsche Presse-Agentur", "dpa-AFX", "DPA-AFX", "dpa-afx")),
    "EFE": ("efe.com", ("EFE", "Agencia EFE", "Efe")),
    "Europa Press": ("europapress.es", ("Europa Press", "EUROPA PRESS")),
    "IANS": ("ians.in", ("IANS",)),
    "Interfax": ("interfax.ru", ("Interfax", "INTERFAX", "INTERFAX.RU", "Интерфакс")),
    "Interfax-Ukraine": ("interfax.com.ua", ("Interfax-Ukraine", "Интерфакс-Украина")),
    "Jiji": ("jiji.com", ("Jiji", "Jiji Press", "JIJI", "時事")),
    "Keystone-SDA": ("keystone-sda.ch", ("Keystone-SDA", "SDA", "sda", "ATS", "ats")),
    "Kyodo": ("kyodonews.net", ("Kyodo", "KYODO", "Kyodo News", "共同")),
    "LUSA": ("lusa.pt", ("Lusa", "LUSA")),
    "MTI": ("mti.hu", ("MTI",)),
    "NTB": ("ntb.no", ("NTB",)),
    "PA": ("pa.media", ("PA", "PA Media", "Press Association")),
    "PAP": ("pap.pl", ("PAP",)),
    "PTI": ("ptinews.com", ("PTI", "Press Trust of India")),
    "Reuters": ("reuters.com", ("Reuters", "REUTERS", "Thomson Reuters", "Reuters Staff")),
    "RIA Novosti": ("ria.ru", ("RIA Novosti", "РИА Новости")),
    "Ritzau": ("ritzau.dk", ("Ritzau", "ritzau")),
    "STT": ("stt.fi", ("STT",)),
    "TASS": ("tass.com", ("TASS", "ТАСС", "ITAR-TASS")),
    "TT": ("tt.se", ("TT",)),
    "Ukrinform": ("ukrinform.net", ("Ukrinform", "Укрінформ", "Укринформ")),
    "UPI": ("upi.com", ("UPI",)),
    "Xinhua": ("xinhuanet.com", ("Xinhua", "XINHUA", "新华社", "新華社")),
    "Yonhap": ("yonhapnews.co.kr", ("Yonhap", "YONHAP", "연합뉴스")),
}
_BY_NAME = {name: agency for agency, (_, names) in _AGENCIES.items() for name in names}
_BY_OUTLET = {domain: agency for agency, (domain, _) in _AGENCIES.items()}

_NAME = "(" + "|".join(sorted(map(re.escape, _BY_NAME), key=len, reverse=True)) + ")"
_DESK = r"(?:/(?!Getty|File|Photo|Image)[\w.-]{2,14})*"  # "dpa/tmn"; after a comma it is another agency
_DASH = "[-\u2010-\u2015]"
# In "the agency Agence France-Presse (AFP)" the name in brackets explains the one before.
_NOT_EXPLAINED = "(?<!Press )(?<!Presse )(?<!gency )(?<!gence )(?<!gentur )(?<!gencia )(?<!genzia )"
_HEAD_CHARS, _TAIL_CHARS = 200, 300
_HEADS = (
    re.compile(rf"{_NOT_EXPLAINED}[(\[]{_NAME}{_DESK}[)\]]"),  # "BERLIN (dpa) -", "KYIV, Feb 17 (Reuters) -"
    re.compile(rf"/ ?{_NAME} ?/"),  # "MOSCOW, March 5. /TASS/."
    re.compile(rf"\A\W?{_NAME}{_DESK} ?(?:{_DASH}{{1,2}}|:) "),  # "AP - A company …"
    re.compile(rf"\A[^.!?\n]{{0,60}}[,.] {_NAME}\.? ?{_DASH}{{1,2}} "),  # "Paris, 5 mars, AFP - "
)
_TAILS = (
    re.compile(rf"[(\[]{_NAME}{_DESK}[)\]]\W*\Z"),
    re.compile(rf"(?:\A|[\n.!?\u201d\"]) ?(?:{_DASH}{{1,2}} ?)?{_NAME}{_DESK}\.?\W?\Z"),  # "… said. —AFP"
    re.compile(rf"(?:©|\(c\)|Copyright)(?: ?\d{{4}})?,? (?:by )?{_NAME}(?!\w)"),
    re.compile(rf"(?:Source|Quelle|Fuente|Fonte|Источник)s?: ?{_NAME}(?!\w)"),
    re.compile(rf"[Ww]ith (?:agency )?inputs? from {_NAME}(?!\w)"),
)
_REPORTED = re.compile(
    r"\(Reporting by [^()]+?;? (?:[Ww]riting by [^()]+; )?[Ee]diting by "
)  # Reuters signs so
_TITLE_END = re.compile(rf"[(\[]{_NAME}[)\]]\Z|{_DASH} {_NAME}\Z")
_BYLINE = re.compile(r"[,/;|&()\n]| and | und | y | et |\bBy |\bby |\bvon |\bvia |\bfor ")


def agency_of(outlet: str, author: str, title: str, summary: str, body: str) -> str:
    """The agency whose report it is; "" when nothing says so.

    An agency's own site tells its own reports.
    """
    return (
        _BY_OUTLET.get(outlet)
        or _byline(author)
        or _first(_HEADS, (summary[:_HEAD_CHARS], body[:_HEAD_CHARS]))
        or _first((_TITLE_END,), (title.strip(),))
        or _credit(summary[-_TAIL_CHARS:].rstrip())
        or _credit(body[-_TAIL_CHARS:].rstrip())
    )


def _byline(author: str) -> str:
    parts = (part.strip(" .-\u2013\u2014") for part in _BYLINE.split(author[:_TAIL_CHARS]))
    return next((_BY_NAME[part] for part in parts if part in _BY_NAME), "")


def _credit(tail: str) -> str:
    if _REPORTED.search(tail):
        return "Reuters"
    return _first(_TAILS, (tail,))


def _first(patterns: tuple[re.Pattern[str], ...], texts: tuple[str, ...]) -> str:
    """The agency that the first pattern to be met in one of the texts names."""
    for text in texts:
        for pattern in patterns if text else ():
            if found := pattern.search(text):
                return next(_BY_NAME[name] for name in found.groups() if name)
    return ""
