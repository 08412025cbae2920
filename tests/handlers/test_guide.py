"""Reading a guide: found in one's own words, step by step, left and gone on with, never alone."""

import tomllib
from datetime import timedelta
from typing import cast

import pytest
from sqlalchemy import select

from bot.config import ROOT
from bot.content.guide import Guide
from bot.texts import LOCAL_ZONE, LOCALES
from storage.schema import (
    guide_flags,
    guide_progress,
    guide_ratings,
    help_requests,
    questions,
    reminders,
)
from storage.schema import media as stored_media
from tests.world import World

INSURANCE = "gia-han-bhyt"
ASKED = "bảo hiểm y tế nhà tôi hết hạn rồi đóng tiếp ở đâu"


def guide(ward: World, name: str = INSURANCE) -> Guide:
    return ward.app.services.library.guides[name]


async def reads_step(ward: World, number: int) -> None:
    await ward.lan.says(ASKED)
    await ward.lan.presses("See the steps")
    for _ in range(number - 1):
        await ward.lan.presses("Next step")


# --- found --------------------------------------------------------------------------------


async def test_a_question_in_ones_own_words_opens_the_guide(ward: World) -> None:
    await ward.lan.says("lam the bao hiem cho chau")

    cover = await ward.lan.last_read()
    assert guide(ward, "lien-thong-khai-sinh").title in cover
    assert "Costs: không mất tiền" in cover
    assert "Not this? See others" in await ward.lan.choices()


async def test_a_newcomer_gets_the_answer_first_and_learns_who_speaks(ward: World) -> None:
    an = await ward.add_person("An", consent=False)

    await an.says(ASKED)

    said = await an.new()
    assert "I am Ngõ Số" in said[0]
    assert guide(ward).title in said[-1]


async def test_not_this_offers_the_next_ones_and_is_remembered(ward: World) -> None:
    await ward.lan.says(ASKED)

    await ward.lan.presses("Not this? See others")

    assert "Is it one of these?" in await ward.lan.last_read()
    assert guide(ward).title not in await ward.lan.choices()
    assert len([c for c in await ward.lan.choices() if c != "Menu"]) <= 5
    kept = (await ward.execute(select(questions)))[0]
    assert (kept.outcome, kept.guides[0]) == ("wrong", INSURANCE)


async def test_what_is_kept_of_a_question_tells_nothing_about_the_asker(ward: World) -> None:
    await ward.lan.says("tôi tên là Nguyễn Thị Lan số 0905123456 muốn làm sổ đỏ")

    said = (await ward.execute(select(questions.c.said)))[0][0]
    assert "Lan" not in said
    assert "0905" not in said
    assert "sổ đỏ" in said


async def test_nonsense_is_answered_kindly_in_other_words_each_time(ward: World) -> None:
    await ward.lan.says("/menu")
    said = []
    for text in ("asdfgh", "zzzz", "lalala"):
        await ward.lan.says(text)
        said.append(await ward.lan.last_read())

    assert len(set(said)) == 3
    assert "Reach a person" in await ward.lan.choices()


async def test_most_used_guides_stand_first_and_never_more_than_five(ward: World) -> None:
    for _ in range(3):
        await ward.tuan.says("/start g_phat-nguoi")

    await ward.lan.says("/huongdan")

    choices = await ward.lan.choices()
    assert choices[0].endswith("Xe và bằng lái")
    assert len([c for c in choices if c != "Menu"]) == 5
    await ward.lan.presses(choices[0])
    assert (await ward.lan.choices())[0] == guide(ward, "phat-nguoi").title


async def test_every_shelf_can_be_reached_by_number_alone(ward: World) -> None:
    await ward.lan.says("/huongdan")
    seen: set[str] = set()
    for _ in range(5):
        seen |= set(await ward.lan.choices())
        await ward.lan.says("5")

    titles = {f"{c.icon} {c.title}" for c in ward.app.services.library.categories.values()}
    assert titles <= seen


# --- read ---------------------------------------------------------------------------------


async def test_one_step_a_message_with_its_number_and_the_way_back(ward: World) -> None:
    await reads_step(ward, 2)

    text = await ward.lan.last_read()
    assert text.startswith(f"Step 2/{len(guide(ward).steps)} · {guide(ward).title}")
    assert guide(ward).steps[1].do in text
    await ward.lan.says("2")
    assert "Step 1/" in await ward.lan.last_read()


