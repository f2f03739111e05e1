"""When and how a subscription rings: its policy, and what that says of one alert at one moment.

An alert passes gates, in this order: enough independent sources, the gathering
of follow-ups, the digest, quiet hours, those that wait already, the cooldown
and the rate limit.  The first gate that is shut holds it, and says until when;
none ever drops it.  Urgent alerts pass the gates from the digest on.
"""

from pipeline.core.policy.decide import Hold, Send, State, decide
from pipeline.core.policy.dispose import Disposed, Gathered, Waiting, dispose
from pipeline.core.policy.model import (
    DEFAULT,
    Because,
    Escalation,
    Mode,
    Priority,
    QuietHours,
    Rate,
    RingPolicy,
)
from pipeline.core.policy.notation import KEYS, load, read, span, write

__all__ = [
    "DEFAULT",
    "KEYS",
    "Because",
    "Disposed",
    "Escalation",
    "Gathered",
    "Hold",
    "Mode",
    "Priority",
    "QuietHours",
    "Rate",
    "RingPolicy",
    "Send",
    "State",
    "Waiting",
    "decide",
    "dispose",
    "load",
    "read",
    "span",
    "write",
]
