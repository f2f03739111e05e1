"""``./run alerts resend``: what was told is sent once more, because somebody asks for it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.core.errors import UsageError
from workers.cli import channels, output, session, subscriptions
from workers.cli.alerts import By, actor
from workers.cli.moments import moment
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.store.engine import Tx
    from pipeline.store.resend import Resent

_REASONS = {
    "on its way": "on the way already",
    "held": "held, and told when their time comes",
    "backlog": "backlog, which is not sent",
    "no channel": "without a channel to go to; --to names one",
}


def resend(
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", min=1, max=2**63 - 1)] = None,
    subscription: Annotated[
        str | None, typer.Option("--subscription", metavar="NAME", help="All of it since --since.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="As in 2026-11-27T08:30 (UTC), or 36h.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="CHANNEL", help="To this channel alone, old or new.")
    ] = None,
    by: By = None,
    json: Json = False,
) -> None:
    """Send alerts again; a receiver knows a repeat by its webhook-id, which stays the same."""
    from pipeline.store import resend

    if bool(ids) == (subscription is not None) or (since is None) != (subscription is None):
        raise UsageError("say which: `./run alerts resend ID…`, or `--subscription NAME --since TIME`")
    now = session.now()
    begin = moment(since, now=now) if since is not None else now
    with session.store() as store:

        def work(tx: Tx) -> list[Resent]:
            wanted = ids or []
            if subscription is not None:
                wanted = resend.since(tx, subscriptions.find(tx, subscription).id, begin)
            only = None if to is None else channels.find(tx, to).id
            return resend.resend(tx, wanted, channel_id=only, actor=actor(by), now=now)

        done = store.write(work)
    if json:
        for one in done:
            row = {"alert_id": one.alert_id, "outcome": one.outcome, "delivery_ids": list(one.delivery_ids)}
            output.record(row, as_json=True)
        return
    counts = Counter(one.outcome for one in done)
    again = counts.pop("sent again", 0)
    output.say(f"{again} {'alert is' if again == 1 else 'alerts are'} sent again")
    for outcome, count in counts.items():
        output.say(f"{count} {_REASONS[outcome]}")
