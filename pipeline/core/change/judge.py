"""The judgement: material or not, and what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from pipeline.core.analyse import tokens
from pipeline.core.change.headline import KINDS, Overlay, Word, is_live, overlay, read
from pipeline.core.change.notices import Notice, new_notice
from pipeline.core.change.numbers import numbers
from pipeline.core.change.sentences import Sentence, form, length, sentences, unknown, words
from pipeline.core.change.version import Change, Version
from pipeline.core.change.words import NUMBER_WORDS
from pipeline.core.text import line, truncate

#: A text changed if so many words of it are new, and so large a share of it.
NEW_WORDS = 40
NEW_SHARE = 0.25
#: A text is cut short when it has less than this share of the words that it had.
CUT = 0.8

#: Names that begin with the same letters, so many, are taken for one in two forms.
_STEM = 4
_SENTENCES = 5
_SENTENCE_CHARS = 300
_SUMMARY_CHARS = 300


def change(before: Version, after: Version, *, copy: bool = False, texts: bool = True) -> Change | None:
    """What ``after`` says that ``before`` did not, or None where that is not material.

    ``copy`` says that somebody else prints it: of headlines in other words then
    only numbers count that stand in each other's place; so it is with live
    reports, whose headlines change by the hour.  ``texts`` False says that summary
    and body cannot be compared, as one is an excerpt and the other whole.
    """
    loose = copy or is_live(before.title) or is_live(after.title)
    notice = new_notice(before, after)
    laid = overlay(read(before), read(after))
    old, new = _sentences(before), _sentences(after)
    added, removed = unknown(new, old), unknown(old, new)
    share = length(added) / max(length(new), 1)
    kinds = [notice.kind] if notice else []
    kinds += [f"{one}s" for one in KINDS if _headline_changed(laid, one, before, after, loose=loose)]
    if texts and not loose and share >= NEW_SHARE and length(added) >= NEW_WORDS:
        kinds.append("text")
    if not kinds:
        return None
    told = added if texts and not copy else []
    moved = {one: (laid.before.of(one), laid.after.of(one)) for one in KINDS if f"{one}s" in kinds}
    return Change(
        kinds=tuple(kinds),
        before=before.title,
        after=after.title,
        parts=laid.parts if any(part.kind != "same" for part in laid.parts) else (),
        notice=_short(notice.text) if notice else "",
        lost={one: frozenset(was - now) for one, (was, now) in moved.items()},
        gained={one: frozenset(now - was) for one, (was, now) in moved.items()},
        removed=tuple(_short(one.text) for one in removed[:_SENTENCES]) if told else (),
        added=tuple(_short(one.text) for one in told[:_SENTENCES]),
        grown=tuple(added) if "text" in kinds else (),
        added_share=share if told else 0.0,
        summary=_summary(kinds, laid, notice, len(added), share),
        key=_key(moved, notice, added if "text" in kinds else ()),
    )


def is_news(what: Change, after: Version, reader: Version) -> bool:
    """Whether a change, to what reads ``after`` now, is news to who read the same story elsewhere."""
    if what.notice and new_notice(reader, after) is not None:
        return True
    for kind, gained in what.gained.items():
        lost = what.lost[kind]
        if _unsaid(gained, reader, kind) or (not gained and not _unsaid(lost, reader, kind)):
            return True
    return length(unknown(what.grown, _sentences(reader))) >= NEW_WORDS


def _headline_changed(laid: Overlay, kind: str, before: Version, after: Version, *, loose: bool) -> bool:
    """Whether the headline gained, lost or corrected numbers (or names)."""
    replaced = laid.edited and any(_swap(pair, kind) for pair in laid.replaced)
    if replaced and kind == "number":
        return True
    if loose:
        return False
    if replaced and _all_else_same(laid):
        return True
    if _unsaid(laid.after.of(kind) - laid.before.of(kind), before, kind):
        return True
    lost = laid.edited and _unsaid(laid.before.of(kind) - laid.after.of(kind), after, kind)
    return lost and not _is_cut(before, after)


def _swap(pair: tuple[tuple[Word, ...], tuple[Word, ...]], kind: str) -> bool:
    old, new = ({word.key for word in side if word.kind == kind} for side in pair)
    return bool(old - new and new - old)


def _all_else_same(laid: Overlay) -> bool:
    return sum(part.kind == "added" for part in laid.parts) == 1 == len(laid.replaced)


def _unsaid(keys: Iterable[str], version: Version, kind: str) -> bool:
    """Whether a version says one of these numbers or names nowhere; Chilean says Chile."""
    if kind == "number":
        named = {NUMBER_WORDS[word] for word in words(version.text) if word in NUMBER_WORDS}
        return not named.union(number.value for number in numbers(version.text)).issuperset(keys)
    said = set(map(form, tokens(version.text)))
    stems = {word[:_STEM] for word in said if len(word) >= _STEM}
    return any(key not in said and key[:_STEM] not in stems for key in keys)


def _is_cut(before: Version, after: Version) -> bool:
    return length(_sentences(after)) < CUT * length(_sentences(before))


def _sentences(version: Version) -> list[Sentence]:
    """Summary and body; where the summary is the body's beginning, its sentences are there twice."""
    body = list(sentences(version.body))
    return [*body, *unknown(sentences(version.summary), body)]


def _summary(kinds: Iterable[str], laid: Overlay, notice: Notice | None, added: int, share: float) -> str:
    said = []
    if notice is not None:
        said.append(f"{notice.kind}: {_short(notice.text)}")
    for kind in KINDS:
        if f"{kind}s" in kinds:
            old = laid.before.shown(set(laid.before.of(kind) - laid.after.of(kind)))
            new = laid.after.shown(set(laid.after.of(kind) - laid.before.of(kind)))
            said.append(f"headline: {' '.join(old) or 'nothing'} → {' '.join(new) or 'nothing'}")
    if "text" in kinds:
        many = f"{added} new sentences" if added > 1 else "one new sentence"
        said.append(f"text: {many}, {share:.0%} of it")
    return truncate("; ".join(said), _SUMMARY_CHARS)


def _key(
    moved: Mapping[str, tuple[Counter[str], Counter[str]]], notice: Notice | None, grown: Iterable[Sentence]
) -> bytes:
    """Of what the change says, not of how: another printer's same correction has the same key."""
    words_moved = [(kind, sorted(was - now), sorted(now - was)) for kind, (was, now) in sorted(moved.items())]
    said = (words_moved, words(notice.text) if notice else (), sorted(one.words for one in grown))
    return blake2b(repr(said).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _short(sentence: str) -> str:
    return truncate(line(sentence), _SENTENCE_CHARS)
