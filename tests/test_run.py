"""The script `./run`, in a clone of its own with a PATH that holds nothing but what it names."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ("sh", "dirname", "readlink", "cksum", "cat", "rm", "mkdir")
PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
#: Stands for uv: as quick as it, and keeps what it was asked.
UV = f'echo "$*" >>"$HOME/uv.log"\ncase $1 in venv) {PYTHON} -m venv --without-pip "$6";; esac'
ECHO = "import sys\nprint(sys.argv[1:])\nprint(sys.prefix)\n"


@dataclass(frozen=True)
class Clone:
    """A folder with the script, empty locks and a command line that prints its arguments."""

    root: Path
    tools: Path

    def run(
        self, *arguments: str, script: Path | None = None, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run the script to its end."""
        command = [str(script or self.root / "run"), *arguments]
        return subprocess.run(command, **self._how(), **more, check=False, timeout=100)

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the script."""
        return subprocess.Popen([str(self.root / "run"), *arguments], **self._how())

    def _how(self) -> dict[str, Any]:
        return {
            "env": {"PATH": str(self.tools), "HOME": str(self.root)},
            "cwd": "/",
            "text": True,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }

    def put(self, name: str, script: str) -> None:
        """Put a shell script on the PATH."""
        path = self.tools / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def stamp(self, lock: str) -> None:
        """Make the environment look complete, with a Python that tells what it is asked to run."""
        python = self.root / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text('#!/bin/sh\necho "ran $*"\ncase "$*" in *"${FAILING:-none}"*) exit 1;; esac\n')
        python.chmod(0o755)
        with (self.root / lock).open("rb") as text:
            sum_of = subprocess.run(["cksum"], stdin=text, capture_output=True, check=True).stdout
        (self.root / ".venv" / f"{lock}.installed").write_bytes(sum_of)


def cloned(folder: Path) -> Clone:
    clone = Clone(root=folder / "a clone", tools=folder / "tools")
    (clone.root / "workers" / "cli").mkdir(parents=True)
    (clone.root / "workers" / "cli" / "__main__.py").write_text(ECHO)
    (clone.root / ".ci").mkdir()
    for name in ("run", ".ci/run"):
        shutil.copy(ROOT / name, clone.root / name)
    for lock in ("requirements.lock", "requirements-test.lock"):
        (clone.root / lock).write_text("# nothing to install\n")
    clone.tools.mkdir()
    for tool in TOOLS:
        (clone.tools / tool).symlink_to(shutil.which(tool) or tool)
    (clone.tools / "python3").symlink_to(PYTHON)
    return clone


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone in which nothing is set up."""
    return cloned(tmp_path)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> tuple[Clone, subprocess.CompletedProcess[str]]:
    """A clone that pip has set up, since uv would not, with what its first start told."""
    clone = cloned(tmp_path_factory.mktemp("ready"))
    clone.put("uv", "exit 1")
    return clone, clone.run("feeds", "add", "two words", "")


Ready = tuple[Clone, "subprocess.CompletedProcess[str]"]


def test_the_first_start_sets_up_and_hands_its_arguments_on(ready: Ready) -> None:
    """With python3 alone there is an environment afterwards; stdout holds the command's own output."""
    clone, first = ready
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines() == ["['feeds', 'add', 'two words', '']", str(clone.root / ".venv")]
    assert "uv could not do it; trying pip." in first.stderr


def test_a_later_start_sets_up_nothing(ready: Ready) -> None:
    """The stamp of the lock says that all is there."""
    clone, _ = ready
    again = clone.run("status")
    assert (again.returncode, again.stderr) == (0, "")


def test_without_arguments_it_shows_help(ready: Ready) -> None:
    """Whoever just calls it is told what there is."""
    clone, _ = ready
    assert clone.run().stdout.splitlines()[0] == "['--help']"


def test_it_works_through_a_symbolic_link_from_any_folder(ready: Ready) -> None:
    """A link in ~/bin finds the clone; no module of the folder it is called from is taken for ours."""
    clone, _ = ready
    link = clone.tools.parent / "tocsin"
    link.symlink_to("a clone/run")
    done = clone.run("up", script=link)
    assert done.stdout.splitlines()[0] == "['up']", done.stderr


def test_a_new_lock_is_installed(ready: Ready) -> None:
    """A lock that changed brings the environment up to date, once."""
    clone, _ = ready
    (clone.root / "requirements.lock").write_text("# still nothing\n")
    assert "(this once)" in clone.run("x").stderr
    assert clone.run("x").stderr == ""


