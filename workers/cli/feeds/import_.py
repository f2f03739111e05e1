"""``./run feeds import``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers.cli import output, progress, session
from workers.cli.feeds.options import Every, app

if TYPE_CHECKING:
    from collections.abc import Callable

    from config.opml import FeedList
    from pipeline.store.engine import Tx
    from workers.lists import Gain


@app.command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(
            metavar="FILE.opml",
            help="A list of feeds, as other readers export it; a file, - for standard input, or its URL.",
        ),
    ],
    every: Every = None,
) -> None:
    """Add every feed of an OPML list that is not there yet; its folders become tags."""
    from config import opml
    from workers.cli.feeds.source import read

    settings = session.settings()
    came = read(source, settings, most=opml.MAX_BYTES)
    listed = opml.read(came.data)
    for line in listed.skipped:
        output.note(f"{came.name}, {line}")
    if not listed.feeds:
        raise UsageError(f"{came.name} names no feed")
    with (
        session.store(settings) as store,
        progress.bar("adding feeds", len(listed.feeds)) as told,
    ):
        gained = store.write(lambda tx: _bring(tx, listed, every, settings.poll_every_s, told))
    _say(gained)


def _bring(tx: Tx, listed: FeedList, every_s: int | None, usual_s: int, told: Callable[[int], None]) -> Gain:
    """All of the list or, when it fails, nothing."""
    from pipeline.store import feeds
    from workers.lists import gain

    gained = gain(listed.feeds, feeds.known(tx), every_s=every_s)
    done = gained.there
    told(done)
    for added in feeds.add_all(tx, gained.new, interval_s=usual_s, now=session.now()):
        done += added
        told(done)
    feeds.tag(tx, gained.tags)
    return gained


def _say(gained: Gain) -> None:
    added, tagged = len(gained.new), len(gained.tags)
    more = f" ({tagged} with more tags now)" if tagged else ""
    output.say(f"{added} feed{'s' * (added != 1)} added, {gained.there} there already{more}")
    for url in gained.kept:
        output.note(f"note: feeds.opml declares {url} and sets its tags; those of the list were left out")
