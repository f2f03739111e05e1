"""``./run feeds``: what is polled."""

from workers.cli.feeds import change, check, discover, export, import_, look, release
from workers.cli.feeds.options import app

__all__ = ["app", "change", "check", "discover", "export", "import_", "look", "release"]
