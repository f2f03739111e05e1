"""Why a query meets an article, or what is missing: each clause with its outcome and its places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.core.analyse import Analysed
from pipeline.core.match.conditions import Absent, Atom, Both, Condition, Either, Near, Sequence
from pipeline.core.match.plan import condition_of
from pipeline.core.match.reading import Reading
from pipeline.core.match.vocabulary import Vocabulary
from pipeline.core.model import Match
from pipeline.core.query import And, Node, Not, Or, Phrase, Query, Word
from pipeline.core.query import Leaf as Asked
from pipeline.core.query import Near as AskedNear


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a query against one article.

    ``kind`` is ``all``, ``any``, ``not`` or ``term``.  A ``not`` is met where its
    term is absent; ``places`` are those of the term.  The parts of a phrase or of
    near words that are not met say which words are there by themselves.
    """

    kind: str
    text: str  # of a term, in words
    met: bool
    places: tuple[Match, ...] = ()
    parts: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The whole query against one article; ``nearest`` says what it would take, "" where it is met."""

    root: Clause
    nearest: str

    @property
    def met(self) -> bool:
        """Whether the query meets the article."""
        return self.root.met


def explain(query: Query, article: Analysed) -> Explanation:
    """Test every clause of a query by itself; the root says what the matcher says."""
    vocabulary = Vocabulary()
    condition = condition_of(query.root, vocabulary)
    root = _clause(query.root, condition, Reading(article, vocabulary))
    return Explanation(root=root, nearest="; ".join(_lacks(root)))


def described(leaf: Asked) -> str:
    """A leaf in words: near ones say how far from what."""
    if not isinstance(leaf, AskedNear):
        return leaf.text
    first, *others = (ways[0].text for ways in leaf.parts)
    where = f" in the {leaf.field}" if leaf.field else ""
    how = f"at most {leaf.gap} before" if leaf.ordered else f"within {leaf.gap} of"
    return f"{first} {how} {f' {how} '.join(others) if leaf.ordered else ' and '.join(others)}{where}"


def _clause(node: Node, condition: Condition, reading: Reading) -> Clause:
    met = condition.holds(reading)
    match node, condition:
        case (And(nodes), Both(parts=parts)) | (Or(nodes), Either(parts=parts)):
            clauses = (_clause(part, each, reading) for part, each in zip(nodes, parts, strict=True))
            return Clause(
                kind="all" if isinstance(node, And) else "any", text="", met=met, parts=tuple(clauses)
            )
        case Not(leaf), Absent(part=part):
            places = () if met else reading.matches(part)
            return Clause(kind="not", text=described(leaf), met=met, places=places)
        case ((Word() | Phrase() | AskedNear()), (Atom() | Sequence() | Near())):
            return Clause(
                kind="term",
                text=described(node),
                met=met,
                places=reading.matches(condition) if met else (),
                parts=() if met else tuple(_words(node, condition, reading)),
            )
    raise AssertionError("a condition has the form of its node")


def _words(leaf: Asked, condition: Atom | Sequence | Near, reading: Reading) -> Iterator[Clause]:
    """The words of a phrase or of near words, each by itself, wherever in the article."""
    match leaf, condition:
        case Phrase(_, words), Sequence(parts=atoms) if len(words) > 1:
            for word, atom in zip(words, atoms, strict=True):
                yield Clause(
                    kind="term", text=word.text, met=atom.holds(reading), places=reading.matches(atom)
                )
        case AskedNear(_, asked), Near(parts=parts):
            for ways, conditions in zip(asked, parts, strict=True):
                places = tuple(place for each in conditions for place in reading.matches(each))
                yield Clause(kind="term", text=ways[0].text, met=bool(places), places=places)


def _lacks(clause: Clause) -> list[str]:
    """The fewest things that would have to be otherwise for a clause to be met."""
    if clause.met:
        return []
    if clause.kind == "all":
        return [line for part in clause.parts for line in _lacks(part)]
    if clause.kind == "any":
        return min((_lacks(part) for part in clause.parts), key=len)
    if clause.kind == "not":
        return [f"has {clause.text}, which is excluded"]
    missing = [part.text for part in clause.parts if not part.met]
    return [f"lacks {clause.text}" + (f" ({', '.join(missing)} nowhere)" if missing else "")]
