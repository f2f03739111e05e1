"""Text of strangers as HTML, with the words that matched marked; everything is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup, escape


def marked(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """``text`` with each ``(start, end)``, in code points, marked; spans that overlap are joined."""
    parts: list[Markup] = []
    done = 0
    for start, end in _joined(spans, len(text)):
        parts += [escape(text[done:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        done = end
    return Markup("").join([*parts, escape(text[done:])])


def field(text: str, name: str, matches: Iterable[Mapping[str, Any]]) -> Markup:
    """The field ``name`` of an article, with its matches marked."""
    return marked(text, [(one["start"], one["end"]) for one in matches if one["field"] == name])


def contexts(matches: Iterable[Mapping[str, Any]], *, limit: int) -> list[Markup]:
    """The first few distinct lines around matches outside the title, each with its words marked."""
    lines: dict[str, list[str]] = {}
    for one in matches:
        line = str(one["context"])
        if one["field"] == "title" or not line or (line not in lines and len(lines) == limit):
            continue
        lines.setdefault(line, []).append(str(one["text"]))
    return [marked(line, _found(line, words)) for line, words in lines.items()]


def _found(line: str, words: Iterable[str]) -> Iterable[tuple[int, int]]:
    for word in words:
        at = line.find(word) if word else -1
        while at >= 0:
            yield at, at + len(word)
            at = line.find(word, at + len(word))


def _joined(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted((max(0, start), min(end, length)) for start, end in spans):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
