"""The full-text index over our own analyser's terms: one way in on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any as Anything
from typing import NamedTuple

from sqlalchemy import ColumnElement, column, literal_column, select, table, text

from pipeline.core.query import All, Any, Everything, Narrow, Term
from pipeline.store.engine import Tx
from pipeline.store.sql import chunks
from pipeline.store.tables import articles

#: An index entry on PostgreSQL must stay under 1 MB, and a lexeme under 2 KB; so much is kept.
_LEXEMES_BYTES = 800_000
_LEXEME_CHARS = 500
#: Of a character in UTF-8, at most.
_BYTES_PER_CHAR = 4
#: What PostgreSQL adds to each lexeme, at most.
_LEXEME_EXTRA = 8

_JOINED = str.maketrans({"'": "_", '"': "_"})
_QUERIED = str.maketrans(dict.fromkeys("'\" \t\n\r\f\v", "_"))


class _Language(NamedTuple):
    """How an index is asked: its two operators, a word and a prefix, and how their text is escaped."""

    both: str
    either: str
    word: str
    prefix: str
    escape: Callable[[str], str]


#: A query for the index as text; None narrows nothing, "" finds nothing.
_Condition = str | None


def put(tx: Tx, terms: Mapping[int, Iterable[str]], *, new: bool) -> None:
    """Index articles by id; ``new`` says that none of them is indexed yet."""
    if not terms:
        return
    if not new:
        remove(tx, list(terms))
    if tx.sqlite:
        tx.connection.exec_driver_sql(
            "INSERT INTO article_index (rowid, terms) VALUES (?, ?)",
            [(id_, " ".join(words).translate(_JOINED)) for id_, words in terms.items()],
        )
        return
    tx.connection.exec_driver_sql(
        # One text is bound far more quickly than an array of hundreds.
        "INSERT INTO article_index (article_id, terms) "
        "VALUES (%s, array_to_tsvector(string_to_array(%s, ' ')))",
        [(id_, _lexemes(words)) for id_, words in terms.items()],
    )


def remove(tx: Tx, ids: Iterable[int]) -> None:
    """Take articles out of the index."""
    key = "rowid" if tx.sqlite else "article_id"
    tx.many(text(f"DELETE FROM article_index WHERE {key} = :id"), [{"id": id_} for id_ in sorted(ids)])  # noqa: S608


def candidates(
    tx: Tx, narrow: Narrow, *, limit: int | None, before_id: int | None = None, since: datetime | None = None
) -> list[int]:
    """Ids of articles that may match, the newest first; the matcher decides.

    ``before_id`` goes on from the last id of an earlier call; ``since`` is the
    earliest first-seen time.
    """
    condition = _sqlite(narrow) if tx.sqlite else _postgresql(narrow)
    if condition == "":
        return []
    params: dict[str, Anything] = {}
    found: Anything = articles.c.id
    statement = select(found)
    if condition is not None:
        key: ColumnElement[int] = literal_column(
            "article_index.rowid" if tx.sqlite else "article_index.article_id"
        )
        match = (
            "article_index MATCH :query" if tx.sqlite else "article_index.terms @@ CAST(:query AS tsquery)"
        )
        found = key
        index = table("article_index", column("terms"))
        statement = select(found).select_from(index).where(text(match))
        params["query"] = condition
        if since is not None:
            statement = statement.join(articles, articles.c.id == key)
    if before_id is not None:
        statement = statement.where(found < before_id)
    if since is not None:
        statement = statement.where(articles.c.first_seen_at >= since)
    return list(tx.execute(statement.order_by(found.desc()).limit(limit), params).scalars())


def missing(tx: Tx, ids: Iterable[int]) -> set[int]:
    """Those of ``ids`` that are not in the index."""
    wanted = set(ids)
    key: ColumnElement[int] = literal_column("rowid" if tx.sqlite else "article_id")
    for part in chunks(sorted(wanted)):
        found = select(key).select_from(table("article_index")).where(key.in_(part))
        wanted.difference_update(tx.execute(found).scalars())
    return wanted


def _lexemes(words: Iterable[str]) -> str:
    """``words`` joined by blanks, as far as PostgreSQL takes them."""
    listed = [word for word in words if 0 < len(word) <= _LEXEME_CHARS]
    joined = " ".join(listed)
    room = _LEXEMES_BYTES - len(listed) * _LEXEME_EXTRA
    if len(joined) * _BYTES_PER_CHAR <= room:
        return joined
    kept: list[str] = []
    room = _LEXEMES_BYTES
    for word in listed:
        room -= len(word.encode()) + _LEXEME_EXTRA
        if room < 0:
            break
        kept.append(word)
    return " ".join(kept)


def _sqlite(narrow: Narrow) -> _Condition:
    return _render(
        narrow, _Language(" AND ", " OR ", '"{}"', '"{}" *', lambda form: form.translate(_QUERIED))
    )


def _postgresql(narrow: Narrow) -> _Condition:
    def escaped(form: str) -> str:
        return form.replace("\\", "\\\\").replace("'", "''")

    return _render(narrow, _Language(" & ", " | ", "'{}'", "'{}':*", escaped))


def _render(narrow: Narrow, to: _Language) -> _Condition:
    """The narrowing in an index's own language."""
    match narrow:
        case Everything():
            return None
        case Term(forms, prefixes):
            words = [to.word.format(to.escape(form)) for form in sorted(forms) if form]
            words += [to.prefix.format(to.escape(prefix)) for prefix in sorted(prefixes) if prefix]
            return _joined(words, to.either)
        case All(parts):
            kept = [one for part in parts if (one := _render(part, to)) is not None]
            if not kept:
                return None
            return "" if "" in kept else _joined(kept, to.both)
        case Any(parts):
            listed = [_render(part, to) for part in parts]
            if None in listed:
                return None
            return _joined([one for one in listed if one], to.either)


def _joined(parts: list[str], operator: str) -> str:
    return parts[0] if len(parts) == 1 else f"({operator.join(parts)})" if parts else ""
