"""The supervisor, on real processes and a real Redis."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import ConstantBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from config.settings import load
from pipeline.core.errors import ConfigError, ServiceError
from workers.supervisor import procfile
from workers.supervisor.children import Pauses
from workers.supervisor.hold import free_port, hold

ROOT = Path(__file__).resolve().parents[1]

DRIVER = """
import os, sys
from pathlib import Path
from config.logs import configure
from config.settings import load
from pipeline.core.errors import TocsinError
from workers.supervisor import Pauses, up

settings = load(os.environ)
configure(settings, name="up")
try:
    code = up(
        settings, dict(os.environ), ingest_workers=2, processes=Path(sys.argv[1]),
        pauses=Pauses(first=0.05, longest=0.2, healthy=60, stop=float(sys.argv[2])),
        prepare=lambda url: print("prepared", url, flush=True), tell=lambda line: print(line, flush=True),
    )
except TocsinError as exc:
    sys.exit(str(exc))
sys.exit(code)
"""

#: Lines are written whole: several processes share the pipe, and a signal may come in the midst of a print.
TELL = """
import os, signal, sys, time
def tell(*words):
    os.write(1, (" ".join(words) + "\\n").encode())
"""

#: Ends when told to, after what it has in hand.
STEADY = f"""{TELL}
def finish(*_):
    time.sleep(0.2)
    tell("finished", sys.argv[1])
    sys.exit(0)
signal.signal(signal.SIGTERM, finish)
tell("running", sys.argv[1], os.environ["REDIS_URL"], os.environ["DATABASE_URL"], os.environ["PORT"])
while True:
    signal.pause()
"""

STUBBORN = f"""{TELL}
signal.signal(signal.SIGTERM, signal.SIG_IGN)
tell("running", sys.argv[1])
while True:
    signal.pause()
