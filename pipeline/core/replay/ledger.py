"""The ledger of a replay: every result goes into one digest, every difference is counted and told."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a difference is about."""

    NEW = "new"  # an article that is not stored
    CHANGED = "changed"  # an article that would be stored otherwise
    MISSING = "missing"  # an article that nothing would be stored as
    GAINED = "gained"  # an alert that does not exist
    LOST = "lost"  # an alert that would not be made


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What would be otherwise, in one article or alert; fields that say nothing of a kind are empty."""

    kind: Kind
    article_id: int | None  # None: it is not stored
    story_id: int | None
    item_id: int | None  # the raw item that it comes from; None: it is purged
    url: str
    title: str
    fields: tuple[str, ...] = ()  # of a changed article
    subscription_id: int | None = None
    subscription: str = ""
    words: tuple[str, ...] = ()
    alert_id: int | None = None  # of a lost alert
    outcome: str = ""  # of a gained alert: sent, backlog, or held and why
    cause: str = ""  # of a missing article: why its item cannot be parsed

    def as_json(self) -> dict[str, Any]:
        """The form that programs read, and that the digest is over."""
        return {
            "kind": str(self.kind),
            "article_id": self.article_id,
            "story_id": self.story_id,
            "item_id": self.item_id,
            "url": self.url,
            "title": self.title,
            "fields": list(self.fields),
            "subscription": self.subscription,
            "words": list(self.words),
            "alert_id": self.alert_id,
            "outcome": self.outcome,
            "cause": self.cause,
        }


@dataclass(slots=True)
class Ledger:
    """Counts and the digest; ``tell`` gets each difference as it is found, none is kept."""

    tell: Callable[[Difference], None]
    counts: Counter[Kind] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)  # of changed articles
    gained: Counter[str] = field(default_factory=Counter)  # alerts by subscription
    lost: Counter[str] = field(default_factory=Counter)
    _digest: Any = field(default_factory=hashlib.sha256)

    def result(self, *parts: object) -> None:
        """One result, as JSON can say it; the same results in the same order give the same digest."""
        text = json.dumps(parts, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        self._digest.update(text.encode() + b"\n")

    def differs(self, one: Difference) -> None:
        """One difference."""
        self.counts[one.kind] += 1
        self.fields.update(one.fields)
        if one.kind is Kind.GAINED:
            self.gained[one.subscription] += 1
        elif one.kind is Kind.LOST:
            self.lost[one.subscription] += 1
        self.result(one.as_json())
        self.tell(one)

    def digest(self) -> str:
        """SHA-256 over all results so far, in hexadecimal."""
        return str(self._digest.hexdigest())
