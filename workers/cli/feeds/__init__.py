"""``./run feeds``: what is polled."""

from workers.cli.feeds import change, inout, look
from workers.cli.feeds.options import app

__all__ = ["app", "change", "inout", "look"]
