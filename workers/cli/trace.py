"""``./run trace``: why one was alerted to an address, or was not, stage by stage."""

from __future__ import annotations

from typing import Annotated

import typer

from workers import rows
from workers.cli import output, session, subscriptions
from workers.cli.output import Json

Ref = Annotated[str, typer.Argument(metavar="URL", help="An address; or an item's guid, or an article's id.")]
Name = Annotated[
    str | None, typer.Option("--subscription", metavar="NAME", help="Answer for this subscription alone.")
]


def trace(ref: Ref, name: Name = None, json: Json = False) -> None:
    """Tell why you were alerted to an address, or why you were not."""
    from pipeline import flow

    chosen = session.settings()
    with session.store(chosen) as store:
        if name is not None:
            with store.read() as tx:
                subscriptions.find(tx, name)  # an unknown one is told with the nearest names
        found = flow.trace(store, ref, name=name, article_days=chosen.article_days)
    if json:
        output.record(rows.trace(found), as_json=True)
        return
    width = max(len(line.stage) for line in found.answer.lines)
    for line in found.answer.lines:
        output.say(f"{line.stage:<{width}}  {line.text}")
    output.say(f"{'=>':<{width}}  {found.answer.answer}")
