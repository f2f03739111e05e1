"""A bar that shows how far a long piece of work is, where somebody looks on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar while the block runs, if stderr is a terminal; it is told how much of ``total`` is done."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    # Where nobody looks on, a command need not wait for these.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)
