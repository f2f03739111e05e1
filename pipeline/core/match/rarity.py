"""How many articles a word is in: a guess at first, and then what was seen."""

from __future__ import annotations

from functools import cache

from pipeline.core.match.conditions import Atom
from pipeline.core.query import Kind

# What stands in most news, and what stands in much of it.
_EVERYWHERE = (
    "the of to in and a an for on that is was with as at by it from be are has have he she his her its "
    "they this will not but who said say says were had or which their been after would more about than "
    "also one two over i you we us up out there when what if can could all new into other first last year "
    "years "
)
_OFTEN = (
    "people time day week month government president minister country state states city police official "
    "officials report news world national international united security military war attack force forces "
    "group party house company market million billion percent deal talks leader election court law case "
    "public plan work home life american british russian chinese european russia ukraine china europe "
    "america uk eu un monday tuesday wednesday thursday friday saturday sunday january february march "
    "april may june july august september october november december back make made take get go come see "
    "know think want use most many some any him them our three four five six seven eight nine ten man men "
    "woman women child children old long high west east north south health school family office business "
    "economy economic oil gas price power support call statement meeting "
)
# How many more articles a prefix or an inexact word is in than the word itself; and whole values of a field.
_WIDER = {Kind.PREFIX: 3.0, Kind.WILDCARD: 2.0, Kind.FUZZY: 2.0}
_FACETS = {"lang": 0.9, "source": 0.1, "feed": 0.05}
_WEIGHT = 50  # articles


def commonness(atom: Atom, read: int) -> float:
    """The share of articles that are likely to have an atom, when ``read`` articles have been read in all.

    The guess counts as much as so many articles; what was seen of the word since it was first asked
    for outweighs it soon.
    """
    if atom.kind is Kind.FACET:
        guess = _FACETS[atom.space]
    else:
        guess = _guess(atom.surface.lower()) * _WIDER.get(atom.kind, 1.0)
    return (atom.seen + guess * _WEIGHT) / (read - atom.since + _WEIGHT)


def _guess(word: str) -> float:
    if word in _words(_EVERYWHERE):
        return 0.6
    if word in _words(_OFTEN):
        return 0.15
    return {1: 0.08, 2: 0.08, 3: 0.03, 4: 0.02, 5: 0.015}.get(len(word), 0.01)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())
