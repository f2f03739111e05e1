"""Who should be told of what, and who was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from workers.demo.edition import Edition, Item


@dataclass(frozen=True, slots=True)
class Key:
    """A subscription and the story that it is to be told of, once."""

    subscription: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """An alert as it arrived, verified."""

    key: Key
    title: str
    matches: Sequence[Mapping[str, Any]]  # as the webhook's body has them
    received_at: datetime
    delay_s: float | None  # since the report, or its correction, was published; None when that is not known

    @property
    def where(self) -> str:
        """Where the words stand that rang: the feed's ``summary``, or the report's ``page``."""
        fields = {match["field"] for match in self.matches}
        return "page" if fields <= {"body"} else "summary"


@dataclass(slots=True)
class Ledger:
    """The expected alerts of an edition, and those that came."""

    edition: Edition
    rings: dict[Key, list[Ring]] = field(default_factory=dict)
    refused: int = 0  # requests to the bell whose signature was wrong
    _published: dict[Item, datetime] = field(default_factory=dict)

    def published(self, item: Item, at: datetime) -> None:
        """Note the real time at which an item went up."""
        self._published[item] = at

    def refuse(self) -> None:
        """Note a request to the bell whose signature was wrong."""
        self.refused += 1

    def received(self, body: Mapping[str, Any], at: datetime) -> Ring:
        """Note an alert; ``body`` is a webhook's, whose signature was good.

        Raises:
            KeyError: it is not the body of an alert.

        """
        data = body["data"]
        item = self._item(data["article"]["url"])
        key = Key(data["subscription"]["name"], item.story if item else data["article"]["url"])
        cause = self.expected.get(key, item)
        due_at = self._published.get(cause) if cause else None
        ring = Ring(
            key=key,
            title=data["article"]["title"],
            matches=data["matches"],
            received_at=at,
            delay_s=(at - due_at).total_seconds() if due_at else None,
        )
        self.rings.setdefault(key, []).append(ring)
        return ring

    @property
    def expected(self) -> dict[Key, Item]:
        """Each alert that is due over the whole day, with the item that brings it."""
        return {Key(name, item.story): item for item in self.edition.items for name in item.rings}

    @property
    def missing(self) -> list[Key]:
        return [key for key in self.expected if key not in self.rings]

    @property
    def surplus(self) -> list[Key]:
        """Alerts that nobody expected, and those that came again."""
        expected = self.expected
        return [key for key, rings in self.rings.items() for _ in rings[1 if key in expected else 0 :]]

    @property
    def good(self) -> bool:
        """Every expected alert came exactly once, and no other."""
        return not self.missing and not self.surplus and not self.refused

    @property
    def silent(self) -> list[Item]:
        """Items that rightly ring for nobody."""
        return [item for item in self.edition.items if item.silent]

    def _item(self, url: str) -> Item | None:
        path = urlsplit(url).path
        return next((item for item in self.edition.items if item.page_path == path and item.owns_page), None)
