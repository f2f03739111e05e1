"""Health for load balancers and supervisors; open to all, so it names no more than which part is missing."""

from __future__ import annotations

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from pipeline.core.errors import ServiceError
from pipeline.flow import canary
from workers import health
from workers.context import Context


def blueprint(context: Context) -> Blueprint:
    """``/healthz``: the process answers; ``/readyz``: everything that it needs does."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        checks = {"database": _database(context), "redis": _redis(context), "scheduler": _scheduler(context)}
        broken = _broken(context, redis_answers=checks["redis"])
        ready = all(checks.values()) and broken is None
        body = {"status": "ok" if ready else "not ready", "checks": checks, "broken_stage": broken}
        return jsonify(body), 200 if ready else 503

    return routes


def _database(context: Context) -> bool:
    """Reachable, and with the tables of this version."""
    try:
        return context.store.is_current()
    except ServiceError:
        return False


def _redis(context: Context) -> bool:
    try:
        return context.queues.ping()
    except ServiceError:
        return False


def _broken(context: Context, *, redis_answers: bool) -> str | None:
    """The stage that an article of our own did not pass in time."""
    try:
        with context.store.read() as tx:
            every_s = context.settings.canary_s
            found = canary.broken(tx, every_s=every_s, redis_answers=redis_answers, now=context.clock())
    except ServiceError:
        return "database"
    return None if found is None else found.stage


def _scheduler(context: Context) -> bool:
    try:
        return not health.scheduler_faults(health.scheduler_age_s(context.store, context.clock()))
    except ServiceError:
        return False