async def test_a_step_may_have_a_picture(ward: World, monkeypatch: pytest.MonkeyPatch) -> None:
    library = ward.app.services.library
    step = guide(ward).steps[0].model_copy(update={"picture": "guide.png"})
    shown = guide(ward).model_copy(update={"steps": (step, *guide(ward).steps[1:])})
    monkeypatch.setitem(cast(dict[str, Guide], library.guides), INSURANCE, shown)
    monkeypatch.setattr(type(library), "pictures", ROOT / "docs")

    await reads_step(ward, 1)
    await ward.lan.presses("Next step")
    await ward.lan.presses("Previous step")

    assert (await ward.lan.messages())[-1].media is not None
    assert len(await ward.execute(select(stored_media.c.key))) == 1


async def test_saying_it_again_tells_what_may_happen_instead(ward: World) -> None:
    await reads_step(ward, 1)

    await ward.lan.presses("Say it again")

    for branch in guide(ward).steps[0].branches:
        assert branch.do in await ward.lan.last_read()


async def test_ticks_on_papers_are_remembered(core: World) -> None:
    ward = core
    await ward.lan.says(ASKED)
    await ward.lan.presses("Get the papers ready")
    first = f"☐ {guide(ward).documents[0].text}"

    await ward.lan.presses(first)
    await ward.restart()
    await ward.lan.says(f"/start g_{INSURANCE}")
    await ward.lan.presses("Get the papers ready")

    assert f"☑ {guide(ward).documents[0].text}" in await ward.lan.last_read()
    await ward.lan.says("1")
    assert "☑" not in await ward.lan.last_read()


