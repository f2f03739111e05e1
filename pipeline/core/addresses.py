"""Which addresses an outbound request may reach: the public Internet, and what the operator allows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple

from pipeline.core.errors import ConfigError

_SPECIAL_4 = (
    "0.0.0.0/8",  # this network: connects to this machine
    "10.0.0.0/8",
    "100.64.0.0/10",  # shared between a carrier and its customers
    "127.0.0.0/8",
    "169.254.0.0/16",  # link-local: cloud metadata lives here
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",  # documentation
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",
    "198.18.0.0/15",  # benchmarking
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",  # multicast
    "240.0.0.0/4",  # reserved, and the broadcast address
)
_GLOBAL_6 = "2000::/3"  # everything outside it is special: loopback, local, multicast, NAT64 …
_SPECIAL_6 = (
    "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
    "2001:db8::/32",  # documentation
    "2002::/16",  # 6to4: an IPv4 address in disguise
    "3fff::/20",  # documentation
)
_EMBEDDING_6 = ("::ffff:0:0/96", "::/96")  # IPv4-mapped and -compatible: judged by the address inside

_HOST_CHARS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class _Tables(NamedTuple):
    globe: IPv6Network
    special_4: tuple[IPv4Network, ...]
    special_6: tuple[IPv6Network, ...]
    embedding_6: tuple[IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Allow:
    """What may be reached although it is special: by name, or by network."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()
    option: str = ""  # where the operator names them

    @classmethod
    def parse(cls, text: str, *, option: str = "") -> Allow:
        """Read ``10.1.0.0/16,mail.internal``; raise ConfigError naming every part that is neither."""
        hosts: set[str] = set()
        networks: list[Network] = []
        faults: list[str] = []
        for part in text.replace(",", " ").split():
            network = _network(part)
            if network is not None:
                networks.append(network)
            elif "/" not in part and ":" not in part and set(name := _name(part)) <= _HOST_CHARS:
                hosts.add(name)
            else:
                faults.append(f"{part!r} is neither a host name nor a network such as 10.1.0.0/16")
        if faults:
            raise ConfigError(faults)
        return cls(frozenset(hosts), tuple(networks), option)

    def permits(self, ip: str, host: str) -> bool:
        """Whether a request made to ``host`` may connect to ``ip``."""
        address = _address(ip)
        if address is None:
            return False
        return (
            not _is_special(address) or _name(host) in self.hosts or any(address in n for n in self.networks)
        )

    def refusal(self, ip: str, host: str) -> str:
        """What the operator is told of an address that is not permitted."""
        where = ip if ip == host else f"{host} ({ip})"
        return f"{where} is a special address; {self.option or 'the operator'} does not name it"


def literal(host: str) -> str | None:
    """The address that ``host`` is, when it is one written plainly (an IPv6 one with or without brackets)."""
    address = _address(host.removeprefix("[").removesuffix("]"))
    return None if address is None else str(address)


def _is_special(address: Address) -> bool:
    tables = _tables()
    if isinstance(address, IPv4Address):
        return any(address in network for network in tables.special_4)
    return address not in tables.globe or any(address in network for network in tables.special_6)


def _address(text: str) -> Address | None:
    """The address in ``text``, without its zone; the IPv4 address inside an IPv6 one that embeds it."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv4Address) or int(address) <= 1:  # unspecified and loopback embed nothing
        return address
    if any(address in network for network in _tables().embedding_6):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _network(text: str) -> Network | None:
    try:
        return ip_network(text.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None


def _name(host: str) -> str:
    name = host.strip().rstrip(".").lower()
    try:
        return name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


@cache
def _tables() -> _Tables:
    return _Tables(
        globe=IPv6Network(_GLOBAL_6),
        special_4=tuple(map(IPv4Network, _SPECIAL_4)),
        special_6=tuple(map(IPv6Network, _SPECIAL_6)),
        embedding_6=tuple(map(IPv6Network, _EMBEDDING_6)),
    )
