"""Chat, mail and push services through Apprise, a few of its many.

Its plugins are taken one by one, by name: what is not in the list cannot be
reached by any spelling of a URL, and configuration files, attachments and
templates (which read files) do not exist here.
"""

from __future__ import annotations

import asyncio
import re
import threading
from importlib import import_module
from typing import Protocol, cast
from urllib.parse import urlsplit

from pipeline.channels.errand import Errand
from pipeline.channels.secrecy import HOSTED, scrub
from pipeline.core import model
from pipeline.core.addresses import Allow
from pipeline.core.errors import RefusedError, UsageError
from pipeline.core.model import Message, Sent
from pipeline.outbound.guard import Guard

_PLUGINS = {
    "discord": "discord:NotifyDiscord",
    "gchat": "google_chat:NotifyGoogleChat",
    "gotify": "gotify:NotifyGotify",
    "gotifys": "gotify:NotifyGotify",
    "mailto": "email:NotifyEmail",
    "mailtos": "email:NotifyEmail",
    "matrix": "matrix:NotifyMatrix",
    "matrixs": "matrix:NotifyMatrix",
    "mmost": "mattermost:NotifyMattermost",
    "mmosts": "mattermost:NotifyMattermost",
    "ntfy": "ntfy:NotifyNtfy",
    "ntfys": "ntfy:NotifyNtfy",
    "opsgenie": "opsgenie:NotifyOpsgenie",
    "pagerduty": "pagerduty:NotifyPagerDuty",
    "pbul": "pushbullet:NotifyPushBullet",
    "pover": "pushover:NotifyPushover",
    "rocket": "rocketchat:NotifyRocketChat",
    "rockets": "rocketchat:NotifyRocketChat",
    "signal": "signal_api:NotifySignalAPI",
    "signals": "signal_api:NotifySignalAPI",
    "slack": "slack:NotifySlack",
    "tgram": "telegram:NotifyTelegram",
    "workflow": "workflows:NotifyWorkflows",
    "workflows": "workflows:NotifyWorkflows",
    "wxteams": "webexteams:NotifyWebexTeams",
    "zulip": "zulip:NotifyZulip",
}
# They read files, fetch things on their own, or call a failure a success.
_FORBIDDEN = frozenset(
    [
        "attach",
        "filename",
        "template",
        "pgp",
        "pgppub",
        "pgpprv",
        "pgpkey",
        "wkd",
        "config",
        "include",
        "optional",
    ]
)
# How often, how long and in how many pieces is not the URL's to say.
_OURS = ("retry", "wait", "overflow", "redirect", "store", "rto", "cto")
_MENTIONS = re.compile(r"@(?=(?:everyone|here|channel|all|room)\b)|<(?=[!@#])", re.IGNORECASE)


class _Service(Protocol):
    """What we use of an Apprise plugin's object."""

    def notify(self, *, body: str, title: str, **options: object) -> bool: ...

    def __len__(self) -> int: ...


class AppriseChannel:
    """Sends through one service to one target, in a thread that the guard watches."""

    def __init__(self, channel: model.Channel, *, allow: Allow, timeout_s: float) -> None:
        self._url = channel.url
        self._allow = allow
        self._guard = Guard(allow)
        self._timeout_s = timeout_s

    async def send(self, message: Message) -> Sent:
        """Attempt to deliver ``message`` once, as plain text."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[Sent] = loop.create_future()
        errand = Errand(self._allow, self._guard.proxy_hosts())

        def run() -> None:
            sent = self._sent(errand, message)
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
        scheme = self._url.partition("://")[0].lower()
        if self._guard.proxy_hosts() and scheme in HOSTED:
            # A proxy would connect on our behalf: only the name is left to judge.
            self._guard.judge_name(urlsplit(self._url).hostname or "")

    def _sent(self, errand: Errand, message: Message) -> Sent:
        try:
            with errand:
                self._judge_target()
                service = _service(self._url, self._timeout_s)
                ok = bool(
                    service.notify(body=_calm(message.text), title=_calm(message.subject), **_as_text())
                )
        except RefusedError as e:
            return Sent(ok=False, error=str(e))
        except Exception as e:  # noqa: BLE001 - a plugin's own fault is an outcome of the attempt like any other
            return Sent(ok=False, error=scrub(f"{type(e).__name__}: {e}", self._url))
        if ok:
            return Sent(ok=True)
        if errand.refused:
            return Sent(
                ok=False, error=f"{errand.refused} is a special address; the operator has not allowed it"
            )
        said = "; ".join(errand.complaints) or "the service did not take the message"
        return Sent(ok=False, error=scrub(said, self._url))


def check(url: str) -> None:
    """Raise UsageError, saying what to do, unless ``url`` names one target of an allowed service."""
    scheme = url.partition("://")[0].lower()
    if scheme == "msteams":
        raise UsageError(
            "Microsoft has retired msteams:// connectors; use the workflow:// URL of a Teams workflow"
        )
    if scheme not in _PLUGINS or "://" not in url:
        known = ", ".join(sorted(_PLUGINS))
        raise UsageError(f"a channel's URL begins with http(s):// (a signed webhook) or one of: {known}")
    if len(_service(url, 1.0)) > 1:
        raise UsageError(
            "a channel has one target, so that each is retried by itself: make a channel for each"
        )


def _service(url: str, timeout_s: float) -> _Service:
    """The plugin's object; UsageError, without the URL, when it does not understand it."""
    module, _, name = _PLUGINS[url.partition("://")[0].lower()].partition(":")
    plugin = getattr(import_module(f"apprise.plugins.{module}"), name)
    parsed = plugin.parse_url(url.replace("/#", "/%23"))  # a room's #, not a fragment's
    if parsed is None:
        raise _misunderstood(url)
    # Read with the plugin's eyes, which see more spellings than ours.
    forbidden = sorted({name.strip(":+- ").lower() for name in parsed.get("qsd", {})} & _FORBIDDEN)
    if forbidden:
        raise UsageError(f"the option {forbidden[0]!r} is not allowed in a channel's URL")
    for ours in _OURS:
        parsed.pop(ours, None)
    try:
        service = plugin(**parsed, asset=_asset())
    except (TypeError, ValueError) as e:
        raise _misunderstood(url) from e
    # A second more than ours, which comes first and cuts the connection.
    service.socket_connect_timeout = service.socket_read_timeout = timeout_s + 1
    return cast(_Service, service)


def _misunderstood(url: str) -> UsageError:
    scheme = url.partition("://")[0].lower()
    return UsageError(
        f"not a complete {scheme}:// URL; see https://appriseit.com/services for how it is written"
    )


def _asset() -> object:
    from apprise import AppriseAsset  # noqa: PLC0415 - half a second, only where it is used

    return AppriseAsset(
        app_id="Tocsin",
        app_desc="Tocsin",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        storage_mode="memory",
        allow_templates=False,
        http_redirects=False,
        pgp_autogen=False,
        pem_autogen=False,
    )


def _as_text() -> dict[str, object]:
    from apprise import NotifyFormat, OverflowMode  # noqa: PLC0415

    return {"body_format": NotifyFormat.TEXT, "overflow": OverflowMode.TRUNCATE}


def _calm(text: str) -> str:
    """``text`` that calls nobody: what strangers wrote must not ring a whole chat room."""
    return _MENTIONS.sub(lambda mention: f"{mention[0]}\u200b", text)


def _settle(outcome: asyncio.Future[Sent], sent: Sent) -> None:
    if not outcome.done():
        outcome.set_result(sent)
