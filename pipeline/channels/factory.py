"""From a channel's URL to the channel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pipeline.channels import canary, webhook
from pipeline.channels.apprise import AppriseChannel, check
from pipeline.channels.base import Channel
from pipeline.channels.canary import CanaryChannel
from pipeline.channels.webhook import WebhookChannel
from pipeline.core import model
from pipeline.core.addresses import Allow
from pipeline.core.errors import UsageError
from pipeline.outbound import Outbound

_URL_CHARS = 2_048


def build(
    channel: model.Channel,
    *,
    allow: Allow,
    timeout_s: float,
    user_agent: str = "Tocsin",
    outbound: Outbound | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Channel:
    """The channel behind ``channel.url``, ready to send; raises UsageError where :func:`check_url` would.

    ``allow`` names what may be reached although special.  ``outbound``, an
    entered one made with the same ``allow``, lets webhooks share connections;
    without it each message has a connection of its own.
    """
    if canary.serves(channel):
        return CanaryChannel()
    check_url(channel.url)
    if webhook.serves(channel.url):
        return WebhookChannel(
            channel, allow=allow, timeout_s=timeout_s, user_agent=user_agent, outbound=outbound, now=now
        )
    return AppriseChannel(channel, allow=allow, timeout_s=timeout_s)


def check_url(url: str) -> None:
    """Raise UsageError, saying what to do, unless ``url`` can be a channel's."""
    if not url.isprintable() or " " in url or len(url) > _URL_CHARS:
        raise UsageError(f"a channel's URL is one word of at most {_URL_CHARS} characters")
    if webhook.serves(url):
        webhook.check(url)
    else:
        check(url)
