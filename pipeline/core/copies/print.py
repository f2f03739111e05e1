"""An article as it is compared: its headline and its texts, without furniture, as words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pipeline.core.copies.furniture import headline, unfurnished
from pipeline.core.copies.words import Words, forms, words

#: A summary shorter than this, in words, is read together with its title.
_ALONE = 12
#: Texts are compared as far as this, in code points: what differs later is a longer print of the same.
_READ = 12_000


@dataclass(frozen=True)
class Print:
    """An article's title, summary and body; words are found when they are asked for."""

    title: str
    summary: str
    body: str

    @property
    def whole(self) -> bool:
        """Whether it has its full text, and not only a summary."""
        return len(self.body) > len(self.summary)

    @cached_property
    def head(self) -> Words:
        return words(headline(self.title))

    @cached_property
    def main(self) -> Words:
        """The body where there is one, else the summary."""
        return words(self._main(_READ))

    @cached_property
    def brief(self) -> Words:
        """The summary."""
        return words(self._with_title(unfurnished(self.summary, limit=_READ)))

    def lead(self, limit: int) -> tuple[str, ...]:
        """The first words of ``main``, of the first ``limit`` code points."""
        return forms(self._main(limit))

    def _main(self, limit: int) -> str:
        text = self.body if self.whole else self.summary
        return self._with_title(unfurnished(text, limit=limit))

    def _with_title(self, text: str) -> str:
        return text if len(text.split(None, _ALONE)) > _ALONE else f"{headline(self.title)}\n{text}"
