"""Apprise."""

from __future__ import annotations

from pipeline.core import model
from pipeline.core.addresses import Allow
from pipeline.core.model import Message, Sent


class AppriseChannel:
    """Sends through one Apprise service."""

    def __init__(self, channel: model.Channel, *, allow: Allow, timeout_s: float) -> None:
        self._channel = channel
        self._allow = allow
        self._timeout_s = timeout_s

    async def send(self, message: Message) -> Sent:
        raise NotImplementedError(message)


def check(url: str) -> None:
    """Raise UsageError unless ``url`` can be sent to."""
