"""A class from the leader's idea to the summary, as its people live it."""

import asyncio
import io
from collections import Counter

import pytest
from icalendar import Calendar
from PIL import Image
from sqlalchemy import select

from bot.texts import fold
from storage.class_attendance import count_figures
from storage.learners import enrol, save_learner
from storage.schema import audit, class_invites, class_meetings, class_signups, outbox
from tests.bot.test_poster import qr, scanned
from tests.handlers.class_story import (
    goes_to,
    holds_class,
    last_file,
    lives_here,
    makes_class,
    meeting,
    seats,
    statuses,
)
from tests.world import HOME, World

# --- making it ----------------------------------------------------------------------------


async def test_a_leader_makes_a_class_with_five_answers(ward: World) -> None:
    await lives_here(ward, ward.lan)
    await ward.binh.says("/lophoc")
    await ward.binh.presses(ward.app.services.library.courses["zalo"].title)
    await ward.binh.presses("Saturday at 8:00")
    await ward.binh.presses("At the community house")
    await ward.binh.presses("15")
    assert "I invite the residents of your tổ or thôn: 1 person so far." in (
        await ward.binh.last_read()
    )
    await ward.binh.presses("Yes, invite them")

    assert "The class is made: 08:00 Saturday 5/12 until 09:30." in await ward.binh.last_read()
    found = await meeting(ward)
    assert (found.course_id, found.seats, found.place) == ("zalo", 15, HOME)
    assert found.venue == "Community house, Thôn Phú Sơn"


async def test_a_class_is_made_in_ones_own_words(ward: World) -> None:
    await makes_class(ward, when="thứ bảy hằng tuần 14 giờ đến 16 giờ", seats="khoảng 20 người")

    found = await meeting(ward)
    assert (found.topic, found.venue, found.seats) == ("Dùng Zalo", "Nhà văn hóa thôn", 20)
    assert (found.minutes, found.weekly) == (120, True)
    assert "14:00 Saturday 5/12 until 16:00, every week" in await ward.binh.last_read()


async def test_courses_are_shown_a_few_at_a_time(ward: World) -> None:
    await ward.binh.says("/lophoc")
    first = await ward.binh.choices()
    await ward.binh.presses("Other courses")
    second = await ward.binh.choices()
    await ward.binh.presses("Other courses")

    assert await ward.binh.choices() == first
    assert len(set(first) & set(second)) == 3  # Other courses, Back, Reach a person
    await ward.binh.says(fold(ward.app.services.library.courses["vneid"].title))
    await ward.binh.presses("Sunday at 8:00")
    await ward.binh.says("UBND xã")
    await ward.binh.presses("10")
    await ward.binh.presses("Yes, invite them")
    assert (await meeting(ward)).course_id == "vneid"


async def test_the_place_can_be_shown_on_the_map(ward: World) -> None:
    await ward.binh.says("/lophoc")
    await ward.binh.says("Dùng Zalo")
    await ward.binh.says("thứ bảy 8 giờ")
    await ward.binh.shares(15.9, 108.1)
    await ward.binh.presses("10")
    await ward.binh.presses("Yes, invite them")

    found = await meeting(ward)
    assert (found.venue, found.lat, found.lon) == ("", 15.9, 108.1)


async def test_the_last_place_is_offered_again(ward: World) -> None:
    await makes_class(ward, where="Đình làng")
    await ward.binh.presses("Hold another class")
    await ward.binh.says("VNeID")
    await ward.binh.says("chủ nhật 9 giờ")

    await ward.binh.presses("Đình làng")

    assert "How many seats?" in await ward.binh.last_read()


UNUSABLE = [
    (1, "khi nào cũng được", "I did not understand the time."),
    (1, "tối thứ bảy 22 giờ", "Classes begin between 7:00 and 20:00."),
    (1, "1/11/2027 8 giờ", "I did not understand the time."),
    (3, "vài người", "Please write a number from 1 to 500."),
    (3, "0 chỗ", "Please write a number from 1 to 500."),
    (4, "ừ", "Please press “Yes, invite them” or “No, drop it”."),
]


@pytest.mark.parametrize(("step", "said", "hint"), UNUSABLE)
async def test_an_answer_that_can_not_be_used_is_asked_again(
    core: World, step: int, said: str, hint: str
) -> None:
    await core.binh.says("/lophoc")
    for answer in ("Zalo", "thứ bảy 8 giờ", "Đình làng", "12 chỗ")[:step]:
        await core.binh.says(answer)

    await core.binh.says(said)

    assert hint in await core.binh.last_read()


async def test_an_answer_is_changed_by_going_back(core: World) -> None:
    await core.binh.says("/lophoc")
    for answer in ("Zalo", "thứ bảy 8 giờ", "Đình làng", "0", "Nhà ông Tư", "12 chỗ"):
        await core.binh.says(answer)

    assert "Place: Nhà ông Tư" in await core.binh.last_read()


