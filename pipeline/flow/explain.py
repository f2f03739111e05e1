"""Explain: one query against one article of the archive, clause by clause."""

from __future__ import annotations

from pipeline.core import urls
from pipeline.core.analyse import analyse
from pipeline.core.errors import NotFoundError
from pipeline.core.match import Explanation
from pipeline.core.match import explain as explain_text
from pipeline.core.query import parse
from pipeline.store import articles
from pipeline.store.articles import ArticleRow
from pipeline.store.engine import Store
from pipeline.store.sql import number


def explain(store: Store, text: str, ref: str) -> tuple[ArticleRow, Explanation]:
    """Why a query meets the stored article with this address or id, or why not.

    Raises:
        QueryError: the query is wrong.
        NotFoundError: there is no such article.

    """
    query = parse(text)
    with store.read() as tx:
        id_ = number(ref)
        found = articles.by_url(tx, urls.key(ref)) if id_ is None else articles.row(tx, id_)
    if found is None:
        raise NotFoundError(
            f"no article is stored for {ref}: `./run articles search` finds others, --text explains any text"
        )
    analysed = analyse(found.title, found.summary, found.body, found.language, found.about)
    return found, explain_text(query, analysed)
