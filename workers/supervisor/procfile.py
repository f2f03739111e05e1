"""The Procfile: which processes there are, and how each is started."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

from pipeline.core.errors import ConfigError
from workers.supervisor.children import Spec

#: A line that is run before the processes, not beside them.
RELEASE = "release"

_LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")


def read(path: Path, *, ingest_workers: int) -> list[Spec]:
    """The processes to keep alive, ``ingest`` as often as asked.

    ``./run NAME`` becomes this interpreter with the same command line, which
    spares each start the look at the environment that ``up`` has just had.

    Raises:
        ConfigError: the file cannot be read, or a line in it cannot be understood.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError([f"{path}: cannot be read: {exc}"]) from exc
    specs: list[Spec] = []
    faults: list[str] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = _LINE.match(text)
        if found is None:
            faults.append(f"{path}, line {number}: not `name: command`")
        elif found[1] != RELEASE:
            specs += _specs(found[1], found[2], path.parent, ingest_workers)
    if faults:
        raise ConfigError(faults)
    return specs


def _specs(name: str, command: str, folder: Path, ingest_workers: int) -> list[Spec]:
    words = shlex.split(command)
    if words[:1] == ["exec"]:
        words = words[1:]
    if words[:1] == ["./run"]:
        argv, where = (sys.executable, "-m", "workers.cli", *words[1:]), None
    else:
        argv, where = ("/bin/sh", "-c", command), folder
    names = [f"{name}.{n}" for n in range(1, ingest_workers + 1)] if name == "ingest" else [name]
    return [Spec(name=each, command=argv, folder=where) for each in names]