async def test_who_says_no_at_the_end_has_made_nothing(core: World) -> None:
    await core.binh.says("/lophoc")
    for answer in ("Zalo", "thứ bảy 8 giờ", "Đình làng", "12 chỗ"):
        await core.binh.says(answer)
    await core.binh.presses("No, drop it")

    assert await statuses(core) == []


async def test_a_ward_officer_invites_the_whole_commune(ward: World) -> None:
    await lives_here(ward, ward.lan, team=ward.next_team)
    await makes_class(ward, host=ward.thu)
    await ward.time_passes(minutes=1)

    assert (await meeting(ward)).team_id is None
    assert "xã Đại Lộc invites you to a class:" in await ward.lan.last_read()


async def test_a_class_about_a_course_can_be_for_its_learners_only(core: World) -> None:
    await core.binh.says("/lophoc")
    for answer in ("1", "thứ bảy 8 giờ", "Đình làng", "12 chỗ"):
        await core.binh.says(answer)
    await core.binh.presses("Invite instead: those in your phường or xã who learn this course")
    await core.binh.presses("Yes, invite them")

    assert (await meeting(core)).audience == "course"


async def test_only_those_who_learn_the_course_are_invited_to_it(core: World) -> None:
    await lives_here(core, core.lan, core.hoa)
    lan = await core.person_id(core.lan)
    async with core.app.engine.begin() as conn:
        await enrol(conn, lan, "chong-lua", core.clock.now())
    await core.binh.says("/lophoc")
    for answer in (core.app.services.library.courses["chong-lua"].title, "thứ bảy 8 giờ"):
        await core.binh.says(answer)
    for answer in ("Đình làng", "12 chỗ"):
        await core.binh.says(answer)
    await core.binh.presses("Invite instead: those in your phường or xã who learn this course")
    assert "1 person so far." in await core.binh.last_read()
    await core.binh.presses("Yes, invite them")

    await core.time_passes(minutes=1)

    assert await core.lan.sees("invites you to a class")
    assert not await core.hoa.sees("invites you to a class")


async def test_only_leaders_and_officers_make_classes(core: World) -> None:
    for person in (core.lan, core.tuan, core.mai):
        await person.presses_forged("cnew")

        assert "Only team leaders, deputies and ward officers" in await person.last_read()


async def test_who_has_lost_the_role_meanwhile_makes_no_class(core: World) -> None:
    await core.binh.says("/lophoc")
    for answer in ("Zalo", "thứ bảy 8 giờ", "Đình làng", "12 chỗ"):
        await core.binh.says(answer)
    await core.thu.presses_forged(f"drop:{core.team}")
    await core.thu.says("bình")
    await core.thu.presses("Bình")

    await core.binh.presses("Yes, invite them")

    assert "Only team leaders" in await core.binh.last_read()
    assert await statuses(core) == []


async def test_there_are_not_more_classes_than_people_can_follow(core: World) -> None:
    for _number in range(10):
        await makes_class(core)

    await core.binh.presses_forged("cnew")

    assert "many classes planned already" in await core.binh.last_read()


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

    point = "https://www.openstreetmap.org/?mlat=15.89900&mlon=108.10300#map=18/15.89900/108.10300"
    assert point in await ward.lan.last_read()


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


# --- changed, cancelled -------------------------------------------------------------------


async def test_a_new_time_reaches_those_who_signed_up_with_a_new_calendar_file(
    ward: World,
) -> None:
    await holds_class(ward, ward.lan, ward.hoa)
    await ward.lan.presses("I will come")
    await ward.hoa.new()

    await ward.binh.presses("See the class")
    await ward.binh.presses("Change time, place or seats")
    await ward.binh.presses("The time")
    await ward.binh.says("chủ nhật 15 giờ")
    assert "1 person will hear of it." in await ward.binh.last_read()
    await ward.binh.presses("Yes, change it")

    assert "When: 15:00 Sunday 6/12 until 16:30" in await ward.lan.last_read()
    assert await ward.hoa.new() == []
    (event,) = Calendar.from_ical((await last_file(ward)).content).walk("VEVENT")
    assert event["sequence"] == 1
    assert event.decoded("dtstart") == (await meeting(ward)).starts_at


async def test_a_new_place_reaches_those_who_wait_too(core: World) -> None:
    await holds_class(core, core.lan, core.hoa, seats="1 chỗ")
    await core.lan.presses("I will come")
    await core.hoa.presses("I will come")
    await core.binh.presses_forged("cedit:1")
    await core.binh.presses("The place")
    await core.binh.presses("At the community house")
    await core.binh.presses("Yes, change it")

    for person in (core.lan, core.hoa):
        assert "Place: Community house, Thôn Phú Sơn" in await person.last_read()