def test_an_interrupted_install_is_begun_afresh(clone: Clone) -> None:
    """What was left half done may look whole; it is thrown away."""
    clone.put("uv", UV)
    clone.run("x")
    (clone.root / ".venv" / "installing").touch()
    left = clone.root / ".venv" / "left-over"
    left.touch()
    assert "(this once)" in clone.run("x").stderr
    assert not left.exists()
    assert clone.run("x").stderr == ""


def test_two_at_once_set_up_once(clone: Clone) -> None:
    """The second waits for the first, then finds everything in place."""
    clone.put("uv", UV)
    both = [clone.begin("x"), clone.begin("x")]
    told = [process.communicate(timeout=100)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sum("(this once)" in each for each in told) == 1


def test_an_old_python_is_told_in_one_sentence(clone: Clone) -> None:
    """The sentence says what is needed and how to get it."""
    clone.put("python3", "exit 1")
    done = clone.run("up")
    assert done.returncode == 1
    assert done.stderr.startswith("run: python3 3.11 or newer is needed")
    assert "apt install python3 python3-venv" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_python_without_venv_is_told_in_one_sentence(clone: Clone) -> None:
    """Debian ships python3 without venv; the sentence names the package."""
    clone.put("python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    done = clone.run("up")
    assert done.returncode == 1
    assert "has no venv module: install it (Debian, Ubuntu: sudo apt install python3-venv)." in done.stderr
    assert done.stderr.count("\n") == 1


def test_uv_installs_where_it_is_on_the_path(clone: Clone) -> None:
    """It gets the locked dependencies with their hashes, and makes the environment itself."""
    clone.put("uv", UV)
    done = clone.run("up")
    assert done.returncode == 0, done.stderr
    made, installed = (clone.root / "uv.log").read_text().splitlines()
    assert made.startswith("venv --quiet --allow-existing --python ")
    assert "pip install" in installed
    assert "--require-hashes" in installed
    assert installed.endswith("/requirements.lock")


def test_a_failed_install_says_so_and_is_tried_again(clone: Clone) -> None:
    """Nothing that was left half done passes for complete."""
    clone.put("python3", f'case "$2" in venv) exit 1;; esac\nexec {PYTHON} "$@"')
    first = clone.run("up")
    assert first.returncode == 1
    assert first.stderr.endswith("run: the dependencies could not be installed; the reason stands above.\n")
    clone.put("uv", UV)
    assert clone.run("up").returncode == 0


@pytest.fixture
def foreign() -> Iterator[Clone]:
    """A clone in which this test's user cannot write; root becomes nobody to try it."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-run-"))
    clone = cloned(folder)
    clone.put("python3", "exit 0")  # any would do, and this one is readable for everybody
    for each in (folder, clone.root, clone.tools):
        each.chmod(0o555)
    yield clone
    for each in (folder, clone.root, clone.tools):
        each.chmod(0o755)
    shutil.rmtree(folder)


def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(foreign: Clone) -> None:
    """Neither a traceback of pip nor half an environment is left."""
    user: dict[str, Any] = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
    done = foreign.run("up", **user)
    assert done.returncode == 1
    assert done.stderr == (
        f"run: cannot write to {foreign.root}, where .venv must be made: "
        "run it as the owner of this folder, or in a clone of your own.\n"
    )


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_the_checks_run_in_order_and_stop_at_the_first_that_fails(clone: Clone, script: str) -> None:
    """Lint, format, types, import rules, tests: the one that fails is named, and CI does just the same."""
    clone.stamp("requirements-test.lock")
    where = clone.root / script
    arguments = ["test"] if script == "run" else []
    done = clone.run(*arguments, script=where)
    ran = [line.split()[2] for line in done.stdout.splitlines() if line.startswith("ran -m")]
    assert (done.returncode, ran) == (0, ["ruff", "ruff", "mypy", "pytest"])
    assert "ran -c from importlinter" in done.stdout


def test_a_failing_check_is_named_and_the_rest_left(clone: Clone) -> None:
    """The exit code says that something failed, the last line says what."""
    clone.stamp("requirements-test.lock")
    python = clone.root / ".venv" / "bin" / "python"
    python.write_text(python.read_text().replace("${FAILING:-none}", "mypy"))
    done = clone.run("test", "-k", "some")
    assert done.returncode == 1
    assert done.stderr == "run: types (mypy) failed.\n"
    assert "pytest" not in done.stdout


def test_arguments_of_the_tests_reach_pytest(clone: Clone) -> None:
    """`./run test -k words` picks tests."""
    clone.stamp("requirements-test.lock")
    assert "ran -m pytest -n 4 --dist worksteal -k two words" in clone.run("test", "-k", "two words").stdout
