"""The only room that opens a feed's or a page's URL."""

from pipeline.fetch.fetcher import Fetcher, Want

__all__ = ["Fetcher", "Want"]
