"""Nobody is forgotten: rungs, nights, silent helpers, restarts."""

from datetime import UTC, datetime

from sqlalchemy import select

from storage.members import Role
from storage.schema import help_requests, request_events
from tests.world import World


async def _kinds(ward: World) -> list[str]:
    return [row[0] for row in await ward.execute(select(request_events.c.kind))]


async def test_the_circle_widens_rung_by_rung_until_the_city(ward: World) -> None:
    extra = [await ward.add_member(f"T{i}", Role.VOLUNTEER, ward.team) for i in range(2)]
    await ward.lan_asks()
    assert await extra[1].new() == []

    await ward.time_passes(minutes=16)
    assert await extra[1].sees("needs help")
    await ward.time_passes(minutes=31)
    assert await ward.nam.sees("needs help")
    await ward.time_passes(minutes=46)
    assert await ward.thu.sees("Nobody in the neighbourhood")
    await ward.time_passes(minutes=91)
    assert await ward.mai.sees("Nobody in the neighbourhood")


async def test_at_the_top_officers_are_asked_again_and_the_resident_is_told(ward: World) -> None:
    await ward.everyone_blocks(ward.tuan, ward.hoa, ward.binh, ward.nam, ward.thu)
    await ward.lan_asks()
    assert await ward.mai.sees("Nobody in the neighbourhood")

    await ward.time_passes(minutes=241)

    assert await ward.mai.sees("Still waiting for somebody:")
    assert "nobody has accepted request" in await ward.lan.last_read()
    assert (await ward.execute(select(help_requests.c.next_at)))[0][0] > ward.clock.now()


async def test_a_team_without_anyone_reachable_is_passed_over(ward: World) -> None:
    await ward.everyone_blocks(ward.tuan, ward.hoa, ward.binh)

    await ward.lan_asks()

    assert await ward.nam.sees("needs help")


async def test_with_nobody_at_all_the_resident_hears_it_honestly(ward: World) -> None:
    await ward.everyone_blocks(ward.tuan, ward.hoa, ward.binh, ward.nam, ward.thu, ward.mai)

    await ward.lan_asks()

    assert "Nobody of the teams can be reached" in await ward.lan.last_read()
    assert "1022" in await ward.lan.last_read()


async def test_by_night_nobody_is_woken(ward: World) -> None:
    ward.clock.set(datetime(2026, 12, 2, 15, 0, tzinfo=UTC))  # 22:00
    await ward.lan_asks()
    assert "your team will be asked at 07:00" in await ward.lan.last_read()
    assert await ward.tuan.new() == []

    await ward.time_passes(hours=9, minutes=1)

    assert await ward.tuan.sees("needs help")


async def test_deadlines_stand_still_on_a_holiday(ward: World) -> None:
    ward.clock.set(datetime(2027, 1, 1, 3, 0, tzinfo=UTC))
    await ward.lan_asks()

    due = (await ward.execute(select(help_requests.c.next_at)))[0][0]
    assert due == datetime(2027, 1, 2, 0, 15, tzinfo=UTC)


async def test_a_silent_helper_is_reminded_and_then_let_go(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.time_passes(hours=4, minutes=1)
    assert "How is it going" in await ward.tuan.last_read()
    await ward.hoa.new()

    await ward.time_passes(hours=4, minutes=1)

    assert await ward.tuan.sees("No hard feelings")
    assert await ward.lan.sees("Tuấn can't help")
    assert await ward.hoa.sees("needs help")


async def test_silence_counts_from_the_appointment_on(ward: World) -> None:
    await ward.lan_asks(when="Tomorrow afternoon")
    await ward.tuan.presses("I will help")
    await ward.tuan.new()

    await ward.time_passes(hours=9)

    assert await ward.tuan.new() == []


async def test_a_helper_who_is_gone_from_the_chat_is_let_go_without_a_reminder(
    ward: World,
) -> None:
    await ward.tuan_accepts()
    await ward.everyone_blocks(ward.tuan)

    await ward.time_passes(hours=4, minutes=1)

    assert (await _kinds(ward))[-2:] == ["taken_back", "offered"]


async def test_what_came_due_while_the_bot_was_off_happens_once_after_the_start(
    ward: World,
) -> None:
    await ward.lan_asks()
    ward.clock.forward(days=3)

    await ward.app.scheduler.run_due()
    await ward.app.scheduler.run_due()

    assert len(await ward.nam.new()) == 1


async def test_rotation_is_fair_the_longest_not_asked_first(ward: World) -> None:
    quiet = await ward.add_member("Yên", Role.VOLUNTEER, ward.team)
    await ward.lan_asks()
    assert not await quiet.sees("needs help")

    await ward.lan_asks_again()

    assert await quiet.sees("needs help")
