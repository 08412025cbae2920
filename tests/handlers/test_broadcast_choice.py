"""What residents can do: check a code, choose what they get, and stop some of it."""

import pytest

from storage.broadcasts import State
from tests.handlers.broadcasting import (
    CITY,
    WARD,
    forge,
    live,
    second_officer,
    sums,
    the_one,
    write,
    write_emergency,
)
from tests.world import DAI_LOC, World

NEWS_OFF = "Stop: news of your neighbourhood and the city"


async def test_anybody_can_check_the_code_of_a_message(core: World) -> None:
    await write(core.thu)
    await core.thu.presses("Send it")
    code = (await the_one(core)).code
    await core.lan.says(f"/kiemtra {code.lower()}")

    said = await core.lan.last_read()
    assert said.startswith(f"Genuine: announcement {code} of xã Đại Lộc, 09:00 Wednesday 2/12.")
    assert "“Sáng thứ bảy 8 giờ tiêm vắc xin tại nhà văn hóa.”" in said


async def test_a_drafts_code_is_not_genuine(core: World) -> None:
    await write(core.thu)
    await core.lan.says(f"/kiemtra {(await the_one(core)).code}")

    assert "nor of a message from us" in await core.lan.last_read()


async def test_a_made_up_code_is_not_genuine(core: World) -> None:
    await core.lan.says("/kiemtra")
    await core.lan.says("AAAAAA")

    assert "nor of a message from us" in await core.lan.last_read()


# --- choosing -----------------------------------------------------------------------------


async def test_who_turns_news_down_gets_none_and_is_counted_so(core: World) -> None:
    await live(core, core.lan, core.team, DAI_LOC)
    await core.lan.says("/nhantin")
    await core.lan.presses(NEWS_OFF)

    await write(core.thu)
    review = await core.thu.last_read()
    await core.thu.presses("Send it")

    assert "Not counted: 1 who don't want such messages, 0 who left." in review
    assert (await sums(core, await the_one(core))).by_reason["muted"] == 1


async def test_emergencies_reach_who_turned_everything_down(core: World) -> None:
    await live(core, core.lan, core.team, DAI_LOC)
    await core.lan.says("/nhantin")
    await core.lan.presses(NEWS_OFF)
    await core.lan.presses("Menu")
    await core.lan.says("/nhantin")
    await core.lan.presses("Stop: lessons")

    await write_emergency(core.thu, to=WARD)
    await core.thu.presses("Ask a second officer")
    await core.mai.presses("I agree, send it")

    assert (await sums(core, await the_one(core))).waiting == 6


async def test_emergencies_can_not_be_stopped_by_a_made_up_button(core: World) -> None:
    for kind in ("emergency", "x", ""):
        assert (
            await forge(core.lan, f"mute:{kind}")
            == "Emergencies reach everybody and can't be stopped."
        )


async def test_what_was_stopped_can_be_had_again(core: World) -> None:
    await core.lan.says("/nhantin")
    await core.lan.presses(NEWS_OFF)
    await core.lan.presses("Undo it")
    await core.lan.says("/nhantin")

    assert "✔ news of your neighbourhood and the city" in await core.lan.last_read()


@pytest.mark.parametrize("typed", ["dừng", "Dừng", "dung", "DỪNG NHẬN TIN", "dừng nhận tin"])
async def test_stop_lists_what_can_be_stopped_and_says_what_can_not(
    core: World, typed: str
) -> None:
    await core.lan.says(typed)

    assert (await core.lan.last_read()).startswith("What shall I stop? Emergencies still reach you")
    assert NEWS_OFF in await core.lan.choices()


@pytest.mark.parametrize("typed", ["đúng", "dùng", "đừng"])
async def test_words_that_only_look_like_stop_are_not_taken_for_it(core: World, typed: str) -> None:
    await core.lan.says(typed)

    assert not (await core.lan.last_read()).startswith("What shall I stop?")


async def test_reminders_can_be_stopped_at_the_same_place(core: World) -> None:
    await core.lan.presses_forged("gs:khai-sinh:1")
    await core.lan.presses_forged("gremind:khai-sinh:1")
    await core.lan.says("sáng mai")
    await core.lan.says("dừng")

    assert any(label.startswith("Forget: ") for label in await core.lan.choices())


async def test_who_stopped_everything_is_told_so(core: World) -> None:
    for kind in ("news", "lessons"):
        await core.lan.presses_forged(f"mute:{kind}")
    await core.lan.says("dừng")

    assert (await core.lan.last_read()).startswith("There is nothing to stop")


async def test_a_button_in_a_preview_counts_nothing(core: World) -> None:
    await write(core.thu)
    await core.thu.presses("I have read it")

    assert await core.thu.last_read() == "This is only a preview: nothing is counted."


async def test_who_never_got_it_is_not_counted_as_a_reader(core: World) -> None:
    quan = await second_officer(core)
    await write(core.mai, to=CITY)
    await core.mai.presses("Ask a second officer")
    await quan.presses("I agree, send it")
    found = await the_one(core)
    await core.lan.presses_forged(f"bok:{found.code}")

    assert found.status is State.SENDING
    assert (await sums(core, found)).acknowledged == 0


async def test_what_is_said_to_a_helper_is_not_taken_for_an_answer_to_us(core: World) -> None:
    await core.tuan_accepts()
    await core.lan.says("đã rõ")

    assert await core.tuan.sees("đã rõ")
