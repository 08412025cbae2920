"""What expires is not forgotten: asked for days only, reminded 60, 30 and 7 days before."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from bot.texts import LOCAL_ZONE
from storage.schema import deadlines, reminders
from tests.world import Person, World


async def keep(world: World, who: Person, paper: str, day: str) -> None:
    await who.says("/nhac")
    await who.presses("Papers that expire")
    await who.presses(paper)
    await who.says(day)


async def on(world: World, day: date, hour: int = 9) -> None:
    """It is that day, whatever happened in between has happened."""
    world.clock.set(datetime(day.year, day.month, day.day, hour, tzinfo=LOCAL_ZONE))
    await world.time_passes(seconds=1)


async def test_a_paper_is_said_60_30_and_7_days_before_with_its_guide(ward: World) -> None:
    await keep(ward, ward.lan, "Health insurance card", "15/3/2027")
    assert "14/1/2027" in (await ward.lan.last_read()).replace("1/14/2027", "14/1/2027")
    for day, left in ((date(2027, 1, 14), 60), (date(2027, 2, 13), 30), (date(2027, 3, 8), 7)):
        await ward.lan.new()
        await on(ward, day)
        assert await ward.lan.sees(f"{left} days left")
        assert any(label.startswith("How it is done") for label in await ward.lan.choices())
    await on(ward, date(2027, 3, 16))
    assert await ward.lan.new() == []


async def test_done_in_time_ends_the_reminding(ward: World) -> None:
    await keep(ward, ward.lan, "Driving licence", "15/3/2027")
    await on(ward, date(2027, 1, 14))
    await ward.lan.presses("It is done already")
    await ward.lan.new()
    await on(ward, date(2027, 2, 13))
    assert await ward.lan.new() == []
    assert await ward.execute(select(deadlines)) == []


async def test_the_identity_card_can_be_counted_from_the_birthday(core: World) -> None:
    await core.lan.presses_forged("dnew")
    await core.lan.presses("Citizen identity card")
    await core.lan.presses("Count from my birthday")
    await core.lan.says("ngày 3 tháng 5 năm 1968")
    assert await core.execute(select(deadlines.c.on_day)) == [(date(2028, 5, 3),)]
    assert not await core.is_kept("năm 1968")


async def test_from_sixty_on_there_is_nothing_to_renew(core: World) -> None:
    await core.lan.presses_forged("dnew")
    await core.lan.presses("Citizen identity card")
    await core.lan.presses("Count from my birthday")
    await core.lan.says("1/1/1959")
    assert "good for life" in await core.lan.last_read()
    assert await core.execute(select(deadlines)) == []


async def test_born_on_29_february(core: World) -> None:
    await core.lan.presses_forged("dnew")
    await core.lan.presses("Citizen identity card")
    await core.lan.presses("Count from my birthday")
    await core.lan.says("29/2/1988")
    assert await core.execute(select(deadlines.c.on_day)) == [(date(2028, 2, 29),)]


@pytest.mark.parametrize("said", ["31/2/2027", "079123456789", "khi nào cũng được", "sang năm"])
async def test_what_is_no_day_is_asked_again(core: World, said: str) -> None:
    await keep(core, core.lan, "Passport", said)
    said = await core.lan.screen()
    assert "day, month and year" in said or "I have not kept" in said
    assert await core.execute(select(deadlines)) == []
    assert not await core.is_kept("079123456789")


async def test_a_few_days_before_it_is_said_the_next_morning(core: World) -> None:
    await keep(core, core.lan, "Vehicle inspection", "6/12/2026")
    await core.lan.new()
    await on(core, date(2026, 12, 3))
    assert await core.lan.sees("3 days left")


async def test_what_has_expired_leads_to_the_guide(core: World) -> None:
    await keep(core, core.lan, "Health insurance card", "1/11/2026")
    assert "has expired" in await core.lan.last_read()


@pytest.mark.parametrize(
    ("said", "note", "at"),
    [
        ("nhắc tôi ngày 20/12 việc đóng tiền điện", "đóng tiền điện", (12, 20, 8)),
        ("nhac toi sang mai di kham benh", "di kham benh", (12, 3, 8)),
        ("Nhắc tôi 3 giờ chiều thứ sáu gọi cho con Lan", "gọi cho con Lan", (12, 4, 15)),
        ("nhắc bác việc nộp hồ sơ ngày 5 tháng 1", "nộp hồ sơ", (1, 5, 8)),
    ],
)
async def test_one_sentence_is_enough(
    core: World, said: str, note: str, at: tuple[int, int, int]
) -> None:
    await core.lan.says(said)
    due = (await core.execute(select(reminders.c.due_at)))[0][0].astimezone(LOCAL_ZONE)
    assert (due.month, due.day, due.hour) == at
    assert await core.execute(select(deadlines.c.note)) == [(note,)]


async def test_a_wish_without_a_day_is_asked_for_it(ward: World) -> None:
    await ward.lan.says("nhắc tôi việc đóng tiền nước")
    assert "On which day" in await ward.lan.last_read()
    await ward.lan.says("20/12 lúc 9 giờ")
    assert await ward.lan.sees("đóng tiền nước")
    await on(ward, date(2026, 12, 20))
    assert await ward.lan.sees("You asked me to remind you: đóng tiền nước")


async def test_by_night_nobody_is_reminded(core: World) -> None:
    await core.lan.says("nhắc tôi 23 giờ ngày 20/12 tắt đèn")
    due = (await core.execute(select(reminders.c.due_at)))[0][0].astimezone(LOCAL_ZONE)
    assert (due.day, due.hour) == (21, 7)


async def test_two_things_on_one_day_are_both_said(core: World) -> None:
    await keep(core, core.lan, "Passport", "15/3/2027")
    await keep(core, core.lan, "Driving licence", "15/3/2027")
    await core.lan.new()
    await on(core, date(2027, 1, 14))
    told = "\n".join(await core.lan.new())
    assert "Passport" in told
    assert "Driving licence" in told


async def test_after_months_of_downtime_one_message_for_each(core: World) -> None:
    await keep(core, core.lan, "Passport", "15/3/2027")
    await core.lan.new()
    await on(core, date(2027, 3, 10))
    assert len(await core.lan.new()) == 1
    states = sorted(row[0] for row in await core.execute(select(reminders.c.status)))
    assert states == ["missed", "missed", "sent"]


async def test_what_is_promised_is_listed_and_deleted(ward: World) -> None:
    await keep(ward, ward.lan, "Passport", "15/3/2027")
    await ward.lan.says("nhắc tôi ngày 20/12 việc đóng tiền điện")
    await ward.lan.says("/nhac")
    listed = await ward.lan.last_read()
    assert "Passport" in listed
    assert "đóng tiền điện" in listed
    await ward.lan.presses("Forget: Passport")
    await ward.lan.says("/nhac")
    assert "Passport" not in await ward.lan.last_read()


async def test_nobody_ends_the_reminders_of_another(core: World) -> None:
    await keep(core, core.lan, "Passport", "15/3/2027")
    (known,) = (await core.execute(select(deadlines.c.id)))[0]
    await core.tuan.presses_forged(f"ddone:{known}")
    assert await core.execute(select(deadlines.c.id)) == [(known,)]


async def test_a_promise_goes_with_the_person(core: World) -> None:
    await keep(core, core.lan, "Passport", "15/3/2027")
    await core.lan.presses_forged("erase")
    await core.lan.presses("Yes, delete it all")
    assert await core.execute(select(deadlines)) == []
    assert await core.execute(select(reminders)) == []
