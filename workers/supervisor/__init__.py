"""Process: the supervisor, which runs every process of the Procfile on this machine.

It starts the private Redis where no other is named, brings the database up to
date, takes the declared state over, starts the processes and keeps them alive.
It knows them by their command lines only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

import structlog

from config.addresses import masked
from config.settings import Settings
from workers.supervisor import procfile
from workers.supervisor.children import Child, Pauses
from workers.supervisor.crew import Crew
from workers.supervisor.hold import data_folder, free_port, hold, listens
from workers.supervisor.redis_server import PrivateRedis, find_server

__all__ = ["Pauses", "up"]

log = structlog.get_logger("tocsin")

ROOT = Path(__file__).resolve().parents[2]


def up(
    settings: Settings,
    env: Mapping[str, str],
    *,
    prepare: Callable[[str], None],
    ingest_workers: int = 1,
    pauses: Pauses | None = None,
    tell: Callable[[str], None] = print,
    processes: Path = ROOT / "Procfile",
) -> int:
    """Run everything until SIGINT, SIGTERM or SIGHUP; main thread only.

    ``env`` is what the processes get, with ``REDIS_URL``, ``DATABASE_URL`` and
    ``PORT`` put in.  ``prepare`` is called once with the Redis URL before they
    start: it migrates the database and reconciles the declared state.  ``tell``
    gets the lines for whoever started this.

    Returns 0 when all ended by themselves, 1 when some had to be killed.

    Raises:
        ServiceError: there is no Redis, the port is taken, or another ``up`` runs on this data folder.
        ConfigError: the Procfile or the declared state is wrong.

    """
    pauses = pauses or Pauses()
    with ExitStack() as stack:
        crew = stack.enter_context(closing(Crew(pauses)))
        specs = procfile.read(processes, ingest_workers=ingest_workers)
        data_folder(settings.home)
        stack.enter_context(hold(settings.home))
        free_port(settings.host, settings.port)
        url = settings.redis_url or _start_redis(settings, env, crew)
        prepare(url)
        outfit = _outfit(settings, env, url)
        crew.add(Child(spec=spec, env=outfit, pauses=pauses) for spec in specs)
        return crew.run(lambda: listens(settings.host, settings.port), lambda: _announce(settings, url, tell))


def _start_redis(settings: Settings, env: Mapping[str, str], crew: Crew) -> str:
    server = PrivateRedis(
        server=find_server(env.get("PATH")), home=settings.home, socket_path=settings.private_socket, env=env
    )
    crew.last(server.child)
    server.start()
    return settings.private_redis_url


def _outfit(settings: Settings, env: Mapping[str, str], redis_url: str) -> dict[str, str]:
    """The environment of the processes: what was decided here holds for all of them."""
    decided = {
        "REDIS_URL": redis_url,
        "DATABASE_URL": settings.database_url,
        "PORT": str(settings.port),
        "TOCSIN_HOME": str(settings.home),
        "TOCSIN_CONFIG": str(settings.config),
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
    }
    kept = {name: value for name, value in env.items() if name.removesuffix("_FILE") not in decided}
    return {**kept, **decided}


def _announce(settings: Settings, redis_url: str, tell: Callable[[str], None]) -> None:
    web = settings.web_url
    redis_url = masked(redis_url)
    tell("Tocsin is up; Ctrl-C stops it.")
    tell(f"  web    {web}   (the queues: {web}/queues)")
    tell(f"  redis  {redis_url}")
    tell(f"         rq info -u '{redis_url}'   or   rq-dashboard -b 127.0.0.1 -u '{redis_url}'")
    tell(f"  data   {settings.home}")
