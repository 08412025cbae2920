"""The web chat as a channel: what the page sends comes in, what is sent is kept for the page."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.routing import BaseRoute

from bot.channels.base import ChatGone, FetchMedia, Limits, Receive, Rejected
from bot.channels.web import words
from bot.channels.web.api import Desk, keep_media, kind_of
from bot.channels.web.demo import DemoConsole
from bot.channels.web.live import Hub
from bot.channels.web.posted import media_body
from bot.channels.web.routes import build_routes
from bot.channels.web.sessions import Denied, Sessions
from bot.clock import Clock
from bot.config import WebSettings
from bot.texts import Texts
from bot.types import Incoming, Media, Outgoing
from storage import media as media_store
from storage import web_chats

logger = logging.getLogger(__name__)

# "store:KEY" is in our own media table.
STORE = "store:"
# Between two looks for what other processes sent; only PostgreSQL has other processes.
LOOK_AROUND_S = 1.0
# Ids become visible out of order across chats; this many are looked at again.
_OVERLAP = 200


class WebChannel:
    """The built-in channel. `fetch_media` is set once the other channels exist."""

    name = "web"

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        settings: WebSettings,
        clock: Clock,
        texts: Texts,
        mask: Callable[[str], str],
        rng_token: Callable[[], str],
        fetch_media: FetchMedia | None = None,
        demo: DemoConsole | None = None,
        hotline: str = "1022",
        per_second: float = 500.0,
    ) -> None:
        # Limits are ours, not a platform's: a screen of text, menus that fit under it.
        self.limits = Limits(
            text_chars=settings.max_text_chars,
            buttons=20,
            button_label_chars=80,
            per_second=per_second,
            per_chat_per_second=50.0,
            can_edit=True,
            idempotent=True,
        )
        self.fetch_media = fetch_media
        self._engine = engine
        self._hub = Hub()
        self._sessions = Sessions(
            engine=engine, settings=settings, clock=clock, rng_token=rng_token, demo=demo
        )
        self._desk = Desk(
            engine=engine,
            settings=settings,
            clock=clock,
            texts=texts,
            mask=mask,
            rng_token=rng_token,
            hotline=hotline,
            sessions=self._sessions,
            hub=self._hub,
            deliver=self._deliver,
        )
        self._receive: Receive | None = None
        self._in_hand: set[asyncio.Future[None]] = set()
        self._looking: asyncio.Task[None] | None = None

    def routes(self) -> list[BaseRoute]:
        """What to serve; the application mounts it beside its own routes."""
        return build_routes(self._desk)

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._hub.closed = False
        if self._engine.dialect.name == "postgresql":
            self._looking = asyncio.create_task(self._look_around())

    async def stop(self) -> None:
        """Call it before the server stops, so that waiting browsers are let go at once."""
        self._receive = None
        self._hub.close()
        if self._looking:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        if self._in_hand:
            await asyncio.wait(self._in_hand)

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        """Keep the message for the page; kept once per `message_id`, however often it is tried."""
        if message.media and not message.media.ref.startswith(STORE):
            # Not copied again when the message is tried again.
            async with self._engine.begin() as conn:
                kept = await _kept(conn, chat_key, message_id)
            if kept:
                return kept
        body = await self._body(chat_key, message)
        async with self._engine.begin() as conn:
            row_id = await self._keep_once(conn, chat_key, body, message_id)
        self._hub.wake(chat_key)
        return row_id

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        key = media.ref.removeprefix(STORE)
        async with self._engine.begin() as conn:
            stored = await media_store.get_media(conn, key)
        return stored.content, stored.mime

    async def _deliver(self, update: Incoming) -> None:
        receive = self._receive
        if receive is None:
            raise Denied(503, words.NOT_READY, retry_after_s=2)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._in_hand.add(done)
        try:
            await receive(update)
        finally:
            self._in_hand.discard(done)
            done.set_result(None)

    async def _keep_once(
        self, conn: AsyncConnection, chat_key: str, body: dict[str, Any], message_id: str
    ) -> str:
        """An edit changes the old row, and is kept as a row of its own that tells the pages."""
        kept = await _kept(conn, chat_key, message_id)
        if kept:
            return kept
        if not await self._sessions.is_open(conn, chat_key):
            raise ChatGone("the browser's session is over")
        if "edits" in body:
            shown = {name: value for name, value in body.items() if name != "edits"}
            if not await web_chats.replace_body(conn, chat_key, body["edits"], body=shown):
                raise Rejected("the message to edit is not in this chat")
        now = self._desk.clock.now()
        row_id = await web_chats.keep_message(
            conn, chat_key, direction="out", source_id=message_id, body=body, now=now
        )
        return str(body.get("edits", row_id))

    async def _body(self, chat_key: str, message: Outgoing) -> dict[str, Any]:
        body: dict[str, Any] = {"text": message.text}
        if message.buttons:
            body["buttons"] = [
                {"number": b.number, "label": b.label, "action": b.action} for b in message.buttons
            ]
        if message.media and (stored := await self._stored(chat_key, message.media)):
            body["media"] = media_body(stored)
        if message.ask_place:
            body["ask_place"] = True
        if message.ask_contact:
            body["ask_contact"] = True
        if message.edits:
            if not message.edits.isdecimal():
                raise Rejected("the message to edit is not one of ours")
            body["edits"] = int(message.edits)
        return body

    async def _stored(self, chat_key: str, media: Media) -> Media | None:
        """The media in our table, copied from its platform if it is elsewhere; None if lost."""
        if media.ref.startswith(STORE):
            return media
        try:
            if self.fetch_media is None:
                raise LookupError("no other channel")
            content, mime = await self.fetch_media(media)
        except LookupError:
            logger.warning("media dropped: its platform no longer has it")
            return None
        mime = mime or media.mime or "application/octet-stream"
        key = await keep_media(self._desk, chat_key, content, mime)
        return Media(kind_of(mime), f"{STORE}{key}", mime)

    async def _look_around(self) -> None:
        """Wake browsers for messages that another process kept."""
        async with self._engine.begin() as conn:
            newest = await web_chats.newest_id(conn)
        seen: set[int] = set(range(max(0, newest - _OVERLAP), newest + 1))
        while True:
            await asyncio.sleep(LOOK_AROUND_S)
            try:
                async with self._engine.begin() as conn:
                    news = await web_chats.list_news(conn, after=max(seen, default=0) - _OVERLAP)
            except Exception:
                logger.exception("could not look for news of other processes")
                continue
            for chat_key in {chat for row_id, chat in news if row_id not in seen}:
                self._hub.wake(chat_key)
            seen = {row_id for row_id, _chat in news} or seen


async def _kept(conn: AsyncConnection, chat_key: str, message_id: str) -> str | None:
    """The page's id of a message that has been sent already; of an edit, what it edited."""
    kept = await web_chats.find_message(conn, chat_key, direction="out", source_id=message_id)
    return str(kept.body.get("edits", kept.id)) if kept else None
