"""Learning on the phone: a course, a lesson of five minutes, what comes back, a certificate."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from bot.content.lesson import Course, Question
from bot.texts import LOCAL_ZONE
from storage.learning_schema import enrolments, learners, lesson_results, nudges, reviews
from storage.schema import help_requests
from storage.schema import media as stored_media
from tests.world import Person, World

COURSE = "may"
FIRST = "may-01"
EVENINGS = "tối thứ 3, 5, 7 lúc 19 giờ 30"


def course(ward: World, name: str = COURSE) -> Course:
    return ward.app.services.library.courses[name]


def local(ward: World) -> datetime:
    return ward.clock.now().astimezone(LOCAL_ZONE)


async def begin(ward: World, who: Person, *, when: str = EVENINGS, name: str = COURSE) -> None:
    """Choose a course, say which phone it is and when to be reminded."""
    await who.presses_forged(f"lenrol:{name}")
    await who.presses("Android (Samsung, Oppo, Xiaomi…)")
    await who.says(when)


async def read(ward: World, who: Person, lesson_id: str = FIRST) -> None:
    """All pages, and what is to be tried."""
    found = ward.app.services.library.find_lesson(lesson_id)
    assert found is not None
    await who.presses_forged(f"les:{lesson_id}:0")
    for _page in found[1].cards[1:]:
        await who.presses("Go on")
    await who.presses("Now I try it")
    await who.presses("I did it")


async def answer(ward: World, who: Person, lesson_id: str, *, wrong: int = 0) -> None:
    """Answer every question, the first few of them wrong."""
    found = ward.app.services.library.find_lesson(lesson_id)
    assert found is not None
    for index, question in enumerate(found[1].questions):
        await who.presses(pick(question, right=index >= wrong))


def pick(question: Question, *, right: bool) -> str:
    return next(option.text for option in question.options if option.right is right)


async def learn(ward: World, who: Person, lesson_id: str = FIRST, *, wrong: int = 0) -> None:
    await read(ward, who, lesson_id)
    await answer(ward, who, lesson_id, wrong=wrong)


async def to(ward: World, day: date, hour: int, minute: int = 0) -> None:
    """Let time pass until then, minute jobs running about every hour."""
    goal = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LOCAL_ZONE)
    while ward.clock.now() + timedelta(hours=1) < goal:
        await ward.time_passes(hours=1)
    await ward.time_passes(seconds=(goal - ward.clock.now()).total_seconds())


def next_weekday(ward: World, weekday: int) -> date:
    today = local(ward).date()
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


# --- beginning ----------------------------------------------------------------------------


async def test_a_learner_chooses_a_course_and_says_when(ward: World) -> None:
    await ward.lan.says("học")
    assert await ward.lan.sees("What would you like to learn?")

    await ward.lan.presses(f"{course(ward).icon} {course(ward).title}")
    await ward.lan.presses("Learn this course")
    await ward.lan.presses("Android (Samsung, Oppo, Xiaomi…)")
    await ward.lan.says(EVENINGS)

    said = await ward.lan.last_read()
    assert "Tuesday, Thursday, and Saturday at 19:30" in said
    assert await ward.execute(select(learners.c.phone, learners.c.days)) == [("android", 0b101010)]


async def test_all_eight_courses_are_on_offer_five_choices_at_a_time(ward: World) -> None:
    await ward.lan.says("/hoc")
    seen = await ward.lan.choices()
    assert seen[4:] == ["More", "Menu"]
    await ward.lan.presses("More")
    seen += await ward.lan.choices()
    assert {f"{it.icon} {it.title}" for it in ward.app.services.library.courses.values()} < set(
        seen
    )
    assert len(ward.app.services.library.courses) == 8


async def test_without_consent_one_may_look_but_nothing_is_kept(ward: World) -> None:
    stranger = await ward.add_person("Ông Tư", consent=False)
    await learn(ward, stranger)
    assert await stranger.sees("Lesson done!")
    assert await ward.execute(select(lesson_results)) == []

    await stranger.presses("Learn this course")
    assert "agreement" in await stranger.last_read()


async def test_the_phone_is_asked_once_and_shows_the_right_buttons(core: World) -> None:
    lesson = next(it for it in course(core).lessons if any(card.iphone for card in it.cards))
    page = next(index for index, card in enumerate(lesson.cards) if card.iphone)
    await core.lan.presses_forged("lenrol:may")
    await core.lan.says("máy em là ai phôn")
    await core.lan.presses("I learn by myself, don't remind me")

    await core.lan.presses_forged(f"les:{lesson.id}:{page}")
    said = await core.lan.last_read()
    assert str(lesson.cards[page].iphone) in said
    assert str(lesson.cards[page].android) not in said

    await core.lan.presses_forged("lenrol:zalo")
    assert "You have begun" in await core.lan.last_read()


@pytest.mark.parametrize("words", ["tối thứ 3, 5, 7", "8 giờ"])
async def test_what_is_missing_of_days_and_time_is_asked(core: World, words: str) -> None:
    await begin(core, core.lan, when=words)
    if words == "8 giờ":
        assert "On which days?" in await core.lan.last_read()
        await core.lan.says("thứ 3, 5, 7")
    assert "Tuesday, Thursday, and Saturday" in await core.lan.last_read()


@pytest.mark.parametrize("words", ["thứ 3 lúc 22 giờ", "mỗi ngày 5 giờ sáng"])
async def test_nobody_is_reminded_by_night_even_when_wished(core: World, words: str) -> None:
    await begin(core, core.lan, when=words)
    assert "between 7:00 and 20:00" in await core.lan.last_read()


# --- a lesson -----------------------------------------------------------------------------


async def test_a_lesson_is_read_tried_and_answered(ward: World) -> None:
    await begin(ward, ward.lan)
    await learn(ward, ward.lan)

    assert await ward.lan.sees("at the first try")
    assert f"Lesson 2: {course(ward).lessons[1].title}" in await ward.lan.choices()
    asked = len(course(ward).lessons[0].questions)
    rows = await ward.execute(select(lesson_results.c.right, lesson_results.c.asked))
    assert rows == [(asked, asked)]


async def test_a_wrong_answer_is_explained_kindly_and_comes_back(ward: World) -> None:
    await begin(ward, ward.lan)
    await read(ward, ward.lan)
    question = course(ward).lessons[0].questions[0]
    await ward.lan.new()
    await ward.lan.presses(pick(question, right=False))

    wrong = next(option for option in question.options if not option.right)
    told = "\n".join(await ward.lan.new())
    assert wrong.why in told
    assert f"“{pick(question, right=True)}”" in told
    due = (await ward.execute(select(reviews.c.due_at)))[0][0]
    assert timedelta(days=4) < due - ward.clock.now() <= timedelta(days=5)


async def test_an_answer_in_words_or_as_a_number_counts(core: World) -> None:
    await begin(core, core.lan)
    await read(core, core.lan)
    first, second = course(core).lessons[0].questions[:2]
    await core.lan.says(pick(first, right=True).lower())
    assert await core.lan.sees(first.options[first.right_index].why)
    number = 1 + (await core.lan.choices()).index(pick(second, right=True))
    await core.lan.says(str(number))
    assert await core.lan.sees(second.options[second.right_index].why)


async def test_i_do_not_know_is_an_answer_too(core: World) -> None:
    await begin(core, core.lan)
    await read(core, core.lan)
    await core.lan.says("khong biet")
    assert await core.lan.sees("The best answer")


async def test_a_sticker_during_the_quiz_asks_for_an_answer(core: World) -> None:
    await begin(core, core.lan)
    await read(core, core.lan)
    await core.lan.sends_sticker()
    assert "press one of the answers" in await core.lan.last_read()


async def test_who_is_stuck_gets_a_neighbour_who_sees_course_and_lesson(ward: World) -> None:
    await begin(ward, ward.lan)
    await ward.lan.presses_forged(f"les:{FIRST}:0")
    await ward.lan.presses("I am stuck")
    await ward.lan.presses("Ask a neighbour to help")
    for choice in ("I will tell the helper", "For myself"):
        await ward.lan.presses(choice)
    await ward.lan.says("thôn phu son, xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    assert await ward.tuan.sees(f"Lesson: {course(ward).lessons[0].title} ({course(ward).title})")
    assert await ward.execute(select(help_requests.c.lesson_id)) == [(FIRST,)]


async def test_not_yet_twice_offers_a_person(core: World) -> None:
    await core.lan.presses_forged(f"les:{FIRST}:{len(course(core).lessons[0].cards)}")
    await core.lan.presses("It did not work yet")
    await core.lan.presses("Still not")
    assert "Yes, ask my team" in await core.lan.choices()


@pytest.mark.parametrize(
    "action",
    ["les:nix-01:0", "les:may-99:0", "les:may-01:99", "lquiz:nix", "lcourse:nix", "lenrol:nix",
     "lnot:may-77:1", "lstuck::0", "lcert:nix", "llist:nix"],
)  # fmt: skip
async def test_a_made_up_lesson_or_page_is_refused_kindly(core: World, action: str) -> None:
    await core.lan.presses_forged(action)
    said = await core.lan.last_read()
    assert "any more" in said or "no such page" in said


async def test_the_place_in_a_quiz_survives_a_restart(core: World) -> None:
    await begin(core, core.lan)
    await read(core, core.lan)
    await core.restart()
    await answer(core, core.lan, FIRST)
    assert await core.lan.sees("Lesson done!")


# --- the end of a course ------------------------------------------------------------------


async def finish(ward: World, who: Person, name: str = COURSE) -> None:
    await begin(ward, who, name=name)
    for lesson in course(ward, name).lessons:
        await learn(ward, who, lesson.id)


async def test_after_the_last_lesson_there_is_a_certificate(ward: World) -> None:
    await finish(ward, ward.lan, "zalo")
    assert await ward.lan.sees("That was the last lesson")
    await ward.lan.presses("My certificate")
    await ward.lan.says("Nguyễn Thị Sáu")

    stored = await ward.execute(select(stored_media.c.content, stored_media.c.mime))
    content, mime = stored[-1]
    picture = Image.open(BytesIO(content))
    assert (picture.format, picture.size, mime) == ("PNG", (1240, 874), "image/png")
    assert (await ward.lan.messages())[-1].media
    assert await ward.execute(select(enrolments.c.status)) == [("done",)]


async def test_no_certificate_before_the_end_whatever_a_button_says(core: World) -> None:
    await begin(core, core.lan)
    await core.lan.presses_forged("lcert:may")
    assert "after the last lesson" in await core.lan.last_read()


async def test_a_certificate_goes_with_its_owner(core: World) -> None:
    await finish(core, core.lan, "zalo")
    await core.lan.presses_forged("lcert:zalo")
    await core.lan.presses("Without a name")
    await core.lan.presses_forged("erase")
    await core.lan.presses("Yes, delete it all")
    for table in (stored_media, learners, enrolments, lesson_results, reviews, nudges):
        assert await core.execute(select(table)) == []


# --- offered ------------------------------------------------------------------------------


async def test_a_course_is_offered_once_to_who_asks_twice(ward: World) -> None:
    asked = course(ward, "vneid").offered_for[0]
    offers = 0
    for _time in range(4):
        await ward.lan.new()
        await ward.lan.presses_forged(f"g:{asked}")
        offers += sum("There is a small course" in text for text in await ward.lan.new())
    assert offers == 1


async def test_who_learns_it_already_is_not_offered_it(core: World) -> None:
    await begin(core, core.lan, name="vneid")
    for _time in range(3):
        await core.lan.presses_forged(f"g:{course(core, 'vneid').offered_for[0]}")
    assert not await core.lan.sees("There is a small course")
