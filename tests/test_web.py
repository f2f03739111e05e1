"""The pages, the login, the API, health and rq-dashboard, over real HTTP semantics on both databases."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import delete
from waitress import create_server
from werkzeug.test import TestResponse

from config.settings import Settings, load
from pipeline.store import alerts, keepsakes, processes
from pipeline.store.engine import Store
from pipeline.store.processes import Process
from pipeline.store.tables import keepsakes as kept
from tests.seed import NOW, TITLE, seed
from workers.context import Context, now
from workers.queues import Queues
from workers.web import keys
from workers.web.app import create_app
from workers.web.highlight import marked
from workers.web.login import safe_next
from workers.web.throttle import FORGET_S, FREE, Throttle

PASSWORD = "correct horse"
EVIL = '<img src=x onerror="alert(1)">'
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str, redis_url: str) -> Settings:
    """The options of a web process."""
    return load(
        {
            "TOCSIN_HOME": str(tmp_path),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "TOCSIN_PASSWORD": PASSWORD,
        }
    )


def _context(settings: Settings, store: Store) -> Context:
    process = Process(id="web-1", kind="web", pid=1, host="h", started_at=NOW)
    return Context(settings=settings, store=store, process=process)


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    """A browser that is not logged in."""
    return create_app(_context(settings, store)).test_client()


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    """A browser that is logged in."""
    assert _log_in(client).status_code == 303
    return client


def _token(page: TestResponse) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def _log_in(client: FlaskClient, password: str = PASSWORD, target: str = "/") -> TestResponse:
    token = _token(client.get("/login"))
    return client.post("/login", data={"csrf": token, "password": password, "next": target})


def _beat(store: Store, *, age_s: float = 0.0) -> None:
    at = now() - timedelta(seconds=age_s)
    store.write(
        lambda tx: processes.beat(tx, Process(id="s", kind="scheduler", pid=1, host="h", started_at=at), at)
    )


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
    answer = _log_in(client, target="/alerts/3")
    assert (answer.status_code, answer.location) == (303, "/alerts/3")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get("/")
    assert page.status_code == 200
    assert client.post("/logout", data={"csrf": _token(page)}).status_code == 303
    assert client.get("/").status_code == 302


def test_wrong_password_and_missing_token_are_refused(client: FlaskClient) -> None:
    """Neither a wrong password nor a form from elsewhere logs in."""
    assert _log_in(client, "wrong").status_code == 401
    assert client.post("/login", data={"password": PASSWORD}).status_code == 403
    assert client.post("/login", data={"password": PASSWORD, "csrf": ""}).status_code == 403
    assert client.get("/").status_code == 302


def test_guessing_is_slowed_down(client: FlaskClient) -> None:
    """After a few failures even the right password has to wait."""
    for _ in range(FREE):
        _log_in(client, "wrong")
    answer = _log_in(client)
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
    assert _log_in(client, target=target).location == "/"


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
    other = create_app(_context(changed, store)).test_client()
    other.set_cookie("tocsin", cookie.value)
    assert other.get("/").status_code == 302
    same = create_app(_context(settings, store)).test_client()
    same.set_cookie("tocsin", cookie.value)
    assert same.get("/").status_code == 200


def test_session_key_is_made_once(settings: Settings, store: Store) -> None:
    """Sessions outlive a restart, and a wiped key makes another."""
    first = keys.find(settings, store).session_key
    assert keys.find(settings, store).session_key == first
    store.write(lambda tx: tx.execute(delete(kept)))
    assert keys.find(settings, store).session_key != first


def test_first_page_shows_alerts_and_articles_escaped_and_marked(operator: FlaskClient, store: Store) -> None:
    """What strangers wrote is text, matched words are marked, backlog is said to be that."""
    seed(store, titles=(TITLE, EVIL))
    page = operator.get("/").text
    assert "Sanctions &lt;b&gt;after&lt;/b&gt; the <mark>invasion</mark>" in page
    assert "Economic sanctions follow the <mark>invasion</mark>, they said." in page
    assert "News &amp; Views" in page
    assert 'class="badge">backlog' in page
    assert "<img" not in page
    assert page.count('rel="noopener noreferrer"') == 2
    assert "no scheduler runs" in page


def test_link_that_is_no_web_address_is_no_link(operator: FlaskClient, store: Store) -> None:
    """A javascript: address of an article never becomes one to click."""
    seeded = seed(store, url="javascript:alert(1)//")
    for path in ("/", f"/alerts/{seeded.alerts[0]}", f"/articles/{seeded.articles[0]}"):
        assert 'href="javascript' not in operator.get(path).text


def test_alert_page_marks_every_match_and_tells_deliveries(operator: FlaskClient, store: Store) -> None:
    """An alert shows the whole text with its matches, and where it went."""
    seeded = seed(store)
    page = operator.get(f"/alerts/{seeded.alerts[0]}").text
    assert page.count("<mark>invasion</mark>") == 2
    assert "desk: dead" in page
    assert "Economic sanctions" in operator.get(f"/articles/{seeded.articles[0]}").text


def test_alert_is_acknowledged_by_a_form_of_ours_only(operator: FlaskClient, store: Store) -> None:
    """Marking as seen needs the session's token."""
    seeded = seed(store)
    path = f"/alerts/{seeded.alerts[0]}"
    assert operator.post(f"{path}/ack").status_code == 403
    assert operator.post(f"{path}/ack", data={"csrf": _token(operator.get(path))}).status_code == 303
    with store.read() as tx:
        assert alerts.show(tx, seeded.alerts[0]).state == "acknowledged"


