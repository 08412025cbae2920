"""Outbox to channel: lease, pace, send, mark. One sender a channel and process.

Order: priority first, then age; within a chat never two at a time. No transaction is open while
a platform is spoken to, and marks are written in batches.
"""

import asyncio
import heapq
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

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
from bot.pacing import Bucket, ChatQueue
from bot.posted import to_outgoing
from bot.types import Outgoing
from storage.chats import move_chat, stop_chat
from storage.outbox import (
    LEASE,
    Mark,
    OutboxRow,
    Priority,
    Status,
    expire_leases,
    lease_due,
    mark,
    renew_leases,
    settle_expired,
    skip_chat,
)

log = logging.getLogger(__name__)

IN_FLIGHT = 64
LEASE_BATCH = 200
POLL_S = 1.0
RENEW_S = 20.0
GATHER_MARKS_S = 0.01
# Bulk leaves a fifth of the rate to replies.
BULK_SHARE = 0.8
CHAT_BURST = 3
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
        max_attempts: int = 8,
        backoff_s: Sequence[float] = BACKOFF_S,
        unreachable_s: Sequence[float] = UNREACHABLE_S,
        monotonic: Callable[[], float] | None = None,
    ) -> None:
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
        self._chats: dict[int, ChatQueue] = {}
        self._ready: list[tuple[int, int, int]] = []
        self._held = 0
        self._in_flight: set[asyncio.Task[None]] = set()
        self._marks: list[Mark] = []
        self._something = asyncio.Event()
        self._look = asyncio.Event()
        self._to_mark = asyncio.Event()
        self._marking = asyncio.Lock()
        self._quiet_until = 0.0
        self._stopping = False

    # --- handed in -------------------------------------------------------------------------

    def accepts(self) -> bool:
        return self._held < self._room and not self._stopping

    def take(self, row: OutboxRow) -> None:
        queue = self._chats.get(row.chat_id)
        if queue is None:
            queue = self._chats[row.chat_id] = self._new_queue(row)
        heapq.heappush(queue.rows, (row.priority, row.id, row))
        self._held += 1
        if not queue.busy:
            self._make_ready(row.chat_id)

    def _new_queue(self, row: OutboxRow) -> ChatQueue:
        limits = self._channel.limits
        queue = ChatQueue(Bucket(limits.per_chat_per_second, CHAT_BURST, self._monotonic))
        if row.to_group and limits.per_group_per_minute:
            per_second = limits.per_group_per_minute / 60
            queue.minute = Bucket(per_second, CHAT_BURST, self._monotonic)
        return queue

    def wake(self) -> None:
        self._look.set()

    # --- work ------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send until cancelled. A failing database is waited out; nothing is lost by it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._lease_loop())
            group.create_task(self._send_loop())
            group.create_task(self._mark_loop())
            group.create_task(self._renew_loop())

    async def stop(self) -> None:
        """Finish what is in flight, write the marks, give back the rest. Call before cancelling."""
        self._stopping = True
        if self._in_flight:
            await asyncio.wait(set(self._in_flight))
        async with self._marking:  # a batch that is being written is in hand too
            await self._write_marks()
        async with self._engine.begin() as conn:
            await expire_leases(conn, self.owner, self._clock.now())

    async def settle(self, *, at_once: bool = False) -> int:
        """Deal with rows whose sender died. `at_once`: it is known that all others are dead."""
        now = self._clock.now()
        async with self._engine.begin() as conn:
            return await settle_expired(
                conn,
                self._channel.name,
                now,
                expired_before=now + 2 * LEASE if at_once else now,
                idempotent=self._channel.limits.idempotent,
            )

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

    async def _send_loop(self) -> None:
        while True:
            row = None if self._stopping else self._next_ready()
            if row is None:
                self._something.clear()
                await self._something.wait()
                continue
            await self._wait_for_turn(row)
            self._start(row)
            if len(self._in_flight) >= IN_FLIGHT:
                await asyncio.wait(self._in_flight, return_when=asyncio.FIRST_COMPLETED)

    async def _wait_for_turn(self, row: tuple[int, int, int]) -> None:
        bulk = row[0] >= Priority.BROADCAST
        while True:
            quiet = self._quiet_until - self._monotonic()
            wait = max(quiet, self._all.wait_s(), self._bulk.wait_s() if bulk else 0.0)
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._all.take()
        if bulk:
            self._bulk.take()

    def _next_ready(self) -> tuple[int, int, int] | None:
        while self._ready:
            entry = heapq.heappop(self._ready)
            queue = self._chats.get(entry[2])
            if queue and not queue.busy and queue.rows and queue.rows[0][1] == entry[1]:
                return entry
        return None

    def _start(self, entry: tuple[int, int, int]) -> None:
        """Send the most urgent row now; waiting for the rate may have brought a better one."""
        heapq.heappush(self._ready, entry)
        better = None if self._stopping else self._next_ready()
        if better is None:
            return
        queue = self._chats[better[2]]
        _priority, _id, row = heapq.heappop(queue.rows)
        queue.busy = True
        queue.take()
        task = asyncio.create_task(self._send(row, queue))
        self._in_flight.add(task)
        task.add_done_callback(self._in_flight.discard)

    async def _send(self, row: OutboxRow, queue: ChatQueue) -> None:
        try:
            outcome = await self._try(row, queue)
            if outcome is None:
                return  # it waits at the head of its chat
            self._marks.append(outcome)
            self._to_mark.set()
            self._held -= 1
        finally:
            queue.busy = False
            self._after(row.chat_id, queue)
            if self._held == self._room - 1:
                self._look.set()

    async def _try(self, row: OutboxRow, queue: ChatQueue) -> Mark | None:
        """What became of it; None when it stays in its queue to be tried again."""
        try:
            message_id = await self._channel.send(
                row.chat_key, self._outgoing(row.body), message_id=str(row.id)
            )
        except SendError as error:
            if not isinstance(error, Unreachable):
                self._unreached = 0
            return await self._failed(row, queue, error)
        except Exception as error:
            log.error("message %d: %s", row.id, type(error).__name__)
            return self._mark(row, Status.FAILED, error=type(error).__name__[:64])
        self._unreached = 0
        return self._mark(row, Status.SENT, platform_message_id=message_id[:64])

    def _mark(self, row: OutboxRow, status: Status, **details: Any) -> Mark:
        return Mark(row.id, status, self._clock.now(), attempts=row.attempts + 1, **details)

    def _outgoing(self, body: dict[str, Any]) -> Outgoing:
        """The message; in place of the pressed menu where people expect that."""
        if "menu_of" in body and self._channel.limits.edits_menus:
            return to_outgoing(body | {"edits": body["menu_of"]})
        return to_outgoing(body)

    async def _failed(self, row: OutboxRow, queue: ChatQueue, error: SendError) -> Mark | None:
        reason = str(error)[:64]
        if isinstance(error, ChatGone):
            await self._guarded(lambda: self._give_up_chat(row.chat_id))
            return self._mark(row, Status.SKIPPED, error="chat gone")
        if isinstance(error, ChatMoved):
            await self._guarded(lambda: self._move_chat(row.chat_id, error.chat_key))
            self._keep(replace(row, chat_key=error.chat_key), queue)
            return None
        if isinstance(error, Unreachable):
            self._wait_for_the_platform()
            self._keep(row, queue)
            return None
        if isinstance(error, Retry) and error.whole_channel:
            self._be_quiet(error.after_s)
            self._keep(row, queue)
            return None
        return self._count_try(row, queue, error, reason)

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
        wait = getattr(error, "after_s", 0.0) or self._step(self._backoff_s, row.attempts)
        self._keep(replace(row, attempts=row.attempts + 1), queue, wait_s=wait)
        return None

    @staticmethod
    def _step(waits: Sequence[float], tries: int) -> float:
        return waits[min(tries, len(waits) - 1)]

    def _wait_for_the_platform(self) -> None:
        if self._monotonic() < self._quiet_until:
            return  # the other messages in flight failed of the same
        self._be_quiet(self._step(self._unreachable_s, self._unreached))
        self._unreached += 1

    def _be_quiet(self, seconds: float) -> None:
        self._quiet_until = max(self._quiet_until, self._monotonic() + seconds)

    def _keep(self, row: OutboxRow, queue: ChatQueue, *, wait_s: float = 0.0) -> None:
        """Try it again later, before anything else for this chat of its priority."""
        heapq.heappush(queue.rows, (row.priority, row.id, row))
        queue.quiet_until = self._monotonic() + wait_s

    async def _give_up_chat(self, chat_id: int) -> None:
        async with self._engine.begin() as conn:
            await stop_chat(conn, chat_id)
            await skip_chat(conn, chat_id)
        queue = self._chats.get(chat_id)
        for _priority, row_id, _row in queue.rows if queue else ():
            self._marks.append(Mark(row_id, Status.SKIPPED, self._clock.now(), error="chat gone"))
        if queue:
            self._held -= len(queue.rows)
            queue.rows.clear()

    async def _move_chat(self, chat_id: int, chat_key: str) -> None:
        async with self._engine.begin() as conn:
            await move_chat(conn, chat_id, chat_key)

    def _after(self, chat_id: int, queue: ChatQueue) -> None:
        if not queue.rows:
            if queue.is_rested() or len(self._chats) > 10 * LEASE_BATCH:
                self._chats.pop(chat_id, None)
            return
        self._make_ready(chat_id)

    def _make_ready(self, chat_id: int) -> None:
        queue = self._chats.get(chat_id)
        if queue is None or queue.busy or not queue.rows:
            return
        wait = queue.wait_s(self._monotonic())
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._make_ready, chat_id)
            return
        priority, row_id, _row = queue.rows[0]
        heapq.heappush(self._ready, (priority, row_id, chat_id))
        self._something.set()

    # --- marks -----------------------------------------------------------------------------

    async def _mark_loop(self) -> None:
        while True:
            await self._to_mark.wait()
            await asyncio.sleep(GATHER_MARKS_S)
            self._to_mark.clear()
            async with self._marking:
                await self._guarded(self._write_marks)

    async def _write_marks(self) -> None:
        marks, self._marks = self._marks, []
        if not marks:
            return
        try:
            async with self._engine.begin() as conn:
                await mark(conn, marks)
        except Exception:
            self._marks = marks + self._marks
            self._to_mark.set()
            raise
        if any(m.again for m in marks):
            self._look.set()

    async def _renew_loop(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            if self._held:
                await self._guarded(self._renew)
            await self._guarded(self.settle)

    async def _renew(self) -> None:
        async with self._engine.begin() as conn:
            await renew_leases(conn, self.owner, self._clock.now())

    async def _guarded(self, work: Callable[[], Any]) -> Any:
        """Do database work; when the database is away, say so and go on a little later."""
        try:
            return await work()
        except Exception as error:
            log.error("the outbox of %s: %s", self._channel.name, type(error).__name__)
            await asyncio.sleep(POLL_S)
            return None


async def _wait(event: asyncio.Event, timeout_s: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), timeout_s)
    except TimeoutError:
        return
