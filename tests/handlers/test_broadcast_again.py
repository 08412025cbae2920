"""What is announced often: templates with blanks, and what comes every week or month."""

from datetime import UTC, datetime

from handlers.broadcast.recurring import next_time
from storage.broadcasts import State
from storage.members import Role
from tests.handlers.broadcasting import NEWS, WARD, every, remove, sums, the_one, write
from tests.world import World

MODEL = "Sáng [ngày] lúc [giờ] tiêm vắc xin tại [nơi]. Nhớ: [giờ]!"


async def _kept(core: World) -> None:
    """Thu has sent an announcement and kept it as a template."""
    await write(core.thu)
    await core.thu.presses("Send it")
    await core.thu.presses("Keep it as a template")
    await core.thu.says(MODEL)
    await core.thu.says("Tiêm vắc xin")


async def test_a_template_asks_for_each_blank_once(core: World) -> None:
    await _kept(core)
    await core.thu.presses("Templates")
    await core.thu.presses("Tiêm vắc xin")
    await core.thu.presses("Use it")
    for filling in ("chủ nhật", "8 giờ", "trạm y tế"):
        await core.thu.says(filling)

    draft = (await every(core))[-1]
    assert draft.text == "Sáng chủ nhật lúc 8 giờ tiêm vắc xin tại trạm y tế. Nhớ: 8 giờ!"
    assert draft.buttons == [["ack", ""]]
    assert await core.thu.last_read() == "A picture or a file with it? Send it now."


async def test_what_is_filled_in_is_looked_at_for_fraud_too(core: World) -> None:
    await _kept(core)
    await core.thu.presses("Templates")
    await core.thu.presses("Tiêm vắc xin")
    await core.thu.presses("Use it")
    for filling in ("chủ nhật", "8 giờ", "bit.ly/abc"):
        await core.thu.says(filling)

    assert "looks like a trap" in await core.thu.last_read()
    assert len(await every(core)) == 1


async def test_a_template_is_for_its_own_office(core: World) -> None:
    await _kept(core)
    for person in (core.binh, core.mai):
        await person.says("/thongbao")
        await person.presses("Templates")
        assert (await person.last_read()).startswith("There is no template yet.")
        await person.presses_forged("buse:1")
        assert "another office's" in await person.last_read()


async def test_a_removed_template_is_offered_no_more(core: World) -> None:
    await _kept(core)
    await core.thu.presses("Templates")
    await core.thu.presses("Tiêm vắc xin")
    await core.thu.presses("Remove it")
    await core.thu.presses("Templates")

    assert (await core.thu.last_read()).startswith("There is no template yet.")


# --- every week ---------------------------------------------------------------------------


async def _weekly(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Without buttons")
    await core.thu.presses(WARD)
    await core.thu.presses("That is right")
    await core.thu.presses("Every week")
    await core.thu.says("thứ hai 8 giờ")
    await core.thu.says("trước 18 giờ")


async def test_the_review_says_that_it_comes_again(core: World) -> None:
    await _weekly(core)

    assert "When: 08:00 Monday 7/12, again every week" in await core.thu.last_read()


async def test_each_week_it_is_made_once_for_whoever_is_there_then(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Send it")
    core.clock.set(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    await core.add_member("Mới", Role.VOLUNTEER, core.team)
    await core.app.scheduler.run_due()
    await core.app.scheduler.run_due()

    first, second = await every(core)
    assert second.repeats == first.id
    assert second.code != first.code
    assert (await sums(core, first)).all == 5
    assert (await sums(core, second)).all == 6


async def test_weeks_in_which_nothing_ran_are_not_made_up_for(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Send it")
    core.clock.set(datetime(2027, 1, 6, 3, 0, tzinfo=UTC))  # four Mondays later, a Wednesday
    await core.app.scheduler.run_due()

    assert len(await every(core)) == 1


async def test_it_is_ended_with_one_press(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Send it")
    await core.thu.says("/thongbao")
    await core.thu.presses("Those that come again")
    await core.thu.presses(f"No more: {NEWS}")
    core.clock.set(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    await core.app.scheduler.run_due()

    assert len(await every(core)) == 1


async def test_somebody_else_can_not_end_it(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Send it")
    await core.mai.presses_forged("bnomore:1")

    assert "another office's" in await core.mai.last_read()


async def test_a_draft_does_not_come_again(core: World) -> None:
    await _weekly(core)
    core.clock.set(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    await core.app.scheduler.run_due()

    assert (await the_one(core)).status is State.DRAFT


async def test_it_ends_with_the_office_of_its_author(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Send it")
    await remove(core, "Thu")
    core.clock.set(datetime(2026, 12, 14, 1, 0, tzinfo=UTC))
    await core.app.scheduler.run_due()

    assert len(await every(core)) == 1


async def test_changing_the_time_to_once_ends_the_repetition(core: World) -> None:
    await _weekly(core)
    await core.thu.presses("Change when it is sent")
    await core.thu.presses("Now")
    await core.thu.presses("the end of that day")

    assert "again" not in await core.thu.last_read()


async def test_who_has_themselves_forgotten_takes_their_drafts_along(core: World) -> None:
    await _weekly(core)
    await core.thu.says("/dulieu")
    await core.thu.presses("Delete it all")
    await core.thu.presses("Yes, delete it all")

    assert (await core.thu.last_read()).startswith("Everything about you is deleted.")
    assert await every(core) == []


def test_a_month_later_is_the_same_day_at_the_same_hour() -> None:
    at = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)

    assert next_time("monthly", at) == datetime(2027, 1, 5, 1, 0, tzinfo=UTC)


def test_the_31st_is_the_last_day_of_a_shorter_month() -> None:
    at = datetime(2027, 1, 31, 1, 0, tzinfo=UTC)

    assert next_time("monthly", at) == datetime(2027, 2, 28, 1, 0, tzinfo=UTC)
