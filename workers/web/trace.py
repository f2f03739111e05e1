"""The page that answers why one was alerted to an address, or was not."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from pipeline import flow
from pipeline.core.errors import NotFoundError
from pipeline.core.urls import MAX_URL_CHARS
from workers.context import Context


def blueprint(context: Context) -> Blueprint:
    """``/trace?url=…``, with ``subscription=…`` for one of them alone."""
    page = Blueprint("trace", __name__)

    @page.get("/trace")
    def trace() -> str:
        url = request.args.get("url", "").strip()
        name = request.args.get("subscription") or None
        if len(url) > MAX_URL_CHARS:
            abort(400, "The address is too long.")
        if not url:
            return render_template("trace.html", url="", found=None)
        days = context.settings.article_days
        try:
            found = flow.trace(context.store, url, name=name, article_days=days)
        except NotFoundError:
            abort(404)
        return render_template("trace.html", url=url, found=found)

    return page
