"""Which encoding a document is in, and its text.

A byte order mark rules, then the labels: the charset of the HTTP header (RFC 7303)
and the XML declaration, UTF-8 when neither says anything.  Labels are often wrong,
but UTF-8 is hardly ever valid by accident: where any label says UTF-8, the bytes
decide.  Every encoding is taken from a list; UTF-7, which smuggles markup in ASCII,
and Python's codecs that are no charsets are not on it.
"""

from __future__ import annotations

import codecs
import re

from w3lib.encoding import resolve_encoding

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_SIGNS = (  # how "<" begins in encodings that are no superset of ASCII
    (b"<\x00\x00\x00", "utf-32-le"),
    (b"\x00\x00\x00<", "utf-32-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_SINGLE = re.compile(r"ascii|iso8859-\d+|cp125\d|cp874|cp866|koi8-[rtu]|mac-\w+")  # a byte is a character
# "<", ">", "!" and "?" mean themselves in the bytes of all these, wherever they stand.
_CUTTABLE = re.compile(_SINGLE.pattern + r"|utf-8|euc[-_]\w+|big5\w*|gb18030|cp9(32|49|50)|johab")
_ACCEPTED = re.compile(_CUTTABLE.pattern + r"|iso2022_\w+|utf-(16|32)\S*")
_DECLARED = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_ESCAPED = re.compile("[\udc80-\udcff]+")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_PROLOG = 1_024
_SAMPLE = 65_536


def labelled(head: bytes, content_type: str) -> str:
    """The encoding that marks and labels claim for a document that begins with ``head``."""
    if mark := _mark(head):
        return mark
    served = accepted(match[1]) if (match := _HEADER.search(content_type)) else ""
    found = _DECLARED.search(head, 0, _PROLOG)
    declared = accepted(found[1].decode("ascii")) if found else ""
    claims = [claim for claim in (served, declared) if claim and not claim.startswith(("utf-16", "utf-32"))]
    return "utf-8" if "utf-8" in claims or not claims else claims[0]


def accepted(label: str) -> str:
    """The charset that a label means, by Python's name; "" for what is none, or is not taken."""
    name = resolve_encoding(label) or ""
    return name if _ACCEPTED.fullmatch(name) else ""


def is_cuttable(encoding: str) -> bool:
    """Whether markup can be looked for in the bytes of a document in this encoding."""
    return _CUTTABLE.fullmatch(encoding) is not None


def is_sound(body: bytes, encoding: str) -> bool:
    """Whether the bytes bear out the encoding that their labels claim."""
    try:
        if encoding == "utf-8":
            body.decode("utf-8")
            return True
        if body.isascii():
            return True
        if _overrules(body, encoding):
            return False
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decode(body: bytes, content_type: str) -> str:
    """The text of a document, without byte order marks; never fails.

    Where the labels are wrong, the bytes are read as UTF-8 if they are valid, and
    else as what their look suggests.  In a document that is mostly UTF-8 only the
    invalid stretches are read otherwise.
    """
    encoding = labelled(body, content_type)
    try:
        text = body.decode("utf-8" if encoding != "utf-8" and _overrules(body, encoding) else encoding)
    except UnicodeDecodeError:
        text = _mended(body, content_type, encoding)
    return text.lstrip("\ufeff")


def _mark(head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    for sign, encoding in _WIDE_SIGNS:
        if head.startswith(sign):
            return encoding
    return ""


def _overrules(body: bytes, encoding: str) -> bool:
    """Whether a document labelled with an encoding of single bytes is UTF-8 all the same."""
    return _SINGLE.fullmatch(encoding) is not None and not body.isascii() and _is_utf8(body)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _mended(body: bytes, content_type: str, encoding: str) -> str:
    """The text of a document whose bytes belie its label."""
    if encoding.startswith(("utf-16", "utf-32")):
        return body.decode(encoding, "replace")
    text = body.decode("utf-8", "surrogateescape")
    escaped = sum(map(len, _ESCAPED.findall(text)))
    sound = len(text) - escaped - sum(char.isascii() for char in text)
    other = encoding if encoding != "utf-8" else _other_label(body, content_type)
    if not escaped or sound * 4 < escaped:
        return body.decode(_guess([body], other), "replace")
    runs = [run.encode("utf-8", "surrogateescape") for run in _ESCAPED.findall(text)]
    guess = _guess(runs, other)
    return _ESCAPED.sub(lambda run: run[0].encode("utf-8", "surrogateescape").decode(guess, "replace"), text)


def _other_label(body: bytes, content_type: str) -> str:
    """What the XML declaration claims when the HTTP header says UTF-8, or the other way round."""
    labels = [match[1] for match in [_HEADER.search(content_type)] if match]
    labels += [match[1].decode("ascii") for match in [_DECLARED.search(body, 0, _PROLOG)] if match]
    names = [name for name in map(accepted, labels) if name and not name.startswith("utf")]
    return names[0] if names else ""


def _guess(stretches: list[bytes], label: str) -> str:
    """The labelled encoding if the bytes allow it, else the likelier of three code pages.

    Bytes beyond ASCII stand alone in Western text and in runs in Cyrillic, where
    small letters lie above capitals in windows-1251 and below them in KOI8.
    """
    sample = b" ".join(stretches)
    if label:
        try:
            sample.decode(label)
        except UnicodeDecodeError:
            pass
        else:
            return label
    runs = _HIGH_RUN.findall(sample, 0, _SAMPLE)
    high = b"".join(runs)
    if not runs or len(high) < 2.5 * len(runs):
        return "cp1252"
    return "cp1251" if sum(byte >= 0xE0 for byte in high) * 2 >= len(high) else "koi8-r"
