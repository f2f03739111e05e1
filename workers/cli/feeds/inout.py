"""``./run feeds check | import``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from pipeline.core.model import FullText
from workers.cli import output, secrets, session
from workers.cli.feeds.options import Auth, Every, Header, HeaderFile, PasswordFile, app, check_url
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.store.engine import Tx


@app.command("check")
def check(
    url: Annotated[str, typer.Argument(metavar="URL", help="An address that may be a feed's.")],
    auth: Auth = None,
    password_file: PasswordFile = None,
    header: Header = None,
    header_file: HeaderFile = None,
    json: Json = False,
) -> None:
    """Fetch a feed and show what it would bring; nothing of it is kept."""
    from workers.cli.check import look

    checked, credentials = check_url(url), secrets.basic(auth, password_file)
    sent = secrets.headers(header or (), header_file or ())
    settings = session.settings()
    seen = look(checked, settings, auth=credentials, headers=sent, now=session.now())
    output.record(seen, as_json=json)


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.opml", help="A list of feeds, as other readers export it.")
    ],
    every: Every = None,
) -> None:
    """Add every feed of an OPML file that is not there yet; its folders become tags."""
    from config import opml
    from pipeline.store import feeds

    settings = session.settings()
    try:
        found = opml.read(file.read_bytes())
    except OSError as exc:
        raise UsageError(f"cannot read {file}: {exc.strerror}") from exc
    for line in found.skipped:
        output.note(f"{file.name}, {line}")
    if not found.feeds:
        raise UsageError(f"{file} names no feed")

    def work(tx: Tx) -> int:
        there = {row.url for row in feeds.rows(tx)}
        new = [feed for feed in found.feeds if feed.url not in there]
        for feed in new:
            feeds.add(
                tx,
                url=feed.url,
                title=feed.title,
                interval_s=every or feed.interval_s or settings.poll_every_s,
                full_text=FullText(feed.full_text or FullText.AUTO),
                tags=feed.tags,
                auth=feed.auth,
                now=session.now(),
            )
        return len(new)

    with session.store(settings) as store:
        added = store.write(work)
    output.say(f"{added} feed{'s' * (added != 1)} added, {len(found.feeds) - added} there already")
