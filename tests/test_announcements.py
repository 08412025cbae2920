"""What went wrong with announcements elsewhere does not go wrong here.

Each of the first four is named after the thread that tells of it.
"""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channels.base import Retry
from bot.dialogue import Context
from bot.scheduler import Scheduler
from handlers.run_broadcasts import run_due_broadcasts
from storage.broadcasts import State
from tests.channels.telegram_rig import build
from tests.post import Phone, PostOffice
from tests.storage.announcing import Town
from tests.telegram_emulator import BotApi, Faults, PaceLimits
from tests.telegram_emulator.faults import Kind
from tests.world import World

HOUR = timedelta(hours=1)
# 7:58:20 in Đà Nẵng.
BEFORE_EIGHT = datetime(2026, 12, 2, 0, 58, 20, tzinfo=UTC)


async def test_listmonk_2591_it_is_done_when_nobody_waits_and_not_at_1255_of_2194(
    sqlite_engine: AsyncEngine, now: datetime
) -> None:
    office = PostOffice(sqlite_engine, now)
    # For some the platform is out of order for a while: for them it takes longer.
    office.phone.fails = lambda key, call: (
        Retry("502") if int(key) % 7 == 0 and call < 2300 else None
    )
    await office.town.crowd(2194)
    sent = await office.town.announce(1)

    async with office.open():
        await office.until(sent, lambda sums: sums.by_status["sent"] >= 1255)
        await office.tick()
        in_the_middle = await office.town.state(sent)
        sums = await office.all_is_sent(sent, seconds=5)
    await office.tick()

    assert in_the_middle == State.SENDING
    assert await office.town.state(sent) == State.DONE
    assert sums.by_status == {"sent": 2194}
    assert len(office.phone.copies()) == 2194


async def test_listmonk_2313_after_a_restart_it_goes_on_and_nobody_gets_three_copies(
    engine: AsyncEngine, now: datetime
) -> None:
    office = PostOffice(engine, now, Phone(per_second=400.0, latency_s=0.01))
    await office.town.crowd(800)
    sent = await office.town.announce(1)

    for seen in (100, 250, 400):
        async with office.open(f"until {seen}", dies=True):
            await office.until(sent, lambda sums: sums.by_status["sent"] >= seen)  # noqa: B023
        await office.starts_again()
    async with office.open("last"):
        sums = await office.all_is_sent(sent)

    assert set(office.phone.copies().values()) == {1}
    assert sums.by_status["sent"] + sums.by_status["unknown"] == 800
    assert sums.by_status["unknown"] > 0


async def test_listmonk_1801_what_was_scheduled_while_nobody_was_there_is_not_sent_late(
    core: World,
) -> None:
    town = Town(core.app.engine, core.clock.now())
    at = core.clock.now() + HOUR
    officer = await town.person()
    short = await town.announce(officer, send_at=at, expires_at=at + HOUR / 2)
    plain = await town.announce(officer, send_at=at)
    later = await town.announce(officer, send_at=at + 73 * HOUR)

    await core.time_passes(hours=73)

    for missed in (short, plain):
        assert await town.state(missed) == State.DONE
        assert {row[2:] for row in await town.ledger(missed)} == {("skipped", "expired")}
    assert await town.state(later) == State.SCHEDULED
    await core.time_passes(hours=1)
    assert await town.state(later) == State.SENDING


async def test_glific_3900_it_begins_at_its_time_and_not_fifteen_hours_late(core: World) -> None:
    town = Town(core.app.engine, BEFORE_EIGHT)
    core.clock.set(BEFORE_EIGHT)
    officer = await town.person()
    await town.announce(officer)  # another one is going out, which may take hours
    planned = datetime(2026, 12, 2, 1, 0, tzinfo=UTC)  # 8:00 in Đà Nẵng
    scheduled = await town.announce(officer, send_at=planned)

    async def broken(ctx: Context) -> int:
        raise RuntimeError("another job fails at every tick")

    jobs = (broken, run_due_broadcasts)
    scheduler = Scheduler(core.app.engine, core.clock, core.app.services, jobs, {})
    while await town.state(scheduled) == State.SCHEDULED:
        core.clock.forward(seconds=5)
        await scheduler.run_due()

    assert core.clock.now() - planned < timedelta(seconds=5)


async def test_a_pause_of_less_than_two_hours_is_made_up_for(core: World) -> None:
    town = Town(core.app.engine, core.clock.now())
    sent = await town.announce(await town.person(), send_at=core.clock.now() + HOUR)

    await core.time_passes(hours=2.5)

    assert await town.state(sent) == State.SENDING


# --- a platform in a storm ----------------------------------------------------------------


STORM: dict[Kind, float] = {
    "error_500": 0.3,
    "reset_before": 0.03,
    "reset_after": 0.03,
    "slow": 0.1,
}


async def test_in_a_storm_everybody_is_accounted_for_and_nobody_gets_it_twice(
    sqlite_engine: AsyncEngine, now: datetime
) -> None:
    """A third of all calls fail, connections break, answers are slow, a tenth has blocked us,
    and Telegram asks for patience because it lets us send less than we were told."""
    limits = PaceLimits(per_second=80.0, per_chat_per_second=1000.0)
    async with BotApi(limits=limits, faults=Faults(7, {"sendMessage": dict(STORM)})) as api:
        channel = build(api, per_second=300.0, per_chat_per_second=1000.0)
        office = PostOffice(sqlite_engine, now, channel)
        await office.town.crowd(500)
        people = [api.user(7_000_000 + n, started=True) for n in range(1, 501)]
        for user in people[::10]:
            user.chat.blocked = True
        sent = await office.town.announce(1)
        await channel.start(lambda _incoming: asyncio.sleep(0))
        async with office.open():
            sums = await office.all_is_sent(sent, seconds=1)
        await channel.stop()

    seen = [len(user.read) for user in people]
    assert 40 < sums.by_reason["left"] == sums.by_status["skipped"] <= 50
    assert sums.by_status["sent"] > 400
    assert max(seen) == 1
    assert sums.by_status["sent"] <= sum(seen) <= sums.by_status["sent"] + sums.by_status["unknown"]
    assert sum(api.world.pace.refused.values()) > 0
    assert sums.by_status.total() == 500