async def test_a_cancelled_class_is_told_and_leaves_the_calendar(ward: World) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I will come")
    await ward.binh.presses("See the class")
    await ward.binh.presses("Cancel the class")
    await ward.binh.presses("Cancel this date")

    assert "“Dùng Zalo” at 08:00 Saturday 5/12 does not take place" in await ward.lan.last_read()
    calendar = Calendar.from_ical((await last_file(ward)).content)
    assert str(calendar["method"]) == "CANCEL"
    await ward.lan.presses_forged("csign:1")
    assert "This class was cancelled." in await ward.lan.last_read()


async def test_who_thinks_better_of_it_cancels_nothing(core: World) -> None:
    await makes_class(core)
    await core.binh.presses_forged("coff:1")
    await core.binh.presses("No, it takes place")

    assert await statuses(core) == ["planned"]


@pytest.mark.parametrize(
    "action", ["chost:1", "cwho:1", "cwall:1", "cedit:1", "coff:1", "chere:1:0"]
)
async def test_only_those_who_hold_a_class_look_after_it(core: World, action: str) -> None:
    await makes_class(core)

    for person in (core.lan, core.tuan, core.nam):
        await person.presses_forged(action)
        assert "Only those who hold this class" in await person.last_read()
    for person in (core.thu, core.mai):
        await person.presses_forged(action)
        assert "Only those who hold this class" not in await person.last_read()


# --- who is there -------------------------------------------------------------------------


async def test_the_host_ticks_five_names_at_a_time(ward: World) -> None:
    people = [await ward.add_person(f"Bác {number}") for number in range(6)]
    await holds_class(ward, *people)
    for person in people:
        await person.presses("I will come")
    await goes_to(ward, minutes=5)
    assert "The code for those who come: LOP " in await ward.binh.last_read()

    await ward.binh.presses("Tick who is here")
    assert len(await ward.binh.choices()) == 5 + 2  # The next names, Menu
    await ward.binh.presses("☐ 2. a resident")
    await ward.binh.presses("The next names")
    await ward.binh.presses("☐ 6. a resident")
    await ward.binh.presses("That is all")

    assert "Came: 2." in await ward.binh.last_read()


async def test_a_tick_is_taken_back_by_pressing_again(core: World) -> None:
    await holds_class(core, core.hoa)
    await core.hoa.presses("I will come")
    await goes_to(core)
    await core.binh.presses("Tick who is here")
    await core.binh.presses("☐ 1. Hoa")
    await core.binh.presses("☑ 1. Hoa")

    assert "Here: 0 of 1." in await core.binh.last_read()


async def test_the_picture_on_the_wall_holds_a_link_for_each_way_in(ward: World) -> None:
    ward.app.services.links.name_telegram("NgoSoBot")
    await holds_class(ward, ward.lan)
    await ward.binh.presses("The code for the wall")
    code = (await meeting(ward)).wall_code
    links = ward.app.services.links
    ways = [link for link in (links.telegram(f"c_{code}"), links.web(f"c_{code}")) if link]

    picture = Image.open(io.BytesIO((await last_file(ward)).content))

    assert [scanned(picture, n, len(ways)) for n in range(len(ways))] == [qr(way) for way in ways]
    assert f"LOP {code}" in await ward.binh.last_read()


@pytest.mark.parametrize("said", ["LOP {}", "lớp {}", "lop-{}", "/start c_{}"])
async def test_who_types_or_scans_the_code_is_counted_once(ward: World, said: str) -> None:
    await holds_class(ward, ward.lan)
    await ward.lan.presses("I will come")
    await goes_to(ward, minutes=-30)

    for _time in range(2):
        await ward.lan.says(said.format((await meeting(ward)).wall_code.lower()))

    assert "You are counted as present at “Dùng Zalo”." in await ward.lan.last_read()
    async with ward.app.engine.begin() as conn:
        assert (await count_figures(conn, 1)).came == 1


async def test_who_comes_along_without_a_seat_is_counted_too(core: World) -> None:
    await holds_class(core, core.lan)
    await goes_to(core)

    await core.nam.says(f"lop {(await meeting(core)).wall_code}")

    assert await seats(core) == ["walk_in"]


@pytest.mark.parametrize(
    ("minutes", "hint"),
    [(-31, "This code works from 07:30 Saturday 5/12 on."), (121, "This code is not good now.")],
)
async def test_the_code_is_good_around_the_class_only(core: World, minutes: int, hint: str) -> None:
    await holds_class(core, core.lan)
    await core.lan.presses("I will come")
    await goes_to(core, minutes=minutes)

    await core.lan.says(f"lop {(await meeting(core)).wall_code}")

    assert hint in await core.lan.last_read()
    async with core.app.engine.begin() as conn:
        assert (await count_figures(conn, 1)).came == 0


