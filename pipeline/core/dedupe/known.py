"""What a batch is judged by, and what becomes of its entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipeline.core.model import Entry, Fate, KnownArticle, KnownEntry, KnownText, RawItem, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the store holds of the entries, articles and stories that a batch touches."""

    entries: Mapping[tuple[int, bytes], KnownEntry]  # (feed id, entry key)
    by_url: Mapping[bytes, KnownArticle]  # url_key
    by_id: Mapping[int, KnownArticle]  # those that ``entries`` name; a purged article is absent
    stories: Mapping[bytes, int]  # text_key: id of a story within the window
    #: Articles that entries with new names were recognised as: (feed id, entry key)
    renamed: Mapping[tuple[int, bytes], KnownArticle] = field(default_factory=dict)
    holders: Mapping[int, int] = field(default_factory=dict)  # key of a text: article that holds it
    texts: Mapping[int, KnownText] = field(default_factory=dict)  # of holders within the window, by article


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What becomes of one entry.

    ``article_id`` names the known article that it belongs to.  When that is None,
    the article is new (fate ARTICLE), or is made by the decision at index
    ``copy_of`` of the same list, which always comes earlier and is an ARTICLE.
    ``story_id`` is the known story, ``story_of`` the index of the earlier ARTICLE
    decision whose new story this one joins; when both are None an ARTICLE founds
    its story.
    """

    item: RawItem
    entry: Entry
    fate: Fate
    article_id: int | None
    story_id: int | None
    current: bool  # the entry's text becomes the article's current text
    copy_of: int | None = None
    story_of: int | None = None
    reason: Reason = Reason.FOUNDER  # why an ARTICLE is in its story
    similarity: float | None = None  # to the text that it is a copy of, 0 to 1
    holds: bool = True  # later copies of this text are to be found by its keys
