"""The login: everything is behind it, guessing is slow, and it leads nowhere else."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete

from config.settings import Settings
from pipeline.store import keepsakes
from pipeline.store.engine import Store
from pipeline.store.tables import keepsakes as kept
from tests.web.browser import PASSWORD, context, csrf, log_in
from workers.web import keys
from workers.web.app import create_app
from workers.web.login import safe_next
from workers.web.throttle import FORGET_S, FREE, Throttle


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/alerts/1",
        "/articles/1",
        "/queues/",
        "/queues/0/data/queues.json",
        "/queues/requeue/ingest",
        "/nothing",
    ],
)
def test_everything_is_behind_the_login(client: FlaskClient, path: str) -> None:
    """Whoever is not logged in is shown the way to the login, and nothing else."""
    answer = client.get(path)
    assert answer.status_code == 302
    assert answer.location.startswith("/login?next=/")


def test_programs_are_told_that_they_are_not_logged_in(client: FlaskClient) -> None:
    """The API and state-changing requests answer 401 instead of a redirect."""
    assert client.get("/api/v1/alerts").status_code == 401
    assert client.post("/queues/requeue/ingest").status_code == 401
    assert client.post("/alerts/1/ack").status_code == 401


def test_login_leads_on_and_logout_ends_it(client: FlaskClient) -> None:
    """The password opens the pages, in a cookie no script or foreign site can use; logging out closes them."""
    answer = log_in(client, target="/alerts/3")
    assert (answer.status_code, answer.location) == (303, "/alerts/3")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get("/")
    assert page.status_code == 200
    assert client.post("/logout", data={"csrf": csrf(page)}).status_code == 303
    assert client.get("/").status_code == 302


def test_wrong_password_and_missing_token_are_refused(client: FlaskClient) -> None:
    """Neither a wrong password nor a form from elsewhere logs in."""
    assert log_in(client, "wrong").status_code == 401
    assert client.post("/login", data={"password": PASSWORD}).status_code == 403
    assert client.post("/login", data={"password": PASSWORD, "csrf": ""}).status_code == 403
    assert client.get("/").status_code == 302


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    """After a few failures even the right password has to wait."""
    for _ in range(FREE):
        log_in(client, "wrong")
    answer = log_in(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1


def test_throttle_waits_longer_each_time_and_forgets() -> None:
    """Waits double up to a limit, count for a whole IPv6 network, and end with time or success."""
    clock = [0.0]
    throttle = Throttle(lambda: clock[0])
    waits = []
    for _ in range(20):
        throttle.failed("2001:db8::1")
        waits.append(throttle.wait_s("2001:db8::ffff"))
    assert waits[: FREE + 3] == [0.0] * (FREE - 1) + [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == 60.0
    assert throttle.wait_s("2001:db8:0:1::1") == 0
    clock[0] = FORGET_S + 1
    assert throttle.wait_s("2001:db8::1") == 0
    throttle.failed("192.0.2.1")
    throttle.succeeded("192.0.2.1")
    assert throttle.wait_s("192.0.2.1") == 0


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/ /evil.example",
        "\x00//evil.example",
        "/login?next=/login",
        "evil",
        "",
    ],
)
def test_login_leads_nowhere_else(client: FlaskClient, target: str) -> None:
    """?next= never leaves this site, however it is spelt."""
    assert log_in(client, target=target).location == "/"


def test_paths_of_ours_are_led_to(client: FlaskClient) -> None:
    """A path with a query is a good place to go."""
    with client.application.test_request_context():
        assert safe_next("/queues/0/view/jobs?x=1&y=%2F%2Fz") == "/queues/0/view/jobs?x=1&y=%2F%2Fz"


def test_password_is_made_once_and_kept_as_a_hash(
    settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a password in the environment one is made, printed once, and only its hash is stored."""
    bare = settings.model_copy(update={"password": None})
    made = keys.find(bare, store)
    printed = capsys.readouterr().err
    password = re.search(r"Password for \S+: (\S+)", printed)
    assert password
    assert made.opens(password[1])
    assert not made.opens(password[1] + "x")
    assert not made.opens("x" * 10_000)
    with store.read() as tx:
        assert password[1] not in str(keepsakes.read(tx, "password"))
    again = keys.find(bare, store)
    assert capsys.readouterr().err == ""
    assert again == made


def test_another_password_ends_open_sessions(operator: FlaskClient, settings: Settings, store: Store) -> None:
    """A session holds for the password that opened it."""
    cookie = operator.get_cookie("tocsin")
    assert cookie
    changed = settings.model_copy(update={"password": type(settings.password)("another")})
    other = create_app(context(changed, store)).test_client()
    other.set_cookie("tocsin", cookie.value)
    assert other.get("/").status_code == 302
    same = create_app(context(settings, store)).test_client()
    same.set_cookie("tocsin", cookie.value)
    assert same.get("/").status_code == 200


def test_session_key_is_made_once(settings: Settings, store: Store) -> None:
    """Sessions outlive a restart, and a wiped key makes another."""
    first = keys.find(settings, store).session_key
    assert keys.find(settings, store).session_key == first
    store.write(lambda tx: tx.execute(delete(kept)))
    assert keys.find(settings, store).session_key != first