@pytest.mark.parametrize(
    "path",
    [
        "/alerts/12345",
        "/articles/12345",
        "/alerts/99999999999999999999",
        f"/{EVIL}",
        f"/alerts/{EVIL}",
        "/api/v1/alerts?subscription=" + EVIL,
        "/api/v1/nothing/" + EVIL,
        "/queues/0/view/job/" + EVIL,
        "/queues/0/data/job/nothing.json",
        "/queues/7/view/queues",
        "/queues/0/view/jobs/ingest/" + EVIL + "/8/asc/1",
        "/queues/0/data/jobs/ingest/nowhere/8/asc/1.json",
        "/queues/0/data/jobs/ingest/queued/0/asc/1.json",
        "/queues/0/data/jobs/ingest/queued/x/asc/1.json",
        "/static/../serve.py",
        "/static/%2e%2e/serve.py",
        "/queues/static/../../web.py",
    ],
)
def test_what_is_not_there_is_said_without_repeating_it(operator: FlaskClient, path: str) -> None:
    """Errors are 404, with our headers, and nothing of the request in them."""
    answer = operator.get(path)
    assert answer.status_code == 404
    assert "onerror" not in answer.text
    assert "Traceback" not in answer.text
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/", "/login", "/healthz", "/static/tocsin.css", "/api/v1/alerts", "/nothing"]
)
def test_every_answer_carries_the_protecting_headers(client: FlaskClient, path: str) -> None:
    """No foreign or inline script, no frame, no sniffing, on every route."""
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_api_gives_alerts_and_articles_page_by_page(operator: FlaskClient, store: Store) -> None:
    """Programs get the same fields as the command line, the newest first, and go on below an id."""
    seeded = seed(store)
    found = operator.get("/api/v1/alerts?backlog=0&subscription=War").get_json()["alerts"]
    assert [one["id"] for one in found] == [seeded.alerts[0]]
    assert found[0]["matches"][0]["text"] == "invasion"
    assert len(operator.get("/api/v1/alerts").get_json()["alerts"]) == 2
    newest = operator.get("/api/v1/articles?limit=1").get_json()["articles"]
    older = operator.get(f"/api/v1/articles?limit=1&before={newest[0]['id']}").get_json()["articles"]
    assert [newest[0]["id"], older[0]["id"]] == sorted(seeded.articles, reverse=True)
    for wrong in ("limit=0", "limit=x", "before=-1", "limit=" + "9" * 30):
        assert operator.get(f"/api/v1/articles?{wrong}").status_code == 400
    assert operator.get("/api/v1/alerts?backlog=perhaps").status_code == 400


