"""Reconcile: what the files declare comes to be; what they no longer declare goes.

A file has the last word on what it says, and none on what it leaves out: a
channel or an interval set by command stays where the file names no other.
What left a file and came from it is removed, feeds paused for their articles'
sake; what was made by command is left alone, unless a file comes to declare
the same name or URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from config import declared as files
from config.declared import Declared, DeclaredChannel, DeclaredSubscription
from config.opml import Outline
from config.settings import Settings
from pipeline.channels import check_url, new_secret
from pipeline.channels.webhook import check_secret, serves
from pipeline.core import policy as policies
from pipeline.core import rhythm
from pipeline.core.errors import ConfigError, UsageError
from pipeline.core.lint import accept, lint
from pipeline.core.model import FeedState, FullText
from pipeline.core.query import parse
from pipeline.store import channels, feeds, subscriptions
from pipeline.store.channels import ChannelRow
from pipeline.store.engine import Store, Tx
from pipeline.store.feeds import FeedRow
from pipeline.store.subscriptions import SubscriptionRow

_MOST_COMPARED = 100  # new queries that are looked at in one go
_DONE = {
    "add": "added",
    "change": "changed",
    "take over": "took over",
    "pause": "paused",
    "remove": "removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between the files and the store.

    ``query`` is new with it, and ``notes`` say what is likely wrong with that;
    ``secret`` was made for it and is shown once.
    """

    verb: str
    what: str
    query: tuple[str, str] | None = None  # the subscription's name and the text
    notes: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    make: Callable[[Tx], object] = field(repr=False, compare=False)

    def sentence(self, *, dry_run: bool) -> str:
        """What was done, or would be."""
        return f"would {self.verb} {self.what}" if dry_run else f"{_DONE[self.verb]} {self.what}"


def read(settings: Settings, env: Mapping[str, str]) -> Declared:
    """What the files in the settings' folder declare; ``env`` holds the channels' secrets.

    Raises:
        ConfigError: with one line for every fault.

    """
    return files.read(
        settings.config, env, check_query=accept, check_url=check_url, check_policy=policies.read
    )


def apply(
    store: Store, declared: Declared, *, interval_s: int, now: datetime, dry_run: bool = False
) -> list[Change]:
    """Make the store what is declared, in one transaction, and return the differences there were.

    ``interval_s`` is for feeds whose file names none.  A second call finds none.

    Raises:
        ConfigError: a subscription names a channel that neither files nor store have.

    """

    def work(tx: Tx) -> list[Change]:
        changes = list(_plan(tx, declared, interval_s, now))
        for change in changes:
            change.make(tx)
        return changes

    if dry_run:
        with store.read() as tx:
            changes = list(_plan(tx, declared, interval_s, now))
    else:
        changes = store.write(work)
    return list(_with_notes(store, declared, changes))


def _with_notes(store: Store, declared: Declared, changes: Iterable[Change]) -> Iterator[Change]:
    """The changes with what is likely wrong with new queries, as many as a start can wait for."""
    with store.read() as tx:
        ringing = {one.name: one.query for one in subscriptions.since(tx, 0) if one.active}
    ringing.update({one.name: one.query for one in declared.subscriptions})
    left = _MOST_COMPARED
    for change in changes:
        if change.query is None or not left:
            yield change
            continue
        left -= 1
        name, text = change.query
        others = {each: query for each, query in ringing.items() if each != name}
        found = lint(parse(text), others=others)
        yield replace(change, notes=tuple(f"{one.message} (at position {one.start + 1})" for one in found))


