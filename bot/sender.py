"""Outbox to channel: lease, pace, send, mark. One sender a channel and process.

Order: priority first, then age; within a chat never two at a time. No transaction is open while
a platform is spoken to, and marks are written in batches. Announcements come from their ledger
(`bot.bulk`), a few at a time, and never wait here once they have failed.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.bulk import BUSY_S, BulkFeed, after_failure, put_back
from bot.channels.base import (
    Channel,
    ChatGone,
    ChatMoved,
    Rejected,
    Retry,
    SendError,
    Uncertain,
    Unreachable,
)
from bot.clock import Clock
from bot.config import BULK_SHARE
from bot.guarded import guarded
from bot.marks import Marks
from bot.pacing import Bucket, ChatQueue, ChatQueues
from bot.posted import to_outgoing
from bot.types import Outgoing
from storage.broadcast_queue import (
    end_turn,
    give_back_recipients,
    renew_recipients,
    settle_expired_recipients,
)
from storage.chats import move_chat, stop_chat
from storage.outbox import (
    LEASE,
    Mark,
    OutboxRow,
    Priority,
    Status,
    expire_leases,
    lease_due,
    renew_leases,
    settle_expired,
    skip_chat,
)

log = logging.getLogger(__name__)

T = TypeVar("T")

IN_FLIGHT = 64
# Of these, so many at most are bulk: a platform that answers slowly must not fill up with it.
BULK_IN_FLIGHT = 48
LEASE_BATCH = 200
POLL_S = 1.0
RENEW_S = 20.0
# Between tries of one message; the last one holds for all that follow. With eight tries that is
# half an hour, which outlasts most troubles of a platform.
BACKOFF_S = (1.0, 5.0, 25.0, 60.0, 300.0, 600.0)
# Between looks whether a platform can be reached again.
UNREACHABLE_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)


class Sender:
    """Sends what the outbox holds for one channel. `run` works until `stop`."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: Channel,
        *,
        owner: str,
        is_daytime: Callable[[datetime], bool],
        max_attempts: int = 8,
        backoff_s: Sequence[float] = BACKOFF_S,
        unreachable_s: Sequence[float] = UNREACHABLE_S,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
        """`is_daytime(at)`: people may be sent announcements at this time."""
        self.owner = owner
        self._engine = engine
        self._clock = clock
        self._channel = channel
        self._max_attempts = max_attempts
        self._backoff_s = backoff_s
        self._unreachable_s = unreachable_s
        self._unreached = 0
        self._monotonic = monotonic or asyncio.get_running_loop().time
        rate = channel.limits.per_second
        self._room = max(LEASE_BATCH, int(rate * 2))
        self._all = Bucket(rate, rate / 10, self._monotonic)
        self._bulk = Bucket(rate * BULK_SHARE, rate / 10, self._monotonic)
        self._feed = BulkFeed(engine, clock, channel, owner, is_daytime)
        self._marks = Marks(engine, channel.name, self.wake)
        self._queues = ChatQueues(channel.limits, self._monotonic)
        self.in_flight: set[asyncio.Task[None]] = set()
        self._bulk_in_flight = 0
        self._look = asyncio.Event()
        self._quiet_until = 0.0
        self._stopping = False

    # --- handed in -------------------------------------------------------------------------

    def accepts(self) -> bool:
        return self._queues.held < self._room and not self._stopping

    def take(self, row: OutboxRow) -> None:
        self._queues.put(row)

    def wake(self) -> None:
        self._look.set()

    # --- work ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled. A failing database is waited out; nothing is lost by it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease_loop())
            group.create_task(self._feed_loop())
            group.create_task(self._send_loop())
            group.create_task(self._marks.run())
            group.create_task(self._renew_loop())

    async def stop(self) -> None:
        """Finish what is in flight, write the marks, give back the rest. Call before cancelling."""
        self._stopping = True
        if self.in_flight:
            await asyncio.wait(set(self.in_flight))
        await self._marks.flush()
        async with self._engine.begin() as conn:
            await expire_leases(conn, self.owner, self._clock.now())
            await give_back_recipients(conn, self.owner)
            await end_turn(conn, self._channel.name, self.owner)

    async def settle(self, *, at_once: bool = False) -> int:
        """Deal with rows whose sender died. `at_once`: it is known that all others are dead."""
        now = self._clock.now()
        died: dict[str, Any] = {
            "expired_before": now + 2 * LEASE if at_once else now,
            "idempotent": self._channel.limits.idempotent,
        }
        async with self._engine.begin() as conn:
            if at_once:
                await end_turn(conn, self._channel.name)
            return await settle_expired(
                conn, self._channel.name, now, **died
            ) + await settle_expired_recipients(conn, self._channel.name, **died)

    async def _lease_loop(self) -> None:
        while True:
            taken = 0
            if self.accepts():
                taken = await self._guarded(self._lease) or 0
            if taken < LEASE_BATCH:
                self._look.clear()
                await _wait(self._look, POLL_S)

    async def _lease(self) -> int:
        async with self._engine.begin() as conn:
            rows = await lease_due(
                conn, self._channel.name, self.owner, self._clock.now(), LEASE_BATCH
            )
        for row in rows:
            self.take(row)
        return len(rows)

    async def _feed_loop(self) -> None:
        """Keep a few announcements ready, as long as any may leave."""
        while True:
            rows: list[OutboxRow] = []
            self._feed.wanted.clear()
            if self._feed.wants_more() and not self._stopping and not self._is_quiet():
                rows = await self._guarded(self._feed.take) or []
            for row in rows:
                self._take_bulk(row)
            if not rows or not self._feed.wants_more():
                quiet_s = self._quiet_until - self._monotonic()
                await _wait(self._feed.wanted, min(POLL_S, quiet_s) if quiet_s > 0 else POLL_S)

    def _take_bulk(self, row: OutboxRow) -> None:
        if self._queues.is_free(row.chat_id):
            self.take(row)
        else:
            # It would wait behind a conversation, and block the way of other announcements.
            self._put_back(row)

    def _put_back(self, row: OutboxRow) -> None:
        self._feed.left()
        self._marks.add(put_back(row, self._clock.now(), BUSY_S))

    async def _send_loop(self) -> None:
        while True:
            queue = None if self._stopping else self._queues.most_urgent()
            wait_s = self._wait_s(queue) if queue else None
            if queue is None or wait_s is None or wait_s > 0:
                # Something more urgent may come meanwhile.
                self._queues.something.clear()
                await _wait(self._queues.something, wait_s)
                continue
            self._start(queue)
            if len(self.in_flight) >= IN_FLIGHT:
                await asyncio.wait(self.in_flight, return_when=asyncio.FIRST_COMPLETED)

    def _wait_s(self, queue: ChatQueue) -> float | None:
        """How long the rates make it wait; None = until something in flight is done."""
        wait_s = max(self._quiet_until - self._monotonic(), self._all.wait_s())
        if not _is_bulk(queue.first):
            return wait_s
        if self._bulk_in_flight >= BULK_IN_FLIGHT:
            return None
        return max(wait_s, self._bulk.wait_s())

    def _start(self, queue: ChatQueue) -> None:
        row = self._queues.begin(queue)
        self._all.take()
        if _is_bulk(row):
            self._bulk.take()
            self._bulk_in_flight += 1
        if row.broadcast_id:
            self._feed.left()
        task = asyncio.create_task(self._send(row, queue))
        self.in_flight.add(task)
        task.add_done_callback(self.in_flight.discard)

    async def _send(self, row: OutboxRow, queue: ChatQueue) -> None:
        try:
            outcome = await self._try(row, queue)
            if outcome is not None:  # else it waits at the head of its chat
                self._marks.add(outcome)
                self._queues.held -= 1
        finally:
            if _is_bulk(row):
                self._bulk_in_flight -= 1
                self._queues.something.set()
            self._queues.end(queue)
            if self._queues.held == self._room - 1:
                self._look.set()

    async def _try(self, row: OutboxRow, queue: ChatQueue) -> Mark | None:
        """What became of it; None when it stays in its queue to be tried again."""
        try:
            message_id = await self._channel.send(
                row.chat_key, self._outgoing(row.body), message_id=row.message_id
            )
        except SendError as error:
            if not isinstance(error, Unreachable):
                self._unreached = 0
            return await self._failed(row, queue, error)
        except Exception as error:
            log.error("message %s: %s", row.message_id, type(error).__name__)
            return self._mark(row, Status.FAILED, error=type(error).__name__[:64])
        self._unreached = 0
        return self._mark(row, Status.SENT, platform_message_id=message_id[:64])

    def _mark(self, row: OutboxRow, status: Status, **details: Any) -> Mark:
        return Mark(
            row.id,
            status,
            self._clock.now(),
            attempts=row.attempts + 1,
            broadcast_id=row.broadcast_id,
            **details,
        )

    def _outgoing(self, body: dict[str, Any]) -> Outgoing:
        """The message; in place of the pressed menu or of the wrong one, where possible."""
        if "menu_of" in body and self._channel.limits.edits_menus:
            return to_outgoing(body | {"edits": body["menu_of"]})
        if "corrects" in body and self._channel.limits.can_edit:
            return to_outgoing(body | {"edits": body["corrects"]})
        return to_outgoing(body)

    async def _failed(self, row: OutboxRow, queue: ChatQueue, error: SendError) -> Mark | None:
        if isinstance(error, ChatGone):
            await self._guarded(lambda: self._give_up_chat(row.chat_id))
            return self._mark(row, Status.SKIPPED, error="chat gone")
        again = await self._blameless(row, error)
        if row.broadcast_id:
            now, idempotent = self._clock.now(), self._channel.limits.idempotent
            return (
                put_back(row, now, 0)
                if again
                else after_failure(row, error, now, idempotent=idempotent)
            )
        if again is not None:
            self._keep(again, queue)
            return None
        return self._count_try(row, queue, error, str(error)[:64])

    async def _blameless(self, row: OutboxRow, error: SendError) -> OutboxRow | None:
        """The row to try once more when the message was not at fault, and that has been heeded."""
        if isinstance(error, ChatMoved):
            await self._guarded(lambda: self._move_chat(row.chat_id, error.chat_key))
            return replace(row, chat_key=error.chat_key)
        if isinstance(error, Unreachable):
            self._wait_for_the_platform()
            return row
        if isinstance(error, Retry) and error.whole_channel:
            self._be_quiet(error.after_s)
            return row
        return None

    def _count_try(
        self, row: OutboxRow, queue: ChatQueue, error: SendError, reason: str
    ) -> Mark | None:
        """A failure that the message itself may have caused: try again, but not for ever."""
        in_doubt = isinstance(error, Uncertain) and not self._channel.limits.idempotent
        if isinstance(error, Rejected) or row.attempts + 1 >= self._max_attempts:
            log.warning("message %d given up after %d tries", row.id, row.attempts + 1)
            status = Status.UNKNOWN if in_doubt else Status.FAILED
            return self._mark(row, status, error=reason)
        if in_doubt:
            again = row.priority < Priority.BROADCAST
            return self._mark(row, Status.UNKNOWN, error=reason, again=again)
        wait = getattr(error, "after_s", 0.0) or _step(self._backoff_s, row.attempts)
        self._keep(replace(row, attempts=row.attempts + 1), queue, wait)
        return None

    def _wait_for_the_platform(self) -> None:
        if self._is_quiet():
            return  # the other messages in flight failed of the same
        self._be_quiet(_step(self._unreachable_s, self._unreached))
        self._unreached += 1

    def _is_quiet(self) -> bool:
        return self._monotonic() < self._quiet_until

    def _be_quiet(self, seconds: float) -> None:
        self._quiet_until = max(self._quiet_until, self._monotonic() + seconds)

    def _keep(self, row: OutboxRow, queue: ChatQueue, wait_s: float = 0.0) -> None:
        """Try it again later; an announcement that came behind it waits in the ledger."""
        for other in self._queues.drop(row.chat_id, announcements_only=True):
            self._put_back(other)
        self._queues.keep(queue, row, wait_s)

    async def _give_up_chat(self, chat_id: int) -> None:
        async with self._engine.begin() as conn:
            await stop_chat(conn, chat_id)
            await skip_chat(conn, chat_id)
        for row in self._queues.drop(chat_id):
            if row.broadcast_id:
                self._feed.left()
            self._marks.add(self._mark(row, Status.SKIPPED, error="chat gone"))

    async def _move_chat(self, chat_id: int, chat_key: str) -> None:
        async with self._engine.begin() as conn:
            await move_chat(conn, chat_id, chat_key)

    async def _renew_loop(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            if self._queues.held:
                await self._guarded(self._renew)
            await self._guarded(self.settle)

    async def _renew(self) -> None:
        async with self._engine.begin() as conn:
            await renew_leases(conn, self.owner, self._clock.now())
            await renew_recipients(conn, self.owner, self._clock.now())

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T | None:
        return await guarded(f"the outbox of {self._channel.name}", work)


def _is_bulk(row: OutboxRow) -> bool:
    return row.priority >= Priority.BROADCAST


def _step(waits: Sequence[float], tries: int) -> float:
    return waits[min(tries, len(waits) - 1)]


async def _wait(event: asyncio.Event, timeout_s: float | None) -> None:
    # Not wait_for: up to Python 3.11 it may swallow being cancelled, and the loop would never end.
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(timeout_s):
            await event.wait()
