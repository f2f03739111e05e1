"""The web: pages and an API for people and programs, rq-dashboard, and health.

One operator, one password.  Everything but the login, the health routes and
the stylesheet is behind it.
"""

from workers.web.serve import run

__all__ = ["run"]
