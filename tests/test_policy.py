"""The policy of a subscription: how it is written, and that no alert gets lost in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.core.errors import UsageError
from pipeline.core.policy import (
    DEFAULT,
    Because,
    Hold,
    Mode,
    Priority,
    QuietHours,
    Rate,
    RingPolicy,
    Send,
    State,
    Waiting,
    decide,
    dispose,
    load,
    read,
    write,
)

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
#: Days around which these zones' clocks change, and one on which none does.
DAYS = [
    datetime(2026, month, day, tzinfo=UTC)
    for month, day in ((3, 7), (3, 28), (4, 4), (10, 3), (10, 24), (10, 31), (7, 1))
]

clocks = st.builds(time, st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
policies = st.builds(
    RingPolicy,
    mode=st.sampled_from(Mode),
    digest=st.sampled_from(("0 8 * * *", "*/15 * * * *", "30 2 * * *", "15 2 * * 0", "0 */3 * * *")),
    time_zone=st.sampled_from(ZONES),
    cooldown_s=st.sampled_from((0, 60, 1800, 40_000)),
    rate=st.none() | st.builds(Rate, st.integers(1, 4), st.sampled_from((60, 3600, 86_400))),
    quiet=st.none() | st.builds(QuietHours, clocks, clocks, st.sampled_from(ZONES)),
    priority=st.sampled_from(Priority),
    follow_ups_s=st.sampled_from((0, 600, 3600)),
    min_sources=st.integers(1, 3),
)


@dataclass
class Alert:
    """An alert of the model: when it came, and what became of it."""

    id: int
    at: datetime
    event: int
    follow_up: bool
    because: Because | None = None
    until: datetime | None = None
    told: datetime | None = None
    alone: bool = False


@dataclass
class Desk:
    """The store in small: it makes alerts, and looks after those that wait."""

    policy: RingPolicy
    alerts: list[Alert] = field(default_factory=list)
    messages: list[datetime] = field(default_factory=list)
    sources: dict[int, int] = field(default_factory=dict)

    def rings(self, event: int, now: datetime) -> None:
        """A story of this event, from another outlet."""
        self.sources[event] = self.sources.get(event, 0) + 1
        short = [one for one in self.alerts if one.because is Because.SOURCES and one.event == event]
        self._dispose([one for one in short if one.told is None], now)
        told = any(one.event == event and one.told for one in self.alerts)
        self.alerts.append(Alert(len(self.alerts), now, event, told))
        self._dispose(self.alerts[-1:], now)

    def tick(self, now: datetime) -> None:
        """Look after those whose time has come."""
        self._dispose([one for one in self.waiting if one.until and one.until <= now], now)

    @property
    def waiting(self) -> list[Alert]:
        return [one for one in self.alerts if one.told is None]

    def _dispose(self, alerts: list[Alert], now: datetime) -> None:
        done = dispose(
            self.policy,
            [Waiting(id=one.id, event_id=one.event, state=self._state(one)) for one in alerts],
            told=self.messages[::-1],
            ahead=self._ahead(),
            now=now,
        )
        gathered = [id_ for group in done.gathered for id_ in group.ids]
        assert sorted([*done.sent, *gathered, *done.held]) == sorted(one.id for one in alerts)
        self.messages += [now] * (len(done.sent) + len(done.gathered))
        for one in alerts:
            one.follow_up = one.id in done.follow_ups
            if one.id in done.held:
                one.because, one.until = done.held[one.id].because, done.held[one.id].until
            else:
                one.told, one.alone = now, one.id in done.sent

    def _state(self, one: Alert) -> State:
        with_it = [
            each.at for each in self.waiting if each.event == one.event and each.because is Because.FOLLOW_UP
        ]
        return State(
            since=one.at,
            held=one.because,
            follow_up=one.follow_up,
            gathering=min(with_it, default=None),
            sources=self.sources[one.event],
        )

    def _ahead(self) -> Hold | None:
        paced = {Because.QUIET, Because.COOLDOWN, Because.RATE}
        held = [
            Hold(one.because, one.until)
            for one in self.waiting
            if one.because is not None and one.because in paced and one.until is not None
        ]
        return min(held, key=lambda hold: hold.until or NOW, default=None)


@given(
    policy=policies,
    day=st.sampled_from(DAYS),
    steps=st.lists(st.tuples(st.integers(1, 9_000), st.none() | st.integers(0, 2)), max_size=40),
)
@settings(max_examples=80, deadline=None)
def test_every_alert_is_told_alone_or_in_a_digest_or_waits(
    policy: RingPolicy, day: datetime, steps: list[tuple[int, int | None]]
) -> None:
    """Sent, in a digest and held are all alerts, at every step, over changes of the clock and midnight."""
    desk = Desk(policy)
    now = day
    for seconds, event in steps:
        now += timedelta(seconds=seconds)
        desk.tick(now) if event is None else desk.rings(event, now)
        waits = {one.id: one.until for one in desk.waiting}
        desk.tick(now)
        for one in desk.alerts:
            if one.told == now and one.id in waits:
                assert waits[one.id] is not None, "told before its time was known"
                assert waits[one.id] <= now  # type: ignore[operator]
    _must_hold(desk)


def _must_hold(desk: Desk) -> None:
    policy = desk.policy
    for one in desk.alerts:
        if one.told is None:
            assert one.because is not None
            assert (one.until is None) == (one.because is Because.SOURCES)
    if policy.priority is Priority.URGENT:
        return
    for told in desk.messages:
        assert policy.quiet is None or not policy.quiet.cover(told)
    for one in desk.waiting:
        assert one.until is None or policy.quiet is None or not policy.quiet.cover(one.until)
    if policy.digests:
        assert not any(one.alone for one in desk.alerts)
    if policy.cooldown_s:
        assert all((b - a).total_seconds() >= policy.cooldown_s for a, b in pairwise(desk.messages))
    if policy.rate:
        for number, at in enumerate(desk.messages[policy.rate.count :]):
            assert (at - desk.messages[number]).total_seconds() >= policy.rate.per_s


@given(policy=policies, day=st.sampled_from(DAYS), count=st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_what_waits_for_a_time_is_told_in_the_end(policy: RingPolicy, day: datetime, count: int) -> None:
    """Nothing waits for ever: at each time that is promised, something goes on."""
    desk = Desk(policy)
    for number in range(count):
        desk.rings(number % 2, day + timedelta(minutes=number))
    for _ in range(60):
        times = [one.until for one in desk.waiting if one.until]
        if not times:
            break
        desk.tick(min(times))
    assert all(one.because is Because.SOURCES for one in desk.waiting)


@given(
    quiet=st.builds(QuietHours, clocks, clocks, st.sampled_from(ZONES)),
    day=st.sampled_from(DAYS),
    minute=st.integers(0, 2 * 24 * 60),
)
@settings(max_examples=120, deadline=None)
def test_quiet_hours_end_at_the_first_moment_that_is_not_quiet(
    quiet: QuietHours, day: datetime, minute: int
) -> None:
    """As the clock on the wall has it, also where it jumps; hours that end as they start never come."""
    now = day + timedelta(minutes=minute)
    end = quiet.over(now)
    assert not quiet.cover(end)
    assert end >= now
    at = now
    while at < end:
        assert quiet.cover(at)
        at += timedelta(minutes=11)
    if end > now:
        assert quiet.cover(end - timedelta(seconds=1))
    if quiet.start == quiet.end:
        assert end == now


@pytest.mark.parametrize(
    ("zone", "at", "end"),
    [
        ("Europe/Berlin", "2026-07-01 21:00", "2026-07-02 05:00"),
        ("Europe/Berlin", "2026-03-28 23:00", "2026-03-29 05:00"),  # the night is an hour shorter
        ("Europe/Berlin", "2026-10-24 22:00", "2026-10-25 06:00"),  # and longer
        ("America/New_York", "2026-03-08 03:30", "2026-03-08 11:00"),
        ("Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-03 20:00"),  # half an hour
        ("Asia/Kathmandu", "2026-10-24 20:00", "2026-10-25 01:15"),  # 5:45 ahead
    ],
)
def test_night_ends_at_seven_on_the_clock_of_its_zone(zone: str, at: str, end: str) -> None:
    """Over midnight, and whether the clock changed in it or not."""
    night = QuietHours(time(22), time(7), zone)
    over = night.over(datetime.fromisoformat(f"{at}+00:00"))
    assert over == datetime.fromisoformat(f"{end}+00:00")
    assert over.astimezone(ZoneInfo(zone)).time() == time(7)


def test_quiet_hours_that_end_in_a_gap_end_with_it() -> None:
    """Half past two does not come that night: at three it is past."""
    quiet = QuietHours(time(23), time(2, 30), "Europe/Berlin")
    assert quiet.over(datetime(2026, 3, 28, 23, 0, 7, tzinfo=UTC)) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "cron", "expected"),
    [
        ("Europe/Berlin", "30 2 * * *", ["03-28 01:30", "03-29 01:00", "03-30 00:30"]),
        ("Europe/Berlin", "0 8 * * *", ["03-28 07:00", "03-29 06:00", "03-30 06:00"]),
        ("Asia/Kathmandu", "0 8 * * *", ["03-28 02:15", "03-29 02:15", "03-30 02:15"]),
    ],
)
def test_a_daily_digest_comes_once_a_day(zone: str, cron: str, expected: list[str]) -> None:
    """Also on the day whose clock leaves its time out."""
    policy = RingPolicy(mode=Mode.DIGEST, digest=cron, time_zone=zone)
    at, found = datetime(2026, 3, 27, 12, 0, tzinfo=UTC), []
    for _ in expected:
        at = policy.next_digest(at)
        found.append(f"{at:%m-%d %H:%M}")
    assert found == expected


def test_the_usual_policy_sends_at_once_and_gathers_follow_ups() -> None:
    """A story rings; another of its event waits an hour with those that follow it."""
    assert decide(DEFAULT, State(since=NOW), NOW) == Send()
    later = NOW + timedelta(minutes=20)
    first = State(since=NOW, follow_up=True)
    second = State(since=later, follow_up=True, gathering=NOW)
    hour = NOW + timedelta(hours=1)
    assert decide(DEFAULT, first, NOW) == Hold(Because.FOLLOW_UP, hour)
    assert decide(DEFAULT, second, later) == Hold(Because.FOLLOW_UP, hour)


def test_urgent_waits_for_nothing_but_sources_and_follow_ups() -> None:
    """Neither the night nor a digest, nor what was told before."""
    policy = read(
        {"priority": "urgent", "mode": "digest", "quiet": "00:00-23:59", "cooldown": "1d", "rate": "1/d"}
    )
    assert decide(policy, State(since=NOW, told=(NOW,)), NOW) == Send()
    assert isinstance(decide(policy, State(since=NOW, follow_up=True), NOW), Hold)


def test_low_is_told_in_the_digest_only() -> None:
    """At eight, where nothing else is said."""
    policy = read({"priority": "low"})
    assert decide(policy, State(since=NOW), NOW) == Hold(Because.DIGEST, datetime(2026, 6, 2, 8, tzinfo=UTC))


def test_stories_that_were_short_of_sources_ring_once_and_follow() -> None:
    """When an event has enough of them, its oldest story rings and the others follow."""
    state = State(since=NOW, held=Because.SOURCES, sources=3)
    waiting = [Waiting(id=id_, event_id=7, state=state) for id_ in (2, 1)]
    done = dispose(read({"min_sources": 3}), waiting, told=(), now=NOW)
    assert done.sent == [1]
    assert done.held == {2: Hold(Because.FOLLOW_UP, NOW + timedelta(hours=1))}
    assert done.follow_ups == {2}


@given(policies.filter(lambda one: one.quiet is None or one.quiet.zone == one.time_zone))
def test_what_is_written_is_read_back(policy: RingPolicy) -> None:
    """By users and by the store, and the default is nothing at all."""
    assert load(write(policy)) == policy
    assert read(write(policy)) == policy
    assert write(DEFAULT) == {}


def test_policy_is_read_as_users_write_it() -> None:
    """Each key in its notation; to say when digests come is to ask for them."""
    said = {
        "digest": "0  8 * * 1-5",
        "time_zone": "Europe/Berlin",
        "cooldown": "90m",
        "rate": "10/h",
        "quiet": "22:00-07:00",
        "min_sources": 3,
        "updates": True,
    }
    policy = read(said)
    assert policy.mode is Mode.DIGEST
    assert policy.rate == Rate(10, 3600)
    assert policy.quiet == QuietHours(time(22), time(7), "Europe/Berlin")
    assert write(policy) == {**said, "mode": "digest", "digest": "0 8 * * 1-5"}
    assert write(read({"mode": "story", "quiet": "none", "digest": "none"}, policy)).keys() == {
        "time_zone",
        "cooldown",
        "rate",
        "min_sources",
        "updates",
    }


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"mode": "often"}, "mode: is one of every, story, digest"),
        ({"digest": "8 o'clock"}, "digest: must be a cron expression"),
        ({"digest": "0 0 30 2 *"}, "whose time comes"),
        ({"digest": "0 8 * * * 2026"}, "digest: must be"),
        ({"time_zone": "europe/berlin"}, "did you mean Europe/Berlin?"),
        ({"time_zone": "../etc/passwd"}, "time_zone: must be a time zone"),
        ({"cooldown": "soon"}, "cooldown: must be a time such as"),
        ({"cooldown": "99d"}, "31d at most"),
        ({"rate": "0/h"}, "rate: must be a number of messages in a time"),
        ({"quiet": "22-7"}, "quiet: must be two times of day"),
        ({"quiet": "24:00-07:00"}, "quiet: must be two times of day"),
        ({"min_sources": 0}, "min_sources: must be a number from 1"),
        ({"min_sources": True}, "min_sources: must be a number from 1"),
        ({"follow_ups": "never"}, "follow_ups: must be a time"),
        ({"updates": "yes"}, "updates: must be true or false"),
        ({"escalate": "boss"}, "only urgent alerts are escalated"),
        ({"priority": "urgent", "escalate_after": "5m"}, "escalate_after: say whom"),
        ({"volume": "loud"}, "there is no 'volume' in a policy"),
        ({"mode": "often", "rate": "x"}, "; rate: must be"),
    ],
)
def test_what_is_wrong_is_named(said: dict[str, object], fault: str) -> None:
    """In one line, with the key and what it should be."""
    with pytest.raises(UsageError) as caught:
        read(said)
    assert fault in str(caught.value)


def test_stored_policy_of_another_version_rings_as_far_as_it_is_understood() -> None:
    """What this version cannot read costs no alert."""
    stored = {"cooldown": "5m", "volume": "loud", "time_zone": "Mars/Olympus", "rate": 7}
    assert load(stored) == RingPolicy(cooldown_s=300)
