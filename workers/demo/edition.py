"""What the demo's outlets publish on its news day, and for whom the bell should ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

NEWS = Path(__file__).parent / "news"
DAWN = 6 * 60  # first and last minute of the news day, counted from midnight
DUSK = 22 * 60

# Name and query of each subscription; items in day.yaml name them under "rings".
SUBSCRIPTIONS: Mapping[str, str] = {
    "invasion": 'invasion NOT "home invasion"',
    "sanctions": "sanction",
    "security talks": '"security talks" AND Russia',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """An invented publisher with one feed; ``format`` is ``rss``, ``atom`` or ``json``."""

    key: str
    name: str
    format: str
    strapline: str
    advert: str
    tracking: str  # query string that its feed appends to each link, "" for none

    @property
    def feed_path(self) -> str:
        return f"/{self.key}/feed.{'json' if self.format == 'json' else 'xml'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A report: what the feed carries of it, and the paragraphs of its page."""

    title: str
    summary: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Item:
    """One act of publishing: a new report, a copy of one, or a correction."""

    outlet: Outlet
    text: Text
    minute: int  # of the news day, counted from midnight
    days_before: int  # 0 on the news day itself
    page_path: str  # address of its page, without tracking; another outlet's for a mere link
    guid: str
    story: str  # equal for a report, its copies and its corrections
    rings: Mapping[str, str]  # subscription -> "summary" or "page"
    silent: str  # why nobody is told, "" when somebody is
    corrected: bool  # replaces an earlier item with the same guid
    owns_page: bool  # its page is put up with it; False for a mere link


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The whole news day; ``items`` in the order of publication."""

    outlets: tuple[Outlet, ...]
    items: tuple[Item, ...]

    @property
    def before(self) -> tuple[Item, ...]:
        """What lies in the feeds when the day begins."""
        return tuple(item for item in self.items if item.days_before)

    @property
    def today(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if not item.days_before)


def load(folder: Path = NEWS) -> Edition:
    """Read ``day.yaml`` and the texts it names; KeyError or OSError where it is wrong."""
    day = yaml.safe_load((folder / "day.yaml").read_text(encoding="utf-8"))
    outlets = {key: _outlet(key, entry) for key, entry in day["outlets"].items()}
    first: dict[str, Item] = {}
    items = []
    for entry in day["items"]:
        item = _item(entry, outlets[entry["outlet"]], first, folder)
        first.setdefault(entry["text"], item)
        items.append(item)
    items.sort(key=lambda item: (-item.days_before, item.minute))
    return Edition(outlets=tuple(outlets.values()), items=tuple(items))


def read(name: str, folder: Path = NEWS) -> Text:
    """The report in ``name``.txt: headline, summary, paragraphs."""
    title, summary, *paragraphs = _blocks(folder / f"{name}.txt")
    return Text(title=title, summary=summary, paragraphs=tuple(paragraphs))


def _outlet(key: str, entry: Mapping[str, str]) -> Outlet:
    return Outlet(
        key=key,
        name=entry["name"],
        format=entry["format"],
        strapline=entry["strapline"],
        advert=entry["advert"],
        tracking=entry.get("tracking", ""),
    )


def _item(entry: Mapping[str, Any], outlet: Outlet, first: Mapping[str, Item], folder: Path) -> Item:
    name: str = entry["text"]
    text = read(name, folder)
    more = [block for part in entry["more"] for block in _blocks(folder / f"background-{part}.txt")]
    corrects, links, copies = (first.get(entry.get(key, "")) for key in ("corrects", "links", "copies"))
    same_page = corrects or links
    same_story = same_page or copies
    hours, minutes = entry["at"].split(":")
    path = f"/{outlet.key}/{name}.html"
    return Item(
        outlet=outlet,
        text=Text(title=text.title, summary=text.summary, paragraphs=(*text.paragraphs, *more)),
        minute=int(hours) * 60 + int(minutes),
        days_before=entry.get("days_before", 0),
        page_path=same_page.page_path if same_page else path,
        guid=corrects.guid if corrects else f"tag:{outlet.key}.example,2026:{name}",
        story=same_story.story if same_story else name,
        rings=entry.get("rings", {}),
        silent=entry.get("silent", ""),
        corrected=corrects is not None,
        owns_page=links is None,
    )


def _blocks(path: Path) -> list[str]:
    return [" ".join(block.split()) for block in path.read_text(encoding="utf-8").split("\n\n")]
