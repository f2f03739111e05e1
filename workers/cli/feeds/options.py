"""What the commands on feeds have in common: options, and how a feed is named."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from pipeline.core.errors import UsageError
from pipeline.core.model import FullText
from workers.cli import session

if TYPE_CHECKING:
    from pipeline.store.engine import Tx
    from pipeline.store.feeds import FeedRow

app = typer.Typer(help="Feeds: what is polled.", no_args_is_help=True, rich_markup_mode=None)

LONGEST_URL = 2_048

Ref = Annotated[
    str, typer.Argument(metavar="FEED", help="Its id, its URL, or its title where no other has it.")
]
Every = Annotated[
    int | None,
    typer.Option(
        "--every", min=15, max=31_536_000, metavar="S", help="Seconds between polls; else its own rhythm."
    ),
]
Title = Annotated[str | None, typer.Option("--title", help="Else the feed's own.")]
Auth = Annotated[
    str | None, typer.Option("--auth", metavar="USER", help="Basic credentials; the password is asked for.")
]
PasswordFile = Annotated[Path | None, typer.Option("--password-file", help="A file that holds the password.")]
Header = Annotated[
    list[str] | None,
    typer.Option("--header", metavar="NAME", help="A header to send; its value is asked for."),
]
HeaderFile = Annotated[
    list[Path] | None, typer.Option("--header-file", help="A file of `Name: value` lines.")
]
Full = Annotated[
    FullText | None,
    typer.Option("--full-text", help="Fetch the articles' pages: auto where the feed's text is short."),
]
Tag = Annotated[list[str] | None, typer.Option("--tag", metavar="T", help="May be repeated.")]


def check_url(url: str) -> str:
    """``url`` when a feed can be polled there.

    Raises:
        UsageError: it says what is wrong, without repeating credentials.

    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError as exc:
        raise UsageError(f"the feed's URL cannot be understood: {exc}") from exc
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        hint = f"; did you mean https://{url}?" if "://" not in url and "." in url else ""
        raise UsageError(f"a feed's URL begins with https:// or http://{hint}")
    if parts.username or parts.password:
        raise UsageError("credentials do not belong in a URL; use --auth USER, which asks for the password")
    if len(url) > LONGEST_URL or any(character <= " " for character in url):
        raise UsageError(f"a feed's URL has no spaces and at most {LONGEST_URL} characters")
    return url


def find(tx: Tx, ref: str) -> FeedRow:
    """The feed of that id, URL or title.

    Raises:
        NotFoundError: with the nearest titles and URLs.

    """
    from pipeline.core.errors import NotFoundError
    from pipeline.store import feeds

    try:
        return feeds.find(tx, ref)
    except NotFoundError as exc:
        known = [name for row in feeds.rows(tx) for name in (row.title, row.url) if name]
        raise session.unknown("feed", ref, known) from exc
