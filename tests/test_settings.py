"""The options from the environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from config import addresses
from config.settings import Settings, load, masked, secrets
from pipeline.core.errors import ConfigError
from pipeline.store import engine

HOME = {"HOME": "/home/ada"}


def faults(env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load({**HOME, **env})
    return caught.value.faults


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set: data lies where XDG says, the web stays on this machine."""
    settings = load(HOME)
    assert settings.home == Path("/home/ada/.local/share/tocsin")
    assert settings.database_url == "sqlite:////home/ada/.local/share/tocsin/tocsin.sqlite3"
    assert (settings.host, settings.port, settings.redis_url) == ("127.0.0.1", 8000, None)
    assert settings.config == Path(__file__).resolve().parents[1] / "config"
    assert settings.defaults


def test_the_manual_names_every_option_with_its_default() -> None:
    """Whoever runs it reads of no option that is not there, and misses none."""
    manual = (Path(__file__).resolve().parents[1] / "docs" / "operations.md").read_text(encoding="utf-8")
    tables = manual.partition("## Environment")[2].partition("\n## ")[0]
    told: dict[str, str] = {}
    for names, defaults in re.findall(r"^\| (`[A-Z`, _]+`) \| ([^|]+) \|", tables, re.MULTILINE):
        told |= dict(zip(re.findall("[A-Z_]+", names), defaults.replace("`", "").split(", "), strict=False))
    shown = masked(load(HOME))
    assert told.keys() == shown.keys()
    known = {name: value for name, value in shown.items() if value and "/" not in value}
    assert {name: told[name] for name in known} == known


def test_the_data_folder_follows_xdg_unless_it_is_relative() -> None:
    """XDG_DATA_HOME moves the data folder; a relative one is ignored, as the specification asks."""
    assert load({**HOME, "XDG_DATA_HOME": "/data"}).home == Path("/data/tocsin")
    assert load({**HOME, "XDG_DATA_HOME": "data"}).home == Path("/home/ada/.local/share/tocsin")


@pytest.mark.parametrize("name", ["a?b=c", "a%41", "a b#c", "ü'\"&;"])
def test_a_data_folder_of_any_name_holds_its_database(tmp_path: Path, name: str) -> None:
    """What a URL would read as its own signs is part of the folder's name."""
    settings = load({**HOME, "TOCSIN_HOME": str(tmp_path / name)})
    settings.make_home()
    store = engine.open(settings.database_url)
    store.migrate()
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "tocsin.sqlite3").is_file()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_scheme_gets_our_driver(scheme: str) -> None:
    """Platforms write the scheme in different ways; all mean psycopg."""
    assert load({**HOME, "DATABASE_URL": f"{scheme}://u@h/db"}).database_url == "postgresql+psycopg://u@h/db"


@pytest.mark.parametrize("url", ["mysql://h/db", "sqlite://", "sqlite:///:memory:", "tocsin.db"])
def test_a_database_that_cannot_serve_is_refused(url: str) -> None:
    """Other databases, and SQLite in memory, which no two processes share, are faults."""
    (fault,) = faults({"DATABASE_URL": url})
    assert fault.startswith("DATABASE_URL: must ")


def test_every_fault_is_told_at_once() -> None:
    """One start tells everything that is wrong, by the name of each variable."""
    told = faults(
        {
            "PORT": "70000",
            "TOCSIN_POLL_EVERY_S": "5",
            "LOG_FORMAT": "xml",
            "REDIS_URL": "http://x",
            "TOCSIN_TICKS_S": "1",
        }
    )
    assert sorted(fault.partition(":")[0] for fault in told) == [
        "LOG_FORMAT",
        "PORT",
        "REDIS_URL",
        "TOCSIN_POLL_EVERY_S",
        "TOCSIN_TICKS_S",
    ]
    assert "TOCSIN_POLL_EVERY_S: input should be greater than or equal to 15, not '5'" in told
    assert "TOCSIN_TICKS_S: no such option; did you mean TOCSIN_TICK_S?" in told