"""


def free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class House:
    """A data folder with a Procfile, on which supervisors are started."""

    folder: Path
    port: int = field(default_factory=free)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def processes(self, **scripts: str) -> None:
        """Write the Procfile: each process runs the given Python text with its own name as argument."""
        lines = ["release: exit 1"]
        for name, script in scripts.items():
            (self.folder / f"{name}.py").write_text(script)
            lines.append(f"{name}: exec {sys.executable} {name}.py {name}")
        (self.folder / "Procfile").write_text("\n".join(lines))

    def up(self, *, stop_s: float = 30) -> subprocess.Popen[str]:
        """Start a supervisor; its lines and its log come over one pipe."""
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(self.folder / "Procfile"), str(stop_s)],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.folder),
                "TOCSIN_HOME": str(self.home),
                "PORT": str(self.port),
                "PYTHONPATH": str(ROOT),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def redis(self) -> Redis:
        """A client that waits for a server that is just coming back."""
        url = load({"HOME": "/", "TOCSIN_HOME": str(self.home)}).private_redis_url
        return Redis.from_url(
            url, retry=Retry(ConstantBackoff(0.05), 200), retry_on_error=[RedisConnectionError]
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house whose supervisors end with the test."""
    made = House(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def until(process: subprocess.Popen[str], *wanted: str) -> list[str]:
    """The lines up to where each of ``wanted`` has stood in one."""
    assert process.stdout is not None
    missing, lines = set(wanted), []
    while missing:
        line = process.stdout.readline()
        assert line, f"ended without {missing}: {lines}"
        lines.append(line.rstrip())
        missing = {each for each in missing if each not in line}
    return lines


def events(lines: list[str], name: str) -> list[dict[str, Any]]:
    logged = [json.loads(line) for line in lines if line.startswith("{")]
    return [line for line in logged if line["event"] == name]


def rest(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    lines = process.stdout.read().splitlines()
    process.wait(30)
    return lines


def gone(pids: list[int]) -> bool:
    """Wait for every process to end."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([handle], [], [], 20)
        os.close(handle)
        if not ended:
            return False
    return True


def test_everything_starts_with_its_addresses_and_stops_in_order(house: House) -> None:
    """Ingest runs as often as asked; jobs in hand are finished; Redis, which they lean on, stops last."""
    house.processes(ingest=STEADY, web=STEADY)
    process = house.up()
    socket_url = f"unix://{house.home}/redis/redis.sock?db=0"
    database = f"sqlite:///{house.home}/tocsin.sqlite3"
    lines = until(
        process, f"running web {socket_url} {database} {house.port}", '"name": "ingest.2"', "running ingest"
    )
    if sum("running ingest" in line for line in lines) < 2:  # the second would not know the signal yet
        lines += until(process, "running ingest")
    assert f"prepared {socket_url}" in lines
    names = [event["name"] for event in events(lines, "process.started")]
    assert names[0] == "redis"
    process.terminate()
    lines = rest(process)
    assert process.returncode == 0
    assert "finished web" in lines
    assert [event["name"] for event in events(lines, "process.stopped")][-1] == "redis"
    assert not (house.home / "redis" / "redis.sock").exists()


def test_the_private_redis_is_for_its_owner_alone(house: House) -> None:
    """Its socket and its folder are closed to others, it writes ahead, and it evicts nothing."""
    house.processes(web=STEADY)
    until(house.up(), "running web")
    redis = house.redis()
    told = {
        name: redis.config_get(name)[name]
        for name in ("port", "appendonly", "appendfsync", "maxmemory-policy")
    }
    redis.close()
    assert told == {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
    }
    folder = house.home / "redis"
    assert [oct(path.stat().st_mode & 0o777) for path in (folder, folder / "redis.sock")] == [
        "0o700",
        "0o700",
    ]


def test_where_to_look_is_told_when_the_web_answers(house: House) -> None:
    """The last lines name the pages, the queues, Redis for other tools, and the data folder."""
    listen = (
        "import os, socket, signal\ns = socket.create_server(('127.0.0.1', int(os.environ['PORT'])))\n"
        "while True: s.accept()"
    )
    house.processes(web=listen)
    lines = until(house.up(), f"  data   {house.home}")
    assert (
        f"  web    http://127.0.0.1:{house.port}   (the queues: http://127.0.0.1:{house.port}/queues)"
        in lines
    )
    assert any("rq info -u 'unix://" in line for line in lines)


def test_a_process_that_dies_comes_back_after_a_growing_pause(house: House) -> None:
    """Each death is one line with its cause; the pauses double up to their longest; the others go on."""
    house.processes(bad="import sys; sys.exit(3)", web=STEADY)
    process = house.up()
    lines, deaths = [], []
    while len(deaths) < 4:
        lines += until(process, "process.died")
        deaths = events(lines, "process.died")
    assert {event["name"] for event in deaths} == {"bad"}
    assert {event["ended_by"] for event in deaths} == {"exit code 3"}
    assert [event["restart_in_s"] for event in deaths] == [0.1, 0.1, 0.2, 0.2]
    assert len([event for event in events(lines, "process.started") if event["name"] == "web"]) == 1


def test_a_private_redis_that_is_killed_comes_back_with_its_keys(house: House) -> None:
    """The supervisor starts it anew, and it reads what it had written ahead."""
    house.processes(web=STEADY)
    process = house.up()
    lines = until(process, "running web")
    (first,) = (event["pid"] for event in events(lines, "process.started") if event["name"] == "redis")
    redis = house.redis()
    redis.set("kept", "yes")
    os.kill(first, signal.SIGKILL)
    until(process, '"name": "redis", "pid"', '"event": "process.started"')
    assert redis.get("kept") == b"yes"
    redis.close()


def test_a_second_signal_kills_what_does_not_stop(house: House) -> None:
    """The first asks, the second hastens; the exit code says that jobs were cut off."""
    house.processes(web=STUBBORN)
    process = house.up()
    until(process, "running web")
    process.send_signal(signal.SIGINT)
    until(process, '"event": "stopping"')
    process.send_signal(signal.SIGINT)
    lines = rest(process)
    assert process.returncode == 1
    assert [event["name"] for event in events(lines, "process.killed")] == ["web"]
    assert events(lines, "process.stopped")[-1]["name"] == "redis"


def test_what_does_not_stop_in_time_is_killed(house: House) -> None:
    """A hung process cannot hold the stop up for longer than running jobs are given."""
    house.processes(web=STUBBORN)
    process = house.up(stop_s=0.1)
    until(process, "running web")
    process.terminate()
    assert [event["name"] for event in events(rest(process), "process.killed")] == ["web"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_nothing_outlives_a_supervisor_that_is_killed(house: House) -> None:
    """The kernel ends the processes and the private Redis; the next start finds the house empty."""
    house.processes(web=STUBBORN, ingest=STUBBORN)
    process = house.up()
    lines = until(process, "running web", '"name": "ingest.2"', "running ingest")
    pids = [event["pid"] for event in events(lines, "process.started")]
    assert len(pids) == 4
    process.kill()
    assert gone(pids)
    house.processes(web=STEADY)
    until(house.up(), "running web")


def test_a_second_up_on_the_same_data_is_refused(house: House) -> None:
    """One sentence says which process holds the folder, and what to do."""
    house.processes(web=STEADY)
    first = house.up()
    until(first, "running web")
    (told,) = rest(house.up())
    assert told == (
        f"another `up` (process {first.pid}) runs on {house.home}; stop it, or set TOCSIN_HOME to another folder"
    )


def test_a_port_that_is_taken_is_told_before_anything_starts(house: House) -> None:
    """A web process that dies again and again would tell it less clearly."""
    with (
        socket.create_server(("127.0.0.1", house.port)),
        pytest.raises(ServiceError, match=f"port {house.port}: .*; choose another PORT or HOST"),
    ):
        free_port("127.0.0.1", house.port)


def test_a_data_folder_is_free_again_when_its_holder_ends(tmp_path: Path) -> None:
    """The lock is the kernel's: no file that was left behind keeps a folder."""
    with hold(tmp_path), pytest.raises(ServiceError), hold(tmp_path):
        pass
    with hold(tmp_path):
        pass


def test_our_procfile_names_every_process() -> None:
    """`./run NAME` runs under this interpreter; the release line is left to whoever deploys."""
    specs = procfile.read(ROOT / "Procfile", ingest_workers=2)
    assert [spec.name for spec in specs] == ["web", "scheduler", "ingest.1", "ingest.2", "pages", "deliver"]
    assert specs[0].command == (sys.executable, "-m", "workers.cli", "web")


def test_a_procfile_line_that_makes_no_sense_is_a_fault(tmp_path: Path) -> None:
    """It is told with its number; comments and empty lines are nothing."""
    path = tmp_path / "Procfile"
    path.write_text("# ours\n\nweb: ./run web\nwhat is this\n")
    with pytest.raises(ConfigError) as caught:
        procfile.read(path, ingest_workers=1)
    assert caught.value.faults == [f"{path}, line 4: not `name: command`"]


def test_the_pauses_are_those_that_the_documents_name() -> None:
    """A second at first, half a minute at most, a minute for running jobs."""
    assert (Pauses().first, Pauses().longest, Pauses().healthy, Pauses().stop) == (1, 30, 60, 60)
