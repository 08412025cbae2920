"""28 August and 10 October: leaders are asked two weeks before."""

from datetime import datetime

import pytest

from bot.texts import LOCAL_ZONE
from storage.members import Role
from tests.handlers.class_story import (
    meeting,
)
from tests.world import World

# --- the days of digital learning ---------------------------------------------------------


async def on(ward: World, day: str, hour: int = 9) -> None:
    ward.clock.set(datetime.fromisoformat(f"{day}T{hour:02}:00").replace(tzinfo=LOCAL_ZONE))
    await ward.time_passes()


@pytest.mark.parametrize(
    ("before", "first", "day"),
    [("2027-08-13", "2027-08-14", "28/8"), ("2027-09-25", "2027-09-26", "10/10")],
)
async def test_two_weeks_before_leaders_are_asked_to_hold_a_class(
    core: World, before: str, first: str, day: str
) -> None:
    kha = await core.add_member("Kha", Role.DEPUTY, core.team)
    await on(core, before)
    assert not await core.binh.sees("digital transformation day")
    await on(core, first)

    for person in (core.binh, kha):
        assert await person.sees("Would your team like to hold a class")
    for person in (core.lan, core.tuan, core.thu):
        assert not await person.sees("Would your team like to hold a class")

    await core.binh.presses("Hold a class that day")
    await core.binh.says("VNeID")
    assert f"2/5. At what time on {day}/2027?" in await core.binh.last_read()
    await core.binh.says("9 giờ đến 11 giờ")
    for answer in ("Đình làng", "20 chỗ"):
        await core.binh.says(answer)
    await core.binh.presses("Yes, invite them")
    made = await meeting(core)
    assert f"{made.starts_at.astimezone(LOCAL_ZONE):%-d/%-m %H:%M}" == f"{day} 09:00"


async def test_it_is_suggested_once_a_year_and_not_by_night(core: World) -> None:
    await on(core, "2027-08-14", hour=6)
    assert not await core.binh.sees("Would your team like")
    for day in ("2027-08-14", "2027-08-15", "2027-08-20"):
        await on(core, day)
    said = [text for text in await core.binh.new() if "Would your team like" in text]
    assert len(said) == 1

    await on(core, "2028-08-14")

    assert await core.binh.sees("Would your team like")


async def test_too_late_to_invite_anybody_it_is_not_suggested(core: World) -> None:
    await on(core, "2027-08-22")

    assert not await core.binh.sees("Would your team like")
