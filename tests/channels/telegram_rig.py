"""The Telegram channel on the emulator, and an inbox that takes what comes in."""

import asyncio
import socket
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.channels.telegram import Labels, TelegramChannel
from bot.clock import SystemClock
from bot.config import TelegramSettings
from bot.types import Incoming, Media
from tests.telegram_emulator import BotApi

LABELS = Labels("Share my place", "Share my number", "Or press below:", "See our private chat.")
SECRET = "s" * 20
STORED = b"\x89PNG stored"


class Inbox:
    """Where updates are committed. May refuse some, or hold all at a gate."""

    def __init__(self) -> None:
        self.got: list[Incoming] = []
        self.asked: list[str] = []
        # How many times each text is refused before it is taken.
        self.refusals: dict[str, int] = defaultdict(int)
        self.gate = asyncio.Event()
        self.gate.set()
        self._changed = asyncio.Condition()

    async def receive(self, incoming: Incoming) -> None:
        async with self._changed:
            self.asked.append(incoming.text)
            self._changed.notify_all()
        await self.gate.wait()
        if self.refusals[incoming.text] > 0:
            self.refusals[incoming.text] -= 1
            raise OSError("the database is away")
        async with self._changed:
            self.got.append(incoming)
            self._changed.notify_all()

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.got]

    async def wait_for(self, count: int, timeout_s: float = 5.0) -> list[Incoming]:
        """Return when that many have been taken."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: len(self.got) >= count)
        return self.got

    async def wait_asked(self, count: int, timeout_s: float = 5.0) -> None:
        """Return when that many have been offered, taken or not."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: len(self.asked) >= count)


def settings(api: BotApi, **changes: Any) -> TelegramSettings:
    given = {
        "token": SecretStr(api.token),
        "base_url": api.base_url,
        "base_file_url": api.base_file_url,
        "webhook_secret": SecretStr(SECRET),
        "poll_timeout_s": 1,
        "poll_silence_s": 0.3,
        **changes,
    }
    return TelegramSettings.model_validate(given)


def build(api: BotApi, *, changes: dict[str, Any] | None = None, **rest: Any) -> TelegramChannel:
    """A channel that reaches the emulator, its waits short."""
    options: dict[str, Any] = {
        "settings": settings(api, **(changes or {})),
        "clock": SystemClock(),
        "labels": LABELS,
        "take_backoff_s": (0.01, 0.02),
        "timeout_s": 2.0,
        **rest,
    }
    channel = TelegramChannel(**options)

    async def fetch(media: Media) -> tuple[bytes, str]:
        if media.ref.startswith("telegram:"):
            return await channel.fetch(media)
        if media.ref == "store:gone":
            raise LookupError(media.ref)
        return STORED, "image/png"

    channel.fetch_media = fetch
    return channel


@asynccontextmanager
async def running(channel: TelegramChannel, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    await channel.start(inbox.receive)
    try:
        yield channel
    finally:
        inbox.gate.set()
        await channel.stop()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served(channel: TelegramChannel) -> AsyncIterator[str]:
    """The channel's routes on a real port; gives the address."""
    app = Starlette(routes=channel.routes())
    server = _Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    await server.up.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task
