"""How fast the percolator tests articles against many subscriptions, and what its index costs."""

from benchmarks.match.figures import measured
from benchmarks.match.show import show

__all__ = ["measured", "show"]
