"""What is to be told, as a message that every medium can carry.

What feeds wrote is text of strangers: it never reaches a header line, a tag or
an entity unescaped, and it has an end.
"""

from pipeline.core.render.alert import Alert, message
from pipeline.core.render.digest import Digest, digest
from pipeline.core.render.notice import notice
from pipeline.core.render.reminder import Reminder, reminder
from pipeline.core.render.shelf import Item, Shelf, atom, json_feed
from pipeline.core.render.silence import Silence, silence
from pipeline.core.render.spike import Spike, spike
from pipeline.core.render.update import Update, update

__all__ = [
    "Alert",
    "Digest",
    "Item",
    "Reminder",
    "Shelf",
    "Silence",
    "Spike",
    "Update",
    "atom",
    "digest",
    "json_feed",
    "message",
    "notice",
    "reminder",
    "silence",
    "spike",
    "update",
]