def _plan(tx: Tx, declared: Declared, interval_s: int, now: datetime) -> Iterator[Change]:
    """Every difference, in an order in which they can be made."""
    known_channels = {row.name: row for row in channels.rows(tx)}
    known_subscriptions = {row.name: row for row in subscriptions.rows(tx)}
    known_feeds = {row.url: row for row in feeds.rows(tx)}
    _check_channels(declared, known_channels)
    for channel in declared.channels:
        yield from _channel(channel, known_channels.get(channel.name), now)
    for subscription in declared.subscriptions:
        yield from _subscription(subscription, known_subscriptions.get(subscription.name), now)
    new = count()
    for feed in declared.feeds:
        row = known_feeds.get(feed.url)
        due_at = now if row else now + timedelta(seconds=rhythm.first_wait_s(next(new)))
        yield from _feed(feed, row, interval_s, now, due_at)
    yield from _gone_subscriptions(declared, known_subscriptions.values(), now)
    yield from _gone_channels(declared, known_channels.values(), now)
    yield from _gone_feeds(declared, known_feeds.values())


def _check_channels(declared: Declared, known: Mapping[str, ChannelRow]) -> None:
    faults = []
    there = {channel.name for channel in declared.channels} | {
        name for name, row in known.items() if not row.managed
    }
    for subscription in declared.subscriptions:
        faults += [
            f"{files.SUBSCRIPTIONS} ({subscription.name}): there is no channel {name!r}"
            for name in (*subscription.channels, *_escalated(subscription))
            if name not in there
        ]
    for channel in declared.channels:
        try:
            if channel.secret:
                check_secret(channel.secret)
        except UsageError as exc:
            faults.append(f"{files.CHANNELS} ({channel.name}): {exc}")
    if faults:
        raise ConfigError(faults)


def _escalated(wanted: DeclaredSubscription) -> Sequence[str]:
    """The channel that it escalates to, if there is one."""
    escalation = policies.read(wanted.policy or {}).escalation
    return (escalation.channel,) if escalation else ()


def _channel(wanted: DeclaredChannel, row: ChannelRow | None, now: datetime) -> Iterator[Change]:
    if row is None:
        made = new_secret() if serves(wanted.url) and not wanted.secret else ""
        yield Change(
            verb="add",
            what=f"channel {wanted.name}",
            secret=made,
            make=lambda tx: channels.add(
                tx,
                name=wanted.name,
                url=wanted.url,
                secret=wanted.secret or made,
                managed=True,
                pace=wanted.pace,
                now=now,
            ),
        )
        return
    secret = wanted.secret or row.secret
    made = new_secret() if serves(wanted.url) and not secret else ""
    differs = _differences(
        {
            "url": row.url != wanted.url,
            "secret": (secret or made) != row.secret,
            "pace": row.pace_per_minute != wanted.pace,
        }
    )
    if differs or not row.managed:
        yield Change(
            verb="change" if row.managed else "take over",
            what=f"channel {wanted.name}{differs}",
            secret=made,
            make=lambda tx: channels.edit(
                tx,
                row.id,
                url=wanted.url,
                secret=secret or made,
                managed=True,
                pace=wanted.pace or 0,
                now=now,
            ),
        )


def _subscription(
    wanted: DeclaredSubscription, row: SubscriptionRow | None, now: datetime
) -> Iterator[Change]:
    if row is None:
        yield Change(
            verb="add",
            what=f"subscription {wanted.name}: {wanted.query}",
            query=(wanted.name, wanted.query),
            make=lambda tx: subscriptions.add(
                tx,
                name=wanted.name,
                query=wanted.query,
                channel_ids=_ids(tx, wanted.channels),
                policy=policies.read(wanted.policy or {}),
                managed=True,
                now=now,
            ),
        )
        return
    rings = bool(wanted.channels) and set(wanted.channels) != set(row.channels)
    policy = None if wanted.policy is None else policies.read(wanted.policy)
    manner = policy is not None and policy != row.policy
    differs = _differences({"query": row.query != wanted.query, "channels": rings, "policy": manner})
    if differs or not row.managed:
        yield Change(
            verb="change" if row.managed else "take over",
            what=f"subscription {wanted.name}{differs}",
            query=(wanted.name, wanted.query) if row.query != wanted.query else None,
            make=lambda tx: subscriptions.edit(
                tx,
                row.id,
                now=now,
                query=wanted.query if row.query != wanted.query else None,
                channel_ids=_ids(tx, wanted.channels) if rings else None,
                policy=policy if manner else None,
                managed=True,
            ),
        )


