"""``./run subscriptions``, ``channels``, ``alerts``, ``articles`` and ``deliveries`` on both databases."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from sqlalchemy import update

from pipeline.store import channels
from pipeline.store.engine import Store
from pipeline.store.tables import alerts
from tests.command import Command
from tests.seed import NOW, TITLE, seed, update_of

HOOK = "https://desk.example/hook"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Command:
    """The command line on a migrated, empty database."""
    return Command(tmp_path, database_url)


def test_subscription_is_added_with_its_channels(run: Command) -> None:
    """A subscription names its query and channels; unknown channels tell the nearest."""
    run.ok("channels", "add", "desk", HOOK)
    run.ok("subscriptions", "add", "War", 'invasion NOT "home invasion"', "--to", "desk")
    (row,) = run.ok("subscriptions", "list", "--json").lines
    assert (row["name"], row["query"], row["state"]) == ("War", 'invasion NOT "home invasion"', "active")
    assert row["channels"] == ["desk"]
    assert "did you mean 'desk'" in run.refused("subscriptions", "add", "Peace", "truce", "--to", "dest")
    assert "War" in run.refused("subscriptions", "add", "War", "truce")


def test_wrong_query_is_refused_with_its_position(run: Command) -> None:
    """A query is checked before anything is saved, when added and when edited."""
    assert "position" in run.refused("subscriptions", "add", "War", "a b OR c")
    run.ok("subscriptions", "add", "War", "invasion")
    assert "position" in run.refused("subscriptions", "edit", "War", "--query", "(invasion")
    assert run.ok("subscriptions", "show", "War", "--json").lines[0]["query"] == "invasion"


@pytest.mark.parametrize("name", ["", " ", "7", "a\nb", "x" * 101, "\x1b[31m"])
def test_name_that_could_be_mistaken_is_refused(run: Command, name: str) -> None:
    """Names are one printable line and no number."""
    assert "name" in run.refused("subscriptions", "add", name, "invasion")
    assert "name" in run.refused("channels", "add", name, HOOK)


def test_subscription_is_edited_paused_resumed_and_removed(run: Command) -> None:
    """States follow the commands; a removed subscription frees its name."""
    run.ok("channels", "add", "desk", HOOK)
    run.ok("subscriptions", "add", "War", "invasion", "--to", "desk")
    run.ok("subscriptions", "edit", "War", "--name", "Force", "--query", "sanction")
    run.ok("subscriptions", "pause", "Force")
    row = run.ok("subscriptions", "show", "Force", "--json").lines[0]
    assert (row["query"], row["state"], row["channels"]) == ("sanction", "paused", ["desk"])
    run.ok("subscriptions", "resume", "Force")
    run.ok("subscriptions", "edit", "Force", "--no-channels")
    row = run.ok("subscriptions", "show", "Force", "--json").lines[0]
    assert (row["state"], row["channels"]) == ("active", [])
    run.ok("subscriptions", "remove", "Force")
    assert run.ok("subscriptions", "list", "--json").out == ""
    run.ok("subscriptions", "add", "Force", "invasion")


def test_policy_is_said_changed_and_taken_back(run: Command) -> None:
    """Each option is one key; what is not named stays, `none` takes it back, faults are told in one line."""
    run.ok("channels", "add", "desk", HOOK)
    run.ok("channels", "add", "boss", HOOK)
    said = ["--quiet", "22:00-07:00", "--time-zone", "Europe/Berlin", "--rate", "10/h", "--min-sources", "2"]
    run.ok("subscriptions", "add", "War", "invasion", "--to", "desk", *said)
    row = run.ok("subscriptions", "show", "War", "--json").lines[0]
    kept = {"time_zone": "Europe/Berlin", "rate": "10/h", "min_sources": 2}
    assert row["policy"] == {**kept, "quiet": "22:00-07:00"}
    run.ok("subscriptions", "edit", "War", "--quiet", "none", "--digest", "0 8 * * 1-5", "--updates")
    kept |= {"mode": "digest", "digest": "0 8 * * 1-5", "updates": True}
    assert run.ok("subscriptions", "list", "--json").lines[0]["policy"] == kept
    assert "digest=0 8 * * 1-5" in run.ok("subscriptions", "show", "War").out
    urgent = ["--policy", "story", "--priority", "urgent", "--escalate", "boss", "--escalate-after", "5m"]
    run.ok("subscriptions", "edit", "War", *urgent)
    edit = ("subscriptions", "edit", "War")
    assert "is told at once already" in run.refused(*edit, "--to", "desk", "--to", "boss")
    assert "there is no channel 'bos'" in run.refused(*edit, "--escalate", "bos")
    assert "did you mean Europe/Berlin" in run.refused(*edit, "--time-zone", "europe/berlin")
    assert "cron expression" in run.refused("subscriptions", "add", "Peace", "truce", "--digest", "daily")
    assert run.ok("subscriptions", "list", "--json").lines[0]["policy"]["escalate_after"] == "5m"


def test_webhook_gets_a_secret_that_is_shown_once(run: Command, store: Store) -> None:
    """A webhook's secret is made, printed when it is added, and never after."""
    added = run.ok("channels", "add", "desk", HOOK, "--json").lines[0]
    assert added.keys() >= {"name", "url", "secret"}
    assert len(base64.b64decode(added["secret"].removeprefix("whsec_"))) >= 24
    with store.read() as tx:
        assert channels.find(tx, "desk").secret == added["secret"]
    assert added["secret"] not in run.ok("channels", "list").out + run.ok("channels", "list", "--json").out


