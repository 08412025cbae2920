"""What is said of a class by itself: when, to whom, and after having been away."""

import asyncio
from datetime import timedelta

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot.app import App
from bot.metrics import Metrics, Tally
from bot.texts import LOCAL_ZONE
from storage.class_dues import count_dues
from storage.members import Role, remove_membership
from storage.rosters import RosterTeam, replace_roster
from storage.schema import class_signups, teams
from tests.handlers.class_story import (
    NOW,
    SOON,
    THANKS,
    WEEKLY,
    dues,
    goes_to,
    heard,
    holds_class,
    hours_pass,
    meeting,
    reminders_of,
    seats,
    signs_up,
    statuses,
)
from tests.world import DAI_LOC, World

# --- reminders ----------------------------------------------------------------------------


async def test_those_who_signed_up_are_reminded_the_day_before_and_an_hour_before(
    core: World,
) -> None:
    await signs_up(core, core.lan)
    await holds_class(core, core.hoa)

    await hours_pass(core, 24 * 4)

    assert await reminders_of(core, core.lan) == [("Fri 08:02", SOON), ("Sat 07:02", NOW)]
    assert await reminders_of(core, core.hoa) == []


async def test_a_restart_reminds_nobody_twice(core: World) -> None:
    await signs_up(core, core.lan)
    await goes_to(core, minutes=-24 * 60)
    await core.restart()

    await hours_pass(core, 30)

    assert [text for _at, text in await reminders_of(core, core.lan)] == [SOON, NOW]


async def test_who_left_or_waits_is_not_reminded(core: World) -> None:
    await signs_up(core, core.lan, core.hoa, core.nam, seats="2 chỗ")
    await core.lan.presses("I can't come after all")
    await core.nam.presses("I can't come after all")

    await hours_pass(core, 24 * 4)

    assert await reminders_of(core, core.lan) == await reminders_of(core, core.nam) == []
    assert len(await reminders_of(core, core.hoa)) == 2


async def test_after_a_cancellation_nothing_more_is_said(core: World) -> None:
    await signs_up(core, core.lan)
    await goes_to(core, minutes=-23 * 60)
    await core.binh.presses_forged("coff:1")
    await core.binh.presses("Cancel this date")
    await core.lan.new()

    await hours_pass(core, 24 * 4)

    assert await core.lan.new() == []
    assert await dues(core) == {
        "invite": "sent",
        "day_before": "sent",
        "hour_before": "cancelled",
        "begin": "cancelled",
        "thanks": "cancelled",
        "summary": "cancelled",
    }


async def test_a_class_that_moves_is_reminded_of_at_its_new_time(core: World) -> None:
    await signs_up(core, core.lan)
    await goes_to(core, minutes=-20 * 60)
    await core.binh.presses_forged("cedit:1")
    await core.binh.presses("The time")
    await core.binh.says("thứ ba 15 giờ")
    await core.binh.presses("Yes, change it")

    await hours_pass(core, 24 * 7)

    said = await reminders_of(core, core.lan)
    assert [text for _at, text in said] == [SOON, SOON, NOW]
    assert [at[:3] for at, _text in said] == ["Fri", "Mon", "Tue"]


async def test_a_class_at_short_notice_is_announced_and_begins(core: World) -> None:
    await signs_up(core, core.lan, when="chiều nay 15 giờ")

    await hours_pass(core, 10)

    assert [text for _at, text in await reminders_of(core, core.lan)] == [NOW]


async def test_nothing_at_all_is_said_by_night(core: World) -> None:
    await signs_up(core, core.lan, core.hoa, when="thứ năm hằng tuần 19 giờ", seats="1 chỗ")

    await hours_pass(core, 24 * 21)

    for person in (core.lan, core.hoa, core.binh):
        for at, text in await heard(core, person):
            assert "07:00" <= at[4:] < "20:00", (at, text)


# --- away ---------------------------------------------------------------------------------


async def test_after_a_day_away_only_what_is_still_useful_is_said(core: World) -> None:
    await signs_up(core, core.lan)
    await goes_to(core, minutes=-40)

    assert [text for _at, text in await reminders_of(core, core.lan)] == [NOW]
    assert await dues(core) == {
        "invite": "sent",
        "day_before": "missed",
        "hour_before": "sent",
        "begin": "pending",
        "thanks": "pending",
        "summary": "pending",
    }


async def test_after_a_night_away_the_day_before_is_still_told(core: World) -> None:
    await signs_up(core, core.lan, when="thứ bảy 15 giờ")
    await goes_to(core, minutes=-8 * 60)

    assert [text for _at, text in await reminders_of(core, core.lan)] == [SOON]


