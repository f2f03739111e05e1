"""What the store's rows are called outside: the field names that the command line and the API keep stable.

Moments are ISO 8601 in UTC; a feed's credentials and a channel's secrets are
never among the fields.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pipeline.core import rhythm
from pipeline.core.policy import write

if TYPE_CHECKING:
    from pipeline.flow.trace import Traced
    from pipeline.store.alerts import AlertRow
    from pipeline.store.alerts.actions import ActionRow
    from pipeline.store.articles import ArticleRow
    from pipeline.store.channels import ChannelRow
    from pipeline.store.dead_letters import DeadLetter
    from pipeline.store.deliveries import DeliveryRow
    from pipeline.store.feeds import FeedRow
    from pipeline.store.hubs import HubRow
    from pipeline.store.subscriptions import SubscriptionRow
    from pipeline.store.updates import UpdateRow
    from pipeline.store.warnings import Warned


def moment(when: datetime | None) -> str | None:
    """``when`` as every JSON of ours has it."""
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain(value: Any) -> Any:  # noqa: ANN401  # whatever facts are made of
    """Facts as JSON has them: each by the names of its fields."""
    if isinstance(value, datetime):
        return moment(value)
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return [plain(one) for one in value] if isinstance(value, tuple) else value


def trace(found: Traced) -> dict[str, Any]:
    """A trace: the answer, then the facts that it rests on; each subscription with its fate."""
    answer, facts = plain(found.answer), plain(found.facts)
    told = answer.pop("told")
    asked = facts.pop("asked")
    subscriptions = [
        {"subscription": one["subscription"], "fate": one["fate"], "text": one["text"], **known}
        for one, known in zip(told, asked, strict=True)
    ]
    return {"url": facts["url"], **answer, **facts, "subscriptions": subscriptions}


def feed(row: FeedRow) -> dict[str, Any]:
    """A feed."""
    return {
        "id": row.id,
        "url": row.url,
        "title": row.title,
        "state": str(row.state),
        "interval_s": row.interval_s,
        "next_poll_at": moment(row.next_poll_at),
        "last_polled_at": moment(row.last_polled_at),
        "last_success_at": moment(row.last_success_at),
        "failures": row.failures,
        "last_error": row.last_error,
        "articles": row.articles,
        "gaps": row.gaps,
        "full_text": str(row.full_text),
        "tags": list(row.tags),
        "auth_user": row.auth_user,
        "headers": [name for name, _ in row.headers],
        "managed": row.managed,
        "rhythm": pace(row),
        "every_s": row.rhythm.every_s,
        "items_per_hour": round(row.rhythm.rate or 0.0, 3) if rhythm.known(row.rhythm) else None,
        "usual_s": None if row.rhythm.usual_s is None else round(row.rhythm.usual_s),
        "last_item_at": moment(row.rhythm.last_item_at),
        "last_changed_at": moment(row.last_changed_at),
        "answer_ms": None if row.rhythm.answer_ms is None else round(row.rhythm.answer_ms),
        "failing_since": moment(row.failing_since),
        "silent": row.silent,
    }


def pace(row: FeedRow) -> str:
    """How often a feed is polled, and why."""
    return rhythm.sentence(row.interval_s, row.why, row.rhythm, urgent_for=row.urgent_for)


def hub(row: HubRow) -> dict[str, Any]:
    """Who pushes a feed's documents; the secret parts are left out."""
    return {
        "hub": row.hub,
        "topic": row.topic,
        "state": row.state,
        "lease_until": moment(row.lease_until),
        "last_push_at": moment(row.last_push_at),
        "pushes": row.pushes,
        "error": row.error,
    }


def pushed_by(row: HubRow) -> str:
    """The same in a line: ``live until 2026-12-01T08:00:00Z: https://hub.example, 3 pushes``."""
    until = f" until {moment(row.lease_until)}" if row.lease_until else ""
    said = f"; {row.error}" if row.error else ""
    return f"{row.state}{until}: {row.hub}, {row.pushes} push{'es' * (row.pushes != 1)}{said}"


def warning(one: Warned) -> dict[str, Any]:
    """A warning about a feed."""
    return {
        "word": one.word,
        "text": one.text,
        "since": moment(one.since),
        "last_at": moment(one.last_at),
        "count": one.count,
    }


