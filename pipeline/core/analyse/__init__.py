"""The analyser: from an article's text to the terms that queries meet.

There is one analyser for the stream, the archive's index and the queries, so
that a query matches in the stream exactly if it matches in the archive.
"""

from pipeline.core.analyse.article import Analysed, Field, analyse
from pipeline.core.analyse.detect import detect, spoken
from pipeline.core.analyse.fold import fold
from pipeline.core.analyse.forms import cased_form, exact_forms, forms_in, is_word, load
from pipeline.core.analyse.languages import dictionaries_for, language_of, primary
from pipeline.core.analyse.tokens import dense, split, tokens

__all__ = [
    "Analysed",
    "Field",
    "analyse",
    "cased_form",
    "dense",
    "detect",
    "dictionaries_for",
    "exact_forms",
    "fold",
    "forms_in",
    "is_word",
    "language_of",
    "prepare",
    "primary",
    "split",
    "spoken",
    "tokens",
]


def prepare(language: str | None) -> None:
    """Load the dictionary that texts declared as ``language`` need, so that no article has to wait for it.

    It takes up to some seconds and 50 MB (English 0.3 s and 3 MB), once.
    """
    load(primary(language))