def test_health_is_open_and_tells_which_part_is_missing(client: FlaskClient, store: Store) -> None:
    """The process answers; it is ready when database, Redis and a fresh scheduler are there."""
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": True, "redis": True, "scheduler": False}
    _beat(store)
    assert client.get("/readyz").status_code == 200
    store.write(lambda tx: processes.leave(tx, "s"))
    _beat(store, age_s=60)
    assert client.get("/readyz").status_code == 503


def test_redis_that_is_down_is_one_clear_page(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Without Redis the queues say so, the news and the login go on, and readiness is refused."""
    for url in (f"unix://{tmp_path}/none.sock", None):
        down = settings.model_copy(update={"redis_url": url})
        client = create_app(_context(down, store)).test_client()
        _log_in(client)
        for path in ("/queues/", "/queues/0/view/workers", "/queues/0/data/queues.json"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "Redis" in answer.text
        assert client.get("/").status_code == 200
        assert client.get("/readyz").get_json()["checks"]["redis"] is False


@pytest.mark.parametrize(
    "path",
    [
        "/queues/",
        "/queues/0/view/jobs",
        "/queues/0/view/workers",
        "/queues/0/view/jobs/ingest/failed/8/asc/1",
    ],
)
def test_queue_pages_run_their_own_scripts_only(operator: FlaskClient, path: str) -> None:
    """Each script has the answer's nonce, inline handlers are off, and values are written escaped."""
    answer = operator.get(path)
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert len(scripts) >= 5
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert "script-src-attr 'none'" in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "<%=" not in answer.text
    assert '<a class="navbar-brand" href="/">' in answer.text
    assert ".html() %>" not in answer.text
    assert operator.get(path).headers["Content-Security-Policy"] != policy


def test_queues_show_real_jobs(operator: FlaskClient, redis_url: str) -> None:
    """Queued jobs stand in rq-dashboard with our description, page and data alike."""
    queues = Queues(redis_url)
    queues.push("ingest", [1, 2], feeds=[7])
    (job_id,) = [key.decode().removeprefix("rq:job:") for key in queues.redis.keys("rq:job:*")]
    data = operator.get("/queues/0/data/jobs/ingest/queued/8/asc/1.json").get_json()
    assert [job["description"] for job in data["jobs"]] == ["ingest: 2 items of feed 7"]
    assert operator.get("/queues/0/data/queues.json").get_json()["queues"][0]["count"] == 1
    assert operator.get(f"/queues/0/view/job/{job_id}").status_code == 200
    assert operator.get(f"/queues/0/data/job/{job_id}.json").get_json()["origin"] == "ingest"


def test_failed_job_is_requeued_from_the_dashboard(operator: FlaskClient, redis_url: str) -> None:
    """The buttons work, for a job and for all, as JSON; a GET and a foreign page do nothing."""
    job_id = _failed_job(redis_url)
    assert operator.get("/queues/requeue/ingest").status_code == 405
    assert operator.head("/queues/requeue/ingest").status_code == 405
    foreign: list[dict[str, str]] = [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ]
    for headers in foreign:
        assert operator.post("/queues/requeue/ingest", headers=headers).status_code == 403
        assert operator.post(f"/queues/job/{job_id}/delete", headers=headers).status_code == 403
    assert Queues(redis_url).depths()["ingest"].failed == 1
    assert operator.post(f"/queues/job/{job_id}/requeue", headers=SAME).get_json() == {"status": "OK"}
    state = Queues(redis_url).depths()["ingest"]
    assert (state.failed, state.depth) == (0, 1)
    _failed_job(redis_url)
    answer = operator.post("/queues/requeue/ingest", headers={"Origin": "http://localhost"})
    assert answer.get_json()["count"] >= 1
    assert operator.post("/queues/job/nothing/requeue", headers=SAME).status_code == 404


def test_hostile_pickle_in_redis_is_never_loaded(
    operator: FlaskClient, redis_url: str, tmp_path: Path
) -> None:
    """A pickle put where a job keeps its data, meta or result runs no code in any page."""
    proof = tmp_path / "executed"
    hostile = b"cbuiltins\nexec\n(S'open(" + repr(str(proof)).encode().replace(b"'", b'"') + b', "w")\'\ntR.'
    job_id = _failed_job(redis_url)
    with Redis.from_url(redis_url) as redis:
        redis.hset(f"rq:job:{job_id}", mapping={"data": hostile, "meta": hostile, "result": hostile})
    for path in (
        "/queues/0/data/jobs/ingest/failed/8/asc/1.json",
        f"/queues/0/view/job/{job_id}",
        f"/queues/0/data/job/{job_id}.json",
        "/queues/0/data/workers.json",
    ):
        operator.get(path)
    operator.post(f"/queues/job/{job_id}/requeue", headers=SAME)
    operator.post("/queues/requeue/ingest", headers=SAME)
    operator.post(f"/queues/job/{job_id}/delete", headers=SAME)
    assert not proof.exists()


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([], "a&lt;b&gt;c"),
        ([(0, 1), (4, 5)], "<mark>a</mark>&lt;b&gt;<mark>c</mark>"),
        ([(1, 3), (2, 4)], "a<mark>&lt;b&gt;</mark>c"),
        ([(3, 99), (-5, 1), (9, 10), (2, 2)], "<mark>a</mark>&lt;b<mark>&gt;c</mark>"),
    ],
)
def test_marks_are_set_by_offset_and_everything_is_escaped(spans: list[tuple[int, int]], html: str) -> None:
    """Offsets count code points; overlapping, empty and impossible ones do no harm."""
    assert str(marked("a<b>c", spans)) == html


