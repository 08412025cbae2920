"""Residents are invited, sign up, wait, find the way, and keep the date."""

import asyncio
from collections import Counter

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.learners import save_learner
from storage.schema import class_meetings, outbox
from tests.conftest import MORNING
from tests.handlers.class_story import (
    goes_to,
    holds_class,
    last_file,
    lives_here,
    makes_class,
    meeting,
    seats,
)
from tests.platforms import Telegram
from tests.world import World, open_world

# --- being invited ------------------------------------------------------------------------


async def test_residents_are_invited_and_sign_up_with_one_tap(ward: World) -> None:
    await holds_class(ward, ward.lan)
    assert "Thôn Phú Sơn invites you to a class:" in await ward.lan.last_read()

    await ward.lan.presses("I will come")

    assert "Good, you have a seat." in await ward.lan.last_read()
    assert await seats(ward) == ["signed"]


async def test_neither_the_host_nor_strangers_nor_the_neighbours_are_invited(ward: World) -> None:
    stranger = await ward.add_person("Khách", consent=False)
    await lives_here(ward, ward.nam, team=ward.next_team)
    await holds_class(ward, ward.lan, ward.binh, stranger)

    for person in (ward.binh, stranger, ward.nam):
        assert not await person.sees("invites you to a class")


async def test_who_declines_is_not_asked_again(ward: World) -> None:
    await holds_class(ward, ward.lan, when="thứ bảy hằng tuần 8 giờ")
    await ward.lan.presses("I can't come")
    assert "I won't ask you about this class again." in await ward.lan.last_read()

    for _week in range(3):
        await ward.time_passes(days=7)

    assert not await ward.lan.sees("invites you to a class")


