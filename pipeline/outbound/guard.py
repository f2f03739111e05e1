"""The guard at the socket: no connection reaches a special address unless it is allowed.

It judges the address that is really connected to, at the moment a socket is
asked for, so that names which resolve inward, redirects, rebinding resolvers
and every odd way to write an address end here alike.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from contextvars import ContextVar, Token
from typing import Any, Self

# These read the environment and open nothing; typeshed does not know the second.
from urllib.request import getproxies_environment, proxy_bypass_environment  # type: ignore[attr-defined] # noqa: TID251

from yarl import URL

from pipeline.core.addresses import Allow, literal
from pipeline.core.errors import ConfigError, RefusedError

_WEB = frozenset({"http", "https"})

AddrInfo = tuple[Any, Any, int, str, Any]


class Hop:
    """One request, to one host; a redirect is a hop of its own.  In force inside its context."""

    __slots__ = ("_allow", "_token", "host", "proxy", "refused")
    _token: Token[Hop]

    def __init__(self, host: str, proxy: URL | None, allow: Allow) -> None:
        self._allow = allow
        self.host = host
        self.proxy = proxy
        self.refused = ""  # the last address that was refused

    def __enter__(self) -> Self:
        self._token = _hop.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _hop.reset(self._token)

    def refusal(self) -> RefusedError | None:
        """What to raise when this hop's connection failed, if it failed for us."""
        return RefusedError(self._allow.refusal(self.refused, self.host)) if self.refused else None


# aiohttp opens sockets in the task of the request, or in tasks that inherit its context.
_hop: ContextVar[Hop] = ContextVar("hop")


class Guard:
    """Judges every socket of the connectors it is given to.

    ``proxies`` maps a scheme to a proxy's URL (``no`` to the hosts without
    one), as the usual environment variables do, which are read now by default.
    Raises ConfigError for a proxy that cannot be used.
    """

    def __init__(self, allow: Allow, proxies: Mapping[str, str] | None = None) -> None:
        self._allow = allow
        self._named = dict(getproxies_environment() if proxies is None else proxies)
        self._proxies = {scheme: _proxy(scheme, self._named[scheme]) for scheme in _WEB & self._named.keys()}

    def hop(self, url: URL) -> Hop:
        """Let the request made inside reach the host of ``url``; RefusedError if it is forbidden already."""
        hop = Hop(url.host or "", self._proxy(url), self._allow)
        if hop.proxy is not None:
            # The proxy connects on our behalf: what it would reach can be judged by its name only.
            self.judge_name(hop.host)
        return hop

    def open_socket(self, info: AddrInfo) -> socket.socket:
        """The socket for one address, for aiohttp's ``socket_factory``; OSError when it is refused."""
        family, kind, proto, _, address = info
        hop = _hop.get()
        # The operator chose the proxy, wherever it stands.
        if hop.proxy is None and not self._allow.permits(str(address[0]), hop.host):
            hop.refused = str(address[0])
            # An OSError lets the next address of the same name have its turn.
            raise OSError(errno.EACCES, f"{hop.refused} is a special address")
        return socket.socket(family=family, type=kind, proto=proto)

    def _proxy(self, url: URL) -> URL | None:
        proxy = self._proxies.get(url.scheme) if self._proxies else None
        if proxy is None or proxy_bypass_environment(url.host or "", self._named):
            return None
        return proxy

    def proxy_hosts(self) -> frozenset[str]:
        """Where the operator's proxies stand."""
        return frozenset(proxy.host or "" for proxy in self._proxies.values())

    def judge_name(self, host: str) -> None:
        """Raise RefusedError when ``host`` is, in any spelling, a special address that is not allowed."""
        name = host.rstrip(".").lower()
        local = "127.0.0.1" if name == "localhost" or name.endswith(".localhost") else None
        address = literal(host) or _packed(host) or local
        if address and not self._allow.permits(address, host):
            raise RefusedError(self._allow.refusal(address, host))


def _proxy(scheme: str, text: str) -> URL:
    try:
        url = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        url = URL()
    if url.scheme not in _WEB or not url.host:
        # The text may hold a password: it is not repeated.
        raise ConfigError([f"{scheme.upper()}_PROXY must be an http:// or https:// URL of a proxy"])
    return url


def _packed(host: str) -> str | None:
    """The address in the old forms that C libraries read: ``127.1``, ``0x7f000001``, ``2130706433``."""
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
