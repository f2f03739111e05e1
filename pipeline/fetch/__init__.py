"""The only room that opens a feed's or a page's URL."""

from pipeline.fetch.fetcher import Fetcher

__all__ = ["Fetcher"]
