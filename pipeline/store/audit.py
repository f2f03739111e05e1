"""The account: what came in is what is kept, row by row."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from pipeline.store import search
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that does not add up."""

    table: str
    id: int
    sentence: str


#: So many faults of one kind are named; more would say no more.
LIMIT = 200

# Each: the table, what its rows lack, and a query for (id, two numbers that the sentence may name).
_RULES = (
    (
        "polls",
        "items seen are {a}, but new, known and rejected together are {b}",
        "SELECT id, seen, new + known + rejected FROM polls WHERE seen <> new + known + rejected",
    ),
    (
        "polls",
        "it brought {a} new items, but {b} are kept or were purged",
        """SELECT p.id, p.new, p.purged + count(r.id) FROM polls p
        LEFT JOIN raw_items r ON r.poll_id = p.id
        GROUP BY p.id, p.new, p.purged HAVING p.new <> p.purged + count(r.id)""",
    ),
    (
        "raw_items",
        "it held {a} entries, but articles, updates, duplicates and dead ones together are {b}",
        """SELECT id, entries, articles + updates + duplicates + dead FROM raw_items
        WHERE entries <> articles + updates + duplicates + dead""",
    ),
    (
        "raw_items",
        "it says that {a} articles came of it, but there are {b}",
        """SELECT r.id, r.articles, count(a.id) FROM raw_items r
        LEFT JOIN articles a ON a.raw_item_id = r.id
        GROUP BY r.id, r.articles HAVING r.articles <> count(a.id)""",
    ),
    (
        "raw_items",
        "it says that {a} updates came of it, but there are {b} versions",
        """SELECT r.id, r.updates, count(v.id) FROM raw_items r
        LEFT JOIN revisions v ON v.raw_item_id = r.id
        GROUP BY r.id, r.updates HAVING r.updates <> count(v.id)""",
    ),
    (
        "raw_items",
        "it is dead, but no dead letter names it",
        """SELECT r.id, 0, 0 FROM raw_items r WHERE r.state = 'dead' AND NOT EXISTS (
            SELECT 1 FROM dead_letters d WHERE d.stage = 'ingest' AND d.ref_id = r.id)""",
    ),
    (
        "articles",
        "no feed lists it",
        """SELECT a.id, 0, 0 FROM articles a
        WHERE NOT EXISTS (SELECT 1 FROM article_feeds f WHERE f.article_id = a.id)""",
    ),
    (
        "articles",
        "no entry of its feed leads to it, so it would come back as new",
        """SELECT a.id, 0, 0 FROM articles a WHERE NOT EXISTS (
            SELECT 1 FROM entries e WHERE e.feed_id = a.feed_id AND e.article_id = a.id)""",
    ),
    (
        "stories",
        "it counts {a} articles, but has {b}",
        """SELECT s.id, s.article_count, count(a.id) FROM stories s
        LEFT JOIN articles a ON a.story_id = s.id
        GROUP BY s.id, s.article_count HAVING s.article_count <> count(a.id)""",
    ),
    (
        "stories",
        "it counts {a} sources, but has {b}",
        """SELECT s.id, s.source_count, count(DISTINCT f.host) FROM stories s
        LEFT JOIN articles a ON a.story_id = s.id
        LEFT JOIN article_feeds l ON l.article_id = a.id
        LEFT JOIN feeds f ON f.id = l.feed_id
        GROUP BY s.id, s.source_count HAVING s.source_count <> count(DISTINCT f.host)""",
    ),
    (
        "articles",
        "it should say how like the text is that it is a copy of, if it is one",
        """SELECT id, 0, 0 FROM articles WHERE (story_reason = 'similarity') <> (similarity IS NOT NULL)""",
    ),
    (
        "stories",
        "{a} articles say that they founded it",
        """SELECT story_id, count(*), 0 FROM articles WHERE story_reason = 'founder'
        GROUP BY story_id HAVING count(*) > 1""",
    ),
    (
        "story_links",
        "it should lead to a younger story, but leads to {a}",
        "SELECT story_id, other_id, 0 FROM story_links WHERE other_id <= story_id",
    ),
    (
        "copy_keys",
        "it leads to article {a}, which is gone",
        """SELECT k.key, k.article_id, 0 FROM copy_keys k
        WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = k.article_id)""",
    ),
    (
        "stories",
        "it is of no event",
        "SELECT id, 0, 0 FROM stories WHERE event_id = 0",
    ),
    (
        "stories",
        "it is of event {a}, whose first story is of event {b}",
        """SELECT s.id, s.event_id, e.event_id FROM stories s JOIN stories e ON e.id = s.event_id
        WHERE e.event_id <> s.event_id""",
    ),
    (
        "tellings",
        "no key leads to it",
        """SELECT t.story_id, 0, 0 FROM tellings t
        WHERE NOT EXISTS (SELECT 1 FROM event_keys k WHERE k.story_id = t.story_id)""",
    ),
    (
        "event_keys",
        "a key leads to it, but what it tells is not kept",
        """SELECT DISTINCT k.story_id, 0, 0 FROM event_keys k
        WHERE NOT EXISTS (SELECT 1 FROM tellings t WHERE t.story_id = k.story_id)""",
    ),
    (
        "alerts",
        "it was to go to {a} channels, but has {b} deliveries",
        """SELECT a.id, a.channels, count(d.id) FROM alerts a LEFT JOIN deliveries d ON d.alert_id = a.id
        GROUP BY a.id, a.channels HAVING a.channels <> count(d.id)""",
    ),
    (
        "alerts",
        "it tells of story {a}, but its article is of story {b}",
        """SELECT a.id, a.story_id, r.story_id FROM alerts a JOIN articles r ON r.id = a.article_id
        WHERE r.story_id <> a.story_id""",
    ),
    (
        "alerts",
        "it is backlog, but has {b} deliveries",
        """SELECT a.id, 0, count(d.id) FROM alerts a JOIN deliveries d ON d.alert_id = a.id
        WHERE a.backlog GROUP BY a.id""",
    ),
    (
        "alerts",
        "it is neither sent, nor held, nor in a digest, nor backlog",
        """SELECT id, 0, 0 FROM alerts WHERE disposition NOT IN ('sent', 'held', 'digest', 'backlog')
            OR backlog <> (disposition = 'backlog')""",
    ),
    (
        "alerts",
        "it is held, but nothing says why, or it has {b} deliveries",
        """SELECT a.id, 0, count(d.id) FROM alerts a LEFT JOIN deliveries d ON d.alert_id = a.id
        WHERE a.disposition = 'held' GROUP BY a.id, a.held_because
        HAVING a.held_because = '' OR count(d.id) > 0""",
    ),
    (
        "alerts",
        "it was told in a digest, but not in one of its subscription's",
        """SELECT a.id, 0, 0 FROM alerts a LEFT JOIN digests g ON g.id = a.digest_id
        WHERE (a.disposition = 'digest') <> (g.id IS NOT NULL) OR g.subscription_id <> a.subscription_id""",
    ),
    (
        "digests",
        "it counts {a} alerts, but has {b}",
        """SELECT g.id, g.alerts, count(a.id) FROM digests g LEFT JOIN alerts a ON a.digest_id = g.id
        GROUP BY g.id, g.alerts HAVING g.alerts <> count(a.id)""",
    ),
    (
        "digests",
        "it was to go to {a} channels, but has {b} deliveries",
        """SELECT g.id, g.channels, count(d.id) FROM digests g LEFT JOIN deliveries d ON d.digest_id = g.id
        GROUP BY g.id, g.channels HAVING g.channels <> count(d.id)""",
    ),
    (
        "deliveries",
        "it tells of {a} things",
        """SELECT id, told, 0 FROM (
            SELECT id, (CASE WHEN alert_id IS NULL THEN 0 ELSE 1 END)
                + (CASE WHEN notice_id IS NULL THEN 0 ELSE 1 END)
                + (CASE WHEN digest_id IS NULL THEN 0 ELSE 1 END)
                + (CASE WHEN update_id IS NULL THEN 0 ELSE 1 END) AS told FROM deliveries) one
        WHERE told <> 1""",
    ),
    (
        "updates",
        "it was to go to {a} channels, but has {b} deliveries",
        """SELECT u.id, u.channels, count(d.id) FROM updates u LEFT JOIN deliveries d ON d.update_id = u.id
        GROUP BY u.id, u.channels HAVING u.channels <> count(d.id)""",
    ),
    (
        "updates",
        "its alert is of story {a}, but its article is of story {b}",
        """SELECT u.id, l.story_id, a.story_id FROM updates u JOIN alerts l ON l.id = u.alert_id
        JOIN articles a ON a.id = u.article_id WHERE a.story_id <> l.story_id""",
    ),
    (
        "updates",
        "its alert is backlog or held, but it has {b} deliveries",
        """SELECT u.id, 0, count(d.id) FROM updates u JOIN alerts l ON l.id = u.alert_id
        JOIN deliveries d ON d.update_id = u.id
        WHERE l.disposition IN ('backlog', 'held') GROUP BY u.id""",
    ),
    (
        "deliveries",
        "it says that it was delivered, but not when, or after no attempt",
        """SELECT id, 0, 0 FROM deliveries
        WHERE (state = 'delivered') <> (delivered_at IS NOT NULL)
            OR (state = 'delivered' AND attempts = 0)""",
    ),
    (
        "deliveries",
        "it is dead, but no dead letter names it",
        """SELECT d.id, 0, 0 FROM deliveries d JOIN channels c ON c.id = d.channel_id
        WHERE d.state = 'dead' AND c.state <> 'removed' AND NOT EXISTS (
            SELECT 1 FROM dead_letters l WHERE l.stage = 'deliver' AND l.ref_id = d.id)""",
    ),
    (
        "pages",
        "it is fetched, but nothing of it is kept",
        "SELECT id, 0, 0 FROM pages WHERE state = 'fetched' AND body IS NULL",
    ),
    (
        "pages",
        "it is dead, but no dead letter names it",
        """SELECT p.id, 0, 0 FROM pages p WHERE p.state = 'dead' AND NOT EXISTS (
            SELECT 1 FROM dead_letters d WHERE d.stage = 'page' AND d.ref_id = p.id)""",
    ),
)


def check(tx: Tx) -> list[Fault]:
    """Every row that does not add up, as far as ``LIMIT`` of a kind; none when all is well."""
    faults = [
        Fault(table=table, id=id_, sentence=sentence.format(a=a, b=b))
        for table, sentence, query in _RULES
        for id_, a, b in map(tuple, tx.execute(text(f"{query} ORDER BY 1 LIMIT {LIMIT}")))
    ]
    return faults + _unindexed(tx)


def _unindexed(tx: Tx) -> list[Fault]:
    ids = tx.execute(text("SELECT id FROM articles ORDER BY id")).scalars().all()
    lost = sorted(id_ for part in chunks(ids) for id_ in search.missing(tx, part))
    return [
        Fault(table="articles", id=id_, sentence="it is not in the full-text index") for id_ in lost[:LIMIT]
    ]
