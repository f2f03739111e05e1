"""``./run subscriptions tune``: what a query should leave out, by the alerts that are marked."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote
from typing import TYPE_CHECKING, Any

from workers.cli import output, session, subscriptions
from workers.cli.backtest import progress_bar
from workers.cli.output import Json
from workers.cli.subscriptions import Name

if TYPE_CHECKING:
    from pipeline.core.tune import Case, Effect, Proposal, Tuning
    from pipeline.flow.tune import Tuned
    from pipeline.store.subscriptions import SubscriptionRow

_TITLES = 3


def tune(name: Name, json: Json = False) -> None:
    """Propose exclusions from the alerts marked with `./run alerts mark`; nothing is changed."""
    from pipeline import flow

    with session.context("tune") as context:
        with context.store.read() as tx:
            row = subscriptions.find(tx, name)
        with progress_bar() as progress:
            found = flow.tune(context.store, row, now=session.now(), progress=progress)
    if json:
        output.record(_as_json(row, found), as_json=True)
    elif found.tuning.not_relevant:
        _show(row, found)
    else:
        _say_how_to_mark(row, found.tuning)


def _say_how_to_mark(row: SubscriptionRow, tuning: Tuning) -> None:
    if tuning.strays:
        output.say(f"no alert that {row.name} would still ring for is marked not relevant")
    else:
        output.say(
            f"no alert of {row.name} is marked: `./run alerts list --subscription {quote(row.name)}` shows"
            " their ids, `./run alerts mark ID... --not-relevant` says which should not have rung"
        )


def _show(row: SubscriptionRow, found: Tuned) -> None:
    from pipeline.core.tune import FEW

    tuning = found.tuning
    output.say(
        f"{row.name}: {len(tuning.not_relevant)} alerts are marked not relevant,"
        f" {len(tuning.relevant)} relevant, {len(tuning.unmarked)} are not marked"
    )
    if tuning.strays:
        output.say(f"{tuning.strays} more rang for an earlier query and do not count")
    if tuning.cautious and tuning.unmarked:
        output.say(
            f"fewer than {FEW} are marked relevant, so those not marked are kept too: they may be true"
        )
    for proposal in tuning.proposals:
        output.say(f"NOT {proposal.term}: {_told(tuning, proposal.effect)}")
        _titles("takes", proposal.effect.not_relevant)
        _titles("loses, not marked", proposal.effect.unmarked)
    for proposal in tuning.withheld:
        output.say(f"withheld: NOT {proposal.term}: {_told(tuning, proposal.effect)}")
        _titles("would lose, not marked", proposal.effect.unmarked)
    if tuning.withheld:
        output.say(f"mark those alerts, or {FEW} others as relevant, and ask again")
    if tuning.query is None:
        output.say(_nothing(tuning))
        return
    output.say(f"all together: {_told(tuning, tuning.effect)}")
    if found.archive is not None and found.archive.against is not None:
        before, days = found.archive.against.alerts, len(found.archive.days) - 1
        output.say(
            f"in the archive of the last {days} days: {before:,} alerts become {found.archive.alerts:,}"
        )
    output.say("to have it so:")
    output.say(f"./run subscriptions edit {quote(row.name)} --query {quote(tuning.query.text)}")
    if row.managed:
        output.declared("subscriptions.yaml")


def _told(tuning: Tuning, effect: Effect) -> str:
    return (
        f"{len(effect.not_relevant)} of {len(tuning.not_relevant)} false alerts go,"
        f" {len(effect.relevant)} of {len(tuning.relevant)} relevant"
        f" and {len(effect.unmarked)} of {len(tuning.unmarked)} not marked are lost"
    )


def _nothing(tuning: Tuning) -> str:
    """Why nothing is proposed, and what would help."""
    from pipeline.core.tune import FEW

    others = len(tuning.relevant) + len(tuning.unmarked)
    if len(tuning.not_relevant) < 2:
        return "one false alert shows no pattern: mark others like it"
    if others < FEW:
        return f"there must be {FEW} other alerts to tell the false ones from; there are {others}"
    if tuning.withheld:
        return "nothing else is proposed"
    return "no word or phrase tells the false alerts from the others: mark more of both, and ask again"


def _titles(heading: str, cases: Sequence[Case]) -> None:
    for case in cases[:_TITLES]:
        print(f"    {heading}: {case.alert_id} {output.printable(case.title)}")
    if len(cases) > _TITLES:
        print(f"    {heading}: {len(cases) - _TITLES} more")


def _as_json(row: SubscriptionRow, found: Tuned) -> dict[str, Any]:
    tuning = found.tuning
    archive = found.archive
    return {
        "subscription": row.name,
        "query": row.query,
        "not_relevant": len(tuning.not_relevant),
        "relevant": len(tuning.relevant),
        "unmarked": len(tuning.unmarked),
        "strays": tuning.strays,
        "cautious": tuning.cautious,
        "proposals": list(map(_proposal, tuning.proposals)),
        "withheld": list(map(_proposal, tuning.withheld)),
        "new_query": None if tuning.query is None else tuning.query.text,
        "effect": _effect(tuning.effect),
        "archive": None
        if archive is None or archive.against is None
        else {"days": len(archive.days) - 1, "before": archive.against.alerts, "after": archive.alerts},
    }


def _proposal(proposal: Proposal) -> dict[str, Any]:
    return {"term": proposal.term, **_effect(proposal.effect)}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "takes": list(map(_case, effect.not_relevant)),
        "loses_relevant": list(map(_case, effect.relevant)),
        "loses_unmarked": list(map(_case, effect.unmarked)),
    }


def _case(case: Case) -> dict[str, Any]:
    return {"alert_id": case.alert_id, "title": case.title}
