"""What is known of the sites that article pages are fetched from."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, Text

from pipeline.store.tables.columns import count, maybe, metadata, moment
from pipeline.store.types import PackedText

#: What the robots.txt of an origin says to us.
robots = Table(
    "robots",
    metadata,
    Column("origin", Text, primary_key=True),  # scheme, host and port
    Column("state", Text, nullable=False),  # read, none or unreachable
    Column("lines", PackedText, nullable=False),  # of the group that is meant for us
    moment("fetched_at"),  # when the lines were
    moment("expires_at"),
    count("failures"),  # to reach it, in a row
)

#: Hosts that refuse our requests for pages, from the first refusal until a page is given again.
blocks = Table(
    "blocks",
    metadata,
    Column("host", Text, primary_key=True),
    Column("text", Text, nullable=False),  # how it refused last
    moment("since"),
    moment("last_at"),
    Column("refusals", Integer, nullable=False),  # in a row
    Column("rests", Integer, nullable=False),  # how often it was left alone
    maybe("until"),  # it is left alone; None before the first rest
)
