"""A web chat on a real port, with a receiver that answers, and a browser's view of it."""

import asyncio
import itertools
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from websockets.asyncio.client import ClientConnection, connect

from bot.channels.web import Persona, WebChannel
from bot.channels.web.sessions import hash_token
from bot.clock import DemoClock
from bot.config import WebSettings
from bot.texts import Texts, _
from bot.types import Button, Incoming, Outgoing
from storage.engine import open_engine
from storage.schema import metadata

MENU = (Button("Accept", "accept:1", "1"), Button("Back", "back", "0"))
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
WEBM = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm" + bytes(40) + b"A_OPUS"


class Console:
    """A demo with two phones."""

    def __init__(self, clock: DemoClock) -> None:
        self._clock = clock

    def personas(self) -> list[Persona]:
        return [Persona("lan", _("A resident"), _("")), Persona("tuan", _("A volunteer"), _(""))]

    def now(self) -> datetime:
        return self._clock.now()

    async def forward(self, minutes: int) -> None:
        self._clock.forward(timedelta(minutes=minutes))


class Web:
    """The server's side: what has come in, and a way to say something."""

    def __init__(self, channel: WebChannel, address: str, engine: AsyncEngine) -> None:
        self.channel = channel
        self.address = address
        self.engine = engine
        self.received: list[Incoming] = []
        self._ids = itertools.count(1)

    async def receive(self, update: Incoming) -> None:
        """Like the dispatcher: an update id is handled once."""
        if update.update_id in {seen.update_id for seen in self.received}:
            return
        self.received.append(update)
        if update.text != "be quiet":
            await self.say(update.chat_key, f"You said {update.text}", buttons=MENU)

    async def say(self, chat_key: str, text: str, **more: Any) -> str:
        outgoing = Outgoing(text, **more)
        return await self.channel.send(chat_key, outgoing, message_id=f"m{next(self._ids)}")

    async def until_somebody_waits(self, chat_key: str) -> None:
        """Returns when a browser listens to this chat."""
        while chat_key not in self.channel._hub._listeners:  # noqa: ASYNC110
            await asyncio.sleep(0)


class Browser:
    """One browser: its cookie, its requests and its socket."""

    def __init__(self, web: Web, *, origin: str | None = None, phone: str = "") -> None:
        headers = {"Origin": origin or web.address}
        if phone:
            headers["X-Phone"] = phone
        self._address = web.address
        self.http = httpx.AsyncClient(base_url=web.address, headers=headers, timeout=10)

    async def opens(self) -> str:
        """Open a session; the chat key that it has."""
        answer = await self.http.post("/api/session")
        answer.raise_for_status()
        return self.cookie

    @property
    def cookie(self) -> str:
        return self.http.cookies.get("ngoso") or ""

    async def posts(self, client_id: str, **what: Any) -> httpx.Response:
        return await self.http.post("/api/messages", json={"id": client_id, **what})

    async def rows(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.http.get("/api/messages", params=query)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["rows"]
        return rows

    async def texts(self) -> list[str]:
        return [row["body"]["text"] for row in await self.rows()]

    async def uploads(self, content: bytes) -> httpx.Response:
        return await self.http.post("/api/media", content=content)

    def live(self, *, after: int = 0, origin: str | None = None) -> connect:
        address = self._address.replace("http:", "ws:") + f"/api/live?after={after}"
        headers = {"Cookie": f"ngoso={self.cookie}"}
        return connect(address, origin=origin or self._address, additional_headers=headers)  # type: ignore[arg-type]


@asynccontextmanager
async def serve(folder: Path, *, demo: bool = False, **settings: Any) -> AsyncIterator[Web]:
    """A web chat with a database of its own, on a free port of this machine."""
    engine = open_engine(f"sqlite:///{folder}/web.db")
    async with engine.begin() as conn:
        await conn.run_sync(metadata.create_all)
    clock, tokens = DemoClock(), itertools.count(1)
    channel = WebChannel(
        engine=engine,
        settings=WebSettings(**settings),
        clock=clock,
        texts=Texts.untranslated(),
        mask=lambda text: text.replace("123456", "••••••"),
        rng_token=lambda: f"unguessable-{next(tokens):08}",
        demo=Console(clock) if demo else None,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    web = Web(channel, f"http://127.0.0.1:{listening.getsockname()[1]}", engine)
    await channel.start(web.receive)
    async with _running(channel, listening):
        yield web
    await engine.dispose()


@asynccontextmanager
async def _running(channel: WebChannel, listening: socket.socket) -> AsyncIterator[None]:
    config = uvicorn.Config(Starlette(routes=channel.routes()), log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    server.config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield
    finally:
        await channel.stop()
        await server.shutdown(sockets=[listening])


async def next_rows(socket: ClientConnection) -> list[dict[str, Any]]:
    """The rows of the next push that has any."""
    while True:
        rows: list[dict[str, Any]] = json.loads(await socket.recv())["rows"]
        if rows:
            return rows


@pytest.fixture
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    async with serve(tmp_path) as running:
        yield running


@pytest.fixture
async def browser(web: Web) -> AsyncIterator[Browser]:
    browser = Browser(web)
    await browser.opens()
    yield browser
    await browser.http.aclose()


@pytest.fixture
def chat_key(browser: Browser) -> str:
    return hash_token(browser.cookie)
