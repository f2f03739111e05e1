"""Signed webhooks, by the Standard Webhooks specification."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from base64 import b64encode
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime

import aiohttp
from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from pipeline.channels.body import body
from pipeline.channels.secrecy import scrub
from pipeline.core import model
from pipeline.core.addresses import Allow
from pipeline.core.errors import FetchError, UsageError
from pipeline.core.model import Message, Sent
from pipeline.core.poll import retry_after
from pipeline.outbound import Outbound
from pipeline.outbound.session import web_url

_ANSWER_BYTES = 4 * 1024  # of the receiver's answer that are read, for the error's sake
_ANSWER_S = 1.0  # and how long for
_PREFIX = "whsec_"


class WebhookChannel:
    """Posts each message's data as signed JSON; the webhook-id stays the same over all attempts."""

    def __init__(
        self,
        channel: model.Channel,
        *,
        allow: Allow,
        timeout_s: float,
        user_agent: str,
        outbound: Outbound | None,
        now: Callable[[], datetime],
    ) -> None:
        self._url = channel.url
        self._secret = channel.secret
        self._signer = Webhook(check_secret(channel.secret))
        self._allow = allow
        self._timeout_s = timeout_s
        self._user_agent = user_agent
        self._outbound = outbound
        self._now = now

    async def send(self, message: Message, *, have: frozenset[str] = frozenset()) -> Sent:  # noqa: ARG002
        """Attempt to deliver ``message`` once; 2xx is success, redirects are not followed."""
        try:
            async with asyncio.timeout(self._timeout_s), AsyncExitStack() as stack:
                outbound = self._outbound
                if outbound is None:
                    own = Outbound(self._allow, user_agent=self._user_agent, concurrency=1)
                    outbound = await stack.enter_async_context(own)
                return await self._post(outbound, message)
        except TimeoutError:
            return Sent(ok=False, error=f"timeout: no answer within {self._timeout_s:g} s")
        except FetchError as e:
            return Sent(ok=False, error=self._scrubbed(f"{e.reason}: {e.message}"))

    async def _post(self, outbound: Outbound, message: Message) -> Sent:
        at = self._now()
        content = body(message)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._signer.sign(message.id, at, content.decode()),
        }
        async with outbound.request("POST", web_url(self._url), headers=headers, data=content) as answer:
            if 200 <= answer.status < 300:
                if (answer.content_length or 0) <= _ANSWER_BYTES:
                    await _beginning(answer)  # a connection that was read to its end can be used again
                return Sent(ok=True)
            said = await _beginning(answer)
            waits = retry_after(answer.headers.get("Retry-After"), self._now())
        error = self._scrubbed(f"HTTP {answer.status} {answer.reason or ''}: {said}".rstrip(": "))
        return Sent(ok=False, error=error, retry_after_s=waits)

    def _scrubbed(self, text: str) -> str:
        return scrub(text, self._url, self._secret, self._secret.removeprefix(_PREFIX))


def serves(url: str) -> bool:
    """Whether ``url`` is a webhook's."""
    return url.lower().startswith(("http://", "https://"))


def check(url: str) -> None:
    """Raise UsageError unless ``url`` can be posted to."""
    try:
        web_url(url)
    except FetchError as e:
        raise UsageError(f"not a webhook's URL: {e.message}") from e


def check_secret(secret: str) -> str:
    """``secret`` if it can sign; UsageError, without the secret, if it cannot."""
    try:
        Webhook(secret).sign("msg", datetime.fromtimestamp(0).astimezone(), "{}")
    except (ValueError, RuntimeError, EmptyWebhookSecretError) as e:
        raise UsageError("a webhook's secret is whsec_ followed by base64, e.g. of 24 random bytes") from e
    return secret


def new_secret() -> str:
    """A fresh secret, as Standard Webhooks writes them."""
    return _PREFIX + b64encode(secrets.token_bytes(24)).decode()


async def _beginning(answer: aiohttp.ClientResponse) -> str:
    said = b""
    # Whatever fails here, the status has said enough.
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with asyncio.timeout(_ANSWER_S):
            while len(said) < _ANSWER_BYTES and (
                chunk := await answer.content.read(_ANSWER_BYTES - len(said))
            ):
                said += chunk
    return said.decode(errors="replace")[:200]
