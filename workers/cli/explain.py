"""``./run subscriptions explain``: why a query meets an article, clause by clause, or what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipeline.core.errors import UsageError
from workers import rows
from workers.cli import output, session, subscriptions
from workers.cli.output import Json

if TYPE_CHECKING:
    from pipeline.core.match import Clause

#: Places that are shown of one clause.
_PLACES = 3


Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="This subscription's query.")]
Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="A stored article's address or id.")]
Given = Annotated[str | None, typer.Option("--text", metavar="TEXT", help="Any text; - reads stdin.")]
Title = Annotated[str, typer.Option("--title", help="The headline over --text.")]
Language = Annotated[str | None, typer.Option("--language", metavar="CODE", help="That of --text.")]


def explain(
    query: Annotated[str | None, typer.Argument(metavar="QUERY")] = None,
    name: Name = None,
    url: Url = None,
    text: Given = None,
    title: Title = "",
    language: Language = None,
    json: Json = False,
) -> None:
    """Explain why a query rings for an article or a text, or why it does not."""
    from pipeline import flow
    from pipeline.core.analyse import analyse, spoken
    from pipeline.core.match import explain as explain_text
    from pipeline.core.query import parse

    if (query is None) == (name is None) or (url is None) == (text is None):
        raise UsageError("give a QUERY or --name NAME, and either --url URL or --text TEXT")
    with session.store() as store:
        if name is not None:
            with store.read() as tx:
                query = subscriptions.find(tx, name).query
        assert query is not None, "one of the two is given"
        if url is not None:
            article, found = flow.explain(store, query, url)
            about: dict[str, Any] | None = rows.article(article)
        else:
            read = session.typed(lambda stdin: stdin.read()) if text == "-" else text or ""
            tongue = spoken(f"{title} {read}", language)
            found = explain_text(parse(query), analyse(title, "", read, tongue))
            about = None
    if json:
        shown = {"query": query, "met": found.met, "nearest": found.nearest, "clause": _as_json(found.root)}
        output.record({**shown, "article": about}, as_json=True)
        return
    if about is not None:
        output.say(f"article {about['id']}: {about['title']}")
    _show(found.root, depth=0)
    output.say("it rings" if found.met else f"it does not ring: {found.nearest}")


def _show(clause: Clause, *, depth: int) -> None:
    names = {"all": "all of", "any": "any of", "not": f"not {clause.text}", "term": clause.text}
    line = f"{'yes' if clause.met else 'no':<4}{'  ' * depth}{output.printable(names[clause.kind])}"
    where = [f"{one.field} {one.start}-{one.end}: {one.context}" for one in clause.places[:_PLACES]]
    print(line)
    for one in where:
        print(f"    {'  ' * (depth + 2)}{output.printable(one)}")
    for part in clause.parts:
        _show(part, depth=depth + 1)


def _as_json(clause: Clause) -> dict[str, Any]:
    return {
        "kind": clause.kind,
        "text": clause.text,
        "met": clause.met,
        "places": [one.as_json() for one in clause.places],
        "parts": list(map(_as_json, clause.parts)),
    }
