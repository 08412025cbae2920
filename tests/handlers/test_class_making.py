"""A leader makes a class, in five answers."""

import pytest

from bot.texts import fold
from storage.learners import enrol
from tests.handlers.class_story import (
    lives_here,
    makes_class,
    meeting,
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


async def test_leaders_find_their_classes_beside_their_learners(core: World) -> None:
    await makes_class(core)
    await core.binh.says("/lop")
    await core.binh.presses("Classes that I hold")
    await core.binh.says("1")

    assert "Signed up: 0 of 10." in await core.binh.last_read()


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
