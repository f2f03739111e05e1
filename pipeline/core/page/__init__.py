"""Pages: the article's own address, read for its full text."""

from pipeline.core.page.extract import Page, extract
from pipeline.core.page.source import may_be_html

__all__ = ["Page", "extract", "may_be_html"]
