"""One update in, one transaction, outbox rows out.

Updates that wait at the same moment share a transaction (group commit): on SQLite there is one
writer anyway, and the commit is what costs. If anything in a shared one fails, all of it is
rolled back and each update gets a transaction of its own, so that one person's trouble is never
another's. Handlers only read and write the database, which is why running them again is safe.
"""

import asyncio
import logging
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.clock import Clock
from bot.conversation import Conversation
from bot.dialogue import Turn
from bot.services import Services
from bot.types import Incoming
from storage.chats import Chat, lock_chats, remember_updates, save_chats
from storage.outbox import OutboxRow, Post, Priority, add_posts

log = logging.getLogger(__name__)

MAX_SHARED = 64
# Two workers can still meet on the same request row; one of them is asked to start again.
MAX_TRIES = 4
POSTGRESQL_LANES = 6

Job = tuple[Incoming, "asyncio.Future[None]"]


class Outlet(Protocol):
    """The sender of one channel, as far as messages are handed to it directly."""

    owner: str

    def accepts(self) -> bool:
        """Whether it would send what is written now within moments."""

    def take(self, row: OutboxRow) -> None:
        """Send a row that is leased to it and committed."""

    def wake(self) -> None:
        """Rows wait in the outbox."""


class Dispatcher:
    """Handles updates of one process. `run` must be going for `handle` to return."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        services: Services,
        conversation: Conversation,
        outlets: Mapping[str, Outlet],
    ) -> None:
        """`outlets`: senders of this process, by channel; others find rows in the outbox."""
        self._engine = engine
        self._clock = clock
        self._services = services
        self._conversation = conversation
        self._outlets = outlets
        # Updates that got an apology or nothing, by channel, since the start.
        self.failed: Counter[str] = Counter()
        lanes = 1 if engine.dialect.name == "sqlite" else POSTGRESQL_LANES
        self._lanes: list[asyncio.Queue[Job]] = [asyncio.Queue() for _ in range(lanes)]

    async def handle(self, incoming: Incoming) -> None:
        """Answer one update; returns when that is committed. Raises when nothing could be kept.

        The same (channel, update_id) is answered once, however often it is delivered. Updates
        of one chat are answered in the order in which they were handed in.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        lane = zlib.crc32(_chat_key(incoming).encode()) % len(self._lanes)
        self._lanes[lane].put_nowait((incoming, done))
        await done

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for lane in self._lanes:
                group.create_task(self._work(lane))

    async def _work(self, lane: "asyncio.Queue[Job]") -> None:
        while True:
            jobs = [await lane.get()]
            while len(jobs) < MAX_SHARED and not lane.empty():
                jobs.append(lane.get_nowait())
            await self._answer_all(jobs)

    async def _answer_all(self, jobs: Sequence[Job]) -> None:
        if len(jobs) > 1:
            try:
                await self._transact([incoming for incoming, _ in jobs])
            except Exception:
                log.info("a shared transaction failed; answering one by one", exc_info=False)
            else:
                for _, done in jobs:
                    _settle(done, None)
                return
        for incoming, done in jobs:
            _settle(done, await self._answer_alone(incoming))

    async def _answer_alone(self, incoming: Incoming) -> Exception | None:
        """None when the update is dealt with; else why nothing could be kept."""
        for attempt in range(MAX_TRIES):
            try:
                await self._transact([incoming])
            except DBAPIError as error:
                if attempt < MAX_TRIES - 1 and _is_passing(error):
                    await asyncio.sleep(0.02 * 2**attempt)
                    continue
                return await self._give_up(incoming, error)
            except Exception as error:
                return await self._give_up(incoming, error)
            return None
        raise AssertionError("the last try returns")

    async def _give_up(self, incoming: Incoming, error: Exception) -> Exception | None:
        self.failed[incoming.channel] += 1
        # The exception's text may quote what a person wrote, so only its kind and place are kept.
        log.error(
            "update %s of %s failed: %s at %s",
            incoming.update_id,
            incoming.channel,
            type(error).__name__,
            _place_of(error),
        )
        try:
            await self._transact([incoming], apologise=True)
        except Exception as second:
            return second
        return None

    async def _transact(self, batch: Sequence[Incoming], *, apologise: bool = False) -> None:
        now = self._clock.now()
        async with self._engine.begin() as conn:
            posts, chats = await self._answer_in(conn, batch, now, apologise=apologise)
            await save_chats(conn, list(chats.values()), now)
            await write_posts(conn, posts, now, self._outlets)
        hand_over(posts, self._outlets)

    async def _answer_in(
        self, conn: AsyncConnection, batch: Sequence[Incoming], now: datetime, *, apologise: bool
    ) -> tuple[list[Post], dict[int, Chat]]:
        fresh = await remember_updates(conn, [(i.channel, i.update_id) for i in batch], now)
        todo = [i for i in batch if (i.channel, i.update_id) in fresh]
        if not todo:
            return [], {}
        keys = [(i.channel, _chat_key(i)) for i in todo]
        chats = await lock_chats(conn, keys, now)
        posts: list[Post] = []
        answered: set[tuple[str, str]] = set()
        for incoming, key in zip(todo, keys, strict=True):
            if (incoming.channel, incoming.update_id) in answered:
                continue  # delivered twice within this batch
            answered.add((incoming.channel, incoming.update_id))
            turn = Turn(conn, now, self._services, posts, chat=chats[key], incoming=incoming)
            if apologise:
                self._conversation.apologise(turn)
            else:
                await self._conversation.take(turn)
        return posts, {chat.id: chat for chat in chats.values()}


def _chat_key(incoming: Incoming) -> str:
    """Whose conversation this belongs to: in a group, that of the person who acts."""
    return incoming.chat_key if incoming.private else incoming.sender_key


async def write_posts(
    conn: AsyncConnection, posts: Sequence[Post], now: datetime, outlets: Mapping[str, Outlet]
) -> None:
    """Put messages into the outbox, leased to this process's senders where they have room.

    What goes to many is leased by the sender a little at a time: what a process holds when it
    dies is in doubt afterwards.
    """
    for post in posts:
        outlet = outlets.get(post.channel)
        at_once = post.priority < Priority.REMINDER and post.not_before <= now
        if at_once and outlet is not None and outlet.accepts():
            post.owner = outlet.owner
    await add_posts(conn, posts, now)


def hand_over(posts: Sequence[Post], outlets: Mapping[str, Outlet]) -> None:
    """Call after the commit: the senders get what is leased to them, and look for the rest."""
    for post in posts:
        outlet = outlets.get(post.channel)
        if outlet is None:
            continue
        if post.owner is None:
            outlet.wake()
        else:
            outlet.take(_leased(post))


def _leased(post: Post) -> OutboxRow:
    return OutboxRow(
        post.id,
        post.chat_id,
        post.chat_key,
        post.channel,
        post.priority,
        post.body,
        attempts=0,
        to_group=post.to_group,
    )


def _settle(done: "asyncio.Future[None]", error: Exception | None) -> None:
    if done.done():
        return  # whoever waited has gone away; the work is committed all the same
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _is_passing(error: DBAPIError) -> bool:
    """Whether the same transaction may well succeed a moment later (deadlock, busy file)."""
    code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", "")
    return code in ("40P01", "40001", "SQLITE_BUSY", "SQLITE_LOCKED")


def _place_of(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else "?"
