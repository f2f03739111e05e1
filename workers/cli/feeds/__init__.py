"""``./run feeds``: what is polled."""

from workers.cli.feeds import bring, change, check, discover, export, look, release
from workers.cli.feeds.options import app

__all__ = ["app", "bring", "change", "check", "discover", "export", "look", "release"]
