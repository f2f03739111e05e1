"""``./run feeds add | edit | remove | pause | resume | poll``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import UsageError
from pipeline.core.model import FeedState, FullText
from workers import rows
from workers.cli import output, secrets, session
from workers.cli.feeds.options import (
    Auth,
    Every,
    Full,
    Header,
    HeaderFile,
    PasswordFile,
    Ref,
    Tag,
    Title,
    app,
    check_url,
    find,
)
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.store.engine import Tx
    from pipeline.store.feeds import FeedRow


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The feed's address; http or https.")],
    every: Every = None,
    title: Title = None,
    auth: Auth = None,
    password_file: PasswordFile = None,
    header: Header = None,
    header_file: HeaderFile = None,
    full_text: Full = None,
    tag: Tag = None,
    json: Json = False,
) -> None:
    """Add a feed; its first poll is at once."""
    from pipeline.store import feeds

    checked, credentials = check_url(url), secrets.basic(auth, password_file)
    sent = secrets.headers(header or (), header_file or ())
    settings = session.settings()
    with session.store(settings) as store:

        def work(tx: Tx) -> FeedRow:
            id_ = feeds.add(
                tx,
                url=checked,
                title=title or "",
                interval_s=settings.poll_every_s,
                every_s=every,
                full_text=full_text or FullText.AUTO,
                tags=tuple(tag or ()),
                auth=credentials,
                headers=tuple(sent.items()),
                now=session.now(),
            )
            return feeds.find(tx, str(id_))

        row = store.write(work)
    if json:
        output.record(rows.feed(row), as_json=True)
    else:
        output.say(f"feed {row.id} added: {row.url}, polled {rows.pace(row)}")


@app.command("edit")
def edit(
    feed: Ref,
    url: Annotated[str | None, typer.Option("--url", help="Its new address.")] = None,
    every: Every = None,
    title: Title = None,
    auth: Auth = None,
    password_file: PasswordFile = None,
    header: Header = None,
    header_file: HeaderFile = None,
    no_every: Annotated[
        bool, typer.Option("--no-every", help="Let its interval follow its rhythm again.")
    ] = False,
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Forget the credentials.")] = False,
    no_headers: Annotated[bool, typer.Option("--no-headers", help="Forget the headers.")] = False,
    full_text: Full = None,
    tag: Tag = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Forget the tags.")] = False,
) -> None:
    """Change a feed; what is not named stays as it is."""
    named: dict[str, Any] = {
        "url": check_url(url) if url is not None else None,
        "every_s": every,
        "title": title,
        "full_text": full_text,
        "tags": () if no_tags else tuple(tag or ()) or None,
        "headers": ()
        if no_headers
        else tuple(secrets.headers(header or (), header_file or ()).items()) or None,
    }
    changes = {name: value for name, value in named.items() if value is not None}
    if no_every:
        changes["every_s"] = None
    if auth is not None or no_auth:
        changes["auth"] = None if no_auth else secrets.basic(auth, password_file)
    if not changes:
        raise UsageError("nothing to change: name an option, as in `./run feeds edit 7 --every 60`")
    _edit(feed, changes)


def _edit(ref: str, changes: dict[str, Any]) -> None:
    from pipeline.store import feeds

    def work(tx: Tx) -> FeedRow:
        id_ = find(tx, ref).id
        feeds.edit(tx, id_, **changes)
        if "every_s" in changes:  # in force from now on, not after the poll that the old one set
            feeds.poll_now(tx, id_, session.now())
        return feeds.find(tx, str(id_))

    with session.store() as store:
        row = store.write(work)
    own = "every_s" in changes and row.rhythm.every_s is None
    pace = "in its own rhythm again, at once" if own else rows.pace(row)
    output.say(f"feed {row.id} changed: {row.url}, polled {pace}")
    if row.managed:
        output.declared("feeds.opml")


@app.command("remove")
def remove(feed: Ref) -> None:
    """Stop polling a feed and forget it; its articles stay."""
    _set_state(feed, FeedState.REMOVED, "removed; its articles stay")


@app.command("pause")
def pause(feed: Ref) -> None:
    """Stop polling a feed for a while."""
    _set_state(feed, FeedState.PAUSED, "paused")


@app.command("resume")
def resume(feed: Ref) -> None:
    """Poll a paused feed again, at once."""
    _set_state(feed, FeedState.ACTIVE, "resumed")


@app.command("poll")
def poll(
    feed: Annotated[str | None, typer.Argument(metavar="[FEED]", help="One feed; else every one.")] = None,
) -> None:
    """Make a feed, or every active one, due now."""
    from pipeline.store import feeds

    with session.store() as store:
        count = store.write(
            lambda tx: feeds.poll_now(tx, None if feed is None else find(tx, feed).id, session.now())
        )
    if feed is not None and not count:
        raise UsageError(f"feed {feed} is not active; `./run feeds resume {feed}` makes it so")
    output.say(f"{count} feed{'s' * (count != 1)} due now")


def _set_state(ref: str, state: FeedState, done: str) -> None:
    from pipeline.store import feeds

    with session.store() as store:

        def work(tx: Tx) -> FeedRow:
            row = find(tx, ref)
            feeds.set_state(tx, row.id, state)
            return row

        row = store.write(work)
    output.say(f"feed {row.id} {done}: {row.url}")
    if row.managed and state is FeedState.REMOVED:
        output.declared("feeds.opml")
