"""Which hosts belong to one site."""

from __future__ import annotations

_SHORT = 3


def site(host: str) -> str:
    """The part of a host that its neighbours share: ``bbc.co.uk`` of ``feeds.bbc.co.uk``.

    Two labels, three where the last but one is a short one under a country (co.uk, com.au).
    """
    labels = host.rstrip(".").split(".")
    if labels[-1].isdigit():
        return host  # an IPv4 address
    most = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= _SHORT else 2
    return ".".join(labels[-most:])