async def test_words_that_look_like_a_code_are_still_words(core: World) -> None:
    await core.lan.says("lớp thang")

    assert not await core.lan.sees("This code")


async def test_a_stranger_who_scans_agrees_first(core: World) -> None:
    await holds_class(core, core.lan)
    await goes_to(core)
    stranger = await core.add_person("Khách", consent=False)
    await stranger.says(f"/start c_{(await meeting(core)).wall_code}")
    await stranger.presses("Read and decide")
    await stranger.presses("I agree")
    await stranger.presses("Go on")

    assert "You are counted as present" in await stranger.last_read()


# --- after it -----------------------------------------------------------------------------


async def test_those_who_came_are_thanked_and_the_host_gets_the_figures(ward: World) -> None:
    await lives_here(ward, ward.lan, ward.hoa)
    course = ward.app.services.library.courses["zalo"]
    await makes_class(ward, topic=course.title)
    await ward.time_passes(minutes=1)
    await ward.lan.presses("I will come")
    await ward.hoa.presses("I will come")
    await goes_to(ward)
    await ward.lan.says(f"lop {(await meeting(ward)).wall_code}")
    await ward.hoa.new()

    await goes_to(ward, minutes=121)
    assert "Thank you for coming to" in await ward.lan.last_read()
    assert await ward.hoa.new() == []
    await ward.lan.presses("I liked it")
    await ward.lan.presses("Learn it again at home")
    assert course.about in await ward.lan.last_read()

    await ward.time_passes(days=1)
    told = await ward.binh.last_read()
    assert "Signed up: 2 of 10.\nCame: 1.\nRating: 3 of 3 (1 answer)." in told


async def test_when_nobody_kept_a_list_all_who_signed_up_are_thanked(core: World) -> None:
    await holds_class(core, core.lan)
    await core.lan.presses("I will come")

    await goes_to(core, minutes=121)
    await core.time_passes(days=1)

    assert await core.lan.sees("Thank you for coming to")
    assert "Nobody is ticked yet." in await core.binh.last_read()


async def test_only_those_who_were_there_judge(core: World) -> None:
    await holds_class(core, core.lan)
    await core.lan.presses_forged("crate:1:3")
    assert "Only those who were there" in await core.lan.last_read()

    await core.lan.presses_forged("crate:1:7")

    assert "Please press one of the three answers." in await core.lan.last_read()


# --- who looks after it, and what is kept -------------------------------------------------


async def test_what_hosts_do_is_written_down(core: World) -> None:
    await makes_class(core)
    await core.binh.presses_forged("coff:1")
    await core.binh.presses("Cancel this date")

    actions = [row[0] for row in await core.execute(select(audit.c.action))]
    assert actions == ["class", "class:cancelled"]


async def test_a_forgotten_resident_gives_the_seat_back_and_is_a_figure_only(ward: World) -> None:
    await holds_class(ward, ward.lan, ward.hoa, seats="1 chỗ")
    await ward.lan.presses("I will come")
    await ward.hoa.presses("I will come")
    await ward.lan.presses_forged("export")
    assert b'"classes"' in (await last_file(ward)).content

    await ward.lan.presses_forged("erase")
    await ward.lan.presses("Yes, delete it all")

    assert "it is yours" in await ward.hoa.last_read()

    lan = await ward.person_id(ward.lan)
    kept = await ward.execute(select(class_signups.c.person_id, class_signups.c.status))
    assert [tuple(row) for row in kept] == [
        (None, "left"),
        (await ward.person_id(ward.hoa), "signed"),
    ]
    asked = await ward.execute(select(class_invites.c.person_id))
    assert lan not in [row[0] for row in asked]


async def test_a_class_goes_on_when_its_maker_is_forgotten(core: World) -> None:
    await core.add_member(
        "Kha", __import__("storage.members", fromlist=["Role"]).Role.DEPUTY, core.team
    )
    await holds_class(core, core.lan)
    await core.binh.presses_forged("erase")
    await core.binh.presses("Yes, delete it all")

    await goes_to(core)

    assert (await statuses(core)) == ["planned"]


async def test_made_up_buttons_are_answered_and_change_nothing(core: World) -> None:
    await makes_class(core)
    for action in (
        "csign:99", "cno:x", "cleave:1", "cskip:1", "cout:1", "cway:99", "cical:-1", "cshow:0",
        "crate:1:x", "cin:nothing", "ctick:1:0:99", "chere:1:99", "cnew:no-day", "chost:99",
    ):  # fmt: skip
        await core.lan.presses_forged(action)
        assert await core.lan.last_read()
    assert core.app.dispatcher.failed.total() == 0
    assert await seats(core) == []
