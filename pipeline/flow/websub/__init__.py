"""WebSub: hubs are asked to push what feeds bring, and a push goes the way of a poll."""

from pipeline.flow.websub.ask import Asker
from pipeline.flow.websub.receive import Received, confirm, receive

__all__ = ["Asker", "Received", "confirm", "receive"]
