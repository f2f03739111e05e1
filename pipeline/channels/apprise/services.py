"""The services that a channel may name, a few of Apprise's many, and the targets of a channel's URL.

Plugins are taken one by one, by name: what is not in the list cannot be
reached by any spelling of a URL, and configuration files, attachments and
templates (which read files) do not exist here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from importlib import import_module
from typing import Any, Protocol, cast

from pipeline.core.errors import UsageError

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
# In which form, how often, how long and in how many pieces is not the URL's to say.
_OURS = ("format", "retry", "wait", "overflow", "redirect", "store", "rto", "cto")

_TARGETS = 32  # of one channel: they are sent to at the same time


class Service(Protocol):
    """What we use of an Apprise plugin's object."""

    body_maxlen: int
    title_maxlen: int
    overflow_amalgamate_title: bool

    def notify(self, *, body: str, title: str, **options: object) -> bool:
        """Send once; False when the service did not take it."""
        ...

    def resolve_format(self, body_format: object) -> object:
        """The format that the service takes instead of ``body_format``."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Target:
    """One of those that a channel's URL names, with a service of its own; ``key`` tells them apart."""

    key: str
    service: Service


def scheme_of(url: str) -> str:
    """The service's name in a channel's URL."""
    return url.partition("://")[0].lower()


def check(url: str) -> None:
    """Raise UsageError, saying what to do, unless ``url`` is one of an allowed service."""
    scheme = scheme_of(url)
    if scheme == "msteams":
        raise UsageError(
            "Microsoft has retired msteams:// connectors; use the workflow:// URL of a Teams workflow"
        )
    if scheme not in _PLUGINS or "://" not in url:
        known = ", ".join(sorted(_PLUGINS))
        raise UsageError(f"a channel's URL begins with http(s):// (a signed webhook) or one of: {known}")
    targets(url, 1.0)


def targets(url: str, timeout_s: float) -> list[Target]:
    """All targets of ``url``, each to be sent to by itself.

    Services that take several at once in one request (a team and a person to be
    paged for the same alarm) are one target.

    Raises:
        UsageError: without the URL, when the service does not understand it.

    """
    plugin, parsed = _read(url)
    whole = _made(plugin, parsed, url, timeout_s)
    if len(whole) <= 1:
        return [Target("", whole)]
    names = _names(scheme_of(url), parsed["targets"])
    if len(names) > _TARGETS:
        raise UsageError(f"a channel has at most {_TARGETS} targets")
    found = [
        Target(_key(name), _made(plugin, parsed | {"targets": [name]}, url, timeout_s)) for name in names
    ]
    if [len(one.service) for one in found] != [1] * len(whole):
        raise UsageError("the targets of this URL cannot be told apart: make a channel for each")
    return found


def _read(url: str) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The plugin's class, and what it reads in the URL."""
    module, _, name = _PLUGINS[scheme_of(url)].partition(":")
    plugin = getattr(import_module(f"apprise.plugins.{module}"), name)
    parsed = plugin.parse_url(url.replace("/#", "/%23"))  # a room's #, not a fragment's
    if parsed is None:
        raise _misunderstood(url)
    # Read with the plugin's eyes, which see more spellings than ours.
    forbidden = sorted({name.strip(":+- ").lower() for name in parsed.get("qsd", {})} & _FORBIDDEN)
    if forbidden:
        raise UsageError(f"the option {forbidden[0]!r} is not allowed in a channel's URL")
    return plugin, {name: value for name, value in parsed.items() if name not in _OURS}


def _made(plugin: Callable[..., Any], parsed: dict[str, Any], url: str, timeout_s: float) -> Service:
    try:
        service = plugin(**parsed, asset=_asset())
    except (TypeError, ValueError) as e:
        raise _misunderstood(url) from e
    # A second more than ours, which comes first and cuts the connection.
    service.socket_connect_timeout = service.socket_read_timeout = timeout_s + 1
    return cast(Service, service)


def _names(scheme: str, listed: Iterable[str]) -> list[str]:
    """The targets one by one, each once, as the plugin itself would take them apart."""
    from apprise.utils.parse import parse_emails, parse_list  # noqa: PLC0415 - half a second, as below

    parse: Callable[[str], list[str]] = parse_emails if scheme in {"mailto", "mailtos"} else parse_list
    return list(dict.fromkeys(name for part in listed for name in parse(part)))


def _key(name: str) -> str:
    """A target's name as it may be kept: who it is stays in the channel's URL."""
    return blake2b(name.encode(), digest_size=8).hexdigest()


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
