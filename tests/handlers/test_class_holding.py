"""A class changes, is cancelled, is attended, and what is left of it."""

import io

import pytest
from icalendar import Calendar
from PIL import Image
from sqlalchemy import select

from storage.class_attendance import count_figures
from storage.schema import audit, class_invites, class_signups
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
from tests.world import World

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
    await ward.binh.presses("Everybody is ticked")

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
