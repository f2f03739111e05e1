"""Runs a command that the kernel ends together with the process that started it.

Called as a script, before anything of the project is imported::

    python tether.py PARENT_PID SIGNAL COMMAND [ARGUMENT]...

A supervisor that is killed outright can stop nothing any more: without this its
children would live on beside those of the next one.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>; it outlives exec


def main(parent: int, signal: int, command: list[str]) -> int:
    """Bind this process to ``parent``, then become ``command``; 127 when there is no such command."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0)
        if os.getppid() != parent:  # it died before the kernel knew of the bond
            return 1
    try:
        os.execvp(command[0], command)  # noqa: S606  # the command is the supervisor's own
    except OSError as exc:
        print(f"{command[0]}: {exc.strerror}", file=sys.stderr)  # noqa: T201  # no logging is set up here
    return 127


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
