"""The life of an announcement on SQLite and on PostgreSQL, without a platform."""

from datetime import UTC, datetime

from sqlalchemy import update

from storage.schema import broadcast_recipients, outbox
from tests.handlers.broadcasting import CITY, NEWS, every, second_officer, sums, write
from tests.world import World

NEXT_MONDAY = datetime(2026, 12, 14, 1, 0, tzinfo=UTC)


async def _weekly(world: World) -> None:
    """Mai announces something for every Monday, and Quân agrees."""
    quan = await second_officer(world)
    await write(world.mai, to=CITY)
    await world.mai.presses("Change when it is sent")
    await world.mai.presses("Every week")
    await world.mai.says("thứ hai 8 giờ")
    await world.mai.says("trước 18 giờ")
    await world.mai.presses("Ask a second officer")
    await quan.presses("I agree, send it")


async def _everybody_got_it(world: World) -> None:
    """As if a platform had taken everything."""
    now = world.clock.now()
    got = update(broadcast_recipients).values(status="sent", sent_at=now)
    await world.execute(got)
    await world.execute(update(outbox).values(platform_message_id="7"))


async def test_it_is_approved_sent_confirmed_and_comes_again(ward_on_each_engine: World) -> None:
    world = ward_on_each_engine
    await _weekly(world)
    await world.time_passes(days=5)
    await _everybody_got_it(world)
    await world.time_passes(seconds=6)
    await world.lan.says("21")

    first = (await every(world))[0]
    assert (await sums(world, first)).acknowledged == 1
    assert "finished" in await world.mai.last_read()
    world.clock.set(NEXT_MONDAY)
    await world.app.scheduler.run_due()
    second = (await every(world))[1]
    assert (second.repeats, second.audience_count) == (first.id, 8)


async def test_it_is_checked_turned_down_and_reported(ward_on_each_engine: World) -> None:
    world = ward_on_each_engine
    await write(world.thu)
    await world.thu.presses("Send it")
    await _everybody_got_it(world)
    await world.time_passes(seconds=6)
    code = (await every(world))[0].code

    await world.lan.says(f"/kiemtra {code}")
    assert NEWS in await world.lan.last_read()
    await world.lan.says("dừng")
    await world.lan.presses("Stop: lessons")
    await world.thu.presses("Report")
    assert "sent 5" in await world.thu.last_read()
    await world.thu.presses("The ledger as a table")
    assert "5 lines, without names." in await world.thu.last_read()
