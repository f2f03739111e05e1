"""``./run feeds export``."""

from __future__ import annotations

import codecs
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers.cli import output, session
from workers.cli.feeds.options import app
from workers.cli.feeds.source import STDIN

if TYPE_CHECKING:
    from pipeline.store.feeds import FeedRow


@app.command("export")
def export(
    file: Annotated[
        Path, typer.Argument(metavar="[FILE.opml]", help="Where to; else standard output.")
    ] = Path(STDIN),
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="T", help="Only feeds with this tag; may be repeated."),
    ] = None,
) -> None:
    """Write the feeds as an OPML list, which every reader takes; tags become folders."""
    from pipeline.store import feeds
    from workers.lists import tagged, written

    with session.store() as store, store.read() as tx:
        wanted = tagged(feeds.rows(tx), tag or ())
    if tag and not wanted:
        raise UsageError(f"no feed has the tag {' or '.join(map(repr, tag))}")
    listed = written(wanted, now=session.now())
    if str(file) == STDIN:
        sys.stdout.write(_sayable(listed.decode()))
    else:
        _put(file, listed)
        output.say(f"{len(wanted)} feed{'s' * (len(wanted) != 1)} written to {file}")
    _note_secrets(wanted)


def _sayable(text: str) -> str:
    """The list as standard output takes it: where that is not UTF-8, letters beyond ASCII go by number."""
    if codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8":
        return text
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _put(file: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    try:
        if file.is_dir():
            raise UsageError(f"cannot write {file}: it is a folder")
        _replace(file, data)
    except OSError as exc:
        raise UsageError(f"cannot write {file}: {exc.strerror}") from exc


def _replace(file: Path, data: bytes) -> None:
    beside = file.with_name(f"{file.name}.part")
    try:
        beside.write_bytes(data)
        beside.replace(file)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _note_secrets(rows: list[FeedRow]) -> None:
    """Say which feeds will not work elsewhere by their address alone."""
    ids = [str(row.id) for row in rows if row.auth_user is not None or row.headers]
    if ids:
        output.note(
            f"note: passwords and headers are not in the list; these feeds have some: {', '.join(ids)}"
        )
