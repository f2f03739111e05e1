"""reader, a good Python feed reader, measured on the same site: what figures of another machine are worth."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.rounds import CHANGED, UNCHANGED, Result
from benchmarks.site import SiteProcess

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements-bench.lock"
RUN_S = 240


def measure(site: SiteProcess, *, count: int) -> Iterator[Result]:
    """Each kind of round through reader on SQLite, its search index included, as ours is."""
    python = environment()
    with TemporaryDirectory(prefix="tocsin-bench-") as folder:
        done = subprocess.run(
            [python, "-I", str(ROOT / "benchmarks" / "reader_rounds.py"), f"{folder}/reader.sqlite",
             str(count), str(UNCHANGED), str(CHANGED), site.base_url],
            stdout=subprocess.PIPE, text=True, check=True, timeout=RUN_S,
        )  # fmt: skip
    for line in done.stdout.splitlines():
        yield Result(client="reader, sqlite", **json.loads(line))


def environment() -> Path:
    """The Python of a virtual environment with what is compared, made in the cache folder at first."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    tag = hashlib.sha256(LOCK.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = cache / "tocsin" / f"bench-{tag}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if complete.exists():
        return python
    print("bench: setting up what to compare with (this once)", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    if uv := shutil.which("uv"):
        subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder], check=True)
        install = [uv, "pip", "install", "-q", "--python", str(python)]
    else:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    subprocess.run([*install, "--require-hashes", "-r", LOCK], check=True)
    complete.touch()
    return python
