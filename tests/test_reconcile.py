"""The declared state comes to be, and what left it goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from config.declared import Declared, DeclaredChannel, DeclaredSubscription
from config.opml import Outline
from config.settings import load
from pipeline.core.errors import ConfigError
from pipeline.core.model import FeedState, FullText
from pipeline.core.policy import write
from pipeline.store import channels, feeds, subscriptions
from pipeline.store.engine import Store
from tests.command import Command
from tests.seed import NOW
from workers import reconcile

URL = "https://news.example/feed"
HOOK = "https://desk.example/hook"


def _outline(url: str = URL, **fields: object) -> Outline:
    usual: dict[str, object] = {
        "title": "News",
        "site_url": "",
        "language": None,
        "tags": ("World",),
        "auth": None,
        "interval_s": None,
        "full_text": None,
        "line": 1,
    }
    return Outline(url=url, **{**usual, **fields})  # type: ignore[arg-type]


def _declared(
    *,
    outlines: tuple[Outline, ...] = (),
    named: tuple[DeclaredSubscription, ...] = (),
    rung: tuple[DeclaredChannel, ...] = (),
) -> Declared:
    return Declared(feeds=outlines, subscriptions=named, channels=rung, notes=())


FULL = _declared(
    outlines=(_outline(interval_s=60, auth=("bob", "pw")), _outline(URL + "2")),
    named=(DeclaredSubscription(name="War", query="invasion", channels=("desk",)),),
    rung=(DeclaredChannel(name="desk", url=HOOK, secret=""),),
)


def _apply(store: Store, declared: Declared, *, dry_run: bool = False) -> list[str]:
    """The differences, as sentences."""
    changes = reconcile.apply(store, declared, interval_s=300, now=NOW, dry_run=dry_run)
    return [change.sentence(dry_run=dry_run) for change in changes]


def test_what_is_declared_exists_as_declared_and_managed(store: Store) -> None:
    """Feeds, channels and subscriptions are made as the files say, connected, and marked."""
    assert _apply(store, FULL) == [
        "added channel desk",
        "added subscription War: invasion",
        f"added feed {URL}",
        f"added feed {URL}2",
    ]
    with store.read() as tx:
        first, second = feeds.rows(tx)
        (channel,) = channels.rows(tx)
        (subscription,) = subscriptions.rows(tx)
    assert (first.interval_s, first.auth_user, first.tags, first.title) == (60, "bob", ("World",), "News")
    assert (second.interval_s, second.full_text, second.state) == (300, FullText.AUTO, FeedState.ACTIVE)
    assert subscription.channels == ("desk",)
    assert channel.secret.startswith("whsec_")
    assert all(row.managed for row in (first, second, channel, subscription))


def test_second_call_changes_nothing(store: Store) -> None:
    """Reconciling is idempotent."""
    _apply(store, FULL)
    assert _apply(store, FULL) == []


def test_dry_run_only_tells(store: Store) -> None:
    """A dry run names every difference and makes none."""
    assert _apply(store, FULL, dry_run=True)[0] == "would add channel desk"
    with store.read() as tx:
        assert (feeds.rows(tx), channels.rows(tx), subscriptions.rows(tx)) == ([], [], [])


def test_what_left_the_files_goes_and_articles_stay(store: Store) -> None:
    """Subscriptions and channels are removed, feeds paused; and only once."""
    _apply(store, FULL)
    assert _apply(store, _declared()) == [
        "removed subscription War; its alerts stay",
        "removed channel desk",
        f"paused feed {URL}; its articles stay",
        f"paused feed {URL}2; its articles stay",
    ]
    with store.read() as tx:
        assert {row.state for row in feeds.rows(tx)} == {FeedState.PAUSED}
        assert (channels.rows(tx), subscriptions.rows(tx)) == ([], [])
    assert _apply(store, _declared()) == []


def test_feed_that_comes_back_to_the_file_is_polled_again(store: Store) -> None:
    """A feed that had left its file is resumed when it is declared again."""
    _apply(store, _declared(outlines=(_outline(),)))
    _apply(store, _declared())
    assert _apply(store, _declared(outlines=(_outline(),))) == [f"took over feed {URL}"]
    with store.read() as tx:
        (row,) = feeds.rows(tx)
    assert (row.state, row.managed) == (FeedState.ACTIVE, True)


def test_what_was_made_by_command_is_left_alone(store: Store) -> None:
    """Nothing that no file ever declared is touched."""

    def by_command(tx: feeds.Tx) -> None:
        feeds.add(tx, url=URL + "3", interval_s=15, now=NOW)
        channel = channels.add(tx, name="mine", url=HOOK, secret="whsec_" + "A" * 32, now=NOW)
        subscriptions.add(tx, name="Mine", query="truce", channel_ids=[channel], now=NOW)

    store.write(by_command)
    _apply(store, FULL)
    assert _apply(store, _declared())
    with store.read() as tx:
        assert feeds.find(tx, URL + "3").state is FeedState.ACTIVE
        assert [row.name for row in channels.rows(tx)] == ["mine"]
        assert [row.name for row in subscriptions.rows(tx)] == ["Mine"]


def test_what_was_made_by_command_is_taken_over_when_declared(store: Store) -> None:
    """A file that comes to declare the same name or URL has the word from then on."""
    store.write(lambda tx: feeds.add(tx, url=URL, title="Old", interval_s=900, now=NOW))
    store.write(lambda tx: subscriptions.add(tx, name="War", query="truce", now=NOW))
    assert _apply(store, FULL)[1:3] == [
        "took over subscription War (query, channels)",
        f"took over feed {URL} (title, interval, tags, auth)",
    ]
    with store.read() as tx:
        assert feeds.find(tx, URL).managed
        assert subscriptions.find(tx, "War").query == "invasion"


def test_what_a_file_leaves_out_stays_as_a_command_set_it(store: Store) -> None:
    """A pause, an interval and a channel that commands set outlive the next start."""
    bare = _declared(
        outlines=(_outline(),), named=(DeclaredSubscription(name="War", query="invasion", channels=()),)
    )
    _apply(store, bare)

    def by_command(tx: feeds.Tx) -> None:
        feed = feeds.find(tx, URL).id
        feeds.edit(tx, feed, every_s=60, auth=("bob", "pw"))
        feeds.set_state(tx, feed, FeedState.PAUSED)
        channel = channels.add(tx, name="mine", url=HOOK, secret="whsec_" + "A" * 32, now=NOW)
        subscriptions.edit(tx, subscriptions.find(tx, "War").id, now=NOW, channel_ids=[channel])

    store.write(by_command)
    assert _apply(store, bare) == []
    with store.read() as tx:
        row = feeds.find(tx, URL)
        assert (row.interval_s, row.state, row.auth_user) == (60, FeedState.PAUSED, "bob")
        assert subscriptions.find(tx, "War").channels == ("mine",)


def test_changes_in_the_files_are_made(store: Store) -> None:
    """What a file says otherwise than before is changed, field by field, and the secret stays."""
    _apply(store, FULL)
    with store.read() as tx:
        secret = channels.find(tx, "desk").secret
    changed = _declared(
        outlines=(_outline(interval_s=120, full_text="never"), _outline(URL + "2", tags=("War",))),
        named=(DeclaredSubscription(name="War", query="sanction", channels=("desk",)),),
        rung=(DeclaredChannel(name="desk", url=HOOK + "2", secret=""),),
    )
    assert _apply(store, changed) == [
        "changed channel desk (url)",
        "changed subscription War (query)",
        f"changed feed {URL} (interval, full text)",
        f"changed feed {URL}2 (tags)",
    ]
    with store.read() as tx:
        assert channels.find(tx, "desk").secret == secret
    assert _apply(store, changed) == []


def test_policy_is_declared_changed_and_left_alone(store: Store) -> None:
    """What a file says of it holds as a whole; where it says nothing, a command's stays."""

    def war(policy: dict[str, object] | None) -> Declared:
        named = DeclaredSubscription(name="War", query="invasion", channels=(), policy=policy)
        return _declared(named=(named,))

    _apply(store, war({"mode": "every", "rate": "10/h"}))
    assert _apply(store, war({"mode": "every", "rate": "10/h"})) == []
    assert _apply(store, war({"cooldown": "5m"})) == ["changed subscription War (policy)"]
    with store.read() as tx:
        assert write(subscriptions.find(tx, "War").policy) == {"cooldown": "5m"}
    assert _apply(store, war(None)) == []
    with pytest.raises(ConfigError, match="there is no channel 'boss'"):
        _apply(store, war({"priority": "urgent", "escalate": "boss"}), dry_run=True)


