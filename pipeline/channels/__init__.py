"""Where messages go: one file for each kind of channel, one method, ``send``."""

from pipeline.channels.base import Channel
from pipeline.channels.factory import build, check_url
from pipeline.channels.secrecy import mask
from pipeline.channels.webhook import new_secret

__all__ = ["Channel", "build", "check_url", "mask", "new_secret"]
