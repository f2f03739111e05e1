"""``./run feeds check``."""

from __future__ import annotations

from typing import Annotated

import typer

from workers.cli import output, secrets, session
from workers.cli.feeds.options import Auth, Header, HeaderFile, PasswordFile, app, check_url
from workers.cli.output import Json


@app.command("check")
def check(
    url: Annotated[str, typer.Argument(metavar="URL", help="An address that may be a feed's.")],
    auth: Auth = None,
    password_file: PasswordFile = None,
    header: Header = None,
    header_file: HeaderFile = None,
    json: Json = False,
) -> None:
    """Fetch a feed and show what it would bring; nothing of it is kept."""
    from workers.cli.check import look

    checked, credentials = check_url(url), secrets.basic(auth, password_file)
    sent = secrets.headers(header or (), header_file or ())
    settings = session.settings()
    seen = look(checked, settings, auth=credentials, headers=sent, now=session.now())
    output.record(seen, as_json=json)
