"""``./run feeds``: what is polled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from pipeline.core.errors import UsageError
from pipeline.core.model import FeedState, FullText
from workers import rows
from workers.cli import output, secrets, session
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.store.engine import Tx
    from pipeline.store.feeds import FeedRow

app = typer.Typer(help="Feeds: what is polled.", no_args_is_help=True, rich_markup_mode=None)

LONGEST_URL = 2_048
COLUMNS = (
    Column("id", "id", "right"),
    Column("feed", "title", wide=True),
    Column("state", "state"),
    Column("every", "interval_s", "right"),
    Column("polled (UTC)", "last_polled_at", moment=True),
    Column("failed", "failures", "right"),
    Column("articles", "articles", "right"),
    Column("last error", "last_error", wide=True, spare=True),
    Column("url", "url", wide=True, spare=True),
)

Ref = Annotated[
    str, typer.Argument(metavar="FEED", help="Its id, its URL, or its title where no other has it.")
]
Every = Annotated[
    int | None,
    typer.Option("--every", min=15, max=31_536_000, metavar="S", help="Seconds between polls (300)."),
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
                interval_s=every or settings.poll_every_s,
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
        output.say(f"feed {row.id} added: {row.url}, polled every {row.interval_s} s")


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
    no_auth: Annotated[bool, typer.Option("--no-auth", help="Forget the credentials.")] = False,
    no_headers: Annotated[bool, typer.Option("--no-headers", help="Forget the headers.")] = False,
    full_text: Full = None,
    tag: Tag = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="Forget the tags.")] = False,
) -> None:
    """Change a feed; what is not named stays as it is."""
    named: dict[str, Any] = {
        "url": check_url(url) if url is not None else None,
        "interval_s": every,
        "title": title,
        "full_text": full_text,
        "tags": () if no_tags else tuple(tag or ()) or None,
        "headers": ()
        if no_headers
        else tuple(secrets.headers(header or (), header_file or ()).items()) or None,
    }
    changes = {name: value for name, value in named.items() if value is not None}
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
        if "interval_s" in changes:  # in force from now on, not after the poll that the old one set
            feeds.poll_now(tx, id_, session.now())
        return feeds.find(tx, str(id_))

    with session.store() as store:
        row = store.write(work)
    output.say(f"feed {row.id} changed: {row.url}, polled every {row.interval_s} s")
    if row.managed:
        output.declared("feeds.opml")


@app.command("list")
def list_(json: Json = False, limit: Limit = None) -> None:
    """List the feeds."""
    from pipeline.store import feeds

    with session.store() as store, store.read() as tx:
        found = map(rows.feed, feeds.rows(tx, limit=limit))
        output.rows(
            found if json else ({**row, "title": row["title"] or row["url"]} for row in found),
            COLUMNS,
            as_json=json,
            empty="no feeds yet; add one with `./run feeds add URL`",
        )


@app.command("show")
def show(feed: Ref, json: Json = False) -> None:
    """Show one feed."""
    with session.store() as store, store.read() as tx:
        output.record(rows.feed(find(tx, feed)), as_json=json)


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
