"""Tune: what a subscription's marked alerts say its query should leave out, and what that would change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from pipeline.core.analyse import Analysed, analyse
from pipeline.core.match import evaluate
from pipeline.core.query import Query
from pipeline.core.tune import Case, Tuning, propose
from pipeline.flow.backtest import Backtest, backtest
from pipeline.store import alerts, articles
from pipeline.store.alerts import AlertRow
from pipeline.store.articles import ArticleRow
from pipeline.store.engine import Store
from pipeline.store.subscriptions import SubscriptionRow

#: Alerts that are learnt from: the marked ones, then the newest others.
MOST = 500
DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Tuned:
    """What was found, and the archive of the last DAYS under the new query against the old."""

    tuning: Tuning
    archive: Backtest | None  # None where nothing is proposed


def tune(
    store: Store,
    subscription: SubscriptionRow,
    *,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Tuned:
    """Propose exclusions; nothing is changed.

    ``progress`` is told how many articles of the archive of how many are read.

    Raises:
        QueryError: the query is at a limit and cannot take one more term.

    """
    tuning = propose(subscription.query, _cases(store, subscription.id), _meets)
    archive = None
    if tuning.query is not None:
        archive = backtest(
            store,
            tuning.query.text,
            days=DAYS,
            now=now,
            against=subscription.query,
            progress=progress,
        )
    return Tuned(tuning=tuning, archive=archive)


def _cases(store: Store, subscription_id: int) -> list[Case]:
    """A case for each story; where it rang twice, as backlog and live, the marked alert stands for both."""
    with store.read() as tx:
        rows: dict[int, AlertRow] = {}
        for row in alerts.judged(tx, subscription_id, limit=MOST):
            rows.setdefault(row.story_id, row)
        current = {row.id: row for row in articles.rows(tx, ids=[row.article_id for row in rows.values()])}
    return [
        Case(
            alert_id=row.id,
            title=row.title,
            relevant=row.relevant,
            texts=_versions(row, current[row.article_id]),
        )
        for row in rows.values()
    ]


def _versions(row: AlertRow, article: ArticleRow) -> tuple[Analysed, ...]:
    """The version that rang and the current one: either would ring for a query that it meets."""
    texts = {
        (row.title, row.summary, row.body): None,
        (article.title, article.summary, article.body): None,
    }
    return tuple(analyse(*text, article.language, article.about) for text in texts)


def _meets(query: Query, article: Analysed) -> bool:
    return evaluate(query, article) is not None
