"""``/metrics`` for Prometheus: for this machine, or for who has the token."""

from __future__ import annotations

import hmac
import ipaddress

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from pydantic import SecretStr

from workers.context import Context
from workers.web.collector import House

#: Headers by which a proxy says that it asks for somebody else.
_FORWARDED = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def blueprint(context: Context) -> Blueprint:
    """The one address; it answers 200 also while the database is away, and says so."""
    routes = Blueprint("metrics", __name__)
    registry = CollectorRegistry()
    registry.register(House(context))

    @routes.get("/metrics")
    def metrics() -> Response:
        if not _may_read(context.settings.metrics_token):
            abort(403, "Metrics are for this machine, or for who sends TOCSIN_METRICS_TOKEN as a bearer.")
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return Response(encode(registry), content_type=content_type)

    return routes


def _may_read(token: SecretStr | None) -> bool:
    """With a token only its bearer; without one only who asks from here, with no proxy in between."""
    if token is not None:
        wanted = f"Bearer {token.get_secret_value()}"
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), wanted.encode())
    return _is_loopback(request.remote_addr or "") and not any(name in request.headers for name in _FORWARDED)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return (mapped or parsed).is_loopback
