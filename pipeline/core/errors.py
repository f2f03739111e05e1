"""What can go wrong, as one small tree.

    TocsinError
    ├── UsageError            the user asked for what cannot be done; the message says what to do
    │   ├── ConfigError       settings or declared state are wrong; carries every fault
    │   ├── QueryError        a query is wrong; carries the position of the fault
    │   └── NotFoundError     no such feed, subscription, channel, article …
    ├── TakenError            somebody else was first; the message says who, and since when
    ├── FetchError            a feed or page could not be fetched; carries a short reason
    │   └── RefusedError      an address, scheme or host that the guard does not let out
    ├── DocumentError         a document cannot be used (no feed, empty, over a limit …); carries a reason
    ├── PoisonError           work failed for good and went to the dead letters; shown as a failed job
    └── ServiceError          Redis or the database cannot be reached, or there is none

The message of each is one line that a user can act on.  The cause, where there
is one, is chained with ``raise ... from``.
"""

from __future__ import annotations


class TocsinError(Exception):
    """Root of every error that Tocsin raises on purpose."""


class UsageError(TocsinError):
    """The user asked for something that cannot be done as asked."""


class ConfigError(UsageError):
    """Settings or declared state are wrong.

    ``faults`` holds one line for each fault, so that all can be mended at once.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class QueryError(UsageError):
    """A query cannot be understood or is refused.

    ``position`` counts code points from the start of the query text, 0-based.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} (at position {position + 1})")
        self.message = message
        self.position = position

    def __reduce__(self) -> tuple[type[QueryError], tuple[str, int]]:
        return (type(self), (self.message, self.position))


class NotFoundError(UsageError):
    """The thing named does not exist."""


class TakenError(TocsinError):
    """Somebody else was first; the message says who, and since when."""


class FetchError(TocsinError):
    """A feed or page could not be fetched.

    ``reason`` is a short stable word (``timeout``, ``dns``, ``connect``, ``tls``,
    ``too-large``, ``redirects``, ``encoding``, ``protocol``, ``content-type``,
    ``refused``) for counts and filters.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[FetchError], tuple[str, str]]:
        return (type(self), (self.reason, self.message))


class RefusedError(FetchError):
    """The guard does not let a request out to this address, scheme or host."""

    def __init__(self, message: str) -> None:
        super().__init__("refused", message)

    def __reduce__(self) -> tuple[type[RefusedError], tuple[str]]:  # type: ignore[override]
        return (type(self), (self.message,))


class DocumentError(TocsinError):
    """A document that was fetched cannot be used.

    ``reason`` is a short stable word (``empty``, ``not-a-feed``, ``cpu-limit``,
    ``too-many-items``, ``too-many-tags``, ``item-too-large``, ``malformed``).
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

    def __reduce__(self) -> tuple[type[DocumentError], tuple[str, str]]:
        return (type(self), (self.reason, self.message))


class PoisonError(TocsinError):
    """Work failed for good; what it was about lies in the dead letters."""


class ServiceError(TocsinError):
    """Redis or the database cannot be reached, or there is none to use."""