async def test_who_changes_their_mind_can_still_come(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I can't come")
    await ward.lan.presses("I can come after all")

    assert await seats(ward) == ["signed"]


async def test_who_said_stop_is_invited_to_nothing_until_they_say_otherwise(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("No more invitations, please")
    await ward.lan.new()
    await makes_class(ward, topic="VNeID")
    await ward.time_passes(minutes=1)
    assert not await ward.lan.sees("invites you to a class")

    await ward.lan.says("lịch học")
    await ward.lan.presses("Do invite me again")
    await makes_class(ward, topic="Chụp hình")
    await ward.time_passes(minutes=1)

    assert "Chụp hình" in await ward.lan.last_read()


@pytest.mark.parametrize("learns", [True, False])
async def test_dung_stops_invitations_and_tiep_tuc_brings_them_back(
    core: World, learns: bool
) -> None:
    await lives_here(core, core.lan)
    lan = await core.person_id(core.lan)
    if learns:
        async with core.app.engine.begin() as conn:
            await save_learner(conn, lan, core.clock.now())
    await core.lan.says("dừng")
    assert await core.lan.sees("I don't invite you to classes any more.")
    await makes_class(core)
    await core.time_passes(minutes=1)
    assert not await core.lan.sees("invites you to a class")

    await core.lan.says("tiếp tục")
    await makes_class(core)
    await core.time_passes(minutes=1)

    assert await core.lan.sees("invites you to a class")


async def test_nobody_is_invited_by_night(ward: World) -> None:
    await lives_here(ward, ward.lan)
    ward.clock.forward(hours=13)  # 22:00
    await makes_class(ward)
    assert "I begin to invite people at 07:00 Thursday 3/12." in await ward.binh.last_read()
    await ward.time_passes(minutes=5)
    assert not await ward.lan.sees("invites you to a class")

    await ward.time_passes(hours=9)

    assert await ward.lan.sees("invites you to a class")


async def test_who_has_not_agreed_to_anything_is_asked_first(core: World) -> None:
    await holds_class(core, core.lan)
    stranger = await core.add_person("Khách", consent=False)
    await stranger.presses_forged("csign:1")
    assert "I need your agreement" in await stranger.last_read()

    await stranger.presses("Read and decide")
    await stranger.presses("I agree")
    await stranger.presses("Go on")

    assert await seats(core) == ["signed"]


async def test_an_invitation_does_not_tear_anybody_out_of_a_task(core: World) -> None:
    await holds_class(core, core.lan)
    await core.lan.says("/trogiup")
    await core.lan.presses_forged("csign:1")
    assert await seats(core) == ["signed"]

    await core.lan.says("quên mật khẩu VNeID")

    assert "Who needs the help?" in await core.lan.last_read()


async def test_who_never_told_a_name_is_asked_for_one_after_the_tap(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I will come")
    await ward.lan.presses("Tell the teacher my name")
    await ward.lan.says("bác Lan")
    assert "Thank you, bác Lan." in await ward.lan.last_read()

    await ward.binh.presses_forged("cwho:1")

    assert "1. bác Lan" in await ward.binh.last_read()


# --- seats --------------------------------------------------------------------------------


async def test_forty_who_press_at_once_share_ten_seats(ward_on_each_engine: World) -> None:
    ward = ward_on_each_engine
    people = [await ward.add_person(f"Bác {number}") for number in range(40)]
    await holds_class(ward, *people)

    await asyncio.gather(*(person.presses("I will come") for person in people))

    assert Counter(await seats(ward)) == {"signed": 10, "waiting": 30}
    assert ward.app.dispatcher.failed.total() == 0


async def test_once_it_has_begun_no_seat_is_given_back(core: World) -> None:
    await holds_class(core, core.lan, core.hoa, seats="1 chỗ")
    await core.lan.presses("I will come")
    await core.hoa.presses("I will come")
    await goes_to(core, minutes=5)

    await core.lan.presses_forged("cleave:1")

    assert "This class has begun already." in await core.lan.last_read()
    assert await seats(core) == ["signed", "waiting"]


async def test_who_is_too_late_waits_and_moves_up(ward: World) -> None:
    await holds_class(ward, ward.lan, ward.hoa, seats="1 chỗ")
    await ward.lan.presses("I will come")
    await ward.hoa.presses("I will come")
    assert "You are number 1 in line" in await ward.hoa.last_read()

    await ward.lan.presses("I can't come after all")

    assert "A seat has become free, and it is yours." in await ward.hoa.last_read()
    assert await seats(ward) == ["left", "signed"]


async def test_a_seat_that_becomes_free_at_night_wakes_nobody(core: World) -> None:
    await holds_class(core, core.lan, core.hoa, seats="1 chỗ")
    await core.lan.presses("I will come")
    await core.hoa.presses("I will come")
    core.clock.forward(hours=14)

    await core.lan.presses("I can't come after all")

    rows = await core.execute(select(outbox.c.body, outbox.c.not_before))
    (at,) = [row.not_before for row in rows if "A seat has become free" in row.body["text"]]
    assert f"{at:%d %H:%M}" == "03 00:00"  # seven in the morning


async def test_more_seats_are_told_to_those_who_wait(ward: World) -> None:
    await holds_class(ward, ward.lan, ward.hoa, seats="1 chỗ")
    await ward.lan.presses("I will come")
    await ward.hoa.presses("I will come")

    await ward.binh.presses("See the class")
    await ward.binh.presses("Change time, place or seats")
    await ward.binh.presses("The number of seats")
    await ward.binh.says("2 chỗ")
    await ward.binh.presses("Yes, change it")

    assert "it is yours" in await ward.hoa.last_read()


async def test_nobody_loses_a_seat_that_they_have(core: World) -> None:
    await holds_class(core, core.lan, core.hoa)
    await core.lan.presses("I will come")
    await core.hoa.presses("I will come")
    await core.binh.presses_forged("cedit:1")
    await core.binh.presses("The number of seats")

    await core.binh.says("1 chỗ")

    assert "2 people have a seat already." in await core.binh.last_read()


# --- the way, the calendar, the list ------------------------------------------------------


async def test_the_way_is_a_point_on_the_map_or_a_search_for_the_words(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("How do I get there?")
    words = "https://www.openstreetmap.org/search?query=Nh%C3%A0%20v%C4%83n%20h%C3%B3a%20th%C3%B4n"
    assert words in await ward.lan.last_read()

    await ward.execute(class_meetings.update().values(lat=15.899, lon=108.103))
    await ward.lan.presses("How do I get there?")

    point = "https://www.openstreetmap.org/?mlat=15.89900&mlon=108.10300&zoom=18"
    assert point in await ward.lan.last_read()


async def test_on_telegram_the_place_opens_in_the_phones_own_map(
    sqlite_engine: AsyncEngine,
) -> None:
    platform = Telegram()
    async with open_world(sqlite_engine, MORNING, platform) as ward:
        await lives_here(ward, ward.lan)
        await ward.binh.presses_forged("cnew")
        for answer in ("Zalo", "thứ bảy 8 giờ"):
            await ward.binh.says(answer)
        await ward.binh.presses("At the community house")
        await ward.binh.says("12 chỗ")
        await ward.binh.presses("Yes, invite them")
        await ward.time_passes(minutes=1)

        await ward.lan.presses("How do I get there?")

        kinds = [message.kind for message in platform.user(ward.lan.chat_key).read]
        assert kinds[-2:] == ["location", "text"]


async def test_the_calendar_file_is_what_was_agreed(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I will come")
    await ward.lan.presses("Put it into my calendar")

    assert (await ward.lan.messages())[-1].media is not None
    file = await last_file(ward)
    (event,) = Calendar.from_ical(file.content).walk("VEVENT")
    assert file.mime == "text/calendar"
    assert event.decoded("dtstart") == (await meeting(ward)).starts_at
    assert (str(event["summary"]), str(event["location"])) == ("Dùng Zalo", "Nhà văn hóa thôn")


async def test_residents_find_their_classes_and_those_they_could_join(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I will come")
    await makes_class(ward, topic="VNeID", when="chủ nhật 9 giờ")

    await ward.lan.says("/lichhoc")
    told = await ward.lan.last_read()
    assert "You go to:\n• 08:00 Saturday 5/12 until 09:30: Dùng Zalo" in told
    assert "You could still join:\n• 09:00 Sunday 6/12 until 10:30: VNeID" in told

    await ward.lan.says("2")
    assert "10 of 10 seats are free." in await ward.lan.last_read()
    await ward.lan.presses("I will come")
    await ward.lan.says("/lichhoc")
    await ward.lan.says("1")
    assert "You have a seat." in await ward.lan.last_read()
    await ward.lan.presses("I can't come after all")
    assert await seats(ward) == ["left"]


async def test_without_any_class_it_is_said_what_would_help(core: World) -> None:
    await core.lan.says("/lichhoc")
    assert "Once I know where you live" in await core.lan.last_read()

    await lives_here(core, core.lan)
    await core.lan.says("/lophoc")

    assert "There is no class near you just now." in await core.lan.last_read()
