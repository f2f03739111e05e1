"""CPU seconds of processes with their descendants, as Linux counts them (in steps of 10 ms)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def seconds(roots: Mapping[str, Iterable[int]]) -> dict[str, float]:
    """User and system seconds so far, by name, of each name's processes and all that descend from them."""
    table = dict(_read())
    children: dict[int, list[int]] = {}
    for pid, (parent, _) in table.items():
        children.setdefault(parent, []).append(pid)

    def total(pid: int) -> int:
        own = table[pid][1] if pid in table else 0
        return own + sum(total(child) for child in children.get(pid, ()))

    return {name: sum(total(pid) for pid in pids) / _TICKS for name, pids in roots.items()}


def _read() -> Iterable[tuple[int, tuple[int, int]]]:
    """Of every process: its parent, and its ticks with those of the children it has waited for."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        yield int(entry.name), (int(fields[1]), sum(int(field) for field in fields[11:15]))
