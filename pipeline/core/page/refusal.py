"""Refusals: a site that does not answer robots, or wants to know whether we are a person."""

from __future__ import annotations

from datetime import timedelta

from pipeline.core.model import Response

#: So many pages of a host refused in a row are a refusal of the host.
IN_A_ROW = 3
_FIRST_REST = timedelta(hours=1)
_GROWS = 4
_LONGEST_REST = timedelta(days=7)

_REFUSING = frozenset({403, 429})
_ASKING = frozenset({401, 403, 405, 429, 503})
# Headers of the services that stand before sites, with what they say where they ask for proof.
_PROOFS = (
    ("cf-mitigated", "challenge"),
    ("x-amzn-waf-action", "challenge"),
    ("x-amzn-waf-action", "captcha"),
)
_PRESENT = ("x-datadome", "x-sucuri-block")


def refusal(answer: Response) -> str:
    """``challenge`` where the site asks for proof of a person, ``refused`` where it just refuses, else ""."""
    if answer.status not in _ASKING:
        return ""
    asked = any(word in answer.headers.get(name, "").lower() for name, word in _PROOFS)
    if asked or (answer.status == 403 and any(name in answer.headers for name in _PRESENT)):
        return "challenge"
    return "refused" if answer.status in _REFUSING else ""


def rest(refusals: int, rests: int, *, sure: bool) -> timedelta | None:
    """How long to leave a host alone after ``refusals`` in a row and ``rests`` before; None for not yet.

    One challenge is enough (``sure``), and so is one refusal after a rest.  The rests
    are an hour, four, sixteen, and so on, a week at most.
    """
    if not sure and not rests and refusals < IN_A_ROW:
        return None
    return min(_FIRST_REST * int(_GROWS ** min(rests, 10)), _LONGEST_REST)
