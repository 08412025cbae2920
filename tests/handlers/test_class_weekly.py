"""Weekly classes, through the weeks."""

import pytest
from sqlalchemy import select

from bot.texts import LOCAL_ZONE
from storage.schema import class_invites, class_meetings
from tests.handlers.class_story import (
    WEEKLY,
    goes_to,
    heard,
    holds_class,
    hours_pass,
    lives_here,
    meeting,
    reminders_of,
    seats,
    signs_up,
    statuses,
)
from tests.world import World

# --- weekly -------------------------------------------------------------------------------


async def test_a_weekly_class_makes_its_dates_by_itself_over_the_end_of_the_year(
    core: World,
) -> None:
    await signs_up(core, core.lan, when=WEEKLY)

    await hours_pass(core, 24 * 33)

    query = select(class_meetings.c.starts_at).order_by(class_meetings.c.id)
    dates = [row[0].astimezone(LOCAL_ZONE) for row in await core.execute(query)]
    assert [f"{at:%d/%m %H:%M}" for at in dates] == [
        "05/12 08:00", "12/12 08:00", "19/12 08:00", "26/12 08:00", "02/01 08:00", "09/01 08:00",
    ]  # fmt: skip
    assert await statuses(core) == ["over"] * 5 + ["planned"]
    assert await seats(core, 6) == ["signed"]
    assert len(await reminders_of(core, core.lan)) == 2 * 5
    invited = [text for _at, text in await heard(core, core.lan) if "invites you" in text]
    assert len(invited) == 1


async def test_who_came_hears_of_the_next_date_and_can_leave_for_good(core: World) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await goes_to(core, minutes=121)
    assert "The next date: 08:00 Saturday 12/12" in await core.lan.last_read()
    await core.lan.presses("About the next date")
    await core.lan.presses("I can't come after all")
    await core.lan.presses("The whole class")

    await hours_pass(core, 24 * 15)

    assert await seats(core, 2) == ["left"]
    assert await seats(core, 3) == []


async def test_a_seat_that_is_given_back_once_is_there_again_next_week(core: World) -> None:
    await signs_up(core, core.lan, core.hoa, when=WEEKLY, seats="1 chỗ")
    await core.lan.presses("I can't come after all")
    await core.lan.presses("Only this time")
    assert await seats(core) == ["skipped", "signed"]

    await goes_to(core, minutes=121)

    assert await seats(core, 2) == ["signed", "waiting"]


async def test_a_single_date_moves_and_the_rhythm_stays(core: World) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await core.binh.presses_forged("cedit:1")
    await core.binh.presses("The time")
    await core.binh.says("chủ nhật 9 giờ")
    await core.binh.presses("Yes, change it")

    await goes_to(core, minutes=121)

    assert f"{(await meeting(core, 2)).starts_at.astimezone(LOCAL_ZONE):%a %H:%M}" == "Sat 08:00"


async def test_the_rhythm_moves_when_it_is_said_so(core: World) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await core.binh.presses_forged("cedit:1")
    await core.binh.presses("The time")
    await core.binh.says("chủ nhật hằng tuần 9 giờ đến 11 giờ")
    await core.binh.presses("Yes, change it")

    await goes_to(core, minutes=151)

    following = await meeting(core, 2)
    assert f"{following.starts_at.astimezone(LOCAL_ZONE):%a %d/%m %H:%M}" == "Sun 13/12 09:00"
    assert following.minutes == 120


async def test_one_date_is_cancelled_and_the_next_one_stands(core: World) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await core.binh.presses_forged("coff:1")
    await core.binh.presses("Cancel this date")

    assert "The next date: 08:00 Saturday 12/12" in await core.lan.last_read()
    assert await statuses(core) == ["cancelled", "planned"]
    assert await seats(core, 2) == ["signed"]


@pytest.mark.parametrize("way", ["last", "class"])
async def test_a_weekly_class_ends_when_its_host_says_so(core: World, way: str) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    if way == "last":
        await core.binh.presses_forged("cedit:1")
        await core.binh.presses("Let this be the last date")
        await core.binh.presses("Yes, change it")
    else:
        await core.binh.presses_forged("coff:1")
        await core.binh.presses("End the whole class")

    await hours_pass(core, 24 * 9)

    assert await statuses(core) == (["over"] if way == "last" else ["cancelled"])


async def test_who_moved_here_since_is_invited_to_the_next_date(core: World) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await lives_here(core, core.nam)
    await hours_pass(core, 24 * 6)

    assert "invites you to a class" in await core.nam.last_read()
    assert len(await core.execute(select(class_invites.c.person_id))) == 2


async def test_an_old_invitation_leads_to_the_date_that_is_next(core: World) -> None:
    await holds_class(core, core.lan, when=WEEKLY)
    await hours_pass(core, 24 * 6)

    await core.lan.presses("I will come")

    assert "12/12" in await core.lan.last_read()
    assert await seats(core, 2) == ["signed"]
