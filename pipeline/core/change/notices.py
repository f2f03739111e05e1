"""Notices of correction and retraction: where they stand and how they are worded.

The words alone say little ("troops withdrawn", "a market correction"), so a
notice is a label before a headline or a line, or a set phrase.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.change.sentences import Sentence, sentences, unknown, words
from pipeline.core.change.version import Version

_CORRECTED = (
    "correction|corrected|corrects|clarification|berichtigung|berichtigt|korrektur|korrigiert|richtigstellung"
    "|rectificatif|rectifié|corrigé|corrección|corregido|rectificación|fe de erratas?|errata(?: corrige)?"
    "|correção|corrigido|correzione|rettifica|correctie|rectificatie|sprostowanie|korekta|rättelse|rettelse"
    "|oikaisu|düzeltme|исправление|исправлено|уточнение|поправка|виправлення|виправлено|уточнення|διόρθωση"
    "|تصحيح|تصويب|اصلاحیه|תיקון|更正|勘误|勘誤|訂正|お詫びと訂正|정정"
)
_RETRACTED = (
    "retraction|retracted|withdrawn|widerruf|zurückgezogen|rétractation|rétracté|retiré|retractación|retirado"
    "|retratação|ritrattazione|ritirato|ingetrokken|wycofane?|tekzip|опровержение|отозвано|спростування"
    "|відкликано|撤稿|撤回|철회"
)
_PHRASES = {
    "retracted": re.compile(
        r"this (?:article|story|report|post) (?:has been|was|is|stands) "
        r"(?:retracted|withdrawn|removed|taken down)"
        r"|(?:has|have) (?:retracted|withdrawn) (?:this|the|its) (?:article|story|report)"
        r"|please disregard (?:the|this|our) .{0,40}(?:article|story|report|headline|alert)"
        r"|diese[rs]? (?:artikel|beitrag|text|bericht|meldung) (?:wurde|wird|ist) (?:zurückgezogen|gelöscht)"
        r"|cet article a été (?:retiré|supprimé)|cette dépêche (?:est|a été) (?:annulée|retirée)"
        r"|este artículo (?:ha sido|fue) (?:retirado|retractado|eliminado)"
        r"|(?:материал|статья|новость|сообщение) (?:был[аио]? )?(?:отозван|удал[её]н|снят)",
        re.IGNORECASE,
    ),
    "corrected": re.compile(
        r"(?:earlier|previous|original|first) version of (?:this|the|our) "
        r"(?:article|story|report|headline|post)"
        r"|this (?:article|story|report|post|headline) (?:has been|was) (?:corrected|amended)"
        r"|\A\W*corrects\s"
        r"|in einer (?:früheren|ersten|vorherigen|vorigen) (?:version|fassung)"
        r"|eine frühere (?:version|fassung)"
        r"|une (?:première|précédente) version|une version (?:antérieure|précédente)"
        r"|una versión (?:anterior|previa) de est[ea]|(?:precedente versione|versione precedente) di quest"
        r"|uma versão anterior dest[ea]"
        r"|в (?:предыдущей|более ранней|первоначальной) версии|у попередній версії",
        re.IGNORECASE,
    ),
}
_BEHIND = r"(?:\s*\d+)?\s*(?:[(（][^)）]{0,60}[)）]\s*)?[:：|\-–—\])】）]\s*\S"
_LABELS = {
    kind: re.compile(
        rf"\A\W*(?:(?:update|upd)\s*\d*\W+)?(?:{words}){_BEHIND}"
        rf"|[\[(【（]\s*(?:{words})(?!\w)[^\])】）]{{0,60}}[\])】）]",
        re.IGNORECASE,
    )
    for kind, words in (("retracted", _RETRACTED), ("corrected", _CORRECTED))
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A correction or retraction, in its own words."""

    kind: str  # retracted or corrected
    sentence: Sentence
    title: bool  # it is a label before the headline

    @property
    def text(self) -> str:
        """What it says."""
        return self.sentence.text


def new_notice(before: Version, after: Version) -> Notice | None:
    """The gravest notice of ``after`` that ``before`` does not have.

    A label says no more than that there is one: it is new where there was none of its kind.
    """
    known = list(_notices(before))
    kinds = {one.kind for one in known}
    said = [one.sentence for one in known]
    fresh = [
        one
        for one in _notices(after)
        if (one.kind not in kinds if one.title else unknown([one.sentence], said))
    ]
    return max(fresh, key=lambda one: one.kind == "retracted", default=None)


def label_of(title: str) -> str:
    """The notice before a headline, without the headline; "" where there is none."""
    found = [pattern.match(title) for pattern in _LABELS.values()]
    return next((one[0][:-1] for one in found if one and one.start() == 0), "")


def _notices(version: Version) -> Iterator[Notice]:
    title = Sentence(version.title, words(version.title))
    beneath = [*sentences(version.summary), *sentences(version.body)]
    for place, one in enumerate((title, *beneath)):
        for kind, label in _LABELS.items():
            if label.search(one.text) or _PHRASES[kind].search(one.text):
                yield Notice(kind, one, title=place == 0)
                break