async def test_after_a_week_away_nobody_is_flooded_and_what_was_missed_is_counted(
    core: World,
) -> None:
    await signs_up(core, core.lan, when=WEEKLY)
    await core.restart()

    await core.time_passes(days=20)

    assert await reminders_of(core, core.lan) == []
    assert not await core.lan.sees(THANKS)
    assert set((await dues(core)).values()) == {"sent", "missed"}
    async with core.app.engine.begin() as conn:
        tally = Tally(database=True, class_dues=await count_dues(conn))
    figures = generate_latest(Metrics({}).registry_with(tally)).decode()
    assert 'ngoso_class_notices{kind="thanks",status="missed"} 1.0' in figures
    # Not every date that nobody held, but the one to come.
    following = await meeting(core, 2)
    assert f"{following.starts_at.astimezone(LOCAL_ZONE):%d/%m %H:%M}" == "26/12 08:00"
    assert await seats(core, 2) == ["signed"]


async def test_two_days_late_those_who_came_are_still_thanked_once(core: World) -> None:
    await signs_up(core, core.lan)
    await goes_to(core, minutes=2 * 24 * 60)
    await core.time_passes(minutes=5)

    said = [text for _at, text in await heard(core, core.lan) if THANKS in text]
    assert len(said) == 1


async def test_two_workers_at_once_say_everything_once(ward_on_each_engine: World) -> None:
    ward = ward_on_each_engine
    people = [await ward.add_person(f"Bác {number}") for number in range(8)]
    await signs_up(ward, *people, when=WEEKLY)
    other = App(ward.app.settings, ward.app.engine, ward.clock, ward.app.services)

    for _hour in range(24 * 5):
        ward.clock.forward(hours=1)
        await asyncio.gather(ward.app.scheduler.run_due(), other.scheduler.run_due())

    for person in people:
        said = [text for _at, text in await heard(ward, person)]
        assert [said.count(SOON), said.count(NOW)] == [1, 1]
        assert len([text for text in said if THANKS in text]) == 1
    assert await statuses(ward) == ["over", "planned"]


async def test_many_are_invited_in_several_goes_and_each_once(
    core: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.classes.due.INVITED_AT_ONCE", 2)
    people = [await core.add_person(f"Bác {number}") for number in range(5)]

    await holds_class(core, *people)

    for person in people:
        invited = [text for _at, text in await heard(core, person) if "invites you" in text]
        assert len(invited) == 1
    assert (await dues(core))["invite"] == "sent"


async def test_when_the_host_has_left_another_leader_gets_the_list(core: World) -> None:
    kha = await core.add_member("Kha", Role.DEPUTY, core.team)
    await signs_up(core, core.lan)
    async with core.app.engine.begin() as conn:
        await remove_membership(conn, core.members["Bình"].id, core.clock.now())
    await core.binh.new()

    await goes_to(core)

    assert "Your class begins soon" in await kha.last_read()
    assert await core.binh.new() == []


async def test_a_class_follows_its_team_into_the_one_that_took_it_in(core: World) -> None:
    await signs_up(core, core.lan)
    async with core.app.engine.begin() as conn:
        merged = RosterTeam("M", DAI_LOC, "Thôn Mới", ("Thôn Phú Sơn",))
        await replace_roster(conn, [merged], now=core.clock.now())
    heir = (await core.execute(select(teams.c.id).where(teams.c.code == "M")))[0][0]

    assert (await meeting(core)).team_id == heir


# --- the whole of it ---------------------------------------------------------------------


async def test_the_journey_once_on_each_engine(ward_on_each_engine: World) -> None:
    ward = ward_on_each_engine
    await signs_up(ward, ward.lan, ward.hoa, when=WEEKLY, seats="1 chỗ")
    await ward.lan.presses("I can't come after all")
    await ward.lan.presses("Only this time")
    await goes_to(ward)
    await ward.hoa.says(f"lop {(await meeting(ward)).wall_code}")
    await ward.binh.presses("Tick who is here")
    assert "Here: 1 of 1." in await ward.binh.last_read()
    await goes_to(ward, minutes=121)
    await ward.hoa.presses("I liked it")
    await ward.time_passes(days=1)
    assert "Came: 1.\nRating: 3 of 3 (1 answer)." in await ward.binh.last_read()

    await ward.lan.presses_forged("erase")
    await ward.lan.presses("Yes, delete it all")

    assert await seats(ward, 2) == ["left", "signed"]
    assert "it is yours" in await ward.hoa.last_read()


async def test_a_year_later_nobody_is_named_any_more(core: World) -> None:
    await signs_up(core, core.lan)
    core.clock.forward(days=370)

    await core.app.scheduler.keep_house()

    assert [row[0] for row in await core.execute(select(class_signups.c.person_id))] == [None]


async def test_a_reminder_comes_at_its_time_and_not_a_second_earlier(core: World) -> None:
    await signs_up(core, core.lan)
    at = (await meeting(core)).starts_at - timedelta(days=1)
    core.clock.set(at - timedelta(seconds=1))
    await core.time_passes()
    assert await reminders_of(core, core.lan) == []

    for _tick in range(3):
        await core.time_passes(seconds=1)

    assert [text for _at, text in await reminders_of(core, core.lan)] == [SOON]