def test_changed_query_is_a_new_version_and_an_unchanged_one_is_none(store: Store) -> None:
    """Percolators hear of a subscription only when it changed."""
    _apply(store, FULL)
    with store.read() as tx:
        before = subscriptions.version(tx)
    reconcile.apply(store, FULL, interval_s=300, now=NOW + timedelta(hours=1))
    with store.read() as tx:
        assert subscriptions.version(tx) == before


def test_unknown_channel_and_weak_secret_are_told_and_nothing_is_made(store: Store) -> None:
    """All faults are named at once, before anything changes."""
    wrong = _declared(
        outlines=(_outline(),),
        named=(DeclaredSubscription(name="War", query="invasion", channels=("dest",)),),
        rung=(DeclaredChannel(name="desk", url=HOOK, secret="whsec_"),),
    )
    with pytest.raises(ConfigError) as caught:
        _apply(store, wrong)
    assert len(caught.value.faults) == 2
    assert "'dest'" in caught.value.faults[0]
    with store.read() as tx:
        assert (feeds.rows(tx), channels.rows(tx)) == ([], [])


def test_config_apply_reads_the_folder_and_shows_differences(tmp_path: Path, database_url: str) -> None:
    """`config apply` shows what it would do, does it, and then has nothing to do."""
    folder = tmp_path / "declared"
    folder.mkdir()
    (folder / "feeds.opml").write_text(
        f'<opml version="2.0"><head/><body><outline type="rss" text="News" xmlUrl="{URL}"/></body></opml>'
    )
    (folder / "subscriptions.yaml").write_text("subscriptions:\n  - name: War\n    query: invasion\n")
    run = Command(tmp_path, database_url, TOCSIN_CONFIG=str(folder))
    assert run.ok("config", "apply", "--dry-run").out == (
        f"would add subscription War: invasion\nwould add feed {URL}\n"
    )
    assert run.ok("config", "apply").out == f"added subscription War: invasion\nadded feed {URL}\n"
    assert "nothing to change" in run.ok("config", "apply").out
    assert "feeds.opml declares it" in run.ok("feeds", "remove", URL).err
    (folder / "subscriptions.yaml").write_text("subscriptions:\n  - name: War\n    query: a b OR c\n")
    assert "position" in run.refused("config", "apply")


def test_declared_state_that_comes_with_the_project_is_sound(tmp_path: Path, store: Store) -> None:
    """The default feeds, subscriptions and channels can be read and made."""
    settings = load({"HOME": str(tmp_path), "TOCSIN_HOME": str(tmp_path)})
    declared = reconcile.read(settings, {})
    assert len(_apply(store, declared)) == len(declared.feeds) + len(declared.subscriptions)
    assert _apply(store, declared) == []
