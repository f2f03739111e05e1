"""How this house reaches out: HTTP through one guarded door, for fetch and channels alike."""

from pipeline.outbound.session import Outbound

__all__ = ["Outbound"]
