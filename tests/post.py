"""Announcements going out for real: ledger, sender, and a platform that fails as a test says."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Channel, Limits, Receive, SendError
from bot.sender import Sender
from bot.types import Media, Outgoing
from bot.worktime import WorkCalendar
from storage.broadcast_ledger import Totals, totals
from storage.broadcast_queue import expire_due, finish_done, skip_stopped, start_due
from storage.broadcasts import get_broadcast
from tests.storage.announcing import Town
from tests.world import TestClock


class Phone:
    """The platform: takes what it is sent, unless `fails` says what goes wrong with it."""

    def __init__(
        self,
        name: str = "telegram",
        per_second: float = 5000.0,
        *,
        idempotent: bool = False,
        latency_s: float = 0.0,
    ) -> None:
        self.name = name
        self.limits = Limits(4000, 10, 80, per_second, 1000.0, can_edit=True, idempotent=idempotent)
        self.latency_s = latency_s
        # Chat keys in the order in which they were written to, with our id, the words and when.
        self.taken: list[tuple[str, str]] = []
        self.sent: list[Outgoing] = []
        self.at: list[float] = []
        self.ids: set[str] = set()
        self.fails: Callable[[str, int], SendError | None] = lambda _chat_key, _call: None
        self.calls = 0

    async def start(self, receive: Receive) -> None: ...

    async def stop(self) -> None: ...

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        raise LookupError(media.ref)

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        self.calls += 1
        error = self.fails(chat_key, self.calls)
        await asyncio.sleep(self.latency_s)
        if error is not None:
            raise error
        if not (self.limits.idempotent and message_id in self.ids):
            self.taken.append((chat_key, message_id))
            self.sent.append(message)
            self.at.append(asyncio.get_running_loop().time())
        self.ids.add(message_id)
        return f"{1000 + len(self.taken)}"

    def copies(self) -> Counter[str]:
        """How often each chat was written to."""
        return Counter(chat_key for chat_key, _id in self.taken)


class PostOffice:
    """A town, its phones, and the senders between."""

    def __init__(self, engine: AsyncEngine, now: datetime, *channels: Channel) -> None:
        self.engine = engine
        self.town = Town(engine, now)
        self.clock = TestClock(now)
        self.channels: tuple[Channel, ...] = channels or (Phone(),)

    @property
    def phone(self) -> Phone:
        """The one phone of most tests."""
        phone = self.channels[0]
        assert isinstance(phone, Phone)
        return phone

    def sender(self, channel: Channel, owner: str = "me") -> Sender:
        daytime = WorkCalendar(7, 20).is_daytime
        return Sender(
            self.engine, self.clock, channel, owner=owner, is_daytime=daytime,
            unreachable_s=(0.01,),
        )  # fmt: skip

    @contextlib.asynccontextmanager
    async def open(self, owner: str = "me", *, dies: bool = False) -> AsyncIterator[list[Sender]]:
        """A process with one sender a phone. `dies`: it ends like one that is killed."""
        senders = [self.sender(channel, owner) for channel in self.channels]
        work = [asyncio.create_task(sender.run()) for sender in senders]
        try:
            yield senders
            if not dies:
                for sender in senders:
                    await sender.stop()
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            if dies:
                for sender in senders:
                    for task in sender.in_flight:
                        task.cancel()

    async def starts_again(self) -> None:
        """What a process does first: deal with what an earlier one held."""
        for channel in self.channels:
            await self.sender(channel, "new").settle(at_once=True)

    async def tick(self, **step: float) -> None:
        """Time passes, and what has become due happens."""
        self.clock.forward(**step)
        async with self.engine.begin() as conn:
            for work in (start_due, expire_due, skip_stopped, finish_done):
                await work(conn, self.clock.now())

    async def totals(self, broadcast: int) -> Totals:
        async with self.engine.begin() as conn:
            return await totals(conn, broadcast)

    async def until(
        self, broadcast: int, condition: Callable[[Totals], bool], **step: float
    ) -> Totals:
        """Let time pass until the sums are so; they must add up at every look."""
        async with self.engine.begin() as conn:
            frozen = (await get_broadcast(conn, broadcast)).audience_count
        async with asyncio.timeout(60):
            while True:
                found = await self.totals(broadcast)
                assert found.all == frozen
                if condition(found):
                    return found
                if step:
                    await self.tick(**step)
                await asyncio.sleep(0.01)

    async def all_is_sent(self, broadcast: int, **step: float) -> Totals:
        """Until nobody waits any more."""
        return await self.until(broadcast, lambda sums: not sums.waiting, **step)
