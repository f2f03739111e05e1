"""``./run feeds discover``."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import DocumentError, UsageError
from workers.cli import output, session
from workers.cli.feeds.options import app, check_url
from workers.cli.output import Column, Json

if TYPE_CHECKING:
    from config.settings import Settings
    from pipeline.flow.discover import Discovery

COLUMNS = (
    Column("feed", "title", wide=True),
    Column("format", "format"),
    Column("items", "items", "right"),
    Column("newest (UTC)", "newest_at", moment=True),
    Column("found by", "how"),
    Column("url", "url", wide=True),
)


@app.command("discover")
def discover(
    url: Annotated[str, typer.Argument(metavar="URL", help="A page of the site, or what may be a feed.")],
    add: Annotated[bool, typer.Option("--add", help="Add the feed, if exactly one is found.")] = False,
    json: Json = False,
) -> None:
    """Find the feeds of a site: each is fetched and looked at before it is listed."""
    from pipeline.core.discover import How
    from workers.cli.check import found

    named, settings = check_url(url), session.settings()
    discovery = asyncio.run(_discovered(named, settings))
    for candidate, reason in discovery.failed:
        # A link that readers see only looked like a feed's: not worth telling where others are.
        if candidate.how is not How.ANCHOR or not discovery.feeds:
            output.note(f"{candidate.url}: {reason}")
    if discovery.left:
        output.note(f"note: {discovery.left} more links that may lead to feeds were not followed")
    if not discovery.feeds:
        raise DocumentError("not-a-feed", _nothing(discovery))
    listed = [found(one) for one in discovery.feeds]
    output.rows(listed, COLUMNS, as_json=json, empty="")
    if add and len(listed) > 1:
        raise UsageError(
            f"{len(listed)} feeds were found: add the one that you want with `./run feeds add URL`"
        )
    if add:
        _add(listed[0]["url"], settings)


async def _discovered(url: str, settings: Settings) -> Discovery:
    from pipeline.flow.discover import discover as find
    from workers.cli.check import read
    from workers.context import open_fetcher

    async with open_fetcher(settings) as fetcher:
        return await find(fetcher, url, partial(read, settings=settings, now=session.now()))


def _nothing(discovery: Discovery) -> str:
    if discovery.status >= 300:
        return f"no feed was found: the server answered {discovery.status}"
    if discovery.failed:
        return "no feed was found: nothing that the page links to is one"
    return "no feed was found: the page links to none, and none is where feeds usually are"


def _add(url: str, settings: Settings) -> None:
    from pipeline.store import feeds

    with session.store(settings) as store:
        id_ = store.write(
            lambda tx: feeds.add(tx, url=url, interval_s=settings.poll_every_s, now=session.now())
        )
    output.note(f"feed {id_} added: {url}")
