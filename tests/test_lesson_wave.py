"""Two thousand lessons due at one minute: none lost, none doubled, whatever dies meanwhile."""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import build_services
from bot.clock import Clock
from bot.scheduler import Scheduler
from bot.texts import Texts
from handlers.lessons import nudge_due
from storage.engine import open_engine
from storage.health import find_lateness
from storage.learning_schema import learners, nudges
from storage.migrate import migrate
from storage.outbox import Status
from storage.schema import chats, outbox
from tests.running import MortalBot
from tests.telegram_emulator import BotApi
from tests.waves import FIRST_ID, fill_learners
from tests.world import TestClock, test_settings

WAVE = 2000
KILLS = int(os.environ.get("TESTS_KILLS", "6"))
SEED = int(os.environ.get("TESTS_SEED", "20261124"))
MORNING = datetime(2026, 12, 2, 1, 30, tzinfo=UTC)


def scheduler(engine: AsyncEngine, clock: Clock) -> Scheduler:
    services = build_services(test_settings(), Texts.untranslated(), random.Random(1))
    return Scheduler(engine, clock, services, [nudge_due], {})


async def test_two_workers_at_once_write_to_each_learner_once(engine: AsyncEngine) -> None:
    await fill_learners(engine, 3000, MORNING)
    clock = TestClock(MORNING + timedelta(minutes=1))
    workers = [scheduler(engine, clock) for _worker in range(2)]
    await asyncio.gather(*(worker.run_due() for worker in workers))

    async with engine.begin() as conn:
        rows = (await conn.execute(select(outbox.c.chat_id))).scalars().all()
        written = (await conn.execute(select(func.count()).select_from(nudges))).scalar_one()
        due = select(func.count()).where(learners.c.next_due_at <= clock.now())
        assert (await conn.execute(due)).scalar_one() == 0
    assert len(rows) == len(set(rows)) == written == 3000


async def test_kill_9_in_a_wave_loses_none_and_doubles_none(tmp_path: Path, bytecode: Path) -> None:
    async with BotApi(limits=None) as api:
        for number in range(1, WAVE + 1):
            api.user(FIRST_ID + number, started=True)
        bot = await _bot_with_a_wave(api, tmp_path, bytecode)
        try:
            await _live_and_die(bot, tmp_path)
        finally:
            await bot.kill()
        engine = open_engine(bot.database)
        try:
            await _adds_up(engine, api)
        finally:
            await engine.dispose()


async def _bot_with_a_wave(api: BotApi, folder: Path, bytecode: Path) -> MortalBot:
    bot = MortalBot(
        folder,
        bytecode,
        DEMO="false",
        TELEGRAM__TOKEN=api.token,
        TELEGRAM__BASE_URL=api.base_url,
        TELEGRAM__BASE_FILE_URL=api.base_file_url,
        SENDER__TELEGRAM_PER_SECOND="600",
        # It is always day here, whenever the tests run.
        HELP__DAY_STARTS="0",
        HELP__DAY_ENDS="24",
    )
    engine = open_engine(bot.database)
    await migrate(engine)
    await fill_learners(engine, WAVE, datetime.now(UTC) - timedelta(seconds=1))
    await engine.dispose()
    return bot


async def _live_and_die(bot: MortalBot, folder: Path) -> None:
    rng = random.Random(SEED)
    await bot.start()
    for number in range(1, KILLS + 1):
        await _until(folder, at_least=number * WAVE // (KILLS + 2))
        await asyncio.sleep(rng.uniform(0.0, 0.2))
        await bot.kill()
        await bot.start()
    await _until(folder, at_least=WAVE)
    async with asyncio.timeout(120):
        while _count(folder, "status IN ('pending', 'leased')"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def _until(folder: Path, *, at_least: int) -> None:
    """The bot is another process: all that can be done is to look into its database."""
    async with asyncio.timeout(120):
        while _count(folder, "status IN ('sent', 'unknown')") < at_least:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _count(folder: Path, where: str) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{folder}/ngoso.db?mode=ro", uri=True)) as db:
        return int(db.execute(f"SELECT count(*) FROM outbox WHERE {where}").fetchone()[0])


async def _adds_up(engine: AsyncEngine, api: BotApi) -> None:
    async with engine.begin() as conn:
        late = await find_lateness(conn, datetime.now(UTC) - timedelta(hours=1))
        assert late is not None
        assert 0 < late.mean_s <= late.most_s < 600
        entries = (await conn.execute(select(nudges.c.person_id, nudges.c.status))).all()
        query = select(chats.c.chat_key, outbox.c.status, outbox.c.resend_of).join(
            chats, chats.c.id == outbox.c.chat_id
        )
        rows = (await conn.execute(query)).all()
    assert Counter(status for _person, status in entries) == {"sent": WAVE}
    assert len({person for person, _status in entries}) == WAVE

    first = [row for row in rows if row.resend_of is None]
    doubtful = Counter(row.chat_key for row in rows if row.status == Status.UNKNOWN)
    assert len(first) == WAVE
    assert len(rows) == WAVE + sum(doubtful.values())
    seen_twice = 0
    for number in range(1, WAVE + 1):
        key = FIRST_ID + number
        seen = len(api.user(key).read)
        assert 1 <= seen <= 1 + doubtful[str(key)]
        seen_twice += seen - 1
    print(f"{WAVE} lessons, {KILLS} kills: {sum(doubtful.values())} in doubt, "
          f"{seen_twice} of them seen twice")  # fmt: skip
