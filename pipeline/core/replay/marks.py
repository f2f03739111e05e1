"""Marks on ids: a byte for each, however many there are."""

from __future__ import annotations


class Marks:
    """A set of ids that lie close together, from the lowest one on; lower ids are never in it."""

    def __init__(self, lowest: int) -> None:
        self._lowest = lowest
        self._bytes = bytearray()

    def add(self, id_: int) -> None:
        """Mark an id; one below the lowest is ignored."""
        place = id_ - self._lowest
        if place < 0:
            return
        if place >= len(self._bytes):
            self._bytes.extend(bytes(place + 1 - len(self._bytes)))
        self._bytes[place] = 1

    def __contains__(self, id_: int) -> bool:
        """Whether an id is marked."""
        place = id_ - self._lowest
        return 0 <= place < len(self._bytes) and self._bytes[place] == 1
