"""The outlets' web pages: reports amid what surrounds them on a real page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from workers.demo.edition import Item, Outlet

# Headlines of other reports stand on every page.  They hold watched words, and
# must not ring: a report is what its own paragraphs say.
MOST_READ = (
    "Invasion fears empty the shelves: what people buy first",
    "Sanctions explained in ninety seconds",
    "Ten islands that nobody has heard of",
)
SECTIONS = ("World", "Business", "Sport", "Weather", "Opinion")


def article(item: Item, others: Sequence[Item]) -> str:
    """The page of a report; ``others`` are linked beside it."""
    outlet = item.outlet
    paragraphs = [f"<p>{escape(text)}</p>" for text in item.text.paragraphs]
    middle = len(paragraphs) // 2
    advert = f'<aside class="advert"><p>Advertisement</p><p>{escape(outlet.advert)}</p></aside>'
    body = "\n      ".join([*paragraphs[:middle], advert, *paragraphs[middle:]])
    return _page(
        outlet,
        item.text.title,
        f"""<main>
    <article>
      <h1>{escape(item.text.title)}</h1>
      <p class="standfirst">{escape(item.text.summary)}</p>
      {body}
    </article>
  </main>
  <aside class="related">
    <h2>Related</h2>
    {_links(others)}
    <h2>Most read</h2>
    <ol>{"".join(f"<li><a href='#'>{escape(text)}</a></li>" for text in MOST_READ)}</ol>
  </aside>""",
    )


def front(outlet: Outlet, items: Sequence[Item]) -> str:
    """An outlet's front page, which lists what it has published."""
    return _page(outlet, outlet.name, f"<main>{_links(items)}</main>")


def kiosk(outlets: Sequence[Outlet]) -> str:
    """The site's root: all the outlets with their feeds."""
    rows = "".join(
        f'<li><a href="/{outlet.key}/">{escape(outlet.name)}</a> (<a href="{outlet.feed_path}">feed</a>)</li>'
        for outlet in outlets
    )
    return f"<!doctype html><html lang='en'><title>News of the day</title><ul>{rows}</ul></html>"


def _links(items: Sequence[Item]) -> str:
    rows = "".join(f'<li><a href="{item.page_path}">{escape(item.text.title)}</a></li>' for item in items)
    return f"<ul>{rows}</ul>"


def _page(outlet: Outlet, title: str, content: str) -> str:
    sections = "".join(f'<li><a href="/{outlet.key}/#{name.lower()}">{name}</a></li>' for name in SECTIONS)
    name = escape(outlet.name)
    links = "".join(f' <a href="#">{text}</a>' for text in ("Imprint", "Privacy", "Contact"))
    return f"""<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>{escape(title)} - {name}</title>
  <link rel="alternate" href="{outlet.feed_path}" title="{name}">
</head>
<body>
  <header><a href="/{outlet.key}/">{name}</a><p>{escape(outlet.strapline)}</p></header>
  <nav><ul>{sections}</ul></nav>
  {content}
  <footer><p>{name}. All rights reserved.{links}</p></footer>
</body>
</html>
"""
