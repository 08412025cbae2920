"""People who write to a bot through the emulator, and how long each waits for the reply."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from tests.telegram_emulator import BotApi, Received

SAYS = "/menu"
COMMAND = {"type": "bot_command", "offset": 0, "length": len(SAYS)}
FIRST_CHAT = 5_000
DRAIN_S = 60.0
# How long after the last question of an open loop its reply still counts as one.
GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Replies a second, and how long they took."""

    per_second: float
    p50_ms: float
    p99_ms: float


def percentile(values: Sequence[float], share: float) -> float:
    """The value that this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


class Crowd:
    """Chats that all say the same; each waits for its replies in the order of its questions."""

    def __init__(self, api: BotApi, chats: int) -> None:
        self._faults = api.faults
        self._users = [api.user(FIRST_CHAT + n, started=True) for n in range(chats)]
        self._asked: list[deque[float]] = [deque() for _ in range(chats)]
        self._now = asyncio.get_running_loop().time
        self._waiting = 0
        self._asks_again = False
        self._quiet = asyncio.Event()
        self.replies = 0
        self.waits: list[float] = []
        for n, user in enumerate(self._users):
            user.on_message = partial(self._read, n)

    async def closed_loop(self, warm_s: float, window_s: float) -> Measured:
        """Each chat asks again as soon as it has read the reply."""
        self._begin()
        await asyncio.sleep(warm_s)
        return await self._measure(window_s)

    async def exchange(self, updates: int) -> float:
        """The same until so many replies were read; returns the replies a second."""
        start, wanted = self._now(), self.replies + updates
        self._begin()
        while self.replies < wanted:
            await asyncio.sleep(0.05)
            self.waits.clear()
        rate = updates / (self._now() - start)
        await self._drain()
        return rate

    async def open_loop(self, per_second: float, window_s: float) -> Measured:
        """Chats ask in turn at a fixed rate, whether or not the bot keeps up.

        What has no reply in the end counts with the time that it has waited by then.
        """
        self._asks_again = False
        self.waits.clear()
        begin = self._now()
        for n in range(int(per_second * window_s)):
            await asyncio.sleep(max(0.0, begin + n / per_second - self._now()))
            self._ask(n % len(self._users))
        all_came = await self._replies_within(GRACE_S)
        now, replies = self._now(), len(self.waits)
        self.waits += [now - at for asked in self._asked for at in asked]
        seconds = window_s if all_came else window_s + GRACE_S
        result = self._summary(replies, seconds)
        await self._drain()
        return result

    async def ask_steadily(self, per_second: float, window_s: float) -> list[float]:
        """Ask at a fixed rate, then wait for the replies; the seconds that each took.

        What has no reply after a minute counts with the time that it has waited by then.
        """
        self._asks_again = False
        self.waits.clear()
        begin = self._now()
        for n in range(int(per_second * window_s)):
            await asyncio.sleep(max(0.0, begin + n / per_second - self._now()))
            self._ask(n % len(self._users))
        await self._replies_within(DRAIN_S)
        return self.waits + [self._now() - at for asked in self._asked for at in asked]

    def _begin(self) -> None:
        self._asks_again = True
        for n in range(len(self._users)):
            self._ask(n)

    async def _measure(self, window_s: float) -> Measured:
        self.waits.clear()
        begin = self._now()
        await asyncio.sleep(window_s)
        result = self._summary(len(self.waits), self._now() - begin)
        await self._drain()
        return result

    def _summary(self, replies: int, seconds: float) -> Measured:
        waits = self.waits or [DRAIN_S]
        p50, p99 = percentile(waits, 0.5), percentile(waits, 0.99)
        return Measured(replies / seconds, p50 * 1000, p99 * 1000)

    async def _drain(self) -> None:
        """Nobody asks again, and all replies come in, so that one run never spills into another."""
        self._asks_again = False
        self._faults.latency_s = 0.0
        if not await self._replies_within(DRAIN_S):
            raise TimeoutError(f"{self._waiting} replies never came")

    async def _replies_within(self, timeout_s: float) -> bool:
        """Whether nobody waits for a reply any more."""
        self._quiet.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._waiting:
                    await self._quiet.wait()
                    self._quiet.clear()
        return not self._waiting

    def _ask(self, n: int) -> None:
        user = self._users[n]
        # What was read long ago would only make the emulator grow.
        user.events.clear()
        user.chat.messages.clear()
        self._asked[n].append(self._now())
        self._waiting += 1
        user.sends(text=SAYS, entities=[COMMAND])

    def _read(self, n: int, _message: Received) -> None:
        if not self._asked[n]:
            return
        self.waits.append(self._now() - self._asked[n].popleft())
        self.replies += 1
        self._waiting -= 1
        if self._asks_again:
            self._ask(n)
        elif not self._waiting:
            self._quiet.set()
