"""Single words that hardly ever mean what they say: acronyms, stop words, stray marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.core.analyse import fold
from pipeline.core.lint import leaves, words
from pipeline.core.lint.advice import Advice, every_leaf, spot
from pipeline.core.lint.common import is_common, is_stop_word
from pipeline.core.query import TEXT_FIELDS, And, Kind, Leaf, Near, Node, Not, Or, Phrase, Query, Word

_LONGEST_ACRONYM = 5
#: What stands for nearness and more in the queries of other archives.
_FOREIGN = re.compile(r"(?:NEAR|ONEAR|ADJ|PRE|W|N)/[0-9]+|(?:NEAR|ADJ)[0-9]*|XOR|ANDNOT")
#: Between words; a number may have a comma.
_COMMA = re.compile(r"[,;](?![0-9])")
#: Three letters with which a great many words of English begin.
_BROAD_PREFIXES = (
    "ant ass bea cal cha col com con cou cro des det dis for gra hea imp int inv lea man mar min mis per "
    "pla pre pri pro rea rec ref rel rep res sea sha sta str sub sup sur tra und war "
)


def habits(query: Query) -> Iterator[Advice]:
    """What single words of a query are likely to have been meant as."""
    every = every_leaf(query.root)
    text_leaves = [leaf for leaf in every if leaf.field in {"", *TEXT_FIELDS}]
    yield from _acronyms(query, text_leaves)
    yield from _stop_words(query)
    for leaf in text_leaves:
        yield from _marks(query, leaf)
        match leaf:
            case Word(kind=Kind.WILDCARD | Kind.PREFIX | Kind.FUZZY):
                yield from _open_word(query, leaf)
            case Near():
                yield from _near(leaf)


def _acronyms(query: Query, every: list[Leaf]) -> Iterator[Advice]:
    """Words in capitals that a text without the capitals would meet."""
    asked = [
        word
        for leaf in every
        if not isinstance(leaf, Phrase)
        for word in leaves.parts(leaf)
        if word.kind is Kind.INFLECTED and word.surface.isascii() and word.surface.isupper()
    ]
    if any(len(word.surface) > _LONGEST_ACRONYM for word in asked):
        return  # all of it is shouted
    for word in {word.at: word for word in asked}.values():
        small = word.surface.lower()
        if len(small) > 1 and small.isalpha() and re.search("[aeiouy]", small) and is_common(small):
            end = word.at + len(word.surface)
            near = query.text[word.at - 1 : word.at] not in {"", " ", "(", ":", "+", "-"}
            cure = f'"{word.surface}" within case:"…"' if near else f"case:{word.surface}"
            yield Advice(
                code="acronym",
                message=f'{word.surface} also meets "{small}": write {cure} for the acronym alone',
                start=word.at,
                end=end,
            )


def _stop_words(query: Query) -> Iterator[Advice]:
    for leaf, within, negated in _placed(query.root, None, negated=False):
        word = _only(leaf)
        if word is None or word.surface.isupper() or not is_stop_word(fold(word.surface)):
            continue
        start, end = spot(query.text, leaf)
        if negated:
            what = "NOT with it leaves almost nothing, so leave it out"
        elif within is None:
            what = "add a word that only the news you want has"
        elif isinstance(within, Or):
            what = "with it the rest of the OR is needless, so leave it out"
        else:
            what = "it narrows nothing, so leave it out"
        message = f"{leaf.text} is in almost every article: {what}"
        yield Advice(code="stop-word", message=message, start=start, end=end)


def _open_word(query: Query, word: Word) -> Iterator[Advice]:
    start, end = spot(query.text, word)
    if word.kind is Kind.WILDCARD and word.surface.index("?") == len(word.surface) - 1:
        bare = word.text[:-1]
        message = f"{word.text} asks for {bare} with one more letter: leave the ? out to look for {bare}"
        yield Advice(code="question-mark", message=message, start=start, end=end)
    if word.kind is Kind.PREFIX and f"{word.surface} " in _BROAD_PREFIXES:
        message = f"very many words begin with {word.text[:-1]}: give more letters before the *"
        yield Advice(code="broad-prefix", message=message, start=start, end=end)
    if word.kind is Kind.FUZZY and is_stop_word(word.surface):
        message = f"{word.text} is one letter from words of almost every article: leave the ~1 out"
        yield Advice(code="fuzzy-common", message=message, start=start, end=end)


def _marks(query: Query, leaf: Leaf) -> Iterator[Advice]:
    """Operators of other languages, and commas between words."""
    _, end = spot(query.text, leaf)
    written = query.text[leaf.at : end]
    if _FOREIGN.fullmatch(written):
        message = (
            f'{written} is looked for as a word: write nearness as "troops border"~5, others as OR and NOT'
        )
        yield Advice(code="operator", message=message, start=leaf.at, end=end)
    if comma := _COMMA.search(written) if not written.startswith('"') else None:
        at = leaf.at + comma.start()
        message = f"{comma[0]} is no operator: write OR between words of which any will do, AND for all"
        yield Advice(code="comma", message=message, start=at, end=at + 1)


def _near(leaf: Near) -> Iterator[Advice]:
    """Near words of which one is asked for twice; in order, two places are needed."""
    for index, ways in enumerate(leaf.parts):
        if leaf.ordered or len(ways) > 1 or not isinstance(ways[0], Word):
            continue
        word = ways[0]
        earlier = [each[0] for each in leaf.parts[:index] if len(each) == 1 and isinstance(each[0], Word)]
        if any(words.implies(other, word, None) or words.implies(word, other, None) for other in earlier):
            message = f"{word.text} is asked for twice, and one place serves both: leave it out"
            yield Advice(code="repeated", message=message, start=word.at, end=word.at + len(word.text))


def _only(leaf: Leaf) -> Word | None:
    """The one word of a leaf that is looked for in the texts by its letters or its lemma."""
    if isinstance(leaf, Near) or leaf.field not in {"", *TEXT_FIELDS}:
        return None
    parts = leaves.parts(leaf)
    return parts[0] if len(parts) == 1 and parts[0].kind in {Kind.INFLECTED, Kind.EXACT} else None


def _placed(
    node: Node, within: And | Or | None, *, negated: bool
) -> Iterator[tuple[Leaf, And | Or | None, bool]]:
    """Every leaf with the AND or OR that it stands in, and whether it is excluded."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _placed(part, node, negated=negated)
        case Not(part):
            yield part, within, True
        case _:
            yield node, within, negated
