"""Where a site's feeds may be: what a page links to and, where it links to none, the usual addresses.

Candidates only: whether something is a feed is seen when it is fetched.
"""

from pipeline.core.discover.candidate import Candidate, How
from pipeline.core.discover.page import candidates
from pipeline.core.discover.usual import usual

__all__ = ["Candidate", "How", "candidates", "usual"]
