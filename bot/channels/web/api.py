"""What the page asks of the server: messages, news, photos and voice notes."""

import asyncio
import mimetypes
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.channels.web import words
from bot.channels.web.live import Hub, Listener, TooManyListeners
from bot.channels.web.posted import read_body, read_posted
from bot.channels.web.sessions import Denied, Sessions
from bot.channels.web.uploads import PHOTO_TYPES, VOICE_TYPES, judge, without_whereabouts
from bot.clock import Clock
from bot.config import WebSettings
from bot.texts import LOCAL_ZONE, Day, Text, Texts
from bot.types import Incoming, Media, MediaKind
from storage import media as media_store
from storage import web_chats
from storage.media import StoredMedia
from storage.web_chats import WebMessage

PAGE_ROWS = 60
MAX_WAIT_S = 25.0
# Phone networks drop a silent connection after about half a minute.
PING_S = 20.0
# Close codes of ours on the WebSocket; the page knows them.
NO_SESSION_CODE = 4401
TOO_MANY_CODE = 4429


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the requests of the page are answered with."""

    engine: AsyncEngine
    settings: WebSettings
    clock: Clock
    texts: Texts
    mask: Callable[[str], str]
    rng_token: Callable[[], str]
    hotline: str
    sessions: Sessions
    hub: Hub
    # Returns when the update's transaction has committed. Raises Denied before the start.
    deliver: Callable[[Incoming], Awaitable[None]]


class Api:
    """The endpoints under /api/ that a phone uses."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def session(self, request: Request) -> Response:
        """POST: the browser has a session from here on."""
        self._desk.sessions.check_origin(request)
        response = JSONResponse({"open": True})
        await self._desk.sessions.open(request, response)
        return response

    async def words(self, request: Request) -> Response:
        """GET: every word that the page shows, and the limits that it keeps to."""
        settings = self._desk.settings
        return JSONResponse(
            {
                "words": words.render_all(words.PAGE, self._desk.texts),
                "too_long": self._desk.texts.render(words.too_long(settings.max_text_chars)),
                "too_large": self._desk.texts.render(words.too_large(settings.max_upload_mb)),
                "max_text_chars": settings.max_text_chars,
                "max_upload_bytes": settings.max_upload_mb * 1_000_000,
            }
        )

    async def post_message(self, request: Request) -> Response:
        """POST: take a message in. Answers when it has been handled, never before.

        The page tries again until it has an answer: the row is kept once, and the dispatcher
        handles an update id once.
        """
        desk = self._desk
        desk.sessions.check_origin(request)
        chat_key = await desk.sessions.chat_of(request)
        desk.sessions.count_message(chat_key)
        posted = await read_posted(request, max_chars=desk.settings.max_text_chars)
        async with desk.engine.begin() as conn:
            media = await _media(conn, posted.media.key) if posted.media else None
            row_id = await web_chats.keep_message(
                conn,
                chat_key,
                direction="in",
                source_id=posted.id,
                body=posted.body(media, desk.mask),
                now=desk.clock.now(),
            )
            kept = await web_chats.list_messages(conn, chat_key, after=row_id - 1, limit=1)
        desk.hub.typing(chat_key)
        await desk.deliver(posted.update(chat_key, media))
        return JSONResponse(self._row(kept[0]) if kept else {"id": row_id})

    async def get_messages(self, request: Request) -> Response:
        """GET: ?after=ID&wait=S waits for news; ?before=ID or nothing is the history."""
        desk = self._desk
        chat_key = await desk.sessions.chat_of(request)
        after, before = _whole(request, "after"), _whole(request, "before")
        if after is None:
            async with desk.engine.begin() as conn:
                rows = await web_chats.list_latest(conn, chat_key, before=before, limit=PAGE_ROWS)
            return JSONResponse({"rows": self._rows(rows), "more": len(rows) == PAGE_ROWS})
        wait_s = min(float(_whole(request, "wait") or 0), MAX_WAIT_S)
        try:
            with desk.hub.listen(chat_key) as listener:
                return await self._wait_for_rows(chat_key, after, wait_s, listener)
        except TooManyListeners:
            raise Denied(429, words.TOO_MANY_PAGES, retry_after_s=30) from None

    async def _wait_for_rows(
        self, chat_key: str, after: int, wait_s: float, listener: Listener
    ) -> Response:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            rows, last = await self._news(chat_key, after)
            typing = listener.take_typing()
            left_s = until - loop.time()
            if rows or typing or left_s <= 0 or last < after or self._desk.hub.closed:
                return JSONResponse({"rows": self._rows(rows), "typing": typing, "last": last})
            await listener.wait(left_s)

    async def live(self, socket: WebSocket) -> None:
        """WebSocket: pushes new rows, and that an answer is being written."""
        desk = self._desk
        try:
            desk.sessions.check_origin(socket)
            chat_key = await desk.sessions.chat_of(socket)
            after = _whole(socket, "after") or 0
        except Denied as denied:
            # A refused handshake tells the page nothing, so a lost session is told after it.
            if denied.status == 401:
                await socket.accept()
                await socket.close(NO_SESSION_CODE)
            else:
                await socket.close()
            return
        await socket.accept()
        try:
            with desk.hub.listen(chat_key) as listener:
                await self._push_until_gone(socket, chat_key, after, listener)
        except TooManyListeners:
            await socket.close(TOO_MANY_CODE)

    async def _push_until_gone(
        self, socket: WebSocket, chat_key: str, after: int, listener: Listener
    ) -> None:
        pushing = asyncio.create_task(self._push(socket, chat_key, after, listener))
        gone = asyncio.create_task(_until_gone(socket))
        try:
            await asyncio.wait({pushing, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pushing.cancel()
            gone.cancel()
            done = await asyncio.gather(pushing, gone, return_exceptions=True)
        for outcome in done:
            if isinstance(outcome, Exception) and not isinstance(outcome, WebSocketDisconnect):
                raise outcome

    async def _push(self, socket: WebSocket, chat_key: str, after: int, listener: Listener) -> None:
        while not self._desk.hub.closed:
            rows, last = await self._news(chat_key, after)
            await socket.send_json(
                {"rows": self._rows(rows), "typing": listener.take_typing(), "last": last}
            )
            after = rows[-1].id if rows else after
            if len(rows) < PAGE_ROWS:
                await listener.wait(PING_S)
        await socket.close(1001)

    async def _news(self, chat_key: str, after: int) -> tuple[list[WebMessage], int]:
        """Rows after one, and the newest id: smaller than `after` when the chat was erased."""
        async with self._desk.engine.begin() as conn:
            rows = await web_chats.list_messages(conn, chat_key, after=after, limit=PAGE_ROWS)
            return rows, await web_chats.newest_id(conn, chat_key)

    async def post_media(self, request: Request) -> Response:
        """POST: keep a photo or voice note, whose type its content tells."""
        desk = self._desk
        desk.sessions.check_origin(request)
        chat_key = await desk.sessions.chat_of(request)
        desk.sessions.count_upload(chat_key)
        megabytes = desk.settings.max_upload_mb
        content = await read_body(request, megabytes * 1_000_000, words.too_large(megabytes))
        judged = judge(content)
        if judged is None:
            raise Denied(415, words.WRONG_TYPE)
        kind, mime = judged
        content = without_whereabouts(content, mime)
        key = await keep_media(desk, chat_key, content, mime)
        return JSONResponse({"ref": f"store:{key}", "kind": kind})

    async def get_media(self, request: Request) -> Response:
        """GET: a photo, voice note or file. Its key can't be guessed: who has it was sent it."""
        key = request.path_params["key"]
        try:
            async with self._desk.engine.begin() as conn:
                stored = await media_store.get_media(conn, key)
        except LookupError:
            raise Denied(404, words.NOT_HERE) from None
        return _file_response(stored, request.headers)

    def _rows(self, rows: Sequence[WebMessage]) -> list[dict[str, Any]]:
        return [self._row(row) for row in rows]

    def _row(self, row: WebMessage) -> dict[str, Any]:
        at = row.created_at
        return {
            "id": row.id,
            "own": row.direction == "in",
            "source": row.source_id,
            "day": self._desk.texts.render(Text("%(day)s", {"day": Day(at)})),
            "time": at.astimezone(LOCAL_ZONE).strftime("%H:%M"),
            "body": dict(row.body),
        }


async def keep_media(desk: Desk, chat_key: str, content: bytes, mime: str) -> str:
    """Keep a file for a chat; the new, unguessable key of it."""
    key = desk.rng_token()
    async with desk.engine.begin() as conn:
        await media_store.put_media(
            conn, key=key, chat_key=chat_key, mime=mime, content=content, now=desk.clock.now()
        )
    return key


def kind_of(mime: str) -> MediaKind:
    """How the page shows content of this type."""
    return "photo" if mime in PHOTO_TYPES else "voice" if mime in VOICE_TYPES else "file"


async def _media(conn: AsyncConnection, key: str) -> Media:
    try:
        mime = await media_store.get_media_type(conn, key)
    except LookupError:
        raise Denied(400, words.NOT_UNDERSTOOD) from None
    return Media(kind_of(mime), f"store:{key}", mime)


async def _until_gone(socket: WebSocket) -> None:
    """Read, and drop, whatever the page says, until it leaves."""
    while True:
        await socket.receive_text()


def _whole(conn: HTTPConnection, name: str) -> int | None:
    value = conn.query_params.get(name)
    if value is None:
        return None
    if not re.fullmatch(r"\d{1,18}", value, re.ASCII):
        raise Denied(400, words.NOT_UNDERSTOOD)
    return int(value)


def _file_response(stored: StoredMedia, asked: Headers) -> Response:
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Accept-Ranges": "bytes"}
    if kind_of(stored.mime) == "file":
        ending = mimetypes.guess_extension(stored.mime) or ".bin"
        headers["Content-Disposition"] = f'attachment; filename="ngo-so{ending}"'
    content, status = _part(stored.content, asked, headers)
    return Response(content, status, headers, media_type=stored.mime)


def _part(content: bytes, asked: Mapping[str, str], headers: dict[str, str]) -> tuple[bytes, int]:
    """The bytes that a player asks for; iPhones play no sound from servers that can't do this."""
    wanted = re.fullmatch(r"bytes=(\d{1,12})-(\d{0,12})", asked.get("range", ""), re.ASCII)
    if not wanted or int(wanted[1]) >= len(content):
        return content, 200
    first = int(wanted[1])
    last = min(int(wanted[2] or len(content)), len(content) - 1)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
    return content[first : last + 1], 206
