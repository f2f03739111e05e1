"""What is compared, and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.core.change.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Version:
    """A text as it was at one time; plain, as stored."""

    title: str
    summary: str = ""
    body: str = ""
    language: str | None = None

    @property
    def text(self) -> str:
        """All that it says, line by line."""
        return "\n".join(part for part in (self.title, self.summary, self.body) if part)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of two headlines laid over each other."""

    kind: str  # same, removed or added
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A material change, as data; sentences and notice are cut to what a message can carry."""

    kinds: tuple[str, ...]  # of retracted, corrected, numbers, names and text; the gravest first
    before: str  # the headlines
    after: str
    parts: tuple[Part, ...]  # the headlines laid over each other; () when they are the same
    notice: str  # the sentence that says so, of a correction or retraction; "" where there is none
    lost: Mapping[str, frozenset[str]]  # words of the headline, by number and name, where those count
    gained: Mapping[str, frozenset[str]]
    removed: tuple[str, ...]  # sentences, the first few
    added: tuple[str, ...]
    grown: tuple[Sentence, ...]  # all new ones, where the text counts
    added_share: float  # of the words of the text now; 0..1
    summary: str  # all of it in one line
    key: bytes  # 16 bytes: equal for changes that say the same

    def as_json(self) -> dict[str, Any]:
        """The form that updates keep and webhooks carry."""
        return {
            "kinds": list(self.kinds),
            "summary": self.summary,
            "headline": {
                "before": self.before,
                "after": self.after,
                "parts": [asdict(part) for part in self.parts],
            },
            "notice": self.notice,
            "sentences": {
                "removed": list(self.removed),
                "added": list(self.added),
                "added_share": round(self.added_share, 3),
            },
        }
