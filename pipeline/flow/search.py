"""Search: the full-text index narrows, the matcher decides; the same matcher that rings."""

from __future__ import annotations

from datetime import datetime

from pipeline.core.analyse import analyse
from pipeline.core.match import evaluate
from pipeline.core.model import Match
from pipeline.core.query import narrowing, parse
from pipeline.store import articles
from pipeline.store import search as index
from pipeline.store.articles import ArticleRow
from pipeline.store.engine import Store

#: Candidates that one look at the index brings.
STEP = 200


def search(
    store: Store, text: str, *, limit: int, since: datetime | None = None
) -> list[tuple[ArticleRow, tuple[Match, ...]]]:
    """The newest ``limit`` articles that the query meets, each with where.

    Raises:
        QueryError: the query is wrong.

    """
    query = parse(text)
    found: list[tuple[ArticleRow, tuple[Match, ...]]] = []
    before: int | None = None
    with store.read() as tx:
        narrow = narrowing(query, articles.languages(tx))
        while len(found) < limit:
            ids = index.candidates(tx, narrow, limit=STEP, before_id=before, since=since)
            for row in articles.rows(tx, ids=ids):
                matches = evaluate(query, analyse(row.title, row.summary, row.body, row.language, row.about))
                if matches is not None:
                    found.append((row, matches))
            if len(ids) < STEP:
                break
            before = ids[-1]
    return found[:limit]
