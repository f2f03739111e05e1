"""Where feeds usually are, on sites that link to none."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from pipeline.core.discover.candidate import Candidate, How

# What blogs, shops and site generators use, the most usual first.
_NAMES = ("feed", "rss", "rss.xml", "atom.xml", "feed.xml", "index.xml", "feed.json")


def usual(url: str) -> tuple[Candidate, ...]:
    """The addresses to try for the page at ``url``, in order: those in its folder, then those of the site."""
    parts = urlsplit(url)
    folder = parts.path.rpartition("/")[0]
    folders = dict.fromkeys((folder, ""))
    return tuple(
        Candidate(url=urlunsplit((parts.scheme, parts.netloc, f"{place}/{name}", "", "")), how=How.USUAL)
        for place in folders
        for name in _NAMES
    )
