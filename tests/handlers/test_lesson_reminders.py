"""Reminders of lessons: on the agreed day, kindly, never twice, never by night, stopped at once."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from storage.learning_schema import learners, nudges, reviews
from tests.handlers.test_lessons import begin, course, learn, local, next_weekday, pick, to
from tests.world import World

TET = date(2027, 2, 6)


async def test_the_lesson_comes_on_the_agreed_day_and_hour(ward: World) -> None:
    await begin(ward, ward.lan)
    thursday = next_weekday(ward, 3)
    await to(ward, thursday, 19, 29)
    assert not await ward.lan.sees("📚")
    await ward.time_passes(minutes=2)
    assert await ward.lan.sees(course(ward).lessons[0].title)
    assert "Later today" in await ward.lan.choices()


async def test_one_reminder_after_a_missed_lesson_then_silence(core: World) -> None:
    await begin(core, core.lan, when="thứ 3 lúc 8 giờ")
    tuesday = next_weekday(core, 1)
    await to(core, tuesday, 8, 1)
    assert len([t for t in await core.lan.new() if "📚" in t]) == 1
    await to(core, tuesday + timedelta(days=1), 20)
    assert len([t for t in await core.lan.new() if "📚" in t]) == 1
    await to(core, tuesday + timedelta(days=6), 20)
    assert [t for t in await core.lan.new() if "📚" in t] == []


async def test_who_has_learnt_is_left_in_peace_until_the_next_day(core: World) -> None:
    await begin(core, core.lan, when="thứ 3 lúc 8 giờ")
    tuesday = next_weekday(core, 1)
    await to(core, tuesday, 8, 1)
    await learn(core, core.lan)
    await core.lan.new()
    await to(core, tuesday + timedelta(days=6), 20)
    assert await core.lan.new() == []
    await to(core, tuesday + timedelta(days=7), 8, 1)
    assert await core.lan.sees(course(core).lessons[1].title)


async def test_later_today_comes_back_later_today(ward: World) -> None:
    await begin(ward, ward.lan, when="thứ 3 lúc 8 giờ")
    await to(ward, next_weekday(ward, 1), 8, 1)
    await ward.lan.presses("Later today")
    await ward.lan.says("3 giờ chiều")
    await ward.lan.new()
    await to(ward, local(ward).date(), 14, 59)
    assert await ward.lan.new() == []
    await ward.time_passes(minutes=2)
    assert await ward.lan.sees("As you asked")


async def test_a_snooze_into_the_night_is_not_taken(core: World) -> None:
    await begin(core, core.lan, when="thứ 3 lúc 8 giờ")
    await to(core, next_weekday(core, 1), 8, 1)
    await core.lan.presses("Later today")
    await core.lan.says("22 giờ")
    assert "before 20:00" in await core.lan.last_read()


async def test_stop_stops_at_once_and_go_on_resumes(ward: World) -> None:
    await begin(ward, ward.lan, when="mỗi ngày 8 giờ")
    await learn(ward, ward.lan)
    await ward.lan.says("dừng")
    assert "no more lessons" in await ward.lan.last_read()
    await ward.time_passes(days=3)
    await ward.lan.new()
    await to(ward, local(ward).date() + timedelta(days=3), 9)
    assert await ward.lan.new() == []

    await ward.lan.says("tiếp tục")
    assert f"Lesson 2: {course(ward).lessons[1].title}" in await ward.lan.choices()
    await to(ward, local(ward).date() + timedelta(days=1), 8, 1)
    assert await ward.lan.sees(course(ward).lessons[1].title)


async def test_after_two_silent_weeks_one_question_and_then_a_pause(core: World) -> None:
    await begin(core, core.lan, when="mỗi ngày 8 giờ")
    start = local(core).date()
    for ahead in range(1, 30):
        await to(core, start + timedelta(days=ahead), 9)
    told = await core.lan.new()
    assert len([t for t in told if "Shall we take a break?" in t]) == 1
    assert "Shall we take a break?" in told[-1]
    assert (await core.execute(select(learners.c.paused_at)))[0][0] is not None


async def test_who_answers_the_question_goes_on(core: World) -> None:
    await begin(core, core.lan, when="mỗi ngày 8 giờ")
    start = local(core).date()
    for ahead in range(1, 16):
        await to(core, start + timedelta(days=ahead), 9)
    await core.lan.presses("No, I go on")
    await to(core, local(core).date() + timedelta(days=1), 8, 1)
    assert await core.lan.sees("📚")


async def test_a_wrong_answer_is_asked_again_within_a_week(ward: World) -> None:
    await begin(ward, ward.lan, when="thứ 3, 5, 7 lúc 8 giờ")
    await learn(ward, ward.lan, wrong=1)
    start = local(ward).date()
    found = None
    for ahead in range(1, 8):
        await ward.lan.new()
        await to(ward, start + timedelta(days=ahead), 8, 1)
        if await ward.lan.sees("question from last time"):
            found = ahead
            break
    assert found is not None
    assert 5 <= found <= 7

    await ward.lan.presses("First what I know already")
    question = course(ward).lessons[0].questions[0]
    assert question.ask in await ward.lan.last_read()
    await ward.lan.presses(pick(question, right=True))
    assert await ward.lan.sees("Well remembered!")
    due = (await ward.execute(select(reviews.c.due_at)))[0][0]
    assert due - ward.clock.now() == timedelta(days=14)


async def test_right_twice_is_known(core: World) -> None:
    await begin(core, core.lan)
    await learn(core, core.lan, wrong=1)
    question = course(core).lessons[0].questions[0]
    for days in (6, 15):
        core.clock.forward(days=days)
        await core.lan.presses_forged("lrev")
        await core.lan.presses(pick(question, right=True))
    assert await core.execute(select(reviews)) == []


async def test_changed_days_make_no_second_message_on_one_day(core: World) -> None:
    await begin(core, core.lan, when="mỗi ngày 8 giờ")
    tomorrow = local(core).date() + timedelta(days=1)
    await to(core, tomorrow, 8, 1)
    await core.lan.presses_forged("lchange")
    await core.lan.says("mỗi ngày 19 giờ")
    await core.lan.new()
    await to(core, tomorrow, 20)
    assert await core.lan.new() == []
    await to(core, tomorrow + timedelta(days=1), 19, 1)
    assert await core.lan.sees("📚")


async def test_after_a_week_of_downtime_one_message_comes_and_the_rest_is_counted(
    ward: World,
) -> None:
    await begin(ward, ward.lan, when="mỗi ngày 8 giờ")
    await ward.lan.new()
    await ward.time_passes(days=8)
    assert len([text for text in await ward.lan.new() if "📚" in text]) == 1
    states = [row[0] for row in await ward.execute(select(nudges.c.status).order_by(nudges.c.id))]
    assert states.count("sent") == 1
    assert states.count("missed") == 7


@pytest.mark.parametrize("wished", [False, True])
async def test_tet_is_quiet_unless_wished(core: World, wished: bool) -> None:
    await begin(core, core.lan, when="mỗi ngày 8 giờ")
    if wished:
        await core.lan.presses_forged("ltet:1")
    # The first day of Đinh Mùi is 6 February 2027.
    core.clock.forward(days=(TET - local(core).date()).days - 1)
    await core.lan.presses_forged("lkeep")
    await core.lan.new()
    await to(core, TET, 9)
    assert await core.lan.sees("📚") is wished
