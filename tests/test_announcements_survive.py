"""Announcements survive kill -9 at any moment: nobody is missed, nobody gets one twice.

`TESTS_FULL=1` plays it in full: 5,000 chats, 100 kills. `TESTS_KILLS` and `TESTS_CHATS` set the
numbers one by one, `TESTS_SEED` another course of events. The sums are printed (`pytest -rP`).
"""

import asyncio
import contextlib
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.broadcast_ledger import resend_unknown, totals
from storage.broadcasts import State, get_broadcast
from storage.engine import open_engine
from storage.migrate import migrate
from storage.schema import broadcast_recipients, chats
from tests.running import MortalBot
from tests.storage.announcing import BODY, Town
from tests.telegram_emulator import BotApi, Faults, User

FULL = bool(os.environ.get("TESTS_FULL"))
KILLS = int(os.environ.get("TESTS_KILLS", "100" if FULL else "4"))
CHATS = int(os.environ.get("TESTS_CHATS", "5000" if FULL else "240"))
SEED = int(os.environ.get("TESTS_SEED", "20261124"))
# How long a process sends before the next kill.
LIFE_S = (0.05, 2.0)
# So slow that somebody waits even if every process lives as long as it may; at full size this is
# about what Telegram allows.
BULK_PER_SECOND = CHATS / (KILLS * LIFE_S[1])
# Of each answer, so that there is always something on its way.
LATENCY_S = 0.05
ENOUGH_S = 3600.0 if FULL else 300.0


@dataclass
class Sums:
    """What the ledger says, and what people saw."""

    audience: int
    by_status: Counter[str]
    # Persons by the state of their row and the copies that they see.
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    killed_in_the_middle: int = 0

    def __str__(self) -> str:
        in_doubt = self.by_status["unknown"]
        arrived = in_doubt - self.seen["unknown", 0]
        lines = [
            f"frozen audience                {self.audience}",
            f"ledger                         {dict(self.by_status)}",
            f"in doubt                       {in_doubt}, of which {arrived} have arrived",
            f"missed (never sent, no doubt)  {self.missed}",
            f"seen twice                     {self.twice}",
            f"kills in the middle of it      {self.killed_in_the_middle}",
        ]
        return "\n".join(lines)

    @property
    def missed(self) -> int:
        """Persons called sent who see nothing, and those whose row is in no final state."""
        nothing = self.seen["sent", 0]
        return nothing + sum(n for (s, _), n in self.seen.items() if s not in ("sent", "unknown"))

    @property
    def twice(self) -> int:
        return sum(n for (_, copies), n in self.seen.items() if copies > 1)


async def test_kill_9_at_any_moment_misses_nobody_and_doubles_nobody(
    tmp_path: Path, bytecode: Path
) -> None:
    network = Faults(SEED, latency_s=LATENCY_S)
    telegram = BotApi(limits=None, faults=network, journal=False)
    async with telegram as api, _ledger(tmp_path) as engine:
        town = Town(engine, datetime.now(UTC))
        await town.crowd(CHATS)
        people = {n: api.user(7_000_000 + n, started=True) for n in range(1, CHATS + 1)}
        sent = await town.announce(1)
        bot = _bot(api, tmp_path, bytecode)
        async with asyncio.timeout(ENOUGH_S):
            in_the_middle = await _live_and_die(bot, engine, sent)
            await _is_done(engine, sent)
            sums = await _add_up(engine, sent, people)
            sums.killed_in_the_middle = in_the_middle
            print(f"\n{CHATS} chats, {KILLS} kills\n{sums}")
            again = await _resend(bot, engine, sent, people)
            print(f"and after an officer had those in doubt sent again\n{again}")
        await bot.kill()

    assert sums.by_status.total() == sums.audience == CHATS
    assert sums.by_status.keys() <= {"sent", "unknown"}
    assert sums.missed == sums.twice == 0
    assert sums.killed_in_the_middle == KILLS
    assert again.by_status == {"sent": CHATS}
    assert again.missed == 0
    assert again.twice == sums.seen["unknown", 1]


@contextlib.asynccontextmanager
async def _ledger(folder: Path) -> AsyncIterator[AsyncEngine]:
    """The database that the bot works on, to look into and to announce from beside it."""
    engine = open_engine(f"sqlite:///{folder}/ngoso.db")
    await migrate(engine)
    try:
        yield engine
    finally:
        await engine.dispose()


def _bot(api: BotApi, folder: Path, bytecode: Path) -> MortalBot:
    return MortalBot(
        folder,
        bytecode,
        DEMO="false",
        TELEGRAM__TOKEN=api.token,
        TELEGRAM__BASE_URL=api.base_url,
        TELEGRAM__BASE_FILE_URL=api.base_file_url,
        SENDER__TELEGRAM_PER_SECOND=str(BULK_PER_SECOND / 0.8),
        HELP__DAY_STARTS="0",
        HELP__DAY_ENDS="24",
    )


async def _live_and_die(bot: MortalBot, engine: AsyncEngine, sent: int) -> int:
    """Kill it time and again; how often somebody was still to be written to."""
    rng = random.Random(SEED)
    in_the_middle = 0
    for _kill in range(KILLS):
        await bot.start()
        await asyncio.sleep(rng.uniform(*LIFE_S))
        await bot.kill()
        async with engine.begin() as conn:
            in_the_middle += (await totals(conn, sent)).waiting > 0
    await bot.start()
    return in_the_middle


async def _is_done(engine: AsyncEngine, sent: int) -> None:
    while True:
        async with engine.begin() as conn:
            if (await get_broadcast(conn, sent)).status is State.DONE:
                return
        await asyncio.sleep(0.2)


async def _resend(bot: MortalBot, engine: AsyncEngine, sent: int, people: dict[int, User]) -> Sums:
    now = datetime.now(UTC)
    async with engine.begin() as conn:
        await resend_unknown(conn, sent, now, now + timedelta(hours=1))
    await _is_done(engine, sent)
    return await _add_up(engine, sent, people)


async def _add_up(engine: AsyncEngine, sent: int, people: dict[int, User]) -> Sums:
    rows = broadcast_recipients.c
    query = (
        select(rows.status, chats.c.chat_key)
        .join(chats, chats.c.id == rows.chat_id)
        .where(rows.broadcast_id == sent)
    )
    async with engine.begin() as conn:
        audience = (await get_broadcast(conn, sent)).audience_count or 0
        sums = Sums(audience, (await totals(conn, sent)).by_status)
        for status, chat_key in await conn.execute(query):
            user = people[int(chat_key) - 7_000_000]
            sums.seen[status, user.texts.count(BODY["text"])] += 1
    return sums
