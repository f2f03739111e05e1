"""Pages of many makes around invented articles: what is article in them, and what is furniture.

The layouts are built as their makers build pages: templates of news systems,
blogs, agencies, authorities, and pages of other times and scripts.  In their
HTML all that is no article stands between ``⟦`` and ``⟧``, where it would be
seen as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.layouts.texts import Story

_FURNITURE = re.compile("⟦(.*?)⟧", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Layout:
    """A page: its bytes, whose article it prints, and what must not be taken for that."""

    name: str
    story: Story
    html: bytes
    furniture: tuple[str, ...]
    content_type: str = "text/html; charset=utf-8"
    url: str = "https://www.example.com/2026/11/story-4711.html"


def layout(
    name: str,
    story: Story,
    html: str,
    *,
    encoding: str = "utf-8",
    content_type: str = "text/html; charset=utf-8",
) -> Layout:
    """The layout whose HTML is ``html`` without the marks around its furniture."""
    furniture = tuple(" ".join(one.split()) for one in _FURNITURE.findall(html))
    bare = html.replace("⟦", "").replace("⟧", "")
    return Layout(name, story, bare.encode(encoding, "xmlcharrefreplace"), furniture, content_type)