def _feed(
    wanted: Outline, row: FeedRow | None, interval_s: int, now: datetime, due_at: datetime
) -> Iterator[Change]:
    if row is None:
        yield Change(
            verb="add",
            what=f"feed {wanted.url}",
            make=lambda tx: feeds.add(
                tx,
                url=wanted.url,
                title=wanted.title,
                interval_s=interval_s,
                every_s=wanted.interval_s,
                full_text=FullText(wanted.full_text or FullText.AUTO),
                tags=wanted.tags,
                auth=wanted.auth,
                managed=True,
                now=now,
                due_at=due_at,
            ),
        )
        return
    edits = _feed_edits(wanted, row)
    if not edits and row.managed:
        return

    def make(tx: Tx) -> None:
        feeds.edit(tx, row.id, **edits, managed=True)
        if not row.managed and row.state is FeedState.PAUSED:  # it comes back to the file that it had left
            feeds.set_state(tx, row.id, FeedState.ACTIVE)

    verb = "change" if row.managed else "take over"
    yield Change(verb=verb, what=f"feed {row.url}{_differences(dict.fromkeys(edits, True))}", make=make)


def _feed_edits(wanted: Outline, row: FeedRow) -> dict[str, object]:
    """What the file says otherwise; of credentials the store shows the user only, so that is compared."""
    said: dict[str, tuple[object, object]] = {
        "title": (wanted.title, row.title),
        "every_s": (wanted.interval_s, row.rhythm.every_s),
        "full_text": (FullText(wanted.full_text) if wanted.full_text else None, row.full_text),
        "tags": (wanted.tags, row.tags),
    }
    edits = {name: new for name, (new, old) in said.items() if new and new != old}
    if wanted.auth is not None and wanted.auth[0] != row.auth_user:
        edits["auth"] = wanted.auth
    return edits


def _gone_subscriptions(
    declared: Declared, rows: Iterable[SubscriptionRow], now: datetime
) -> Iterator[Change]:
    names = {one.name for one in declared.subscriptions}
    for row in rows:
        if row.managed and row.name not in names:
            yield Change(
                verb="remove",
                what=f"subscription {row.name}; its alerts stay",
                make=partial(_removed_subscription, row.id, now),
            )


def _gone_channels(declared: Declared, rows: Iterable[ChannelRow], now: datetime) -> Iterator[Change]:
    names = {one.name for one in declared.channels}
    for row in rows:
        if row.managed and row.name not in names:
            yield Change(
                verb="remove", what=f"channel {row.name}", make=partial(_removed_channel, row.id, now)
            )


def _gone_feeds(declared: Declared, rows: Iterable[FeedRow]) -> Iterator[Change]:
    urls = {one.url for one in declared.feeds}
    for row in rows:
        if row.managed and row.url not in urls:
            yield Change(
                verb="pause", what=f"feed {row.url}; its articles stay", make=partial(_left_feed, row.id)
            )


def _removed_subscription(id_: int, now: datetime, tx: Tx) -> None:
    subscriptions.remove(tx, id_, now)


def _removed_channel(id_: int, now: datetime, tx: Tx) -> None:
    channels.remove(tx, id_, now)


def _left_feed(id_: int, tx: Tx) -> None:
    feeds.edit(tx, id_, managed=False)
    feeds.set_state(tx, id_, FeedState.PAUSED)


def _ids(tx: Tx, names: Sequence[str]) -> list[int]:
    return [channels.find(tx, name).id for name in names]


def _differences(of: Mapping[str, bool]) -> str:
    """Which fields differ, as the end of a sentence."""
    said = {"every_s": "interval"}
    names = [said.get(name, name.replace("_", " ")) for name, differs in of.items() if differs]
    return f" ({', '.join(names)})" if names else ""
