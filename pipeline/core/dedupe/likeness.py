"""Which text an article's is a copy of, among those that hold its keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pipeline.core.copies import ENOUGH, Print, similarity
from pipeline.core.model import KnownText

#: So many texts are read at most to find one that another is a copy of.
READ = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What a text was found to be a copy of: a known story, or the one of an earlier decision."""

    story_id: int | None
    story_of: int | None
    similarity: float
    fuller: bool  # it says no less than what it is a copy of


@dataclass(frozen=True, slots=True)
class _Held:
    """A text that copies are held against; ``founder`` names the first text of its story."""

    text: Print
    story_id: int | None
    story_of: int | None
    founder: int


class Likeness:
    """The texts that a batch is held against: those that are kept, and those of its earlier entries.

    Kept texts are named by their article's id, those of the batch by the
    complement of their index, which is negative.
    """

    def __init__(self, holders: Mapping[int, int], texts: Mapping[int, KnownText]) -> None:
        self._kept = holders
        self._texts = texts
        self._fresh: dict[int, int] = {}
        self._held: dict[int, _Held] = {}

    def hold(
        self, index: int, text: Print, keys: Iterable[int], *, story_id: int | None, story_of: int | None
    ) -> None:
        """Let later entries of the batch find the text of the decision at ``index``."""
        name = ~index
        founder = name if story_of is None else ~story_of
        self._held[name] = _Held(text, story_id, story_of, founder)
        self._fresh.update(dict.fromkeys(keys, name))

    def find(self, text: Print, keys: Iterable[int]) -> Copy | None:
        """The text that this one is most alike, if it is a copy of it and of the first one of its story.

        Copies of copies drift: a number that one leaves out, the next may say otherwise.
        """
        found: Copy | None = None
        for held in self._candidates(keys):
            alike = similarity(text, held.text)
            if alike is None or (found is not None and alike <= found.similarity):
                continue
            first = self._text(held.founder)
            if first is not None and first is not held and similarity(text, first.text) is None:
                continue
            fuller = len(text.main.forms) >= len(held.text.main.forms)
            found = Copy(story_id=held.story_id, story_of=held.story_of, similarity=alike, fuller=fuller)
        return found

    def _candidates(self, keys: Iterable[int]) -> Iterator[_Held]:
        """Texts that hold enough of the keys, those that hold most of them first."""
        names = (holders[key] for key in keys for holders in (self._kept, self._fresh) if key in holders)
        likely = [(-count, name) for name, count in Counter(names).items() if count >= ENOUGH]
        for _, name in sorted(likely)[:READ]:
            if (held := self._text(name)) is not None:
                yield held

    def _text(self, name: int) -> _Held | None:
        if name not in self._held and (kept := self._texts.get(name)) is not None:
            text = Print(kept.title, kept.summary, kept.body)
            self._held[name] = _Held(text, kept.story_id, None, kept.founder_id)
        return self._held.get(name)