def test_secret_of_a_webhook_may_be_given_in_a_file(run: Command, store: Store, tmp_path: Path) -> None:
    """A given secret is used; one that cannot sign is refused without being repeated."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text("whsec_" + "Zm9vYmFy" * 4 + "\n")
    bad.write_text("hunter2!")
    run.ok("channels", "add", "desk", HOOK, "--secret-file", str(good))
    with store.read() as tx:
        assert channels.find(tx, "desk").secret == "whsec_" + "Zm9vYmFy" * 4
    assert "hunter2" not in run.refused("channels", "add", "b", HOOK, "--secret-file", str(bad))
    assert "Apprise" in run.refused(
        "channels", "add", "c", "ntfy://ntfy.sh/topic", "--secret-file", str(good)
    )


def test_address_that_is_a_secret_is_read_from_stdin_and_masked(run: Command, store: Store) -> None:
    """`-` takes the address from standard input; lists show no more of it than its kind and host."""
    run.ok("channels", "add", "chat", "-", stdin="slack://TokenAAAA/TokenBBBB/TokenCCCC/#desk\n")
    shown = run.ok("channels", "list", "--json").out + run.ok("channels", "list").out
    assert "slack://" in shown
    assert "Token" not in shown
    with store.read() as tx:
        assert channels.find(tx, "chat").url.startswith("slack://TokenAAAA")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "exec://x", "mailto", "https://", "json://h/?attach=/etc/passwd"]
)
def test_channel_that_may_not_be_reached_is_refused(run: Command, url: str) -> None:
    """Only webhooks and the listed kinds of Apprise are taken."""
    run.refused("channels", "add", "desk", url)


def test_test_message_that_does_not_arrive_fails(run: Command) -> None:
    """A channel nobody listens on, or that may not be reached, exits 1 and says why."""
    run.ok("channels", "add", "desk", "http://127.0.0.1:9/hook")
    assert "did not take the test message" in run.refused("channels", "test", "desk", code=1)
    assert "did you mean 'desk'" in run.refused("channels", "test", "dest")


def test_channel_is_paused_resumed_renamed_and_removed(run: Command) -> None:
    """States follow the commands."""
    run.ok("channels", "add", "desk", HOOK)
    run.ok("channels", "pause", "desk")
    assert run.ok("channels", "list", "--json").lines[0]["state"] == "paused"
    run.ok("channels", "resume", "desk")
    run.ok("channels", "edit", "desk", "--name", "night desk")
    run.ok("channels", "remove", "night desk")
    assert run.ok("channels", "list", "--json").out == ""


def test_alerts_are_listed_shown_and_acknowledged(run: Command, store: Store) -> None:
    """Live alerts are listed apart from backlog, with every field; one is marked as seen."""
    seeded = seed(store)
    (live,) = run.ok("alerts", "list", "--json").lines
    assert live.keys() >= {
        "id",
        "subscription",
        "story_id",
        "article_id",
        "url",
        "title",
        "state",
        "created_at",
        "matches",
    }
    assert (live["id"], live["subscription"], live["title"]) == (seeded.alerts[0], "War", TITLE)
    assert live["matches"][0]["text"] == "invasion"
    (old,) = run.ok("alerts", "list", "--backlog", "--json", "--subscription", "War").lines
    assert old["id"] == seeded.alerts[1]
    assert "did you mean 'War'" in run.refused("alerts", "list", "--subscription", "Wor")
    run.ok("alerts", "ack", str(seeded.alerts[0]), "--by", "anna")
    assert run.ok("alerts", "show", str(seeded.alerts[0]), "--json").lines[0]["state"] == "acknowledged"
    assert "body: Economic sanctions follow" in run.ok("alerts", "show", str(seeded.alerts[0])).out
    run.refused("alerts", "show", "12345")


def test_alerts_are_handled_and_each_act_is_shown(run: Command, store: Store) -> None:
    """Who did what and when stands with the alert; whoever comes second is told who was first."""
    id_ = str(seed(store).alerts[0])
    run.ok("alerts", "assign", id_, "bea", "--by", "anna")
    run.ok("alerts", "mark", id_, "--not-relevant", "--by", "bea")
    run.ok("alerts", "snooze", id_, "2h", "--by", "bea")
    assert "snoozed until" in run.ok("alerts", "list", "--state", "new", "--subscription", "War").out
    run.ok("alerts", "ack", id_, "--by", "bea")
    assert "acknowledged already: bea has it since" in run.refused(
        "alerts", "ack", id_, "--by", "carl", code=1
    )
    row = run.ok("alerts", "show", id_, "--json").lines[0]
    assert (row["handled_by"], row["assignee"], row["snoozed_until"]) == ("bea", "bea", None)
    assert row["acknowledged_after_s"] > 0
    assert [(one["actor"], one["action"], one["detail"][:6]) for one in row["actions"]] == [
        ("anna", "assign", "to bea"),
        ("bea", "mark", "not re"),
        ("bea", "snooze", "until "),
        ("bea", "acknowledge", ""),
    ]
    assert "bea: acknowledge" in run.ok("alerts", "show", id_).out
    run.ok("alerts", "assign", id_, "--nobody")
    assert "must be a time" in run.refused("alerts", "snooze", id_, "later")
    assert "say whose" in run.refused("alerts", "assign", id_)
    assert "no alert 12345" in run.refused("alerts", "assign", "12345", "bea")
    assert run.ok("alerts", "list", "--state", "new", "--json").out == ""
    assert "new or acknowledged" in run.refused("alerts", "list", "--state", "seen")


def test_held_alerts_say_why_and_until_when(run: Command, store: Store) -> None:
    """In the list of those that are held, and in JSON."""
    seeded = seed(store)
    with store.begin() as tx:
        tx.execute(
            update(alerts)
            .where(alerts.c.id == seeded.alerts[0])
            .values(disposition="held", held_because="quiet hours", held_until=NOW)
        )
    (row,) = run.ok("alerts", "list", "--held", "--json").lines
    assert (row["disposition"], row["held_because"], row["held_until"]) == (
        "held",
        "quiet hours",
        "2026-11-23T12:00:00Z",
    )


def test_articles_are_listed_a_page_at_a_time(
    run: Command, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSON Lines have every row, the newest first, however many pages they take; --limit cuts."""
    monkeypatch.setattr("workers.cli.output.PAGE", 3)
    seeded = seed(store, titles=tuple(f"Title {number}" for number in range(8)))
    rows = run.ok("articles", "list", "--json").lines
    assert [row["id"] for row in rows] == sorted(seeded.articles, reverse=True)
    assert rows[0].keys() >= {
        "id",
        "url",
        "title",
        "summary",
        "author",
        "language",
        "published_at",
        "first_seen_at",
        "story_id",
        "feeds",
    }
    assert rows[0]["feeds"] == [
        {"id": seeded.feed, "title": "News & Views", "url": "https://news.example/feed"}
    ]
    assert rows[0]["published_at"] is None
    assert len(run.ok("articles", "list", "--json", "--limit", "4").lines) == 4
    shown = run.ok("articles", "show", str(seeded.articles[0])).out
    assert "Economic sanctions follow the invasion" in shown


