"""What the web chat keeps: messages shown on the page and browser sessions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import chats, media, web_messages, web_sessions

Direction = Literal["in", "out"]
Body = Mapping[str, Any]

_shown = select(
    web_messages.c.id,
    web_messages.c.direction,
    web_messages.c.source_id,
    web_messages.c.body,
    web_messages.c.created_at,
)


@dataclass(frozen=True, slots=True)
class WebMessage:
    """One message as the page shows it; `id` grows within a chat and never changes."""

    id: int
    direction: Direction
    source_id: str
    body: Body
    created_at: datetime


async def keep_message(
    conn: AsyncConnection,
    chat_key: str,
    *,
    direction: Direction,
    source_id: str,
    body: Body,
    now: datetime,
) -> int:
    """Keep a message once per (chat, direction, source_id); the id of the one that is kept.

    On PostgreSQL the chat is locked first: ids of one chat must become visible in their order,
    or a browser that asks for "all after 7" would never see a 6 that commits late.
    """
    if conn.dialect.name == "postgresql":
        lock = text("select pg_advisory_xact_lock(hashtext(:chat_key))")
        await conn.execute(lock, {"chat_key": chat_key})
    query = (
        insert_for(conn, web_messages)
        .values(
            chat_key=chat_key,
            direction=direction,
            source_id=source_id,
            body=dict(body),
            created_at=now,
        )
        .on_conflict_do_nothing()
        .returning(web_messages.c.id)
    )
    new = (await conn.execute(query)).scalar_one_or_none()
    if new is not None:
        return int(new)
    kept = await find_message(conn, chat_key, direction=direction, source_id=source_id)
    if kept is None:
        raise LookupError("the message vanished while it was kept")
    return kept.id


async def find_message(
    conn: AsyncConnection, chat_key: str, *, direction: Direction, source_id: str
) -> WebMessage | None:
    """The message that came with this source id, None before it was kept."""
    query = _shown.where(
        web_messages.c.chat_key == chat_key,
        web_messages.c.direction == direction,
        web_messages.c.source_id == source_id,
    )
    found = await _fetch(conn, query)
    return found[0] if found else None


async def replace_body(
    conn: AsyncConnection, chat_key: str, message_id: int, *, body: Body
) -> bool:
    """Change what the bot said earlier; False when there is no such message in this chat."""
    query = (
        update(web_messages)
        .where(
            web_messages.c.id == message_id,
            web_messages.c.chat_key == chat_key,
            web_messages.c.direction == "out",
        )
        .values(body=dict(body))
    )
    return (await conn.execute(query)).rowcount == 1


async def list_messages(
    conn: AsyncConnection, chat_key: str, *, after: int, limit: int
) -> list[WebMessage]:
    """What came after a message, oldest first."""
    query = (
        _shown.where(web_messages.c.chat_key == chat_key, web_messages.c.id > after)
        .order_by(web_messages.c.id)
        .limit(limit)
    )
    return await _fetch(conn, query)


async def list_latest(
    conn: AsyncConnection, chat_key: str, *, before: int | None = None, limit: int
) -> list[WebMessage]:
    """The last messages, or the last before one, oldest first."""
    query = _shown.where(web_messages.c.chat_key == chat_key)
    if before is not None:
        query = query.where(web_messages.c.id < before)
    return (await _fetch(conn, query.order_by(web_messages.c.id.desc()).limit(limit)))[::-1]


async def list_news(conn: AsyncConnection, *, after: int) -> list[tuple[int, str]]:
    """(message id, chat key) of all messages of all chats after one, for waking browsers."""
    query = select(web_messages.c.id, web_messages.c.chat_key).where(web_messages.c.id > after)
    return [(row.id, row.chat_key) for row in await conn.execute(query)]


async def newest_id(conn: AsyncConnection, chat_key: str | None = None) -> int:
    """The id of the last message of a chat or of all chats, 0 when there is none."""
    query = select(func.coalesce(func.max(web_messages.c.id), 0))
    if chat_key is not None:
        query = query.where(web_messages.c.chat_key == chat_key)
    return int((await conn.execute(query)).scalar_one())


async def open_session(conn: AsyncConnection, chat_key: str, *, now: datetime) -> None:
    """Remember a new browser."""
    query = insert_for(conn, web_sessions).values(
        chat_key=chat_key, created_at=now, last_seen_at=now
    )
    await conn.execute(query.on_conflict_do_nothing())


async def has_session(conn: AsyncConnection, chat_key: str, *, seen_since: datetime) -> bool:
    """Whether this browser is known and was last seen at or after that moment."""
    query = select(web_sessions.c.chat_key).where(
        web_sessions.c.chat_key == chat_key, web_sessions.c.last_seen_at >= seen_since
    )
    return (await conn.execute(query)).first() is not None


async def touch_session(conn: AsyncConnection, chat_key: str, *, now: datetime) -> None:
    """Note that the browser came back, which starts its session days anew."""
    query = update(web_sessions).where(web_sessions.c.chat_key == chat_key)
    await conn.execute(query.values(last_seen_at=now))


async def delete_chat(conn: AsyncConnection, chat_key: str) -> None:
    """Erase the messages of a chat and what was uploaded in it.

    The session stays (a hash and two times, until it expires), so that the goodbye can be read.
    """
    owner = select(chats.c.id).where(chats.c.channel == "web", chats.c.chat_key == chat_key)
    await conn.execute(delete(media).where(media.c.chat_id.in_(owner)))
    # The first upload of a new chat came before its row in `chats`.
    sent = select(web_messages.c.body).where(
        web_messages.c.chat_key == chat_key, web_messages.c.direction == "in"
    )
    keys = [body["media"]["key"] for body in (await conn.scalars(sent)) if body.get("media")]
    if keys:
        await conn.execute(delete(media).where(media.c.key.in_(keys)))
    await conn.execute(delete(web_messages).where(web_messages.c.chat_key == chat_key))


async def prune(
    conn: AsyncConnection,
    *,
    messages_before: datetime,
    media_before: datetime,
    sessions_before: datetime,
) -> None:
    """Delete messages and media older than these moments, and sessions not seen since."""
    await conn.execute(delete(web_messages).where(web_messages.c.created_at < messages_before))
    await conn.execute(delete(media).where(media.c.created_at < media_before))
    await conn.execute(delete(web_sessions).where(web_sessions.c.last_seen_at < sessions_before))


async def _fetch(conn: AsyncConnection, query: Select[Any]) -> list[WebMessage]:
    rows: Sequence[Any] = (await conn.execute(query)).all()
    return [WebMessage(**row._mapping) for row in rows]
