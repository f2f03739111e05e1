"""The XML of a list, read as strictly as any and mended where careless writers are known to err."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from config.opml.outline import clean
from pipeline.core.errors import UsageError

MAX_BYTES = 10_000_000
MAX_TAGS = 100_000
MAX_ATTRIBUTES = 100  # of one element: reading them takes time that grows with the square of their number

_TAG = re.compile(
    rb"<outline\b(?:(?!<outline\b).){0,20000}?>(?=\s*<(?:/?outline\b|/body\b|!--))", re.IGNORECASE | re.DOTALL
)
_NAME = (
    rb"(?:text|title|description|type|version|language|category|created|xmlurl|htmlurl|url|interval|fulltext)"
)
_END = rb'"(?=\s+%s\s*=\s*"|\s*/?>\Z)' % _NAME  # the quote after which the tag goes on or ends
# No possessive group: before 3.11.5 Python gives up where it should take less (python/cpython#106052).
_ATTRIBUTE = re.compile(
    rb'(?<=\s)(%s)\s*=\s*"([^"]*+(?:(?!%s)"[^"]*+)*)%s' % (_NAME, _END, _END), re.IGNORECASE
)
_MAX_QUOTES = 4 * MAX_ATTRIBUTES  # of a tag: those of its attributes, and as many inside them
_BARE_AMPERSAND = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
_ENTITIES = "the OPML file declares entities, which no feed list needs; it is not read"


def root(data: bytes) -> etree._Element:
    """The ``<opml>`` element.

    Raises:
        UsageError: it is no OPML, is cut short or otherwise broken, or is too large.

    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"the OPML file is larger than {MAX_BYTES // 1_000_000} MB")
    if data.count(b"<") > MAX_TAGS:
        raise UsageError(f"the OPML file has more than {MAX_TAGS} tags; import it in parts")
    data = data.removeprefix(codecs.BOM_UTF8).lstrip()
    if not data:
        raise UsageError("the OPML file is empty")
    if b"<!ENTITY" in data:
        raise UsageError(_ENTITIES)
    try:
        found = _parsed(data)
    except etree.XMLSyntaxError as exc:
        try:
            found = _parsed(_mended(data))
        except etree.XMLSyntaxError:
            raise UsageError(f"the OPML file is broken or cut short: {clean(exc.msg)[-200:]}") from exc
    document = found.getroottree().docinfo.internalDTD
    if document is not None and any(True for _ in document.iterentities()):  # one in UTF-16, say
        raise UsageError(_ENTITIES)
    if local(found) != "opml":
        raise UsageError(f"not an OPML file: it starts with <{clean(local(found))[:40]}>")
    return found


def attributes(element: etree._Element) -> dict[str, str]:
    """An element's attributes, each on one line, by name in lower case: writers do not agree on it.

    Raises:
        UsageError: there are more of them than any writer needs.

    """
    if len(element.attrib) > MAX_ATTRIBUTES:
        raise UsageError(
            f"line {element.sourceline} of the OPML file has an element of over {MAX_ATTRIBUTES} attributes"
        )
    return {str(name).lower(): clean(str(value)) for name, value in reversed(element.attrib.items())}


def local(element: etree._Element) -> str:
    """An element's name in lower case, without its namespace; "" for a comment."""
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(data, parser)


def _mended(data: bytes) -> bytes:
    """The text with the marks escaped that careless writers leave as they are in attributes.

    Published lists have ``&`` in addresses, quotes and tags in titles.  The result is
    parsed as strictly as any: a file cut short stays broken.
    """

    def escaped(found: re.Match[bytes]) -> bytes:
        value = _BARE_AMPERSAND.sub(b"&amp;", found[2]).replace(b'"', b"&quot;").replace(b"<", b"&lt;")
        return found[1] + b'="' + value + b'"'

    def mended(tag: re.Match[bytes]) -> bytes:
        return tag[0] if tag[0].count(b'"') > _MAX_QUOTES else _ATTRIBUTE.sub(escaped, tag[0])

    return _TAG.sub(mended, data)
