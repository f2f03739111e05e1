"""Copies: whether two articles print the same text, and the keys by which such texts find each other.

What is found by keys is only a candidate; :func:`similarity` reads both texts and
decides.  It errs towards two texts: a copy that is missed rings once more, a text
that is taken for another's copy is never told.
"""

from pipeline.core.copies.compare import similarity
from pipeline.core.copies.print import Print
from pipeline.core.copies.sketch import ENOUGH, KEYS, sketch

__all__ = ["ENOUGH", "KEYS", "Print", "similarity", "sketch"]
