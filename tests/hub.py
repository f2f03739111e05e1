"""A WebSub hub on a test's site: it confirms what it is asked, and pushes with a signature."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from tests.sites import Reply, Request, Site


def form(request: Request) -> dict[str, str]:
    """What was asked, by name."""
    return dict(parse_qsl(request.body.decode()))


def signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def token(asked: dict[str, str]) -> str:
    """The secret part of the callback."""
    return asked["hub.callback"].rpartition("/")[2]


def offering(site: Site, *items: str) -> bytes:
    """A document that names the site's hub, at ``/hub``, and itself as its topic."""
    links = f'<a:link rel="hub" href="{site.url("/hub")}"/><a:link rel="self" href="{site.url("/feed")}"/>'
    return f'<rss xmlns:a="http://www.w3.org/2005/Atom"><channel>{links}{"".join(items)}</channel></rss>'.encode()


@dataclass
class Hub:
    """The site's hub; ``confirm`` is called in the midst of each request, as quick hubs do."""

    site: Site
    status: int = 202
    confirm: Callable[[dict[str, str]], object] = lambda _asked: None
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site.answer("/hub", self._answer)

    def _answer(self, request: Request) -> Reply:
        self.asked.append(form(request))
        self.confirm(self.asked[-1])
        return Reply(self.status)
