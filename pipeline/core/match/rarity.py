"""A guess at how many articles a word is in, made without having seen any."""

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
_FACETS = {"lang": 90.0, "source": 10.0, "feed": 5.0}
_CROWD = 50  # queries already waiting for a word make it less welcome


def commonness(atom: Atom, watchers: int) -> float:
    """Greater for words that more articles are likely to have, and that more plans watch already."""
    if atom.kind is Kind.FACET:
        guess = _FACETS[atom.space]
    else:
        guess = _guess(atom.surface.lower()) * _WIDER.get(atom.kind, 1.0)
    return guess * (1 + watchers / _CROWD)


def _guess(word: str) -> float:
    if word in _words(_EVERYWHERE):
        return 60.0
    if word in _words(_OFTEN):
        return 15.0
    return {1: 8.0, 2: 8.0, 3: 3.0, 4: 2.0, 5: 1.5}.get(len(word), 1.0)


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())
