"""What the web chat keeps, on each engine."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.media import get_media, put_media
from storage.web_chats import (
    delete_chat,
    has_session,
    keep_message,
    list_messages,
    open_session,
    prune,
)


async def keep(engine: AsyncEngine, now: datetime, source_id: str, text: str) -> int:
    async with engine.begin() as conn:
        return await keep_message(
            conn, "k", direction="in", source_id=source_id, body={"text": text}, now=now
        )


async def texts(engine: AsyncEngine) -> list[str]:
    async with engine.begin() as conn:
        return [row.body["text"] for row in await list_messages(conn, "k", after=0, limit=50)]


async def test_a_message_sent_twice_is_kept_once(engine: AsyncEngine, now: datetime) -> None:
    first = await keep(engine, now, "m1", "chào")
    second = await keep(engine, now, "m1", "chào")

    assert first == second
    assert await texts(engine) == ["chào"]


async def test_old_messages_sessions_and_pictures_go_by_their_own_dates(
    engine: AsyncEngine, now: datetime
) -> None:
    await keep(engine, now, "m1", "cũ")
    async with engine.begin() as conn:
        await open_session(conn, "k", now=now)
        await put_media(conn, key="p", chat_key="k", mime="image/png", content=b"x", now=now)
        later = now + timedelta(days=1)
        await prune(conn, messages_before=later, media_before=now, sessions_before=now)

        assert await has_session(conn, "k", seen_since=now - timedelta(days=1))
        assert (await get_media(conn, "store:p")).content == b"x"
    assert await texts(engine) == []


async def test_a_deleted_chat_leaves_no_message(engine: AsyncEngine, now: datetime) -> None:
    await keep(engine, now, "m1", "chào")
    async with engine.begin() as conn:
        await delete_chat(conn, "k")

    assert await texts(engine) == []


async def test_what_is_not_there_is_said_so(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        with pytest.raises(LookupError):
            await get_media(conn, "store:nothing")
