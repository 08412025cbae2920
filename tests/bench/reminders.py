"""How long it takes to queue lessons for many, and how late the last of them leave."""

import asyncio
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import build_services
from bot.channels.base import Limits
from bot.clock import SystemClock
from bot.config import HelpSettings
from bot.scheduler import Scheduler
from bot.sender import Sender
from bot.texts import Texts
from bot.types import Outgoing
from handlers.lessons import nudge_due
from storage.engine import open_engine
from storage.migrate import migrate
from storage.outbox import Status
from storage.schema import outbox
from tests.bench.load import percentile
from tests.waves import fill_learners
from tests.world import test_settings

# Queued at any hour of the day.
ALWAYS = HelpSettings(day_starts=0, day_ends=24)


@dataclass(frozen=True, slots=True)
class Queued:
    """One wave: seconds to queue it, and the memory that it took in MB at most."""

    took_s: float
    mb: float


class Sink:
    """A channel that takes everything at once, at a rate that is its own."""

    name = "telegram"

    def __init__(self, per_second: float) -> None:
        self.limits = Limits(4096, 100, 64, per_second, 1.0, can_edit=True)

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        await asyncio.sleep(0)
        return message_id


async def engine_with(url: str, count: int) -> AsyncEngine:
    """A database in which so many lessons are due now."""
    engine = open_engine(url)
    await migrate(engine)
    await fill_learners(engine, count, datetime.now(UTC) - timedelta(seconds=1))
    return engine


async def time_queueing(engine: AsyncEngine, count: int) -> Queued:
    """Queue them as a tick does. Raises AssertionError unless each is there once."""
    services = build_services(test_settings(help=ALWAYS), Texts.load(), random.Random(1))
    scheduler = Scheduler(engine, SystemClock(), services, [nudge_due], {})
    before, began = _peak_mb(), time.perf_counter()
    await scheduler.run_due()
    took = time.perf_counter() - began
    async with engine.begin() as conn:
        query = select(func.count(), func.count(outbox.c.chat_id.distinct()))
        assert (await conn.execute(query)).one() == (count, count)
    return Queued(took, _peak_mb() - before)


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def lateness(engine: AsyncEngine, per_second: float) -> tuple[float, float, float]:
    """Seconds between the promised and the real time, p50 and p99, and the last one's."""
    channel: Any = Sink(per_second)
    sender = Sender(engine, SystemClock(), channel, owner="bench", is_daytime=lambda _at: True)
    task = asyncio.create_task(sender.run())
    try:
        while not await _all_sent(engine):  # noqa: ASYNC110 (the sender tells nobody)
            await asyncio.sleep(0.2)
    finally:
        await sender.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with engine.begin() as conn:
        rows = await conn.execute(select(outbox.c.not_before, outbox.c.sent_at))
        late: Sequence[float] = sorted((sent - due).total_seconds() for due, sent in rows)
    return percentile(late, 0.5), percentile(late, 0.99), late[-1]


async def _all_sent(engine: AsyncEngine) -> bool:
    async with engine.begin() as conn:
        waiting = select(func.count()).where(outbox.c.status != Status.SENT)
        return (await conn.execute(waiting)).scalar_one() == 0