def test_a_variable_that_resembles_no_option_is_left_alone() -> None:
    """A cluster sets variables such as TOCSIN_SERVICE_HOST by itself."""
    assert load({**HOME, "TOCSIN_SERVICE_HOST": "10.0.0.1", "TOCSIN_PORT": "tcp://10.0.0.1:80"})


def test_a_fault_does_not_repeat_a_secret_address() -> None:
    """An address may hold a password, so the fault names the variable alone."""
    (fault,) = faults({"DATABASE_URL": "mysql://u:hunter2@h/db"})
    assert "hunter2" not in fault


def test_any_option_may_come_from_a_file(tmp_path: Path) -> None:
    """NAME_FILE names a file that holds the value; white space around it does not count."""
    file = tmp_path / "url"
    file.write_text("redis://:pw@h/0\n")
    assert load({**HOME, "REDIS_URL_FILE": str(file)}).redis_url == "redis://:pw@h/0"


def test_a_file_that_cannot_be_read_or_competes_is_a_fault(tmp_path: Path) -> None:
    """A missing file is told, and so is a value that stands in both places."""
    assert faults({"PORT_FILE": str(tmp_path / "none")}) == [
        f"PORT_FILE: cannot read {tmp_path / 'none'}: No such file or directory"
    ]
    assert faults({"PORT": "1", "PORT_FILE": str(tmp_path)}) == [
        "PORT: PORT_FILE is set too; set one of them"
    ]


def test_an_empty_variable_counts_as_unset() -> None:
    """Platforms pass empty variables; they keep the default."""
    assert load({**HOME, "REDIS_URL": "", "PORT": " "}).port == 8000


def test_settings_cannot_be_changed() -> None:
    """What was decided at the start holds."""
    settings = load(HOME)
    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_the_masked_form_shows_every_option_and_no_secret() -> None:
    """What `config show` prints has every option by its name, and no secret."""
    secret = "sesame-77"
    shown = masked(
        load(
            {
                **HOME,
                "DATABASE_URL": f"postgres://u:{secret}@h/db",
                "REDIS_URL": f"redis://:{secret}@h/0",
                "SECRET_KEY": secret,
                "TOCSIN_PASSWORD": secret,
                "TOCSIN_HEARTBEAT_URL": f"https://hc.example/ping/{secret}",
            }
        )
    )
    assert secret not in str(shown)
    assert shown["DATABASE_URL"] == "postgresql+psycopg://u:***@h/db"
    assert shown["TOCSIN_HEARTBEAT_URL"] == "https://hc.example/***"
    assert shown["TOCSIN_LEASE_S"] == "60"
    assert len(shown) == len(Settings.model_fields)


def test_the_secrets_are_listed_for_the_logs() -> None:
    """Passwords inside addresses count as secrets, decoded."""
    found = secrets(load({**HOME, "DATABASE_URL": "postgres://u:p%40ssword@h/db", "SECRET_KEY": "sesame"}))
    assert found == {"p@ssword", "sesame"}


def test_a_home_too_deep_for_a_socket_gets_a_short_one() -> None:
    """A unix socket's path is limited; every process derives the same short one."""
    deep = Path("/data") / ("x" * 100)
    socket = addresses.socket_of(deep, uid=7)
    assert socket == addresses.socket_of(deep, uid=7) != addresses.socket_of(deep, uid=8)
    assert len(str(socket)) <= addresses.SOCKET_PATH_LIMIT
    assert addresses.socket_of(Path("/data"), uid=7) == Path("/data/redis/redis.sock")


def test_no_redis_is_found_where_none_is_named_or_runs(tmp_path: Path) -> None:
    """A named Redis wins; else the private one counts only where its socket stands."""
    env = {**HOME, "TOCSIN_HOME": str(tmp_path)}
    assert load(env).find_redis() is None
    assert load({**env, "REDIS_URL": "redis://h"}).find_redis() == "redis://h"
