"""Classes through the weeks: reminders, weekly dates, nights, being away, two workers at once."""

import asyncio
from datetime import datetime, timedelta

import pytest
from prometheus_client import generate_latest
from sqlalchemy import select

from bot.app import App
from bot.metrics import Metrics, Tally
from bot.texts import LOCAL_ZONE
from storage.class_dues import count_dues
from storage.members import Role, remove_membership
from storage.rosters import RosterTeam, replace_roster
from storage.schema import chats, class_invites, class_meetings, class_signups, outbox, teams
from tests.handlers.class_story import (
    dues,
    goes_to,
    holds_class,
    lives_here,
    meeting,
    seats,
    statuses,
)
from tests.world import DAI_LOC, Person, World

SOON = "Your class is soon:"
NOW = "Your class begins in a little while:"
THANKS = "Thank you for coming to"
WEEKLY = "thứ bảy hằng tuần 8 giờ"


async def heard(ward: World, person: Person) -> list[tuple[str, str]]:
    """What was ever written to somebody: when it might leave, and its first line."""
    query = (
        select(outbox.c.not_before, outbox.c.body)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(chats.c.chat_key == person.chat_key)
        .order_by(outbox.c.id)
    )
    rows = await ward.execute(query)
    return [
        (f"{row[0].astimezone(LOCAL_ZONE):%a %H:%M}", row[1]["text"].split("\n")[0]) for row in rows
    ]


async def reminders_of(ward: World, person: Person) -> list[tuple[str, str]]:
    return [(at, text) for at, text in await heard(ward, person) if text in (SOON, NOW)]


async def hours_pass(ward: World, hours: int) -> None:
    """With a look at the tables every hour, as on any day."""
    for _hour in range(hours):
        await ward.time_passes(hours=1)


async def signs_up(ward: World, *people: Person, **how: str) -> None:
    await holds_class(ward, *people, **how)
    for person in people:
        await person.presses("I will come")


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
