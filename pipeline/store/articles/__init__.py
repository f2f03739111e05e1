"""Articles: looked up, saved with their versions and index terms, read."""

from pipeline.store.articles.draft import Plan, Saved
from pipeline.store.articles.join import join, linked
from pipeline.store.articles.known import known, standing
from pipeline.store.articles.page import Revised, apply_page
from pipeline.store.articles.rows import ArticleRow, RevisionRow, by_url, languages, revisions, row, rows
from pipeline.store.articles.save import save
from pipeline.store.articles.texts import Text, feed_listings, texts

__all__ = [
    "ArticleRow",
    "Plan",
    "Revised",
    "RevisionRow",
    "Saved",
    "Text",
    "apply_page",
    "by_url",
    "feed_listings",
    "join",
    "known",
    "languages",
    "linked",
    "revisions",
    "row",
    "rows",
    "save",
    "standing",
    "texts",
]
