"""Announcements on their way to one channel: taken from the ledger just before they may leave.

What is taken and not marked when a process dies is in doubt for ever, so little is taken ahead.
"""

import asyncio
import itertools
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.base import Channel, Rejected, Retry, SendError, Uncertain
from bot.clock import Clock
from bot.config import BULK_SHARE
from storage.broadcast_queue import (
    TURN,
    Running,
    claim_turn,
    lease_recipients,
    list_running,
)
from storage.outbox import Mark, OutboxRow, Status
from storage.subscriptions import Kind

# So much is held ready: about as long as a busy database keeps us waiting. What it makes us wait
# beyond that is made up for by the burst that the rate allows.
AHEAD_S = 0.12
# Between tries of one message: three more, then it has failed and stands so in the report.
RETRY_S = (5.0, 30.0, 120.0)
# When its chat is busy with something else.
BUSY_S = 5.0


class BulkFeed:
    """What one sender sends of announcements. `is_daytime(at)`: people may be written to."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        channel: Channel,
        owner: str,
        is_daytime: Callable[[datetime], bool],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._channel = channel
        self._owner = owner
        self._is_daytime = is_daytime
        self._ahead = max(2, math.ceil(channel.limits.per_second * BULK_SHARE * AHEAD_S))
        self._waiting = 0
        self._rounds = 0
        self._claimed_at: datetime | None = None
        self._turns = itertools.count(1)
        # Set when it is time to take more.
        self.wanted = asyncio.Event()

    def wants_more(self) -> bool:
        """Whether so few are left that it is time to take some."""
        return self._waiting <= self._ahead // 2

    def left(self) -> None:
        """One that was taken waits no more: it is being sent, or was given back."""
        self._waiting -= 1
        if self.wants_more():
            self.wanted.set()

    async def take(self) -> list[OutboxRow]:
        """The next few to send; none when nothing may go out now."""
        async with self._engine.begin() as conn:
            rows = await self._lease(conn)
        self._waiting += len(rows)
        return rows

    async def _lease(self, conn: AsyncConnection) -> list[OutboxRow]:
        now = self._clock.now()
        running = await list_running(conn, now, only_emergencies=not self._is_daytime(now))
        if not running or not await self._has_turn(conn, now):
            return []
        room, rows = self._ahead - self._waiting, []
        for one, among in _in_turn(running, self._rounds):
            limit = math.ceil(room / among)
            if limit <= 0:
                break
            more, taken = await lease_recipients(
                conn, one, self._channel.name, self._owner, now, limit
            )
            rows += [replace(row, turn=next(self._turns)) for row in more]
            room -= taken
        self._rounds += 1
        return rows

    async def _has_turn(self, conn: AsyncConnection, now: datetime) -> bool:
        """Whether it is this sender that sends announcements there now; renewed in time."""
        if self._claimed_at is not None and now < self._claimed_at + TURN / 2:
            return True
        if not await claim_turn(conn, self._channel.name, self._owner, now):
            return False
        self._claimed_at = now
        return True


def _in_turn(running: Sequence[Running], rounds: int) -> Iterator[tuple[Running, int]]:
    """Emergencies first, each alone; the others share, and none is always the last."""
    emergencies = [one for one in running if one.kind is Kind.EMERGENCY]
    for one in emergencies:
        yield one, 1
    others = deque(one for one in running if one.kind is not Kind.EMERGENCY)
    others.rotate(-rounds)
    while others:
        among = len(others)
        yield others.popleft(), among


def put_back(row: OutboxRow, now: datetime, wait_s: float) -> Mark:
    """It was not this message's fault: it waits in the ledger again, and no try is counted."""
    return Mark(
        row.id,
        Status.PENDING,
        now,
        attempts=row.attempts,
        broadcast_id=row.broadcast_id,
        retry_at=now + timedelta(seconds=wait_s),
    )


def after_failure(row: OutboxRow, error: SendError, now: datetime, *, idempotent: bool) -> Mark:
    """What becomes of it: tried again from the ledger, in doubt, or failed."""
    tries, reason = row.attempts + 1, str(error)[:64]
    if isinstance(error, Uncertain) and not idempotent:
        return _ended(row, Status.UNKNOWN, now, reason)
    if isinstance(error, Rejected) or tries > len(RETRY_S):
        return _ended(row, Status.FAILED, now, reason)
    after_s = error.after_s if isinstance(error, Retry) else 0.0
    return Mark(
        row.id,
        Status.PENDING,
        now,
        error=reason,
        attempts=tries,
        broadcast_id=row.broadcast_id,
        retry_at=now + timedelta(seconds=max(after_s, RETRY_S[row.attempts])),
    )


def _ended(row: OutboxRow, status: Status, now: datetime, reason: str) -> Mark:
    return Mark(
        row.id, status, now, error=reason, attempts=row.attempts + 1, broadcast_id=row.broadcast_id
    )
