"""What every kind of channel offers."""

from __future__ import annotations

from typing import Protocol

from pipeline.core.model import Message, Sent


class Channel(Protocol):
    """One place where messages go."""

    async def send(self, message: Message, *, have: frozenset[str] = frozenset()) -> Sent:
        """Attempt to deliver ``message`` once, within the channel's time limit.

        ``have`` names targets that an earlier attempt reached: they get nothing.

        Never raises for what the receiver or the network does: that is an
        outcome.  An error tells what happened in one line, without secrets.
        """
        ...
