"""Nothing is lost, whatever dies: kill -9 and a bad network in the middle of everyone's journey.

`TESTS_FULL=1` plays it in full: 200 residents, 50 kills. `TESTS_KILLS` and `TESTS_CROWD` set the
numbers one by one, `TESTS_SEED` another course of events. The sums are printed (`pytest -rP`).
"""

import asyncio
import contextlib
import os
import random
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.config import PrivacySettings
from storage.engine import open_engine
from storage.migrate import migrate
from tests.crowd import Crowd, gather_crowd, settle_crowd
from tests.ledger import Sums, add_up
from tests.mortal import MortalBot
from tests.telegram_emulator import BotApi, Faults
from tests.telegram_emulator.faults import Kind

FULL = bool(os.environ.get("TESTS_FULL"))
KILLS = int(os.environ.get("TESTS_KILLS", "50" if FULL else "4"))
CROWD = int(os.environ.get("TESTS_CROWD", "200" if FULL else "24"))
# The stories in a storm are as large only when it is all played in full.
SMALLER = 1 if FULL else 2
SEED = int(os.environ.get("TESTS_SEED", "20261124"))
# Only so that a hang ends: a busy machine takes its time to start a process.
ENOUGH_S = 3600.0 if FULL else 600.0

# Of all calls, sends and polls alike, every seventh fails.
STORM: dict[Kind, float] = {
    "error_500": 0.05,
    "html_502": 0.03,
    "reset_before": 0.03,
    "reset_after": 0.03,
    "slow": 0.10,
}
# After this time people write again. On a calm day nobody may have to.
PATIENCE_S, PATIENCE_IN_STORM_S = 120.0, 12.0
# How long a process lives before the next kill, and how early in its start one may come.
LIFE_S, BIRTH_S = (0.05, 3.0), (0.1, 2.0)
STILLBORN = 0.2
# So long before a kill some more people come, too short for any of them to be done by then.
JUST_COME_S = 0.5


@dataclass(frozen=True)
class Story:
    """What goes wrong while how many are on their way."""

    people: int
    kills: int
    stormy: bool

    def faults(self) -> Faults:
        if not self.stormy:
            return Faults(SEED)
        return Faults(SEED, {"*": dict(STORM)}, duplicate_updates=0.05, reorder_updates=0.2)


Play = Callable[[Story], Awaitable[Sums]]


@pytest.fixture
def play(tmp_path: Path, bytecode: Path) -> Play:
    """Plays a story and prints its sums, whether or not all is well."""

    async def played(story: Story) -> Sums:
        sums = await _play(story, tmp_path, bytecode)
        print(f"\n{story}\n{sums}")
        return sums

    return played


async def _play(story: Story, folder: Path, bytecode: Path) -> Sums:
    """Let it all happen, wait until everything is still, and add up."""
    async with BotApi(limits=None, faults=story.faults()) as api:
        async with _bot(api, story, folder, bytecode) as bot:
            patience_s = PATIENCE_IN_STORM_S if story.stormy else PATIENCE_S
            crowd = gather_crowd(api, story.people, SEED, patience_s)
            try:
                async with asyncio.timeout(ENOUGH_S):
                    in_the_middle = await _live_and_die(story, crowd, bot)
                    await crowd.ends()
                    await _everything_is_still(api, crowd, folder)
            finally:
                await crowd.goes_home()
        engine = open_engine(bot.database)
        try:
            sums = await add_up(engine, api, crowd)
        finally:
            await engine.dispose()
    sums.killed_in_the_middle = in_the_middle
    return sums


async def _live_and_die(story: Story, crowd: Crowd, bot: MortalBot) -> int:
    """Kill the bot time and again while people keep coming; how often somebody was on the way."""
    rng = random.Random(SEED)
    in_the_middle = 0
    share = -(-story.people // (story.kills + 1))
    for _kill in range(story.kills):
        life = rng.uniform(*LIFE_S)
        await asyncio.sleep(max(0.0, life - JUST_COME_S))
        crowd.come(share)
        await asyncio.sleep(min(life, JUST_COME_S))
        in_the_middle += crowd.unfinished > 0
        await bot.kill()
        await _starts(bot, rng)
    return in_the_middle


async def _starts(bot: MortalBot, rng: random.Random) -> None:
    """Start it; sometimes it dies once more before it is up."""
    if rng.random() < STILLBORN:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rng.uniform(*BIRTH_S)):
                await bot.start()
        await bot.kill()
    await bot.start()


@contextlib.asynccontextmanager
async def _bot(api: BotApi, story: Story, folder: Path, bytecode: Path) -> AsyncIterator[MortalBot]:
    bot = MortalBot(
        folder,
        bytecode,
        DEMO="false",
        TELEGRAM__TOKEN=api.token,
        TELEGRAM__BASE_URL=api.base_url,
        TELEGRAM__BASE_FILE_URL=api.base_file_url,
        SENDER__TELEGRAM_PER_SECOND="2000",
        SENDER__TELEGRAM_PER_CHAT_PER_SECOND="20",
        HELP__MAX_CLAIMS="1000",
        HELP__DAY_STARTS="0",
        HELP__DAY_ENDS="24",
    )
    engine = open_engine(bot.database)
    await migrate(engine)
    consent = PrivacySettings().consent_version
    await settle_crowd(engine, story.people, consent, datetime.now(UTC))
    await engine.dispose()
    await bot.start()
    try:
        yield bot
    finally:
        await bot.kill()


async def _everything_is_still(api: BotApi, crowd: Crowd, folder: Path) -> None:
    """Nobody has anything to do, no update waits, no message is on its way."""
    calm = 0
    while calm < 3:
        await asyncio.sleep(0.2)
        still = crowd.is_idle() and api.updates.pending() == 0 and _waiting(folder) == 0
        calm = calm + 1 if still else 0


def _waiting(folder: Path) -> int:
    query = "SELECT count(*) FROM outbox WHERE status IN ('pending', 'leased')"
    with contextlib.closing(sqlite3.connect(f"file:{folder}/ngoso.db?mode=ro", uri=True)) as db:
        return int(db.execute(query).fetchone()[0])


# --- what must hold -----------------------------------------------------------------------


async def test_kill_9_at_any_moment_loses_nothing(play: Play) -> None:
    sums = await play(Story(CROWD, KILLS, stormy=False))

    assert sums.wrong == []
    assert sums.killed_in_the_middle == KILLS
    assert sums.rows_by_state.keys() <= {"sent", "unknown"}
    assert sums.repeated == 0  # nobody had to ask again, ever


async def test_a_storm_of_faults_loses_nothing(play: Play) -> None:
    sums = await play(Story(CROWD // SMALLER, 0, stormy=True))

    assert sums.wrong == []


async def test_kill_9_in_a_storm_of_faults_loses_nothing(play: Play) -> None:
    sums = await play(Story(CROWD // SMALLER, KILLS // SMALLER, stormy=True))

    assert sums.wrong == []
    assert sums.killed_in_the_middle == KILLS // SMALLER
