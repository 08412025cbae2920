"""The ways a person's messages reach the bot in tests: none, the web chat, or Telegram.

The last two are real: HTTP to the bot's own pages, and the Bot API emulator on loopback with the
real Telegram channel polling it. The same conversations run on each.
"""

import asyncio
import contextlib
import hashlib
import itertools
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from bot.app import App
from bot.config import SenderSettings, Settings, TelegramSettings, WebSettings
from bot.texts import fold
from bot.types import Incoming
from bot.webserver import serving
from storage.schema import chats, outbox
from tests.telegram_emulator import TOKEN, BotApi, User

# Fast enough never to be what a test waits for.
UNLIMITED = SenderSettings(
    telegram_per_second=5000.0, telegram_per_chat_per_second=5000.0, web_per_second=5000.0
)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f"
    b"\x15\xc4\x89\x00\x00\x00\nIDATx\x9cc\x00\x01\x00\x00\x05\x00\x01\r\n-\xb4\x00\x00\x00\x00IEND"
    b"\xaeB`\x82"
)


@dataclass(frozen=True)
class Shown:
    """One message as a person sees it."""

    text: str
    buttons: tuple[tuple[str, str, str], ...]  # number, label, action
    media: str | None = None

    def action(self, label: str) -> str | None:
        """What a button does, by what stands on it."""
        wanted = fold(label)
        return next((a for _n, shown, a in self.buttons if fold(shown) == wanted), None)


class Platform(Protocol):
    """How a person's messages reach the bot, and how they read its answers."""

    name: str

    async def settings(self, base: Settings) -> Settings:
        """The settings of a bot that can be reached this way."""

    async def start(self, app: App) -> None: ...

    async def stop(self) -> None: ...

    async def open(self, person: str) -> str:
        """The chat key of a new person."""

    async def deliver(self, incoming: Incoming) -> None:
        """Send one update; returns when the bot has answered and everything is shown."""

    async def shown(self, chat_key: str) -> list[Shown]:
        """Everything shown in this chat so far, oldest first."""


class Core:
    """No platform at all: straight into the dispatcher, straight out of the outbox."""

    name = "web"

    async def settings(self, base: Settings) -> Settings:
        return base.model_copy(update={"web": WebSettings(enabled=False)})

    async def start(self, app: App) -> None:
        self._app = app
        self._worker = asyncio.create_task(app.dispatcher.run())

    async def stop(self) -> None:
        self._worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._worker

    async def open(self, person: str) -> str:
        return f"key-of-{person}"

    async def deliver(self, incoming: Incoming) -> None:
        await self._app.dispatcher.handle(incoming)

    async def shown(self, chat_key: str) -> list[Shown]:
        query = (
            select(outbox.c.body)
            .join(chats, chats.c.id == outbox.c.chat_id)
            .where(chats.c.chat_key == chat_key)
            .order_by(outbox.c.id)
        )
        async with self._app.engine.begin() as conn:
            return [_shown(body) for body in (await conn.execute(query)).scalars()]


def _shown(body: dict[str, Any]) -> Shown:
    buttons = tuple((b[0], b[1], b[2]) for b in body.get("buttons", ()))
    media = body["media"][1] if "media" in body else None
    return Shown(body["text"], buttons, media)


class Web:
    """The web chat over HTTP, each person with a cookie of their own."""

    name = "web"

    def __init__(self) -> None:
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._stack = contextlib.AsyncExitStack()
        self._count = itertools.count(1)

    async def settings(self, base: Settings) -> Settings:
        web = WebSettings(port=0, new_chats_per_hour=10_000, messages_per_minute=100_000)
        return base.model_copy(update={"web": web, "sender": UNLIMITED})

    async def start(self, app: App) -> None:
        self._app = app
        await self._stack.enter_async_context(app.running())
        pages = serving(app.web_app(), app.settings.web)
        self._address = await self._stack.enter_async_context(pages)

    async def stop(self) -> None:
        for client in self._clients.values():
            await client.aclose()
        await self._stack.aclose()

    async def open(self, person: str) -> str:
        headers = {"Origin": self._address}
        # Nothing here is encrypted; reading all the certificates of the world takes 30 ms a phone.
        client = httpx.AsyncClient(
            base_url=self._address, headers=headers, timeout=20, verify=False
        )
        (await client.post("/api/session")).raise_for_status()
        key = hashlib.sha256((client.cookies.get("ngoso") or "").encode()).hexdigest()
        self._clients[key] = client
        return key

    async def deliver(self, incoming: Incoming) -> None:
        client = self._clients[incoming.chat_key]
        what: dict[str, Any] = {"id": f"{incoming.update_id}-{next(self._count)}"}
        if incoming.button is not None:
            what |= {"button": incoming.button, "label": "…", "message_id": "1"}
        if incoming.text.strip():
            what["text"] = incoming.text
        if incoming.place is not None:
            what["place"] = {"lat": incoming.place.lat, "lon": incoming.place.lon}
        if incoming.media is not None:
            sound = b"OggS\x00\x02" + b"\x00" * 22 + b"\x01\x13OpusHead" + b"\x00" * 40
            content = PNG if incoming.media.kind == "photo" else sound
            uploaded = await client.post("/api/media", content=content)
            uploaded.raise_for_status()
            what["media"] = {"ref": uploaded.json()["ref"]}
        if len(what) == 1:
            pytest.skip("a browser has no way to send this")
        (await client.post("/api/messages", json=what)).raise_for_status()
        await drained(self._app)

    async def shown(self, chat_key: str) -> list[Shown]:
        rows: list[Any] = []
        while True:
            after = rows[-1]["id"] if rows else 0
            answer = await self._clients[chat_key].get("/api/messages", params={"after": after})
            fresh = answer.json()["rows"]
            rows += fresh
            if not fresh or after == rows[-1]["id"]:
                break
        return [_web_shown(row["body"]) for row in rows if not row["own"]]


