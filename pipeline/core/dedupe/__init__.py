"""Article, update or duplicate: what becomes of each entry, given what is known.

An entry is known by its key within its feed, an article by its canonical URL over
all feeds, a story by its text or by one that its text is a copy of.  Nothing is dropped: every entry gets one
:class:`Decision`.
"""

from pipeline.core.dedupe.decide import decide
from pipeline.core.dedupe.known import Decision, Known
from pipeline.core.dedupe.likeness import Copy, Likeness

__all__ = ["Copy", "Decision", "Known", "Likeness", "decide"]
