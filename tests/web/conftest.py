"""The web app on both databases, and browsers before and after the login."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config.settings import Settings, load
from pipeline.store.engine import Store
from tests.web.browser import PASSWORD, context, log_in
from workers.web.app import create_app


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


@pytest.fixture
def client(settings: Settings, store: Store) -> FlaskClient:
    """A browser that is not logged in."""
    return create_app(context(settings, store)).test_client()


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    """A browser that is logged in."""
    assert log_in(client).status_code == 303
    return client
