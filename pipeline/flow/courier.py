"""The channels of a process: built once each, sharing connections."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pipeline import channels
from pipeline.core.addresses import Allow
from pipeline.core.errors import UsageError
from pipeline.core.model import Channel, Message, Sent
from pipeline.outbound import Outbound

#: Connections to all webhooks together: lanes bound those of each, so that no few of them take all.
CONCURRENCY = 1_000


class Courier:
    """Sends messages through any channel; an async context manager."""

    def __init__(self, *, allow: Allow, timeout_s: float, user_agent: str) -> None:
        self._allow = allow
        self._timeout_s = timeout_s
        self._user_agent = user_agent
        self._outbound = Outbound(allow, user_agent=user_agent, concurrency=CONCURRENCY)
        self._built: dict[Channel, channels.Channel] = {}

    async def __aenter__(self) -> Self:
        await self._outbound.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._outbound.__aexit__(kind, error, trace)

    async def send(self, channel: Channel, message: Message, *, have: frozenset[str] = frozenset()) -> Sent:
        """Attempt to deliver ``message`` once; a channel that cannot be built is a failed attempt."""
        try:
            built = self._built.get(channel) or self._build(channel)
        except UsageError as exc:
            return Sent(ok=False, error=str(exc))
        return await built.send(message, have=have)

    def _build(self, channel: Channel) -> channels.Channel:
        for other in [known for known in self._built if known.id == channel.id]:
            del self._built[other]  # edited since
        self._built[channel] = channels.build(
            channel,
            allow=self._allow,
            timeout_s=self._timeout_s,
            user_agent=self._user_agent,
            outbound=self._outbound,
        )
        return self._built[channel]
