"""OPML, the format in which feed lists travel: folders become tags and tags folders, duplicates are merged.

A list may come from a stranger: no entity is expanded, nothing is loaded, and
every line that brings no feed is told with its reason.
"""

from config.opml.outline import FeedList, Outline, same
from config.opml.read import read
from config.opml.tree import MAX_BYTES
from config.opml.write import write

__all__ = ["MAX_BYTES", "FeedList", "Outline", "read", "same", "write"]