def subscription(row: SubscriptionRow) -> dict[str, Any]:
    """A subscription."""
    return {
        "id": row.id,
        "name": row.name,
        "query": row.query,
        "state": row.state,
        "channels": list(row.channels),
        "alerts": row.alerts,
        "policy": write(row.policy),
        "managed": row.managed,
        "created_at": moment(row.created_at),
        "updated_at": moment(row.updated_at),
    }


def pull_channels(token: str, web_url: str) -> dict[str, str]:
    """Where a subscription's alerts are fetched from, by form; who knows an address may read there."""
    root = f"{web_url}/pull/{token}"
    return {"atom": f"{root}/atom.xml", "json_feed": f"{root}/feed.json", "events": f"{root}/events"}


def channel(row: ChannelRow, shown_url: str) -> dict[str, Any]:
    """A channel, with its URL as it may be shown."""
    return {
        "id": row.id,
        "name": row.name,
        "url": shown_url,
        "state": row.state,
        "managed": row.managed,
        "pace_per_minute": row.pace_per_minute,
        "failures": row.failures,
        "open_until": moment(row.open_until),
        "created_at": moment(row.created_at),
    }


def article(row: ArticleRow) -> dict[str, Any]:
    """An article, without its text."""
    return {
        "id": row.id,
        "url": row.url,
        "title": row.title,
        "summary": row.summary,
        "author": row.author,
        "language": row.language,
        "published_at": moment(row.published_at),
        "first_seen_at": moment(row.first_seen_at),
        "story_id": row.story_id,
        "feeds": [{"id": one.id, "title": one.title, "url": one.url} for one in row.feeds],
        "tags": list(row.tags),
        "backlog": row.backlog,
    }


def alert(row: AlertRow) -> dict[str, Any]:
    """An alert."""
    return {
        "id": row.id,
        "subscription": row.subscription_name,
        "story_id": row.story_id,
        "event_id": row.event_id,
        "independent_sources": row.independent_sources,
        "copies": row.copies,
        "article_id": row.article_id,
        "url": row.url,
        "title": row.title,
        "state": row.state,
        "relevant": row.relevant,
        "created_at": moment(row.created_at),
        "matches": [dict(one) for one in row.matches],
        "backlog": row.backlog,
        "priority": row.priority,
        "disposition": row.disposition,
        "held_because": row.held_because,
        "held_until": moment(row.held_until),
        "follow_up": row.follow_up,
        "digest_id": row.digest_id,
        "handled_by": row.handled_by,
        "handled_at": moment(row.handled_at),
        "acknowledged_after_s": acknowledged_after_s(row),
        "assignee": row.assignee,
        "snoozed_until": moment(row.snoozed_until),
        "escalated_at": moment(row.escalated_at),
    }


def acknowledged_after_s(row: AlertRow) -> float | None:
    """Seconds from an alert's beginning to its acknowledgement."""
    return None if row.handled_at is None else round((row.handled_at - row.created_at).total_seconds(), 1)


def action(row: ActionRow) -> dict[str, Any]:
    """What was done to an alert."""
    return {"at": moment(row.at), "actor": row.actor, "action": row.action, "detail": row.detail}


def update(row: UpdateRow) -> dict[str, Any]:
    """An update of an alert."""
    return {
        "id": row.id,
        "alert_id": row.alert_id,
        "article_id": row.article_id,
        "url": row.url,
        "change": dict(row.change),
        "created_at": moment(row.created_at),
    }


def delivery(row: DeliveryRow) -> dict[str, Any]:
    """A delivery: of an alert, of an update, of a digest, or of a notice to the operator."""
    return {
        "id": row.id,
        "alert_id": row.alert_id,
        "channel": row.channel,
        "state": row.state,
        "attempts": row.attempts,
        "last_error": row.last_error,
        "delivered_at": moment(row.delivered_at),
        "next_attempt_at": moment(row.next_attempt_at) if row.state == "pending" else None,
        "created_at": moment(row.created_at),
        "message_id": row.message_id,
        "notice_id": row.notice_id,
        "digest_id": row.digest_id,
        "update_id": row.update_id,
    }


def dead_letter(row: DeadLetter) -> dict[str, Any]:
    """A dead letter."""
    return {
        "id": row.id,
        "stage": row.stage,
        "ref_id": row.ref_id,
        "feed_id": row.feed_id,
        "cause": row.cause,
        "state": row.state,
        "created_at": moment(row.created_at),
    }
