"""``./run feeds release``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workers.cli import output, session
from workers.cli.feeds.options import Ref, app, find

if TYPE_CHECKING:
    from pipeline.store.engine import Tx


@app.command("release")
def release(
    feed: Ref,
    keep: Annotated[bool, typer.Option("--keep", help="Leave them as old news: nothing rings.")] = False,
) -> None:
    """Let the items of a feed's flood ring, which were taken for old news under new names."""
    from pipeline.flow import wary

    def work(tx: Tx) -> tuple[int, int]:
        count, rung = wary.release(tx, find(tx, feed).id, session.now(), keep=keep)
        return count, len(rung.alert_ids)

    with session.store() as store:
        count, alerts = store.write(work)
    if keep:
        output.say(f"{count} article{'s' * (count != 1)} left as old news")
    else:
        output.say(f"{count} article{'s' * (count != 1)} released, {alerts} alert{'s' * (alerts != 1)} made")
