"""Chat, mail and push services through Apprise: each target of a channel is sent to by itself."""

from __future__ import annotations

import asyncio
import threading
from urllib.parse import urlsplit

from pipeline.channels.apprise.media import letter
from pipeline.channels.apprise.services import Target, check, scheme_of, targets
from pipeline.channels.errand import Errand
from pipeline.channels.secrecy import HOSTED, scrub
from pipeline.core import model
from pipeline.core.addresses import Allow
from pipeline.core.errors import RefusedError, UsageError
from pipeline.core.model import Message, Sent
from pipeline.outbound.guard import Guard

__all__ = ["AppriseChannel", "check"]


class AppriseChannel:
    """Sends through one service to its targets, each in a thread that the guard watches."""

    def __init__(self, channel: model.Channel, *, allow: Allow, timeout_s: float) -> None:
        self._url = channel.url
        self._allow = allow
        self._guard = Guard(allow)
        self._timeout_s = timeout_s

    async def send(self, message: Message, *, have: frozenset[str] = frozenset()) -> Sent:
        """Attempt to deliver ``message`` once to every target that does not ``have`` it."""
        try:
            open_ = [one for one in targets(self._url, self._timeout_s) if one.key not in have]
        except UsageError as e:
            return Sent(ok=False, error=str(e))
        return _together(open_, await asyncio.gather(*(self._send(one, message) for one in open_)), have)

    async def _send(self, target: Target, message: Message) -> Sent:
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Sent] = loop.create_future()
        errand = Errand(self._allow, self._guard.proxy_hosts())

        def run() -> None:
            sent = self._sent(errand, target, message)
            # The loop may be gone when a message was given up on.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, outcome, sent)

        # A daemon: a service that drips must not hold up the end of the process.
        threading.Thread(target=run, name="apprise", daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await outcome
        except TimeoutError:
            return Sent(ok=False, error=f"timeout: no answer within {self._timeout_s:g} s")
        finally:
            errand.abort()

    def _judge_target(self) -> None:
        scheme = scheme_of(self._url)
        if self._guard.proxy_hosts() and scheme in HOSTED:
            # A proxy would connect on our behalf: only the name is left to judge.
            self._guard.judge_name(urlsplit(self._url).hostname or "")

    def _sent(self, errand: Errand, target: Target, message: Message) -> Sent:
        try:
            with errand:
                self._judge_target()
                ok = _notify(scheme_of(self._url), target, message)
        except RefusedError as e:
            return Sent(ok=False, error=str(e))
        except Exception as e:  # noqa: BLE001 - a plugin's own fault is an outcome of the attempt like any other
            return Sent(ok=False, error=scrub(f"{type(e).__name__}: {e}", self._url))
        if ok:
            return Sent(ok=True)
        if errand.refused:
            return Sent(ok=False, error=self._allow.refusal(errand.refused, errand.refused))
        said = "; ".join(errand.complaints) or "the service did not take the message"
        return Sent(ok=False, error=scrub(said, self._url))


def _notify(scheme: str, target: Target, message: Message) -> bool:
    from apprise import NotifyFormat, OverflowMode  # noqa: PLC0415 - half a second, only where it is used

    sheet = letter(scheme, target.service, message)
    return bool(
        target.service.notify(
            title=sheet.title,
            body=sheet.body,
            body_format=NotifyFormat(sheet.form),
            overflow=OverflowMode.TRUNCATE,
        )
    )


def _together(targets_: list[Target], outcomes: list[Sent], have: frozenset[str]) -> Sent:
    """One outcome for all: ok when each has the message now, else which have it and why not the others."""
    failed = [sent for sent in outcomes if not sent.ok]
    if not failed:
        return Sent(ok=True)
    took = {one.key for one, sent in zip(targets_, outcomes, strict=True) if sent.ok} | have
    among = len(took) + len(failed)
    error = failed[0].error if among == 1 else f"{len(took)} of {among} targets have it: {failed[0].error}"
    return Sent(ok=False, error=error, have=frozenset(took))


def _settle(outcome: asyncio.Future[Sent], sent: Sent) -> None:
    if not outcome.done():
        outcome.set_result(sent)
