"""Serves the pages with uvicorn, inside our own loop and under our own signals."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn
from starlette.applications import Starlette

from bot.config import WebSettings


class PortTaken(Exception):
    """Somebody else listens there already; the message says what can be done."""


class _Server(uvicorn.Server):
    """Leaves the signals to us, and says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@contextlib.asynccontextmanager
async def serving(pages: Starlette, web: WebSettings) -> AsyncIterator[str]:
    """Serve until the block ends; gives the address. Raises PortTaken.

    No access log: who visits when is personal data.
    """
    listener = _listen(web)
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        pages,
        access_log=False,
        log_level="warning",
        # Its own set-up would print exceptions with what they quote; bot.logs doesn't.
        log_config=None,
        # A reverse proxy on this machine says whose request it passes on; others are not believed.
        proxy_headers=True,
        timeout_graceful_shutdown=3,
        ws_max_size=65_536,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.ready.wait()
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task


def _listen(web: WebSettings) -> socket.socket:
    try:
        return socket.create_server((web.host, web.port), reuse_port=False)
    except OSError as error:
        raise PortTaken(
            f"can't listen on {web.host}:{web.port} ({error.strerror}); stop what runs there, or "
            f"choose another port with NGOSO_WEB__PORT"
        ) from error
