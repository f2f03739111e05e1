"""What the web keeps secret: the operator's password and the key that signs sessions.

Given by the environment, or made at the first start.  A password that was made
is printed once and kept as a hash only.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sys
from dataclasses import dataclass

from werkzeug.security import check_password_hash, generate_password_hash

from config.settings import Settings
from pipeline.store import keepsakes
from pipeline.store.engine import Store

#: Longest password that is looked at; hashing longer ones would only keep the server busy.
LONGEST_PASSWORD = 1_024


@dataclass(frozen=True, slots=True)
class Keys:
    """The session key, and the password as given (``plain``) or as a hash."""

    session_key: str
    plain: str | None
    hashed: str | None

    def opens(self, password: str) -> bool:
        """Whether ``password`` is the operator's."""
        if len(password) > LONGEST_PASSWORD:
            return False
        if self.plain is not None:
            return hmac.compare_digest(_digest(self.plain), _digest(password))
        return self.hashed is not None and check_password_hash(self.hashed, password)

    @property
    def stamp(self) -> str:
        """Stands in each session; another password has another one, and ends the sessions of the old."""
        of = self.plain if self.plain is not None else self.hashed or ""
        return hmac.new(self.session_key.encode(), of.encode(), hashlib.sha256).hexdigest()[:32]


def find(settings: Settings, store: Store) -> Keys:
    """The keys from the settings or the store; those that neither has are made."""
    session_key = settings.secret_key.get_secret_value() if settings.secret_key else None
    if session_key is None:
        made = secrets.token_urlsafe(32)
        session_key = store.write(lambda tx: keepsakes.keep(tx, "session_key", made))
    if settings.password is not None:
        return Keys(session_key, settings.password.get_secret_value(), None)
    return Keys(session_key, None, _kept_password(settings, store))


def _kept_password(settings: Settings, store: Store) -> str:
    with store.read() as tx:
        kept = keepsakes.read(tx, "password")
    if kept is not None:
        return kept
    password = secrets.token_urlsafe(12)
    hashed = generate_password_hash(password)
    kept = store.write(lambda tx: keepsakes.keep(tx, "password", hashed))
    if kept == hashed:
        where = settings.public_url or f"http://{settings.host}:{settings.port}/"
        print(  # noqa: T201  # for the operator's eyes, and for no log
            f"\n  Password for {where}: {password}\n"
            "  It is shown this once; set TOCSIN_PASSWORD to choose your own.\n",
            file=sys.stderr,
            flush=True,
        )
    return kept


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
