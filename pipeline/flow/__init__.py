"""The spine: poll, ingest, pages, deliver, tend; each loads, decides and saves.

In the order of an article's way: :mod:`.poll` (scheduler), :mod:`.ingest` with
:mod:`.prepare`, :mod:`.percolate` and :mod:`.save`, :mod:`.page_text`, :mod:`.deliver` (workers);
:mod:`.release` and :mod:`.remind` let go of what waited, :mod:`.tend` keeps the house, :mod:`.search`,
:mod:`.backtest`, :mod:`.explain`, :mod:`.lint` and :mod:`.trace` ask the archive, :mod:`.tune` the alerts;
:mod:`.replay` goes the way once more.
All of them stand on :mod:`.ground`.
"""

from pipeline.flow.backtest import backtest
from pipeline.flow.deliver import Sender, test_channel
from pipeline.flow.explain import explain
from pipeline.flow.ground import Ground, Policy
from pipeline.flow.ingest import ingest
from pipeline.flow.lint import lint, lint_all
from pipeline.flow.page_text import extract_pages
from pipeline.flow.pages import PageFetcher
from pipeline.flow.percolate import LivePercolator
from pipeline.flow.poll import Poller
from pipeline.flow.replay import replay
from pipeline.flow.search import search
from pipeline.flow.trace import trace
from pipeline.flow.tune import tune

__all__ = [
    "Ground",
    "LivePercolator",
    "PageFetcher",
    "Policy",
    "Poller",
    "Sender",
    "backtest",
    "explain",
    "extract_pages",
    "ingest",
    "lint",
    "lint_all",
    "replay",
    "search",
    "test_channel",
    "trace",
    "tune",
]