def test_real_server_answers_and_hides_what_it_is(settings: Settings, store: Store) -> None:
    """Over a real connection the app answers, limits bodies, and tells no version."""
    with _served(settings, store) as get:
        status, headers, body = get("GET", "/healthz", None)
        assert (status, body) == (200, b'{"status":"ok"}\n')
        assert "Server" not in headers
        assert get("POST", "/login", b"x" * 100_000)[0] in {403, 413}
        assert get("GET", "/%00", None)[0] in {302, 400}
        assert get("TRACE", "/", None)[0] in {401, 405}


class _served:  # noqa: N801  # used as a context manager
    """The app behind waitress on a free port."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._server = create_server(
            create_app(_context(settings, store)), host="127.0.0.1", port=0, ident=None
        )
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._server.run()
        except OSError:
            return  # closed under it

    def __enter__(self) -> Callable[[str, str, bytes | None], tuple[int, dict[str, str], bytes]]:
        self._thread.start()

        def get(method: str, path: str, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
            connection = HTTPConnection("127.0.0.1", self._server.effective_port, timeout=10)
            connection.request(method, path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse()
            found = (answer.status, dict(answer.getheaders()), answer.read())
            connection.close()
            return found

        return get

    def __exit__(self, *_exc: object) -> None:
        self._server.close()
        self._thread.join(10)


def _failed_job(redis_url: str) -> str:
    """A job of the ingest queue that failed, as there is no such function; its id."""
    queues = Queues(redis_url)
    queue = Queue("ingest", connection=queues.redis, serializer=JSONSerializer)
    job = queue.enqueue_call("workers.jobs.nothing_like_it", args=([1],), description=EVIL)
    queues.worker("ingest").work(burst=True, logging_level="CRITICAL")
    return str(job.id)
