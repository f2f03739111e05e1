"""``./run feeds check``."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import output, secrets, session
from workers.cli.feeds.options import Auth, Header, HeaderFile, PasswordFile, app, check_url
from workers.cli.output import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from config.settings import Settings
    from pipeline.core.checkup import Checked
    from pipeline.flow.look import Look


@app.command("check")
def check(
    url: Annotated[str, typer.Argument(metavar="URL", help="An address that may be a feed's.")],
    auth: Auth = None,
    password_file: PasswordFile = None,
    header: Header = None,
    header_file: HeaderFile = None,
    json: Json = False,
) -> None:
    """Fetch a feed and show what it would bring, and what to know of it; nothing of it is kept."""
    from workers.cli.check import checked

    named, credentials = check_url(url), secrets.basic(auth, password_file)
    sent = secrets.headers(header or (), header_file or ())
    settings = session.settings()
    seen, facts = asyncio.run(_checked(named, settings, credentials, sent))
    told = checked(seen, facts, settings=settings, now=session.now())
    if not json:
        told["warnings"] = "\n".join(f"{one['word']}: {one['text']}" for one in told["warnings"])
    output.record(told, as_json=json)


async def _checked(
    url: str, settings: Settings, auth: tuple[str, str] | None, headers: Mapping[str, str]
) -> tuple[Look, Checked]:
    from pipeline.flow.check import Asker
    from pipeline.flow.check import check as look_at
    from workers.cli.check import read
    from workers.context import open_fetcher

    async with open_fetcher(settings) as fetcher:
        asker = Asker(fetcher=fetcher, url=url, auth=auth, headers=headers)
        return await look_at(asker, partial(read, settings=settings, now=session.now()))