async def test_without_consent_everything_can_be_read_and_nothing_is_kept(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says(ASKED)
    await an.presses("Get the papers ready")
    await an.presses(f"☐ {guide(ward).documents[0].text}")

    assert "☑" in await an.last_read()
    await an.presses("Begin with step 1")
    await an.presses("Next step")
    assert await ward.execute(select(guide_progress)) == []


async def test_days_later_the_reader_goes_on_where_they_were(core: World) -> None:
    ward = core
    await reads_step(ward, 3)
    ward.clock.forward(days=4)
    await ward.restart()

    await ward.lan.says("chào con")

    assert f"You are at step 3/{len(guide(ward).steps)}" in await ward.lan.last_read()
    await ward.lan.presses("Go on with step 3")
    assert "Step 3/" in await ward.lan.last_read()


async def test_all_of_it_can_be_read_at_once_and_sent_to_a_relative(ward: World) -> None:
    await reads_step(ward, 1)
    await ward.lan.presses("More")
    await ward.lan.presses("See all of it at once")

    whole = "\n".join(await ward.lan.new())
    for step in guide(ward).steps:
        assert step.do in whole
    await ward.lan.says(f"/start g_{INSURANCE}")
    await ward.lan.presses("See the steps")
    await ward.lan.presses("More")
    ward.app.services.links.name_telegram("NgoSoBot")
    await ward.lan.presses("Send it to a relative")
    assert f"https://t.me/NgoSoBot?start=g_{INSURANCE}" in await ward.lan.last_read()


async def test_what_a_thing_costs_comes_from_the_rate_of_the_day(ward: World) -> None:
    await ward.lan.says(ASKED)

    assert "113.850 đồng" in await ward.lan.last_read()


# --- stuck --------------------------------------------------------------------------------


async def test_stuck_opens_a_request_that_says_guide_and_step(ward: World) -> None:
    await reads_step(ward, 2)
    await ward.lan.presses("I am stuck at this step")
    await ward.lan.presses("Something else: ask a neighbour")
    for answer in ("I will tell the helper", "For myself"):
        await ward.lan.presses(answer)
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    for answer in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(answer)

    told = f"Guide: {guide(ward).title}, stuck at step 2/{len(guide(ward).steps)}"
    assert await ward.tuan.sees(told)
    kept = (await ward.execute(select(help_requests)))[0]
    assert (kept.guide_id, kept.guide_step, kept.topic) == (INSURANCE, 2, "health")


async def test_the_helper_sends_a_step_with_one_tap(ward: World) -> None:
    await test_stuck_opens_a_request_that_says_guide_and_step(ward)
    await ward.tuan.presses("I will help")
    await ward.tuan.presses("Send a step of the guide")

    await ward.tuan.says("2")

    assert "Sent: step 2." in await ward.tuan.last_read()
    assert guide(ward).steps[1].do in await ward.lan.last_read()
    await ward.lan.presses("Go on from here")
    assert "Step 2/" in await ward.lan.last_read()


async def test_nobody_else_can_send_steps_to_a_resident(ward: World) -> None:
    await test_stuck_opens_a_request_that_says_guide_and_step(ward)
    await ward.tuan.presses("I will help")

    for other in (ward.hoa, ward.nam, ward.lan):
        await other.presses_forged("card:1:2")
        assert "You don't have this request." in await other.last_read()


async def test_a_known_trouble_is_answered_before_anyone_is_called(ward: World) -> None:
    await reads_step(ward, 1)
    branch = guide(ward).steps[0].branches[0]

    await ward.lan.presses("I am stuck at this step")
    await ward.lan.presses(branch.when)

    assert branch.do in await ward.lan.last_read()
    assert await ward.execute(select(help_requests)) == []


async def test_consent_given_on_the_way_leads_back_to_the_request(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says(ASKED)
    await an.presses("Ask a neighbour to help")
    await an.presses("Read and decide")
    await an.presses("I agree")

    await an.presses("Go on")

    assert "What exactly is the matter?" in await an.last_read()


# --- the end ------------------------------------------------------------------------------


async def test_a_finished_guide_is_rated_and_not_offered_again(ward: World) -> None:
    await reads_step(ward, len(guide(ward).steps))
    await ward.lan.presses("That was the last step")
    await ward.lan.presses("Yes, it is done")
    await ward.lan.presses("Easy to follow")

    assert (await ward.execute(select(guide_ratings.c.rating)))[0][0] == 3
    await ward.lan.says("/menu")
    assert "What can I do for you?" in await ward.lan.last_read()


@pytest.mark.parametrize(
    ("words", "local_time"),
    [("sáng mai", "08:00"), ("20/12 14h30", "14:30"), ("tối mai 22 giờ", "07:00")],
)
async def test_a_reminder_by_words_comes_by_day(core: World, words: str, local_time: str) -> None:
    ward = core
    await reads_step(ward, 2)
    await ward.lan.presses("More")
    await ward.lan.presses("Remind me later")
    await ward.lan.says(words)

    due = (await ward.execute(select(reminders.c.due_at)))[0][0]

    assert due.astimezone(LOCAL_ZONE).strftime("%H:%M") == local_time
    ward.clock.set(due - timedelta(seconds=1))
    await ward.time_passes()
    assert not await ward.lan.sees("You asked me to remind you")
    await ward.time_passes(seconds=2)
    assert "You asked me to remind you" in await ward.lan.last_read()
    await ward.lan.presses("Go on with step 2")
    assert "Step 2/" in await ward.lan.last_read()


async def test_a_reminder_comes_once_after_days_of_being_away(core: World) -> None:
    ward = core
    await reads_step(ward, 2)
    await ward.lan.presses("More")
    await ward.lan.presses("Remind me later")
    await ward.lan.presses("Tomorrow morning")
    await ward.lan.new()

    await ward.restart()
    await ward.time_passes(days=5)
    await ward.time_passes(minutes=5)

    said = [text for text in await ward.lan.new() if "You asked me to remind you" in text]
    assert len(said) == 1
    assert "This comes late" in said[0]


async def test_reminders_are_listed_and_taken_back(ward: World) -> None:
    await reads_step(ward, 1)
    await ward.lan.presses("More")
    await ward.lan.presses("Remind me later")
    await ward.lan.presses("In a week")

    await ward.lan.says("/nhac")
    await ward.lan.says("1")

    assert (await ward.execute(select(reminders.c.status)))[0][0] == "cancelled"
    await ward.time_passes(days=8)
    assert not await ward.lan.sees("You asked me to remind you")


async def test_nobody_takes_back_the_reminder_of_another(ward: World) -> None:
    await reads_step(ward, 1)
    await ward.lan.presses("More")
    await ward.lan.presses("Remind me later")
    await ward.lan.presses("In a week")

    await ward.hoa.presses_forged("gforget:1")

    assert (await ward.execute(select(reminders.c.status)))[0][0] == "pending"


# --- wrong --------------------------------------------------------------------------------


async def test_a_member_flags_a_step_and_hears_when_it_is_mended(ward: World) -> None:
    await ward.tuan.says(f"/start g_{INSURANCE}")
    await ward.tuan.presses("See the steps")
    await ward.tuan.presses("More")
    await ward.tuan.presses("This step is wrong")
    await ward.tuan.says("Nút này nay tên khác rồi")

    told = await ward.mai.last_read()
    assert guide(ward).title in told
    assert "Nút này nay tên khác rồi" in told
    await ward.mai.presses("It is mended")
    assert "is mended. Thank you!" in await ward.tuan.last_read()


async def test_only_members_flag_and_only_city_officers_answer(ward: World) -> None:
    await ward.lan.presses_forged(f"gflag:{INSURANCE}:1")
    assert await ward.execute(select(guide_flags)) == []
    await test_a_member_flags_a_step_and_hears_when_it_is_mended(ward)
    await ward.tuan.presses_forged(f"gflag:{INSURANCE}:1")
    await ward.tuan.says("Sai nữa")

    for person in (ward.lan, ward.tuan, ward.thu):
        await person.presses_forged("gmended:2")

    states = await ward.execute(select(guide_flags.c.status).order_by(guide_flags.c.id))
    assert [row[0] for row in states] == ["mended", "open"]


async def test_made_up_buttons_are_answered_and_change_nothing(core: World) -> None:
    for action in (
        "g:nothing", "gs:gia-han-bhyt:99", "gs:gia-han-bhyt:0", "gtick:gia-han-bhyt:1:77",
        "gdocs:gia-han-bhyt:999999999", "gif:gia-han-bhyt:1:9", "gmeant:9:9", "gother:x",
        "gnone:9", "grate:gia-han-bhyt:9", "gremind:gia-han-bhyt:99", "gshelf:no", "danger:x",
        "cards:1", "gkept:7", "gshelves:99", "consent:x:y:z",
    ):  # fmt: skip
        await core.lan.presses_forged(action)
        assert await core.lan.last_read()
    assert core.app.dispatcher.failed.total() == 0


# --- danger -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("cháy nhà rồi cứu với", "114"),
        ("ba tui ngat xiu roi bat tinh", "115"),
        ("chồng tôi cầm dao đòi giết tôi", "113"),
        ("công an đang bắt tôi chuyển tiền gấp", "bank"),
    ],
)
async def test_danger_comes_before_everything_else(ward: World, words: str, number: str) -> None:
    await ward.lan.says(words)

    assert number in await ward.lan.last_read()


