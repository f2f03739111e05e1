"""Addresses: made absolute, freed of tracking, compared, masked.

Nothing here opens an address; a URL is text from strangers until the fetcher's
guard has let it out.
"""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from ipaddress import ip_address
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit, urlunsplit

from w3lib.url import canonicalize_url

MAX_URL_CHARS = 2_048

_TRACKING = frozenset(
    "_ga _gl _hsenc _hsmi _openstat at_campaign at_medium cmpid dclid ef_id epik fb_action_ids"
    " fb_action_types fb_ref fb_source fbclid ftag gbraid gclid gclsrc guccounter guce_referrer"
    " guce_referrer_sig hsctatracking icid igshid igsh li_fat_id mc_cid mc_eid mkt_tok msclkid"
    " ncid ns_campaign ns_fee ns_linkname ns_mchannel ns_source ocid oly_anon_id oly_enc_id"
    " partner rb_clickid s_cid spm sr_share srsltid taid traffic_source trk twclid vero_conv"
    " vero_id wbraid wickedid wt_mc xtor yclid ysclid".split()
)
_TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "piwik_", "matomo_", "hsa_", "at_custom", "ga_")
_SECRET = re.compile(r"(?i)key|token|secret|pass|auth|sig|credential|session")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_NO_HOST = re.compile(r"[\s<>\"'\\^`{|}]")
# Under these everybody publishes: the label before tells whose it is.
_HOUSES = frozenset(
    "beehiiv.com ghost.io livejournal.com medium.com substack.com tumblr.com typepad.com"
    " wordpress.com".split()
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def absolute(url: str, base: str) -> str:
    """The http(s) URL that ``url``, seen in a document at ``base``, leads to; "" when none does.

    As browsers do, line breaks and tabs inside are ignored and spaces are escaped.
    A user name or password goes: an article needs none, and it misleads readers.
    """
    url = _CONTROLS.sub("", url).strip().replace(" ", "%20")
    try:
        joined = urljoin(base, url) if url else ""
        if "@" in joined:
            parts = urlsplit(joined)
            joined = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    except ValueError:
        return ""
    return joined if is_http(joined) else ""


def is_http(url: str) -> bool:
    """Whether it is an http or https URL with a host and of a tolerable length."""
    parts = _split(url)
    return parts is not None and len(url) <= MAX_URL_CHARS


def host(url: str) -> str:
    """The host in lower case, without port and user; "" when it has none."""
    parts = _split(url)
    return (parts.hostname or "") if parts is not None else ""


@lru_cache(maxsize=1 << 14)
def site(host: str) -> str:
    """The part of a host that belongs to one owner: what was registered, or a name under a house of many.

    What may be registered is told by the public suffix list, as the tld package
    carries it; the network is never asked.  Of a name in no public suffix it is the
    last two labels.
    """
    from tld import get_fld  # noqa: PLC0415 - 50 ms, which no command line needs

    host = host.rstrip(".").removeprefix("www.")
    try:
        ip_address(host)
    except ValueError:
        found = get_fld(host, fail_silently=True, fix_protocol=True) if "." in host else None
        domain = found or ".".join(host.split(".")[-2:])
        return ".".join(host.split(".")[-len(domain.split(".")) - 1 :]) if domain in _HOUSES else domain
    return host


def untracked(url: str) -> str:
    """The URL without its tracking parameters and otherwise as it was."""
    head, mark, query = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = query.partition("#")
    kept = [pair for pair in query.split("&") if not _is_tracking(pair.partition("=")[0])]
    if len(kept) == query.count("&") + 1:
        return url
    return head + ("?" if kept else "") + "&".join(kept) + hash_mark + fragment


def canonical(url: str) -> str:
    """One spelling for all addresses of the same article; "" when it is no usable http(s) URL.

    It identifies and is not meant to be fetched: scheme and host in one form,
    no user, default port, tracking parameters or slash at the end, the query
    sorted, and a fragment only where it is a route (``#!/``, ``#/``).
    """
    if not is_http(url):
        return ""
    try:
        parts = urlsplit(canonicalize_url(untracked(url)))
        port = parts.port
    except (ValueError, UnicodeError):
        return ""
    name = (parts.hostname or "").rstrip(".")
    if not name:
        return ""
    if ":" in name:
        name = f"[{name}]"
    if port is not None and port != _DEFAULT_PORTS.get(parts.scheme):
        name = f"{name}:{port}"
    fragment = url.partition("#")[2]
    route = fragment if fragment.startswith(("!", "/")) else ""
    return urlunsplit(("https", name, parts.path.rstrip("/"), parts.query, route))


def key(url: str) -> bytes | None:
    """16 bytes that are equal for all addresses of the same article; None when the URL is unusable."""
    form = canonical(url)
    return digest(form) if form else None


def digest(form: str) -> bytes:
    """The 16 bytes that stand for a URL's canonical form."""
    return blake2b(form.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def masked(url: str) -> str:
    """The URL as it may be shown: without its password and without values that look like secrets."""
    try:
        parts = urlsplit(url)
        names = parse_qsl(parts.query, keep_blank_values=True)
        netloc = parts.netloc
    except ValueError:
        return "(unreadable URL)"
    if "@" in netloc:
        netloc = "***@" + netloc.rpartition("@")[2]
    query = parts.query
    if any(_SECRET.search(name) for name, _ in names):
        query = "&".join(
            f"{name}=***" if _SECRET.search(name) else f"{name}={value}" for name, value in names
        )
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _split(url: str) -> SplitResult | None:
    if not url[:5].lower().startswith("http"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or _NO_HOST.search(parts.hostname):
        return None
    return parts
