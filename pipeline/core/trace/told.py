"""What a subscription was told of it, or why it was not."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pipeline.core.trace.answer import Told, listed, moment
from pipeline.core.trace.facts import AlertFact, ArticleFact, Asked, DeliveryFact

#: The worst of several deliveries is the answer, in this order.
_WORST = ("dead", "channel paused", "channel removed", "retrying", "pending", "delivered")


def told(asked: Asked, article: ArticleFact) -> Told:
    """The fate of the article for one subscription, with the reason."""
    fate, text = _told(asked, article)
    if asked.page_only:
        text += "; only its page says what was asked for, its feed's text does not"
    return Told(subscription=asked.name, fate=fate, text=text)


def _told(asked: Asked, article: ArticleFact) -> tuple[str, str]:
    live = [alert for alert in asked.alerts if not alert.backlog]
    own = [alert for alert in live if alert.article_id == article.id]
    if own:
        return _rang(own[0])
    if live:
        return _copy(live[0], asked)
    if asked.alerts:
        alert = asked.alerts[0]
        return (
            "backlog",
            f"met{_words(alert.words)}; alert {alert.id} is backlog, which is shown and not sent",
        )
    return _silent(asked, article)


def _rang(alert: AlertFact) -> tuple[str, str]:
    head = f"met{_words(alert.words)}; alert {alert.id} of {moment(alert.created_at)}"
    fate, how = _disposition(alert)
    return fate, f"{head} {how}" + _after(alert)


def _disposition(alert: AlertFact) -> tuple[str, str]:
    follow = " as a follow-up" if alert.follow_up else ""
    if alert.disposition == "held":
        until = f" until {moment(alert.held_until)}" if alert.held_until else ""
        return "held", f"is held because of {alert.held_because or 'its policy'}{until}"
    fate, how = _deliveries(alert.deliveries)
    if alert.disposition == "digest":
        kind = "follow-up" if alert.digest_kind == "follow_up" else "digest"
        return (kind if fate == "delivered" else fate), f"is in {kind} {alert.digest_id}: {how}"
    return fate, f"was sent{follow}: {how}"


def _deliveries(deliveries: Iterable[DeliveryFact]) -> tuple[str, str]:
    pairs = [_delivery(one) for one in deliveries]
    if not pairs:
        return "no channel", "its subscription rings no channel; it is listed only"
    fate = min((fate for fate, _ in pairs), key=_WORST.index)
    return fate, "; ".join(text for _, text in pairs)


def _delivery(one: DeliveryFact) -> tuple[str, str]:
    attempt = f"attempt {one.attempts}"
    if one.state == "delivered":
        when = moment(one.delivered_at) if one.delivered_at else "at a time unknown"
        return "delivered", f"{one.channel} delivered {when} (delivery {one.id}, {attempt})"
    if one.state == "dead":
        retry = f"`./run deliveries retry {one.id}` tries again"
        return "dead", f"{one.channel} given up after {attempt}: {one.last_error}; {retry}"
    waits = f"{one.channel} waits (delivery {one.id})"
    if one.channel_state != "active":
        return f"channel {one.channel_state}", f"{waits}: the channel is {one.channel_state}"
    if one.open_until is not None and one.open_until >= one.next_attempt_at:
        waits += f"; the channel failed too often and is left alone until {moment(one.open_until)}"
    if one.last_error:
        then = f"next at {moment(one.next_attempt_at)}"
        return "retrying", f"{waits}: {attempt} failed: {one.last_error}; {then}"
    return "pending", f"{waits}, due at {moment(one.next_attempt_at)}"


def _after(alert: AlertFact) -> str:
    """What came after it: updates, and what people did."""
    text = ""
    for update in alert.updates:
        _, how = _deliveries(update.deliveries)
        text += f"; update {update.id} of {moment(update.at)}: {how}"
    for action in alert.actions:
        text += f"; {action.action} by {action.actor} at {moment(action.at)}"
    return text


def _copy(alert: AlertFact, asked: Asked) -> tuple[str, str]:
    met = f"met{_words(asked.words)}" if asked.met else _unmet(asked)
    how = _disposition(alert)[1]
    rang = f"alert {alert.id} of {moment(alert.created_at)} for article {alert.article_id}"
    where = f" ({alert.article_url})" if alert.article_url else ""
    return "copy", f"{met}; its story had rung already: {rang}{where} {how}" + _after(alert)


def _silent(asked: Asked, article: ArticleFact) -> tuple[str, str]:
    """Why there is no alert at all."""
    at = moment(asked.updated_at)
    if asked.state != "active":
        return "paused", f"no alert: the subscription is {asked.state}, last changed {at}"
    if _since(asked.created_at, article):
        met = "would have been met" if asked.met else _unmet(asked)
        made = moment(asked.created_at)
        return "newer", f"no alert: the subscription was made at {made}, after the article came ({met})"
    changed = _since(asked.updated_at, article)
    if not asked.met:
        then = f" (it was changed at {at}, after the article came)" if changed else ""
        return "not met", f"no alert: the query is {_unmet(asked)}{then}"
    met = f"it is met{_words(asked.words)}"
    if changed:
        return "changed", f"no alert: {met} now, but it was changed at {at}, after the article came"
    why = "the query took too long for it then, or what it is met by (feed, tag) came later"
    return "unexplained", f"no alert, although {met}: {why}; `./run replay --backlog` makes up for it"


def _unmet(asked: Asked) -> str:
    return f"not met: {asked.lacks}" if asked.lacks else "not met; --subscription says which clause of it"


def _since(when: datetime, article: ArticleFact) -> bool:
    """Whether something happened after the article's newest text had been matched."""
    return when > article.updated_at


def _words(words: tuple[str, ...]) -> str:
    return f" by {listed(words)}" if words else ""
