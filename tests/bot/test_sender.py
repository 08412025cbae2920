"""Outbox to platform: order, pace, retries, and what becomes of every row."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import (
    ChatGone,
    ChatMoved,
    Limits,
    Receive,
    Rejected,
    Retry,
    SendError,
    Uncertain,
    Unreachable,
)
from bot.sender import Sender
from bot.types import Media, Outgoing
from storage.outbox import Post, Priority, add_posts
from storage.schema import chats, outbox, persons
from tests.world import TestClock

NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)


class Platform:
    """A platform that takes what it is sent, or fails as a test says."""

    name = "web"

    def __init__(
        self, per_second: float = 1000.0, per_chat: float = 1000.0, per_group: float = 0.0
    ) -> None:
        self.limits = Limits(
            4000, 10, 80, per_second, per_chat, can_edit=True, per_group_per_minute=per_group
        )
        self.taken: list[tuple[str, str]] = []
        self.at: list[float] = []
        self.faults: list[SendError] = []
        self.now_sending = 0
        self.most_at_once = 0

    async def start(self, receive: Receive) -> None: ...

    async def stop(self) -> None: ...

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        raise LookupError(media.ref)

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        self.now_sending += 1
        self.most_at_once = max(self.most_at_once, self.now_sending)
        await asyncio.sleep(0)
        self.now_sending -= 1
        if self.faults:
            raise self.faults.pop(0)
        self.taken.append((chat_key, message.text))
        self.at.append(asyncio.get_running_loop().time())
        return f"m{message_id}"


class PostOffice:
    """A database with chats, a platform and the sender between them."""

    def __init__(self, engine: AsyncEngine, platform: Platform) -> None:
        self.engine = engine
        self.platform = platform
        self.by_day = True
        self.clock = TestClock(NOW)
        self.sender = Sender(
            engine,
            self.clock,
            platform,
            owner="me",
            is_daytime=lambda _at: self.by_day,
            backoff_s=(0.02, 0.05),
            unreachable_s=(0.01,),
        )

    async def open_chats(self, count: int) -> None:
        async with self.engine.begin() as conn:
            for n in range(count):
                made = insert(persons).values(created_at=NOW).returning(persons.c.id)
                person = (await conn.execute(made)).scalar_one()
                await conn.execute(
                    insert(chats).values(
                        channel="web", chat_key=f"c{n + 1}", person_id=person, last_seen_at=NOW
                    )
                )

    async def write(self, *texts: tuple[int, str], priority: Priority = Priority.REPLY) -> None:
        posts = [Post(c, f"c{c}", "web", priority, {"text": text}, NOW) for c, text in texts]
        async with self.engine.begin() as conn:
            await add_posts(conn, posts, NOW)
        self.sender.wake()

    async def open_group(self) -> None:
        async with self.engine.begin() as conn:
            await conn.execute(insert(chats).values(channel="web", chat_key="c2", last_seen_at=NOW))

    async def attempts(self) -> list[int]:
        async with self.engine.begin() as conn:
            query = select(outbox.c.attempts).order_by(outbox.c.id)
            return list((await conn.execute(query)).scalars())

    async def states(self) -> dict[str, int]:
        query = select(outbox.c.status, func.count()).group_by(outbox.c.status)
        async with self.engine.begin() as conn:
            return {row[0]: row[1] for row in await conn.execute(query)}

    async def until(self, condition: Callable[[dict[str, int]], bool]) -> dict[str, int]:
        async with asyncio.timeout(10):
            while not condition(found := await self.states()):
                self.clock.forward(seconds=1)
                self.sender.wake()
                await asyncio.sleep(0.01)
        return found


@pytest.fixture
async def office(engine: AsyncEngine) -> AsyncIterator[PostOffice]:
    found = PostOffice(engine, Platform())
    await found.open_chats(3)
    work = asyncio.create_task(found.sender.run())
    yield found
    work.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await work


def all_settled(states: dict[str, int]) -> bool:
    return not states.keys() & {"pending", "leased"}


async def test_everything_written_is_sent_and_marked(office: PostOffice) -> None:
    await office.write((1, "a"), (2, "b"), (1, "c"))

    assert await office.until(all_settled) == {"sent": 3}
    assert [text for chat, text in office.platform.taken if chat == "c1"] == ["a", "c"]


async def test_a_blocked_chat_is_stopped_and_the_rest_of_its_messages_skipped(
    office: PostOffice,
) -> None:
    office.platform.faults = [ChatGone("blocked")]
    await office.write((1, "a"), (1, "b"), (2, "c"))

    assert await office.until(all_settled) == {"skipped": 2, "sent": 1}
    async with office.engine.begin() as conn:
        status = await conn.execute(select(chats.c.status).where(chats.c.id == 1))
        assert status.scalar_one() == "stopped"


async def test_a_passing_failure_is_tried_again(office: PostOffice) -> None:
    office.platform.faults = [Retry("502"), Retry("502")]
    await office.write((1, "a"))

    assert await office.until(all_settled) == {"sent": 1}


async def test_after_eight_tries_a_message_counts_as_failed_and_stays_visible(
    office: PostOffice,
) -> None:
    office.platform.faults = [Retry("502")] * 8
    await office.write((1, "a"))

    assert await office.until(all_settled) == {"failed": 1}
    assert await office.attempts() == [8]


async def test_a_message_that_has_to_wait_is_not_overtaken_by_the_next(office: PostOffice) -> None:
    office.platform.faults = [Retry("502"), Retry("502")]
    await office.write((1, "a"), (1, "b"), (1, "c"))

    await office.until(all_settled)

    assert [text for _chat, text in office.platform.taken] == ["a", "b", "c"]
    assert await office.attempts() == [3, 1, 1]


async def test_without_any_connection_no_message_is_given_up(office: PostOffice) -> None:
    office.platform.faults = [Unreachable("no connection") for _ in range(30)]
    await office.write((1, "a"), (2, "b"))

    assert await office.until(all_settled) == {"sent": 2}
    assert await office.attempts() == [1, 1]


async def test_a_group_is_written_to_less_often_than_a_person(sqlite_engine: AsyncEngine) -> None:
    platform = Platform(per_group=1200.0)
    office = PostOffice(sqlite_engine, platform)
    await office.open_chats(1)
    await office.open_group()
    await office.write(*((chat, "x") for chat in (1, 2) for _ in range(8)))
    work = asyncio.create_task(office.sender.run())
    await office.until(all_settled)
    work.cancel()

    times = [at for (chat, _text), at in zip(platform.taken, platform.at, strict=True)
             if chat == "c2"]  # fmt: skip
    # Three may go at once, then one every 60 / 1,200 seconds.
    assert times[-1] - times[0] >= (8 - 3) * 0.05 - 0.01
    assert len(platform.taken) == 16


async def test_our_own_mistake_is_not_repeated(office: PostOffice) -> None:
    office.platform.faults = [Rejected("text is empty")]
    await office.write((1, "a"))

    assert await office.until(all_settled) == {"failed": 1}


async def test_asked_for_patience_the_whole_channel_is_quiet_and_nothing_is_lost(
    office: PostOffice,
) -> None:
    office.platform.faults = [Retry("429", after_s=0.3, whole_channel=True)]
    begin = asyncio.get_running_loop().time()
    await office.write((1, "a"), (2, "b"))

    await office.until(all_settled)

    assert sorted(text for _chat, text in office.platform.taken) == ["a", "b"]
    # The other may have been in flight when the platform asked.
    assert max(office.platform.at) >= begin + 0.29


async def test_a_time_out_after_sending_is_in_doubt_and_a_reply_is_tried_once_more(
    office: PostOffice,
) -> None:
    office.platform.faults = [Uncertain("time-out")]
    await office.write((1, "a"))

    assert await office.until(all_settled) == {"unknown": 1, "sent": 1}


async def test_a_broadcast_in_doubt_is_not_sent_again(office: PostOffice) -> None:
    office.platform.faults = [Uncertain("time-out")]
    await office.write((1, "a"), priority=Priority.BROADCAST)

    assert await office.until(all_settled) == {"unknown": 1}


async def test_a_chat_that_moved_is_followed(office: PostOffice) -> None:
    office.platform.faults = [ChatMoved("c99")]
    await office.write((1, "a"))

    await office.until(all_settled)

    assert office.platform.taken == [("c99", "a")]


async def test_one_chat_gets_one_message_at_a_time_in_order(office: PostOffice) -> None:
    await office.write(*((1, f"{n}") for n in range(30)))

    await office.until(all_settled)

    assert [text for _chat, text in office.platform.taken] == [f"{n}" for n in range(30)]
    assert office.platform.most_at_once == 1


async def test_a_reply_overtakes_a_broadcast_that_is_under_way(sqlite_engine: AsyncEngine) -> None:
    office = PostOffice(sqlite_engine, Platform(per_second=100.0))
    await office.open_chats(61)
    await office.write(*((n + 1, "news") for n in range(60)), priority=Priority.BROADCAST)
    work = asyncio.create_task(office.sender.run())
    await office.until(lambda states: states.get("sent", 0) >= 5)
    await office.write((61, "reply"))
    await office.until(all_settled)
    work.cancel()

    assert [text for _chat, text in office.platform.taken].index("reply") < 30


async def test_a_reminder_that_was_held_up_waits_for_the_day_and_a_reply_does_not(
    office: PostOffice,
) -> None:
    office.by_day = False
    await office.write((1, "lesson"), priority=Priority.REMINDER)
    await office.write((2, "reply"))
    assert await office.until(lambda states: "sent" in states) == {"sent": 1, "pending": 1}
    assert office.platform.taken == [("c2", "reply")]

    office.by_day = True
    assert await office.until(all_settled) == {"sent": 2}


async def test_the_rate_of_the_platform_is_kept(sqlite_engine: AsyncEngine) -> None:
    office = PostOffice(sqlite_engine, Platform(per_second=50.0))
    await office.open_chats(40)
    await office.write(*((n + 1, "x") for n in range(40)))
    work = asyncio.create_task(office.sender.run())
    await office.until(all_settled)
    work.cancel()

    spent = office.platform.at[-1] - office.platform.at[0]
    assert spent >= (40 - 5 - 1) / 50.0  # five may leave at once


async def test_a_stopping_sender_finishes_what_is_in_flight_and_gives_back_the_rest(
    sqlite_engine: AsyncEngine,
) -> None:
    office = PostOffice(sqlite_engine, Platform(per_second=20.0))
    await office.open_chats(30)
    await office.write(*((n + 1, "x") for n in range(30)))
    work = asyncio.create_task(office.sender.run())
    await office.until(lambda states: states.get("sent", 0) >= 2)
    await office.sender.stop()
    work.cancel()

    states = await office.states()
    assert states["sent"] == len(office.platform.taken)
    assert states["sent"] + states["pending"] == 30
