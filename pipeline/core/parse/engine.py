"""feedparser's strict parser, driven by expat without the layers between.

For a small document feedparser spends most of its time around its parser: looking
for other XML libraries, wrapping attributes, guessing at dates that are not used.
Here the same parser reads a well-formed document and finds the same; whatever is
not well-formed, or declares a document type, is feedparser's own to read.
"""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

from feedparser.api import StrictFeedParser

_USERLAND = "backend.userland.com/rss"
_OWN_XMLNS = {"math": "http://www.w3.org/1998/Math/MathML", "svg": "http://www.w3.org/2000/svg"}


class Engine(StrictFeedParser):  # type: ignore[misc]
    """The strict parser with a driver of its own; ``feeddata``, ``entries``, ``version`` hold the result."""

    decls: dict[str, str]
    lang: str | None

    def __init__(self, base_url: str) -> None:
        super().__init__(base_url, None, "utf-8")
        self.resolve_relative_uris = False
        self.sanitize_html = False
        self._starts: dict[str, str] = {}  # expat's names to feedparser's
        self._ends: dict[str, str] = {}

    def run(self, body: bytes) -> bool:
        """Read the document; whether it was well-formed to its end."""
        parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.handle_data
        parser.StartNamespaceDeclHandler = self._declare
        try:
            parser.Parse(body, True)
        except expat.ExpatError:
            return False
        return True

    def _declare(self, prefix: str | None, uri: str | None) -> None:
        self._starts.clear()
        self._ends.clear()
        self.startPrefixMapping(prefix, uri)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._starts.get(name)
        if tag is None:
            tag = self._starts[name] = self._named(name, userland=True)
        fields, self.decls = self.decls, {}
        own = _OWN_XMLNS.get(tag.rpartition(":")[2])
        if own is not None and name.startswith(own):
            fields["xmlns"] = own
        for full, value in attributes.items():
            if " " in full:
                self._attribute(full, value, fields)
            else:
                fields[full.lower()] = value
        self.unknown_starttag(tag, list(fields.items()))

    def _end(self, name: str) -> None:
        tag = self._ends.get(name)
        if tag is None:
            tag = self._ends[name] = self._named(name, userland=False)
        self.unknown_endtag(tag)

    def _named(self, name: str, *, userland: bool) -> str:
        """The tag as feedparser names it: with its own prefix for a namespace that it knows."""
        namespace, local = ["", *name.split(" ")[:2]][-2:]
        if userland and _USERLAND in namespace.lower():
            namespace = f"http://{_USERLAND}"
        prefix = self._matchnamespaces.get(namespace.lower())
        if not prefix and namespace:
            known = self.namespaces_in_use.items()
            prefix = next((name for name, uri in known if name and uri == namespace), None)
        return (f"{prefix}:{local}" if prefix else local).lower()

    def _attribute(self, full: str, value: str, fields: dict[str, str]) -> None:
        namespace, local, *given = full.split(" ")
        prefix = self._matchnamespaces.get(namespace.lower(), "")
        fields[(f"{prefix}:{local}" if prefix else local).lower()] = value
        fields[(f"{given[0]}:{local}" if given else local).lower()] = value

    def push_content(self, tag: str, attrs_d: dict[str, str], default_type: str, expecting_text: int) -> None:
        """As the parser's own, with a plain dictionary, which every piece of text looks into."""
        self.incontent += 1
        if self.lang:
            self.lang = self.lang.replace("_", "-")
        kind = self.map_content_type(attrs_d.get("type", default_type))
        self.contentparams: dict[str, Any] = {"type": kind, "language": self.lang, "base": self.baseuri}
        self.contentparams["base64"] = self._is_base64(attrs_d, self.contentparams)
        self.push(tag, expecting_text)

    def _end_published(self) -> None:
        self.pop("published")

    def _end_updated(self) -> None:
        self.pop("updated")

    def _end_created(self) -> None:
        self.pop("created")

    def _end_expirationdate(self) -> None:
        self.pop("expired")

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated
