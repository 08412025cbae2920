"""Who may be written to next: token buckets, and what waits for each chat, most urgent first."""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.base import Limits
from storage.outbox import OutboxRow

CHAT_BURST = 3
# So many chats are remembered; beyond that those with nothing to send are forgotten first.
MANY_CHATS = 2000

Order = tuple[int, int, int]


class Bucket:
    """Lets `per_second` through on average and `burst` at once. `monotonic` gives seconds."""

    def __init__(self, per_second: float, burst: float, monotonic: Callable[[], float]) -> None:
        self._per_second = per_second
        self._burst = max(burst, 1.0)
        self._monotonic = monotonic
        self._tokens = self._burst
        self._at = monotonic()

    def wait_s(self) -> float:
        """Seconds until one more may pass; 0.0 = now."""
        self._refill()
        return max(0.0, (1.0 - self._tokens) / self._per_second)

    def take(self) -> None:
        """One passes. May be called only when `wait_s` is 0."""
        self._tokens -= 1.0

    def is_full(self) -> bool:
        """Whether nothing has passed for so long that the bucket holds no memory."""
        self._refill()
        return self._tokens >= self._burst

    def _refill(self) -> None:
        now = self._monotonic()
        # A hair more, or a wait rounded down would be followed by another of a nanosecond.
        gained = (now - self._at) * self._per_second + 1e-9
        self._tokens = min(self._burst, self._tokens + gained)
        self._at = now


@dataclass(slots=True)
class ChatQueue:
    """What waits for one chat, most urgent first."""

    chat_id: int
    bucket: Bucket
    # None for a person; a group has a limit of its own.
    minute: Bucket | None = None
    rows: list[tuple[Order, OutboxRow]] = field(default_factory=list)
    busy: bool = False
    # After a failure the chat waits, so that what follows doesn't overtake.
    quiet_until: float = 0.0

    @property
    def first(self) -> OutboxRow:
        return self.rows[0][1]

    def wait_s(self, now: float) -> float:
        """Seconds until the next message may go there."""
        group = self.minute.wait_s() if self.minute else 0.0
        return max(self.bucket.wait_s(), group, self.quiet_until - now)

    def take(self) -> None:
        self.bucket.take()
        if self.minute:
            self.minute.take()

    def is_rested(self) -> bool:
        """Whether nothing would be forgotten by forgetting this queue."""
        return self.bucket.is_full() and (self.minute is None or self.minute.is_full())


class ChatQueues:
    """The chats of one channel. In a chat there are never two messages under way."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._chats: dict[int, ChatQueue] = {}
        self._ready: list[tuple[Order, int]] = []
        # Rows that wait or are under way.
        self.held = 0
        # Set when a chat has become ready.
        self.something = asyncio.Event()

    def put(self, row: OutboxRow) -> None:
        queue = self._chats.get(row.chat_id)
        if queue is None:
            queue = self._chats[row.chat_id] = self._new(row)
        heapq.heappush(queue.rows, (row.order, row))
        self.held += 1
        self._make_ready(row.chat_id)

    def is_free(self, chat_id: int) -> bool:
        """Whether a message put there now would not wait for anything of this chat."""
        queue = self._chats.get(chat_id)
        if queue is None:
            return True
        return not (queue.busy or queue.rows or queue.wait_s(self._monotonic()) > 0)

    def most_urgent(self) -> ChatQueue | None:
        """The chat whose first row may go next."""
        while self._ready:
            order, chat_id = self._ready[0]
            queue = self._chats.get(chat_id)
            if queue and not queue.busy and queue.rows and queue.rows[0][0] == order:
                return queue
            heapq.heappop(self._ready)
        return None

    def begin(self, queue: ChatQueue) -> OutboxRow:
        """Its first row goes now."""
        queue.busy = True
        queue.take()
        return heapq.heappop(queue.rows)[1]

    def end(self, queue: ChatQueue) -> None:
        """Nothing of this chat is under way any more; what waits may follow."""
        queue.busy = False
        if queue.rows:
            self._make_ready(queue.chat_id)
        elif queue.is_rested() or len(self._chats) > MANY_CHATS:
            self._chats.pop(queue.chat_id, None)

    def keep(self, queue: ChatQueue, row: OutboxRow, wait_s: float) -> None:
        """What was under way is tried again, before anything else for this chat of its priority."""
        heapq.heappush(queue.rows, (row.order, row))
        queue.quiet_until = self._monotonic() + wait_s

    def drop(self, chat_id: int, *, announcements_only: bool = False) -> list[OutboxRow]:
        """Let go of what waits for a chat; returns it."""
        queue = self._chats.get(chat_id)
        if queue is None:
            return []
        dropped = [row for _, row in queue.rows if row.broadcast_id or not announcements_only]
        queue.rows = [entry for entry in queue.rows if entry[1] not in dropped]
        heapq.heapify(queue.rows)
        self.held -= len(dropped)
        return dropped

    def _new(self, row: OutboxRow) -> ChatQueue:
        limits = self._limits
        bucket = Bucket(limits.per_chat_per_second, CHAT_BURST, self._monotonic)
        queue = ChatQueue(row.chat_id, bucket)
        if row.to_group and limits.per_group_per_minute:
            per_second = limits.per_group_per_minute / 60
            queue.minute = Bucket(per_second, CHAT_BURST, self._monotonic)
        return queue

    def _make_ready(self, chat_id: int) -> None:
        queue = self._chats.get(chat_id)
        if queue is None or queue.busy or not queue.rows:
            return
        wait = queue.wait_s(self._monotonic())
        if wait > 0:
            asyncio.get_running_loop().call_later(wait, self._make_ready, chat_id)
            return
        heapq.heappush(self._ready, (queue.rows[0][0], chat_id))
        self.something.set()
