"""A ward officer writes an announcement: text, buttons, audience, time, and a look at it."""

import pytest

from storage.broadcasts import State
from storage.members import Role
from tests.handlers.broadcasting import (
    NEWS,
    TEAM,
    WARD,
    add_role,
    every,
    finish_writing,
    live,
    remove,
    sums,
    the_one,
    write,
)
from tests.handlers.class_story import holds_class, meeting
from tests.world import DAI_LOC, HOME, World

HAI_CHAU = "20242"


async def test_the_officer_sees_it_exactly_as_it_will_arrive(core: World) -> None:
    await write(core.thu)

    draft = await the_one(core)
    preview = (await core.thu.messages())[-2]
    assert preview.text == (
        f"📢 xã Đại Lộc · Thu, ward officer\n\n{NEWS}\n\n"
        f"Is it genuine? Type /kiemtra {draft.code}\nNo more of these? Type /nhantin"
    )
    assert [label for _number, label, _action in preview.buttons] == ["I have read it"]


async def test_before_sending_it_is_said_to_whom_how_many_and_when(core: World) -> None:
    await write(core.thu)

    assert await core.thu.last_read() == (
        "This is how it arrives.\nTo: everybody in xã Đại Lộc\n5 people, about a minute\n"
        "web chat: 5\nWhen: now, not after 23:59 Wednesday 2/12"
    )


async def test_sent_it_is_frozen_for_everybody_of_the_unit(core: World) -> None:
    await write(core.thu)
    await core.thu.presses("Send it")

    sent = await the_one(core)
    assert (sent.status, sent.audience_count) == (State.SENDING, 5)
    assert await core.thu.last_read() == (
        "It is on its way. One message, which changes by itself, shows how far it is."
    )


async def test_a_second_press_sends_nothing_more(core: World) -> None:
    await write(core.thu)
    button = (await core.thu.messages())[-1].action("Send it") or ""

    await core.thu.presses_forged(button)
    await core.thu.presses_forged(button)

    assert (await sums(core, await the_one(core))).all == 5
    assert await core.thu.last_read() == "That button belongs to an older question."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Bà con gửi mã OTP cho tổ để nhận quà.", "a one-time code"),
        ("Bà con gửi mật khẩu VNeID cho tổ.", "a password"),
        ("Bà con chuyển khoản 200 nghìn cho tổ trưởng.", "transfer money"),
        ("Bà con vào vneid-capnhat.com để cập nhật.", "looks like a trap"),
    ],
)
async def test_what_cheats_write_is_refused_with_the_reason(
    core: World, text: str, reason: str
) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(text)

    assert reason in await core.thu.last_read()
    assert await every(core) == []


async def test_a_warning_about_codes_may_be_sent(core: World) -> None:
    await write(core.thu, "Bà con đừng đọc mã OTP cho ai, kể cả người xưng là công an.")

    assert (await core.thu.last_read()).startswith("This is how it arrives.")


