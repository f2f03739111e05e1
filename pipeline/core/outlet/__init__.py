"""Whose report an article is: the outlet that publishes it, and the agency whose text it carries."""

from pipeline.core.outlet.agency import agency_of
from pipeline.core.outlet.owner import outlet_of

__all__ = ["agency_of", "outlet_of"]
