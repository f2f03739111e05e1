"""``./run articles``: what was stored, and the search in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workers import rows
from workers.cli import output, session
from workers.cli.output import Column, Json, Limit

if TYPE_CHECKING:
    from pipeline.core.model import Match
    from pipeline.store.articles import ArticleRow

app = typer.Typer(help="Articles: what was stored.", no_args_is_help=True, rich_markup_mode=None)

COLUMNS = (
    Column("id", "id", "right"),
    Column("first seen (UTC)", "first_seen_at", moment=True),
    Column("title", "title", wide=True),
    Column("feeds", "feeds", wide=True, spare=True),
)
FOUND_COLUMNS = (*COLUMNS[:3], Column("where", "where", wide=True))


@app.command("list")
def list_(json: Json = False, limit: Limit = None) -> None:
    """List the articles, newest first."""
    from pipeline.store import articles

    with session.store() as store, store.read() as tx:
        found = output.paged(
            lambda before, size: articles.rows(tx, before_id=before, limit=size),
            limit or (None if json else output.TABLE_ROWS),
        )
        output.rows(
            map(rows.article if json else _shown, found), COLUMNS, as_json=json, empty="no articles yet"
        )


@app.command("search")
def search(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="As a subscription's query.")],
    json: Json = False,
    limit: Limit = None,
) -> None:
    """Search the articles with a query, newest first: it finds what a subscription would ring for."""
    from pipeline import flow

    with session.context("search") as context:
        found = flow.search(context.store, query, limit=limit or (10**9 if json else output.TABLE_ROWS))
    output.rows(
        (_found(article, matches) for article, matches in found),
        FOUND_COLUMNS,
        as_json=json,
        empty="no article meets the query",
    )


@app.command("show")
def show(id_: Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1)], json: Json = False) -> None:
    """Show one article with its text."""
    from pipeline.store import articles

    with session.store() as store, store.read() as tx:
        article = articles.row(tx, id_)
    if json:
        output.record({**rows.article(article), "body": article.body, "html": article.html}, as_json=True)
    else:
        output.record({**_shown(article), "body": article.body}, as_json=False)


def _found(row: ArticleRow, matches: tuple[Match, ...]) -> dict[str, Any]:
    return {
        **rows.article(row),
        "matches": [one.as_json() for one in matches],
        "where": matches[0].context if matches else "",
    }


def _shown(row: ArticleRow) -> dict[str, Any]:
    return {**rows.article(row), "feeds": [one.title or one.url for one in row.feeds]}
