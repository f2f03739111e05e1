"""Change: whether a text now says something that its earlier version did not, and what.

Told are numbers and names that a headline gains, loses or corrects; a notice
of correction or retraction; and a text that grew or changed by much.  Not told
are dates, typography, labels ("UPDATED:"), what pages say about themselves
("Updated at 10:30"), a text that was cut, and a headline in other words.
"""

from pipeline.core.change.judge import change, is_news
from pipeline.core.change.version import Change, Part, Version

__all__ = ["Change", "Part", "Version", "change", "is_news"]
