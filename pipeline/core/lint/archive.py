"""What the archive shows of a query: that it meets almost everything, or words that were hardly meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.core.analyse import dictionaries_for, forms_in
from pipeline.core.lint import leaves
from pipeline.core.lint.advice import Advice, every_leaf, spot, whole
from pipeline.core.lint.words import meets
from pipeline.core.query import And, Kind, Node, Not, Or, Query, Word

FEWEST = 200  # articles that say anything of a share
BROAD = 0.2  # of them: what meets more is no alarm
_FEWEST_OF_A_WORD = 2  # articles
_MANY_WORDS = 20
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How many of the newest articles a query meets, and the words that its open endings meet there.

    ``words`` has for each prefix, wildcard or fuzzy word, as the query writes it, the
    folded words of articles that meet it, with in how many articles they are.
    """

    met: int
    of: int
    words: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def seen(query: Query, measured: Measured, languages: Sequence[str] = ("en",)) -> Iterator[Advice]:
    """What the newest articles say of a query."""
    if measured.of >= FEWEST and measured.met >= BROAD * measured.of:
        start, end = whole(query.text)
        message = (
            f"this meets {measured.met:,} of the newest {measured.of:,} articles "
            f"({measured.met / measured.of:.0%}): add a word that only the news you want has"
        )
        yield Advice(code="broad", message=message, start=start, end=end)
    excluded = _excluded(query.root)
    for leaf in every_leaf(query.root):
        if isinstance(leaf, Word) and leaf.text in measured.words and leaf not in excluded:
            counts = {
                word: count
                for word, count in measured.words[leaf.text].items()
                if not any(meets(each, word, language) for each in excluded for language in languages)
            }
            yield from _friends(query, leaf, counts, languages)


def _friends(
    query: Query, leaf: Word, counts: Mapping[str, int], languages: Sequence[str]
) -> Iterator[Advice]:
    """The words beside the one that was meant, and its inflections."""
    families = _families(counts, languages)
    if len(families) < 2:
        return
    meant = next((each for each in families if leaf.surface.rstrip("*") in each), families[0])
    others = [each for each in families if each is not meant and sum(each.values()) >= _FEWEST_OF_A_WORD]
    if not others:
        return
    named = [max(each, key=lambda word: (each[word], word)) for each in others[:_MOST_NAMED]]
    shown = ", ".join(f'"{word}" ({_articles(counts[word])})' for word in named)
    more = len(others) - len(named)
    rest = f" and {more} more words" if more > 1 else " and another word" if more else ""
    cure = (
        "give more of its letters"
        if len(others) >= _MANY_WORDS
        else "exclude what you do not mean with NOT, or write out what you do"
    )
    start, end = spot(query.text, leaf)
    yield Advice(
        code="other-words",
        message=f"{leaf.text} also meets {shown}{rest}: {cure}",
        start=start,
        end=end,
    )


def _families(counts: Mapping[str, int], languages: Sequence[str]) -> list[Counter[str]]:
    """Words by what they are inflections of, those in most articles first.

    A word of a script that none of the languages has is left out.
    """
    families: list[tuple[set[str], Counter[str]]] = []
    for word in sorted(counts):
        if dictionaries_for(word, frozenset()).isdisjoint(languages):
            continue
        forms = {word}.union(*(forms_in(language)[word] for language in languages))
        related = [each for each in families if not each[0].isdisjoint(forms)]
        families = [each for each in families if each[0].isdisjoint(forms)]
        members = Counter({word: counts[word]})
        for other, words in related:
            forms |= other
            members.update(words)
        families.append((forms, members))
    return sorted((members for _, members in families), key=lambda each: -sum(each.values()))


def _excluded(node: Node) -> list[Word]:
    """The single words under NOT."""
    match node:
        case And(parts) | Or(parts):
            return [word for part in parts for word in _excluded(part)]
        case Not(part) if len(words := leaves.parts(part)) == 1 and words[0].kind is not Kind.FACET:
            return words
        case _:
            return []


def _articles(count: int) -> str:
    return f"{count:,} article{'s' if count != 1 else ''}"
