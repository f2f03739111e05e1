"""Which language a text is in, where nobody says it or what is said cannot be.

The identifier counts byte sequences (py3langid, naive Bayes).  It takes half a
second and 100 MB when it is first used, so it is only loaded for a text that
needs it; ``docs/decisions/0003-language-detection.md`` has the figures.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.core.analyse.languages import denied

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SAMPLE_CHARS = 600
_SURE = 0.5  # of headlines in ten languages 2 % are left undecided and 0.2 % misjudged
# What news is written in: the fewer there are to choose from, the fewer headlines are misjudged.
_LANGUAGES = (
    "ar az be bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id is it ja ka kk ko lt lv mk ml ms "
    "nl no pl pt ro ru sk sl sq sr sv sw ta th tl tr uk ur vi zh"
)


def spoken(text: str, declared: str | None) -> str | None:
    """The language of a text: as declared, else as detected; None where that is not sure.

    A declared language that is not written in the text's script is overruled,
    where another is found.
    """
    if declared and not denied(text, declared):
        return declared
    return detect(text) or declared


def detect(text: str) -> str | None:
    """The primary subtag of a text's language; None for a text too short or too mixed to tell."""
    language, certainty = _identifier().classify(text[:_SAMPLE_CHARS])
    return str(language) if certainty >= _SURE else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - brings numpy

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES.split())
    return identifier