def test_deliveries_are_listed_by_state_and_tried_again(run: Command, store: Store) -> None:
    """A dead delivery is found by its state and made due; what is said of it is harmless on a terminal."""
    seeded = seed(store)
    (row,) = run.ok("deliveries", "list", "--json", "--state", "dead").lines
    assert (row["id"], row["alert_id"], row["channel"]) == (seeded.delivery, seeded.alerts[0], "desk")
    assert (row["attempts"], row["last_error"], row["delivered_at"]) == (1, "HTTP 500: \x1b[31mno", None)
    assert "\x1b" not in run.ok("deliveries", "list").out
    assert "say which" in run.refused("deliveries", "retry")
    assert run.ok("deliveries", "retry", "--state", "dead", "--channel", "desk").out == "1 delivery due now\n"
    assert run.ok("deliveries", "list", "--json").lines[0]["state"] == "pending"
    assert run.ok("deliveries", "list", "--json", "--state", "dead").out == ""
    assert run.ok("deliveries", "retry", str(seeded.delivery)).out == "1 delivery due now\n"
    assert "not sent again" in run.refused("deliveries", "retry", "--state", "delivered")
    assert "none of these" in run.refused("deliveries", "retry", "12345")


def test_deliveries_of_a_time_are_tried_again(run: Command, store: Store) -> None:
    """By when they were made: since, until, or both."""
    seed(store)
    retry = ("deliveries", "retry", "--state", "pending")
    assert run.ok("deliveries", "retry", "--until", "2020-01-01").out == "0 deliveries due now\n"
    assert run.ok("deliveries", "retry", "--since", "2020-01-01").out == "1 delivery due now\n"
    assert (
        run.ok(*retry, "--since", "2020-01-01", "--until", "2020-01-02T08:30").out == "0 deliveries due now\n"
    )
    assert "is no time" in run.refused("deliveries", "retry", "--since", "yesterday")


