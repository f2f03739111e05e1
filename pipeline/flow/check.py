"""Check a feed: ask as polls would, twice, and look at what comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.core.checkup import Checked, validators
from pipeline.core.errors import DocumentError, FetchError, ServiceError
from pipeline.core.model import Response
from pipeline.core.poll import readable
from pipeline.core.split import guids
from pipeline.fetch import Fetcher
from pipeline.flow.look import Look, Read

_PLAIN = "http://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Asks at an address as the poller would."""

    fetcher: Fetcher
    url: str
    auth: tuple[str, str] | None = None
    headers: Mapping[str, str]

    async def get(self, url: str = "", sent: Mapping[str, str] | None = None) -> Response:
        """The answer there, or at another ``url``, to a request that carries ``sent`` too."""
        headers = {**self.headers, **(sent or {})}
        return await self.fetcher.get(url or self.url, headers=headers, auth=self.auth)


async def check(asker: Asker, read: Read) -> tuple[Look, Checked]:
    """What the feed holds, and what was seen of it.

    Raises FetchError: it cannot be fetched; ServiceError: the server answered
    with an error; DocumentError: it is no feed, or cannot be read.
    """
    answer = await asker.get()
    if not readable(answer):
        raise ServiceError(f"the server answered {answer.status}")
    try:
        seen = read(answer)
    except DocumentError as exc:
        raise _advised(exc, answer, asker.url) from exc
    return seen, Checked(
        asked=asker.url,
        answer=answer,
        document=seen.document,
        entries=seen.entries,
        rejected=len(seen.rejected),
        guids=guids(seen.document),
        again=await _again(asker, answer),
        secure_url=await _secure(asker, read),
    )


def _advised(error: DocumentError, answer: Response, url: str) -> DocumentError:
    """The error with where to go on, where the answer is a page and no feed."""
    kind = answer.headers.get("content-type", "").lower()
    if error.reason != "not-a-feed" or not ("html" in kind or b"<html" in answer.body[:4096].lower()):
        return error
    hint = f"`./run feeds discover {url}` looks for the feeds that this page links to"
    return DocumentError(error.reason, f"{error.message} {hint}")


async def _again(asker: Asker, answer: Response) -> Response | None:
    """The answer to a second request that sends the validators, as the next poll will."""
    sent = validators(answer)
    if not sent:
        return None
    try:
        return await asker.get(sent=sent)
    except FetchError:  # the first request went well: that this one did not is chance
        return None


async def _secure(asker: Asker, read: Read) -> str:
    """The https address of a feed that was asked for by http, if one is there; else ""."""
    if not asker.url.startswith(_PLAIN):
        return ""
    url = f"https://{asker.url.removeprefix(_PLAIN)}"
    try:
        answer = await asker.get(url)
        if readable(answer):
            read(answer)
            return url
    except (FetchError, DocumentError):  # there is none, which is what was asked
        return ""
    return ""
