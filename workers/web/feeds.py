"""Feeds and how they fare: a page for people, and the same for programs."""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from werkzeug.wrappers import Response

from pipeline.core.rhythm import SILENT
from pipeline.store import feeds, warnings
from pipeline.store.feeds import FeedRow
from pipeline.store.warnings import Warned
from workers import lists, rows
from workers.context import Context
from workers.web.arguments import flag, limit, number

#: Feeds on a page.
ON_PAGE = 100


def for_people(pages: Blueprint, context: Context) -> None:
    """``/feeds``: all of them, or those that fail or are silent, by id."""

    @pages.get("/feeds", endpoint="feeds")
    def list_feeds() -> str:
        only = request.args.get("only", "")
        found, warned = _look(context, failing=only == "failing", silent=only == SILENT, most=ON_PAGE + 1)
        return render_template(
            "feeds.html",
            feeds=[(row, rows.pace(row), warned.get(row.id, ())) for row in found[:ON_PAGE]],
            only=only,
            after=found[ON_PAGE - 1].id if len(found) > ON_PAGE else None,
        )


def for_programs(api: Blueprint, context: Context) -> None:
    """``/feeds`` and ``/feeds.opml``.

    ``limit`` feeds by id behind ``after``, with ``failing`` or ``silent`` those only;
    and as a list that every reader takes, with ``tag`` those that have one of the tags.
    """

    @api.get("/feeds")
    def list_feeds() -> Response:
        found, warned = _look(
            context, failing=bool(flag("failing")), silent=bool(flag("silent")), most=limit()
        )
        listed = [
            {**rows.feed(row), "warnings": [rows.warning(one) for one in warned.get(row.id, ())]}
            for row in found
        ]
        return jsonify(feeds=listed)

    @api.get("/feeds.opml")
    def export_feeds() -> Response:
        with context.store.read() as tx:
            found = lists.tagged(feeds.rows(tx), request.args.getlist("tag"))
        return Response(
            lists.written(found, now=context.clock()),
            mimetype="text/x-opml",
            headers={"Content-Disposition": 'attachment; filename="feeds.opml"'},
        )


def _look(
    context: Context, *, failing: bool, silent: bool, most: int
) -> tuple[list[FeedRow], dict[int, list[Warned]]]:
    after = number("after") or 0
    with context.store.read() as tx:
        found = feeds.rows(tx, failing=failing, silent=silent, limit=most, after_id=after)
        return found, warnings.of(tx, [row.id for row in found])
