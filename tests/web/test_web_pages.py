"""The pages, the API and health, over real HTTP semantics on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from waitress import create_server
from werkzeug.test import TestResponse

from config import opml
from config.settings import Settings
from pipeline.store import alerts, feeds, processes
from pipeline.store.engine import Store
from tests import stock
from tests.seed import NOW, TITLE, seed, update_of
from tests.web.browser import EVIL, beat, context, csrf, log_in
from workers.web.app import create_app
from workers.web.highlight import marked


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


def test_a_digests_page_lists_its_alerts(operator: FlaskClient, store: Store) -> None:
    """All that its message told or left out."""
    seeded = seed(store)
    with store.read() as tx:
        subscription_id = alerts.show(tx, seeded.alerts[0]).subscription_id
    stock.gather(store, subscription_id, seeded.alerts)
    with store.read() as tx:
        digest_id = alerts.show(tx, seeded.alerts[0]).digest_id
    page = operator.get(f"/digests/{digest_id}").text
    assert f"{len(seeded.alerts)} alert" in page
    assert "the <mark>invasion</mark>" in page
    assert operator.get(f"/digests/{10**9}").status_code == 404


def test_people_handle_alerts_on_their_page_and_see_who_did_what(operator: FlaskClient, store: Store) -> None:
    """The name is remembered; whoever comes second is told who was first; strange input is refused."""
    path = f"/alerts/{seed(store).alerts[0]}"
    token = csrf(operator.get(path))

    def act(action: str, **said: str) -> TestResponse:
        return operator.post(f"{path}/{action}", data={"csrf": token, **said})

    assert act("assign", by="Anna <b>", to="Bea").status_code == 303
    assert act("snooze", **{"for": "2h"}).status_code == 303
    assert act("mark", relevant="no").status_code == 303
    page = operator.get(path).text
    for line in ("Assigned to Bea", "Snoozed until", "Anna &lt;b&gt;: assign to Bea", "mark not relevant"):
        assert line in page
    assert act("ack").status_code == 303
    assert "Acknowledged by Anna &lt;b&gt;" in operator.get(path).text
    late = act("ack", by="Carl")
    assert late.status_code == 409
    assert "Anna &lt;b&gt; has it since" in late.text
    assert [act("snooze", **{"for": "long"}).status_code, act("mark", relevant="perhaps").status_code] == [
        400
    ] * 2
    assert [act("ack", by="x" * 101).status_code, act("assign", to="x\ny").status_code] == [400] * 2
    assert operator.post("/alerts/99999/ack", data={"csrf": token}).status_code == 404
    assert act("explode").status_code == 404


def test_programs_handle_alerts_with_a_token_in_a_header(operator: FlaskClient, store: Store) -> None:
    """The answer is the alert as it is then, or who was first."""
    path = f"/api/v1/alerts/{seed(store).alerts[0]}"
    assert operator.post(f"{path}/ack", json={"by": "bot"}).status_code == 403
    header = {"X-CSRF-Token": operator.get("/api/v1/token").get_json()["token"]}
    answer = operator.post(f"{path}/ack", json={"by": "bot"}, headers=header)
    assert (answer.status_code, answer.get_json()["handled_by"]) == (200, "bot")
    late = operator.post(f"{path}/ack", json={"by": "other"}, headers=header)
    assert (late.status_code, "bot has it since" in late.get_json()["error"]) == (409, True)
    assert operator.post(f"{path}/snooze", json=["2h"], headers=header).status_code == 400
    assert operator.post(f"{path}/snooze", json={"for": "2h"}, headers=header).get_json()["snoozed_until"]


def test_alert_page_shows_what_has_changed_since(operator: FlaskClient, store: Store) -> None:
    """Each update with its headlines laid over each other."""
    seeded = seed(store)
    assert "changed since" not in operator.get(f"/alerts/{seeded.alerts[0]}").text
    update_of(store, seeded.alerts[0], seeded.articles[0])
    page = " ".join(operator.get(f"/alerts/{seeded.alerts[0]}").text.split())
    assert "headline: 12 → 15" in page
    assert "Quake kills <del>12</del> <ins>15</ins>" in page


def test_alert_is_acknowledged_by_a_form_of_ours_only(operator: FlaskClient, store: Store) -> None:
    """Marking as seen needs the session's token."""
    seeded = seed(store)
    path = f"/alerts/{seeded.alerts[0]}"
    assert operator.post(f"{path}/ack").status_code == 403
    assert operator.post(f"{path}/ack", data={"csrf": csrf(operator.get(path))}).status_code == 303
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


def test_api_gives_the_feeds_as_a_list_for_other_readers(operator: FlaskClient, store: Store) -> None:
    """All of them, or those with a tag, as a file to keep; without passwords."""
    for name in ("a", "b"):
        store.write(
            partial(
                feeds.add,
                url=f"https://{name}.test/",
                interval_s=60,
                tags=[name],
                auth=("u", "geheim"),
                now=NOW,
            )
        )
    answer = operator.get("/api/v1/feeds.opml?tag=b&tag=c")
    assert [(feed.url, feed.tags) for feed in opml.read(answer.data).feeds] == [("https://b.test/", ("b",))]
    assert (answer.mimetype, "feeds.opml" in answer.headers["Content-Disposition"]) == ("text/x-opml", True)
    whole = operator.get("/api/v1/feeds.opml").data
    assert len(opml.read(whole).feeds) == 2
    assert b"geheim" not in whole


def test_health_is_open_and_tells_which_part_is_missing(client: FlaskClient, store: Store) -> None:
    """The process answers; it is ready when database, Redis and a fresh scheduler are there."""
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": True, "redis": True, "scheduler": False}
    beat(store)
    assert client.get("/readyz").status_code == 200
    store.write(lambda tx: processes.leave(tx, "s"))
    beat(store, age_s=60)
    assert client.get("/readyz").status_code == 503


def test_redis_that_is_down_is_one_clear_page(settings: Settings, store: Store, tmp_path: Path) -> None:
    """Without Redis the queues say so, the news and the login go on, and readiness is refused."""
    for url in (f"unix://{tmp_path}/none.sock", None):
        down = settings.model_copy(update={"redis_url": url})
        client = create_app(context(down, store)).test_client()
        log_in(client)
        for path in ("/queues/", "/queues/0/view/workers", "/queues/0/data/queues.json"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert "Redis" in answer.text
        assert client.get("/").status_code == 200
        assert client.get("/readyz").get_json()["checks"]["redis"] is False


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
            create_app(context(settings, store)), host="127.0.0.1", port=0, ident=None
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


def test_the_trace_page_answers(operator: FlaskClient, store: Store) -> None:
    """Why one was alerted to an address, or was not; what is asked for is shown as text."""
    seed(store)
    assert "Why was I alerted" in operator.get("/trace").text
    told = operator.get("/trace", query_string={"url": "https://news.example/a?n=0"}).text
    assert "desk given up after attempt 1" in told
    strange = operator.get("/trace", query_string={"url": '"><script>x', "subscription": "War"}).text
    assert "<script>x" not in strange
    assert operator.get("/trace?url=" + "x" * 3000).status_code == 400
    assert operator.get("/trace?url=x&subscription=none").status_code == 404
