"""The declared state in files."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import declared
from pipeline.core import policy
from pipeline.core.errors import ConfigError, UsageError
from pipeline.core.query import parse

OWN = Path(__file__).resolve().parents[1] / "config"


def accept(url: str) -> None:
    if "attach=" in url:
        raise UsageError("attachments are not sent")


def read(folder: Path, **env: str) -> declared.Declared:
    return declared.read(folder, env, check_query=parse, check_url=accept, check_policy=policy.read)


def faults(folder: Path, **env: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(folder, **env)
    return caught.value.faults


def test_our_own_files_declare_world_news_and_what_to_ring_for() -> None:
    """The files that come along are sound: 45 feeds in folders, queries that the language takes, no channel."""
    found = read(OWN)
    assert len(found.feeds) == 45
    assert all(len(feed.tags) == 1 and feed.language for feed in found.feeds)
    queries = {each.name: each.query for each in found.subscriptions}
    assert queries["Invasion"] == 'invasion NOT "home invasion"'
    assert queries["Sanctions"] == "sanction"
    assert len(queries) >= 10
    assert (found.channels, found.notes) == ((), ())


def test_a_folder_without_files_declares_nothing(tmp_path: Path) -> None:
    """Each file may be missing; a missing folder is a fault, since it is more likely a wrong name."""
    assert read(tmp_path) == declared.Declared(feeds=(), subscriptions=(), channels=(), notes=())
    assert faults(tmp_path / "none") == [f"TOCSIN_CONFIG: {tmp_path / 'none'} is not a folder"]
    assert "cannot be read: File name too long" in faults(tmp_path / ("x" * 300))[0]


def test_keywords_make_a_query_that_any_of_them_meets(tmp_path: Path) -> None:
    """One word stays a word, so that its inflections count; several become a phrase."""
    (tmp_path / "subscriptions.yaml").write_text(
        "- {name: A, keywords: [sanction, home invasion, NOT, Ünal]}"
    )
    (made,) = read(tmp_path).subscriptions
    assert made.query == 'sanction OR "home invasion" OR "NOT" OR Ünal'
    assert parse(made.query)


def test_a_policy_is_a_word_or_says_more(tmp_path: Path) -> None:
    """As the command line takes it; what is wrong in it is told with the subscription's name."""
    file = tmp_path / "subscriptions.yaml"
    file.write_text(
        "- {name: A, query: a, policy: every}\n"
        "- {name: B, query: b, policy: {digest: 0 8 * * *, quiet: 22:00-07:00, min_sources: 2, updates: yes}}\n"
        "- {name: C, query: c}\n"
    )
    assert [each.policy for each in read(tmp_path).subscriptions] == [
        {"mode": "every"},
        {"digest": "0 8 * * *", "quiet": "22:00-07:00", "min_sources": 2, "updates": True},
        None,
    ]
    file.write_text("- {name: A, query: a, policy: {rate: fast}}\n- {name: B, query: b, policy: [every]}")
    first, second = faults(tmp_path)
    assert first.startswith("subscriptions.yaml, entry 1 (A): policy: rate: must be a number of messages")
    assert (
        second == "subscriptions.yaml, entry 2 (B): `policy` must be a word, or a mapping such as `mode: …`"
    )


def test_a_channels_secrets_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The file names where the secret is; it does not hold it."""
    (tmp_path / "token").write_text("slack://a/b/c\n")
    (tmp_path / "channels.yaml").write_text(
        "channels:\n"
        "- {name: hook, url: 'https://h.test/x', secret_env: HOOK_SECRET, pace: 30}\n"
        "- {name: desk, url_file: token}\n"
        "- {name: duty, url_env: DUTY_URL}\n"
    )
    found = read(tmp_path, HOOK_SECRET="whsec_abc", DUTY_URL="mailto://x").channels
    assert [(each.name, each.url, each.secret) for each in found] == [
        ("hook", "https://h.test/x", "whsec_abc"),
        ("desk", "slack://a/b/c", ""),
        ("duty", "mailto://x", ""),
    ]
    assert [each.pace for each in found] == [30, None, None]


def test_every_fault_of_every_file_is_told_at_once_with_its_place(tmp_path: Path) -> None:
    """Whoever edits the files mends them in one go."""
    (tmp_path / "feeds.opml").write_text("<html/>")
    (tmp_path / "subscriptions.yaml").write_text(
        "subscriptions:\n"
        "- {name: A, query: 'a b OR c'}\n"
        "- {name: A, query: x}\n"
        "- {query: x, colour: red}\n"
        "- {name: B}\n"
        "- {name: C, query: 7}\n"
        "- nonsense\n"
    )
    (tmp_path / "channels.yaml").write_text(
        "channels:\n"
        "- {name: a, url: 'https://h.test', secret: inline}\n"
        "- {name: b, url_env: NOT_SET}\n"
        "- {name: c}\n"
        "- {name: d, url: x, url_file: y}\n"
        "- {name: e, url: 'mailto://x?attach=/etc/passwd'}\n"
        "- {name: f, url: 'https://h.test', pace: 0}\n"
    )
    told = faults(tmp_path)
    assert [fault.partition(": ")[0] for fault in told] == [
        "feeds.opml",
        "subscriptions.yaml, entry 1 (A)",
        "subscriptions.yaml, entry 2",
        "subscriptions.yaml, entry 3",
        "subscriptions.yaml, entry 3",
        "subscriptions.yaml, entry 4 (B)",
        "subscriptions.yaml, entry 5 (C)",
        "subscriptions.yaml, entry 5 (C)",
        "subscriptions.yaml, entry 6",
        "channels.yaml, entry 1 (a)",
        "channels.yaml, entry 2 (b)",
        "channels.yaml, entry 3 (c)",
        "channels.yaml, entry 4 (d)",
        "channels.yaml, entry 5 (e)",
        "channels.yaml, entry 6 (f)",
    ]
    assert "channels.yaml, entry 2 (b): the variable NOT_SET is not set" in told
    assert not any("inline" in fault.rpartition("(a):")[2] for fault in told)


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    """The parser's own complaint comes with the place."""
    (tmp_path / "channels.yaml").write_text("channels:\n  - name: 'open\n")
    (fault,) = faults(tmp_path)
    assert fault.startswith("channels.yaml, line ")


def test_a_line_of_the_feed_list_that_brings_nothing_is_noted(tmp_path: Path) -> None:
    """A list exported elsewhere may hold links and doubles; they do not stop the start."""
    (tmp_path / "feeds.opml").write_text(
        '<opml><body><outline xmlUrl="http://a.test/f"/><outline xmlUrl="http://a.test/f/"/></body></opml>'
    )
    found = read(tmp_path)
    assert len(found.feeds) == 1
    assert found.notes == ("feeds.opml, line 1: same feed as on line 1; merged",)