async def test_danger_is_heard_inside_a_task_and_the_task_goes_on(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.says("người ta đang bắt tôi chuyển tiền, giúp với")

    said = await ward.lan.new()
    assert "Stop: don't transfer anything" in said[-2]
    assert "Who needs the help?" in said[-1]


# --- every guide --------------------------------------------------------------------------


SHELVES = tomllib.loads((LOCALES / "vi" / "categories.toml").read_text())


@pytest.mark.parametrize("shelf", SHELVES)
async def test_every_guide_opens_walks_to_the_end_and_back(core: World, shelf: str) -> None:
    for each in core.app.services.library.in_category(shelf):
        name = each.id
        await core.lan.presses_forged(f"g:{name}")
        assert each.title in await core.lan.last_read()
        for number in range(1, len(each.steps) + 1):
            await core.lan.presses_forged(f"gs:{name}:{number}")
            assert each.steps[number - 1].do[:20] in await core.lan.last_read()
        await core.lan.presses("That was the last step")
        for number in range(len(each.steps), 0, -1):
            await core.lan.presses("Previous step")
            assert f"Step {number}/" in await core.lan.last_read()
        for action in (f"ginfo:{name}", f"gall:{name}", f"gsend:{name}", f"gdocs:{name}:0"):
            if each.documents or not action.startswith("gdocs"):
                await core.lan.presses_forged(action)
        assert len([c for c in await core.lan.choices() if c != "Menu"]) <= 5
    assert core.app.dispatcher.failed.total() == 0