def _web_shown(body: dict[str, Any]) -> Shown:
    buttons = ((b["number"], b["label"], b["action"]) for b in body.get("buttons", ()))
    media = body.get("media")
    return Shown(body["text"], tuple(buttons), str(media) if media else None)


class Telegram:
    """The real channel, polling the emulator over HTTP."""

    name = "telegram"

    def __init__(self) -> None:
        self.api = BotApi(limits=None)
        self._users: dict[str, User] = {}
        self._stack = contextlib.AsyncExitStack()

    async def settings(self, base: Settings) -> Settings:
        await self.api.start()
        telegram = TelegramSettings(
            token=SecretStr(TOKEN),
            base_url=self.api.base_url,
            base_file_url=self.api.base_file_url,
            poll_timeout_s=1,
        )
        web = WebSettings(enabled=False)
        return base.model_copy(update={"telegram": telegram, "web": web, "sender": UNLIMITED})

    async def start(self, app: App) -> None:
        self._app = app
        await self._stack.enter_async_context(app.running())

    async def stop(self) -> None:
        await self._stack.aclose()
        await self.api.stop()

    async def open(self, person: str) -> str:
        number = 1000 + len(self._users)
        self._users[str(number)] = self.api.user(number, person, started=True)
        return str(number)

    def user(self, chat_key: str) -> User:
        """The account behind a chat, for what only Telegram has."""
        return self._users[chat_key]

    async def deliver(self, incoming: Incoming) -> None:
        user = self._users[incoming.chat_key]
        update_id = await self._act(user, incoming)
        await self.api.updates.wait_confirmed(update_id, timeout_s=20)
        await drained(self._app)

    async def _act(self, user: User, incoming: Incoming) -> int:
        if incoming.button is not None:
            message = next((m for m in reversed(user.read) if m.inline), None)
            if message is None:
                await self.deliver(Incoming("telegram", "", incoming.chat_key, text="/menu"))
                message = user.read[-1]
            user.presses_data(incoming.button, message)
            return self.api.updates.last_id
        if incoming.place is not None:
            return await user.shares_place(incoming.place.lat, incoming.place.lon)
        if incoming.media is not None and incoming.media.kind == "photo":
            return await user.sends_photo(caption=incoming.text)
        if incoming.media is not None:
            return await user.sends_voice()
        return await (user.sends_sticker() if incoming.other else user.says(incoming.text))

    async def shown(self, chat_key: str) -> list[Shown]:
        hint = "Or press here:"
        return [
            Shown(m.text, tuple(_inline(m.inline)), m.file_id or None)
            for m in self._users[chat_key].read
            if m.text != hint
        ]


def _inline(rows: list[list[dict[str, Any]]]) -> list[tuple[str, str, str]]:
    pairs = [(*b["text"].split(". ", 1), b["callback_data"]) for row in rows for b in row]
    return [(number, label, data) for number, label, data in pairs]


async def drained(app: App) -> None:
    """Return when nothing waits in the outbox any more."""
    waiting = select(outbox.c.id).where(outbox.c.status.in_(("pending", "leased"))).limit(1)
    async with asyncio.timeout(20):
        while True:
            async with app.engine.begin() as conn:
                if (await conn.execute(waiting)).first() is None:
                    return
            await asyncio.sleep(0.004)
