"""The keys of a text: the smallest hashes of the shingles of its lead.

Two texts share each of their smallest hashes with the probability that is their
resemblance (Broder, "On the resemblance and containment of documents", 1997; the
bottom-k form of MinHash).  The lead is what truncated, re-headlined and abridged
copies have in common with the whole, so that one sketch finds them all.
"""

from __future__ import annotations

from zlib import crc32

from pipeline.core.copies.print import Print

#: Keys of a text: with 8, texts that resemble by 0.6 share two or more in 99 of 100 cases.
KEYS = 8
#: Texts that share so many keys are worth comparing.
ENOUGH = 2
#: Words of a lead, and of a shingle.
LEAD, WIDTH = 64, 5
#: Code points that surely hold the lead.
_READ = 520
#: A text with fewer words tells too little to be known by.
SHORTEST = 12
_MIX = 0x9E3779B1  # spreads CRC-32, which is kind to similar words, over the order of numbers


def sketch(text: Print) -> tuple[int, ...]:
    """The keys of a text, ascending, each of 32 bits; none where it is too short to be known by."""
    forms = text.lead(_READ)[:LEAD]
    if len(forms) < SHORTEST:
        return ()
    shingles = zip(*(forms[shift:] for shift in range(WIDTH)), strict=False)
    return tuple(sorted({crc32(" ".join(one).encode()) * _MIX & 0xFFFFFFFF for one in shingles})[:KEYS])
