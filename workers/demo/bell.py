"""The demo's webhook receiver: it takes signed alerts as any program outside would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError


class Bell:
    """Receives alerts at ``url``; each that is rightly signed goes to ``ring``, others to ``refuse``."""

    def __init__(
        self, secret: str, *, ring: Callable[[Mapping[str, Any]], None], refuse: Callable[[], None]
    ) -> None:
        self.url = ""
        self._webhook = Webhook(secret)
        self._ring = ring
        self._refuse = refuse
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen on a loopback port; ``url`` holds the address from then on."""
        app = web.Application()
        app.router.add_post("/bell", self._receive)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/bell"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request) -> web.Response:
        try:
            body = self._webhook.verify(await request.read(), dict(request.headers))
        except WebhookVerificationError:
            self._refuse()
            raise web.HTTPUnauthorized from None
        self._ring(body)
        return web.Response(status=204)
