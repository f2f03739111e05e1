"""Words that stand in almost every article of their language, and say nothing about it."""

from __future__ import annotations

from functools import cache

from pipeline.core.analyse import fold, is_word

_ENGLISH = (
    "a about after all also an and any are as at be because been before but by can could did do does for "
    "from had has have he her his how i if in into is it its just like made make may more most much my new "
    "no not now of on one only or other our out over said say says she should so some such than that the "
    "their them then there these they this those through to two under up us very was we were what when "
    "where which who will with would year years you your"
)
_OTHERS = (
    # German, French, Spanish, Portuguese, Italian, Dutch, Polish
    "aber als am auch auf aus bei bis das dem den der des die ein eine einem einen einer es für hat im ist "
    "mit nach nicht noch nur oder sich sie sind und von vom war wie wird zu zum zur über "
    "au aux avec ce ces cette dans de des du elle en est et il ils la le les leur mais ne nous par pas plus "
    "pour que qui sa se ses son sont sur un une vous "
    "al como con del desde el ella ellos era esta este fue ha han las lo los más muy pero por porque según "
    "ser sin sobre su sus también una y ya "
    "ao aos as com da das dos ele em foi isso mais mas na nas nos não o os ou para pela pelo são também uma "
    "alla anche che chi ci come da dal dalla degli dei della delle di gli ha il nel nella non per più sono "
    "aan dat een geen het maar met niet of ook op te uit van voor werd wordt zijn "
    "ale by był być co czy dla do jak jest jego już na nie od po przez się są tak to tym w we z za że "
    # Ukrainian and Russian, Greek, Arabic, Turkish
    "а або але був була були в вже від він вона вони для до з за і із й його на не ні по про та так також "
    "те то у це цей чи що щоб як який якщо "
    "бы был была были быть во вот все вы где да его ее если есть еще же и из или их к как ко когда которые "
    "который мы но о об он она они от при с со так также только тот ты уже чем что чтобы это этот я "
    "από για δεν ένα η θα και με να ο οι που σε στη στην στο στον τα τη την της το τον του των "
    "إلى ألا أن إن أو التي الذي ذلك عن على عند في قد كان كانت كل لا لم ما مع من هذا هذه هو هي وفي "
    "bir bu da daha de gibi için ile ise kadar olan olarak ve"
)


def is_stop_word(word: str) -> bool:
    """Whether a folded word is in most articles of English or, no English word, of another language."""
    return word in _set(_ENGLISH) or (word in _set(_OTHERS) and not is_word(word, "en"))


def is_common(word: str) -> bool:
    """Whether a folded word in small letters stands in running text of English, or in most of another's."""
    return word in _set(_ENGLISH) or word in _set(_OTHERS) or is_word(word, "en")


@cache
def _set(words: str) -> frozenset[str]:
    return frozenset(map(fold, words.split()))
