"""A news day in about a minute: a local site, the real processes, and a bell in the terminal.

``edition`` knows what is published when and who should be told, ``site`` serves
it as five outlets would, ``bell`` receives and verifies the alerts, ``ledger``
compares them with what was expected, ``view`` prints, and ``conductor`` lets the
day pass.
"""

from workers.demo.conductor import run

__all__ = ["run"]