def test_a_channel_has_a_pace_of_its_own(run: Command, store: Store) -> None:
    """Given when it is added or later, shown in the list, and taken away with 0."""
    run.ok("channels", "add", "desk", HOOK, "--pace", "10")
    (row,) = run.ok("channels", "list", "--json").lines
    assert (row["pace_per_minute"], row["failures"], row["open_until"]) == (10, 0, None)
    run.ok("channels", "edit", "desk", "--pace", "30")
    assert "30" in run.ok("channels", "list").out
    run.ok("channels", "edit", "desk", "--pace", "0")
    with store.read() as tx:
        assert channels.find(tx, "desk").pace_per_minute is None
    assert run("channels", "edit", "desk", "--pace", "-1").code == 2


def test_alerts_are_sent_again_when_asked_for(run: Command, store: Store) -> None:
    """By id, or all of a subscription since a time; backlog is not."""
    seeded = seed(store)
    rang, old = seeded.alerts
    assert run.ok("alerts", "resend", str(rang), str(old)).out == (
        "1 alert is sent again\n1 backlog, which is not sent\n"
    )
    assert run.ok("deliveries", "list", "--json").lines[0]["state"] == "pending"
    (row,) = run.ok("alerts", "resend", "--subscription", "War", "--since", "2026-11-23", "--json").lines
    assert row == {"alert_id": rang, "outcome": "on its way", "delivery_ids": []}
    assert (
        run.ok("alerts", "resend", "--subscription", "War", "--since", "0s").out
        == "0 alerts are sent again\n"
    )
    assert "is no time" in run.refused("alerts", "resend", "--subscription", "War", "--since", "soon")
    assert "say which" in run.refused("alerts", "resend")
    assert "say which" in run.refused("alerts", "resend", "1", "--since", "1h")
    assert "no channel 'no'" in run.refused("alerts", "resend", str(rang), "--to", "no")


def test_alert_shows_what_has_changed_since(run: Command, store: Store) -> None:
    """Its updates are told in a line each, and whole with --json."""
    seeded = seed(store)
    update_of(store, seeded.alerts[0], seeded.articles[0])
    assert "headline: 12 → 15" in run.ok("alerts", "show", str(seeded.alerts[0])).out
    (row,) = run.ok("alerts", "show", str(seeded.alerts[0]), "--json").lines
    assert [one["change"]["kinds"] for one in row["updates"]] == [["numbers"]]


def test_pull_channels_are_shown_and_get_new_addresses(run: Command) -> None:
    """`show` prints them with the public address; a new token changes them, and no list tells them."""
    run.ok("subscriptions", "add", "war", "invasion")
    before = run.ok("subscriptions", "show", "war", "--json").lines[0]["pull"]
    assert before["atom"].startswith("http://127.0.0.1:8000/pull/")
    run.env["TOCSIN_PUBLIC_URL"] = "https://news.example/"
    run.ok("subscriptions", "edit", "war", "--new-pull-token")
    after = run.ok("subscriptions", "show", "war", "--json").lines[0]["pull"]
    assert after["events"].startswith("https://news.example/pull/")
    assert after["events"].endswith("/events")
    secret = after["events"].split("/")[-2]
    assert secret not in before["events"]
    assert secret in run.ok("subscriptions", "show", "war").out
    assert secret not in run.ok("subscriptions", "list", "--json").out