async def test_who_warns_of_danger_is_not_taken_to_be_in_danger(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.new()
    await core.thu.says("Cảnh giác: kẻ gian giả danh công an bảo chuyển tiền. Có cháy nhà gọi 114.")

    assert await core.thu.new() == ["A picture or a file with it? Send it now."]


async def test_a_text_that_nobody_would_read_to_its_end_is_refused(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says("Bà con ơi " * 100)

    assert "Please shorten it." in await core.thu.last_read()


async def test_a_picture_comes_along_and_is_kept(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.sends_photo("store:poster")

    assert (await the_one(core)).media == ["photo", "store:poster", "image/jpeg"]
    assert await core.thu.last_read() == "Which buttons shall it have?"


async def test_a_voice_note_is_no_picture(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.sends_voice()

    assert await core.thu.last_read() == "Please send a picture or a file, or press “Without”."


async def test_a_guide_is_found_in_ones_own_words_and_opened_by_a_button(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Open a guide")
    await core.thu.says("con tôi mới sinh")
    await core.thu.presses("Làm giấy khai sinh cho con")

    assert (await the_one(core)).buttons == [["guide", "khai-sinh"]]
    assert "▫ Làm giấy khai sinh cho con" in await core.thu.last_read()


async def test_a_class_of_the_team_can_be_signed_up_for_by_a_button(core: World) -> None:
    await holds_class(core, core.lan)
    await core.binh.says("/thongbao")
    await core.binh.presses("Write a new announcement")
    await core.binh.says(NEWS)
    await core.binh.presses("Without")
    await core.binh.presses("Sign up for a class")
    planned = next(label for label in await core.binh.choices() if "Dùng Zalo" in label)
    await core.binh.presses(planned)

    kept = await meeting(core)
    assert (await the_one(core)).buttons == [["class", str(kept.id)]]
    assert "▫ Sign up for the class" in await core.binh.last_read()


async def test_without_a_class_there_is_nothing_to_sign_up_for(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    assert "Sign up for a class" not in await core.thu.choices()


# --- to whom ------------------------------------------------------------------------------


async def test_conditions_are_put_together_and_counted_at_each_step(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Without buttons")
    await core.thu.presses("A neighbourhood team")
    await core.thu.says("thôn phú sơn")
    assert "3 people" in await core.thu.last_read()

    await core.thu.presses("Others too")
    await core.thu.presses("A neighbourhood team")
    await core.thu.says("thôn đông lâm")
    assert "4 people" in await core.thu.last_read()

    await core.thu.presses("All except …")
    await core.thu.presses("People with a task in the teams")
    await core.thu.presses("team leader")

    assert await core.thu.last_read() == (
        "It goes to: (people of Thôn Phú Sơn, xã Đại Lộc, or people of Thôn Đông Lâm, xã Đại Lộc),"
        " except everybody who is team leader.\n3 people, about a minute\nweb chat: 3"
    )


async def test_only_some_of_them_are_those_for_whom_both_hold(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Without buttons")
    await core.thu.presses(WARD)
    await core.thu.presses("Only some of them")
    await core.thu.presses("People with a task in the teams")
    await core.thu.presses("team member")

    assert "of these only everybody who is team member.\n3 people" in await core.thu.last_read()


async def test_an_audience_of_nobody_is_not_taken(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Without buttons")
    await core.thu.presses("People who opened a guide")
    await core.thu.says("con tôi mới sinh")
    await core.thu.presses("Làm giấy khai sinh cho con")
    await core.thu.presses("That is right")

    assert await core.thu.last_read() == "Nobody would get it. Please choose others."


async def test_a_ward_officer_reaches_their_own_unit_only(core: World) -> None:
    elsewhere = await core.add_team("Tổ 1", HOME, HAI_CHAU)
    stranger = await core.add_person("Ông Xa")
    await live(core, stranger, elsewhere, HAI_CHAU)
    await live(core, core.lan, core.team, DAI_LOC)

    await write(core.thu)
    await core.thu.presses("Send it")

    assert (await sums(core, await the_one(core))).all == 6  # five with roles, and bà Lan


async def test_a_team_leader_reaches_their_own_team_only(core: World) -> None:
    await live(core, core.lan, core.team, DAI_LOC)

    await write(core.binh, to=TEAM)
    await core.binh.presses("Send it")

    assert (await sums(core, await the_one(core))).all == 4
    assert (await core.binh.messages())[-3].text.startswith("This is how it arrives.")


async def test_who_holds_two_offices_says_in_whose_name(core: World) -> None:
    await add_role(core, core.thu, Role.LEADER, core.team)

    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")

    assert (await core.thu.choices())[:2] == [
        "ward officer, xã Đại Lộc",
        "team leader, Thôn Phú Sơn, xã Đại Lộc",
    ]


# --- when ---------------------------------------------------------------------------------


async def _until_the_time(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.thu.presses("Without")
    await core.thu.presses("Without buttons")
    await core.thu.presses(WARD)
    await core.thu.presses("That is right")


async def test_a_time_and_an_end_are_understood_in_words(core: World) -> None:
    await _until_the_time(core)
    await core.thu.says("17 giờ 30 chiều nay")
    await core.thu.says("không gửi nữa sau 18 giờ")
    await core.thu.presses("Send it")

    assert (await the_one(core)).status is State.SCHEDULED
    review = (await core.thu.messages())[-3].text
    assert "When: 17:30 Wednesday 2/12, not after 18:00 Wednesday 2/12" in review


async def test_an_hour_alone_is_that_of_the_day_on_which_it_begins(core: World) -> None:
    await _until_the_time(core)
    await core.thu.says("thứ bảy 8 giờ")
    await core.thu.says("trước 11 giờ")

    assert "not after 11:00 Saturday 5/12" in await core.thu.last_read()


async def test_news_for_the_night_waits_for_the_morning_and_that_is_said(core: World) -> None:
    await _until_the_time(core)
    await core.thu.says("21 giờ tối nay")

    assert "it begins at 07:00 Thursday 3/12" in (await core.thu.messages())[-2].text


async def test_an_end_that_is_no_time_is_asked_again(core: World) -> None:
    await _until_the_time(core)
    await core.thu.presses("Now")
    await core.thu.says("khi nào cũng được")

    assert "I did not understand until when." in await core.thu.last_read()


# --- drafts -------------------------------------------------------------------------------


async def test_a_draft_survives_a_restart_and_is_gone_on_with(core: World) -> None:
    await core.thu.says("/thongbao")
    await core.thu.presses("Write a new announcement")
    await core.thu.says(NEWS)
    await core.restart()
    await finish_writing(core.thu, to=WARD)

    assert (await core.thu.last_read()).startswith("This is how it arrives.")


async def test_a_draft_that_was_left_is_found_again(core: World) -> None:
    await write(core.thu)
    await core.thu.says("/menu")

    await core.thu.says("/thongbao")
    await core.thu.presses("Announcements so far")
    await core.thu.presses(f"draft: {NEWS}")

    assert (await core.thu.last_read()).startswith("This is how it arrives.")


async def test_each_answer_can_be_changed_before_it_leaves(core: World) -> None:
    await write(core.thu)
    await core.thu.presses("Change the text")
    await core.thu.says("Chiều thứ bảy 14 giờ tiêm vắc xin.")
    await core.thu.presses("Change when it is sent")
    await core.thu.says("sáng mai")
    await core.thu.presses("two days")

    assert "Chiều thứ bảy 14 giờ" in (await core.thu.messages())[-2].text
    assert "When: 08:00 Thursday 3/12" in await core.thu.last_read()


async def test_a_draft_can_be_thrown_away(core: World) -> None:
    await write(core.thu)
    await core.thu.presses("Throw it away")

    assert await every(core) == []


async def test_who_loses_the_office_while_writing_sends_nothing(core: World) -> None:
    await write(core.thu)
    await remove(core, "Thu")
    await core.thu.presses("Send it")

    assert (await the_one(core)).status is State.DRAFT
    assert await core.thu.last_read() == "Announcements are made by team leaders and officers."
