"""The ledger: every message is in exactly one state, and none is lost or doubled by a crash."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.outbox import (
    LEASE,
    Mark,
    Post,
    Priority,
    Status,
    add_posts,
    expire_leases,
    lease_due,
    mark,
    settle_expired,
    skip_chat,
)
from storage.schema import chats, outbox, persons


@pytest.fixture
async def chat(engine: AsyncEngine, now: datetime) -> int:
    async with engine.begin() as conn:
        person = await conn.execute(insert(persons).values(created_at=now).returning(persons.c.id))
        made = insert(chats).values(
            channel="web", chat_key="k", person_id=person.scalar_one(), last_seen_at=now
        )
        return int((await conn.execute(made.returning(chats.c.id))).scalar_one())


def post(chat: int, now: datetime, priority: Priority = Priority.REPLY, **more: Any) -> Post:
    return Post(chat, "k", "web", priority, {"text": priority.name}, now, **more)


async def states(engine: AsyncEngine) -> dict[str, int]:
    query = select(outbox.c.status, func.count()).group_by(outbox.c.status)
    async with engine.begin() as conn:
        return {row[0]: row[1] for row in await conn.execute(query)}


async def test_the_most_urgent_leaves_first_and_the_older_before_the_younger(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    order = [Priority.BROADCAST, Priority.REPLY, Priority.HELP, Priority.REPLY]
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now, p) for p in order], now)

        rows = await lease_due(conn, "web", "me", now, 10)

    assert [(r.priority, r.id) for r in rows] == [(0, 2), (0, 4), (1, 3), (3, 1)]


async def test_what_is_not_due_yet_waits(engine: AsyncEngine, chat: int, now: datetime) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now + timedelta(minutes=1))], now)

        assert await lease_due(conn, "web", "me", now, 10) == []
        assert len(await lease_due(conn, "web", "me", now + timedelta(minutes=1), 10)) == 1


async def test_two_senders_never_get_the_same_row(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now) for _ in range(40)], now)

    async def take(owner: str) -> list[int]:
        async with engine.begin() as conn:
            return [row.id for row in await lease_due(conn, "web", owner, now, 10)]

    taken = await asyncio.gather(*(take(f"s{i}") for i in range(4)))
    ids = [row_id for rows in taken for row_id in rows]
    assert len(ids) == len(set(ids)) == 40


async def test_after_a_crash_a_reply_is_in_doubt_and_tried_once_more(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now, owner="dead")], now)
    later = now + LEASE + timedelta(seconds=1)

    async with engine.begin() as conn:
        assert await settle_expired(conn, "web", later, expired_before=later, idempotent=False) == 1

    assert await states(engine) == {"unknown": 1, "pending": 1}


async def test_after_a_crash_a_broadcast_is_in_doubt_and_not_sent_again(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now, Priority.BROADCAST, owner="dead")], now)
        later = now + 2 * LEASE
        await settle_expired(conn, "web", later, expired_before=later, idempotent=False)

    assert await states(engine) == {"unknown": 1}


async def test_where_a_resend_shows_nothing_twice_nothing_is_in_doubt(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now, owner="dead")], now)
        later = now + 2 * LEASE
        await settle_expired(conn, "web", later, expired_before=later, idempotent=True)

    assert await states(engine) == {"pending": 1}


async def test_a_sender_that_stops_gives_back_what_it_held(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now, owner="me"), post(chat, now, owner="other")], now)
        await expire_leases(conn, "me", now)

    assert await states(engine) == {"pending": 1, "leased": 1}


async def test_a_stopped_chat_gets_nothing_more(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now), post(chat, now)], now)
        await mark(conn, [Mark(1, Status.SENT, now, "m1")])
        await skip_chat(conn, chat)

    assert await states(engine) == {"sent": 1, "skipped": 1}


async def test_what_is_in_doubt_is_sent_again_where_somebody_waits_for_it(
    engine: AsyncEngine, chat: int, now: datetime
) -> None:
    async with engine.begin() as conn:
        await add_posts(conn, [post(chat, now), post(chat, now)], now)
        await mark(conn, [
            Mark(1, Status.UNKNOWN, now, error="time-out", attempts=3, again=True),
            Mark(2, Status.UNKNOWN, now, error="time-out"),
        ])  # fmt: skip
        rows = await lease_due(conn, "web", "me", now, 10)

    assert [(row.id, row.attempts) for row in rows] == [(3, 3)]
