"""Pages: the article's own address, read for its full text."""

from pipeline.core.page.judge import Found, judge
from pipeline.core.page.kinship import Listed
from pipeline.core.page.source import may_be_html

__all__ = ["Found", "Listed", "judge", "may_be_html"]
