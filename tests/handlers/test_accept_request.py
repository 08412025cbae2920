"""Volunteers answer: exactly one gets the request, and everybody knows where they stand."""

import asyncio

import pytest
from sqlalchemy import select

from bot.types import Incoming
from storage.members import Role, remove_membership
from storage.schema import help_requests, offers
from tests.world import VNEID, World


async def test_the_nearest_team_is_asked_without_personal_data(ward: World) -> None:
    await ward.lan_asks()

    offer = await ward.tuan.last_read()
    assert "Somebody near you needs help." in offer
    assert "Thôn Phú Sơn, xã Đại Lộc" in offer
    for private in ("Hùng Vương", "Lan"):
        assert private not in offer


async def test_a_phone_number_in_the_words_is_covered_until_the_claim(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.says("gọi giúp tôi số 0905 123 456 nhé")
    await ward.lan.presses("For myself")
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    assert "0905" not in await ward.tuan.last_read()
    await ward.tuan.presses("I will help")
    assert await ward.tuan.sees("0905 123 456")


async def test_the_next_team_is_not_asked_yet(ward: World) -> None:
    await ward.lan_asks()

    assert await ward.nam.new() == []


async def test_who_accepts_gets_what_is_needed_and_the_resident_learns_who_comes(
    ward: World,
) -> None:
    await ward.tuan_accepts()

    helper = await ward.tuan.last_read()
    assert "12 đường Hùng Vương" in helper
    assert "bà Lan" in helper
    resident = await ward.lan.last_read()
    assert "Good news: Tuấn will help you.\nThôn Phú Sơn, xã Đại Lộc" in resident
    code = (await ward.execute(select(help_requests.c.verification_code)))[0][0]
    assert code in resident
    assert code in helper


async def test_the_others_are_told_kindly(ward: World) -> None:
    await ward.tuan_accepts()

    assert "Somebody else has accepted it." in await ward.hoa.last_read()


async def test_who_comes_second_is_told_so(ward: World) -> None:
    await ward.tuan_accepts()

    await ward.hoa.presses("I will help")

    assert "Somebody was a moment faster." in await ward.hoa.last_read()


async def test_pressing_accept_twice_changes_nothing(ward: World) -> None:
    await ward.tuan_accepts()

    await ward.tuan.presses("I will help")

    assert "You have it already." in await ward.tuan.last_read()


async def test_a_hundred_volunteers_press_accept_at_once_and_one_gets_it(
    ward_on_each_engine: World,
) -> None:
    ward = ward_on_each_engine
    crowd = [await ward.add_member(f"T{i}", Role.VOLUNTEER, ward.team) for i in range(100)]
    await ward.lan_asks()
    await ward.time_passes(minutes=16)  # the whole team is asked now
    press = [Incoming("web", f"p{i}", p.chat_key, button="claim:1") for i, p in enumerate(crowd)]

    await asyncio.gather(*(ward.platform.deliver(update) for update in press))

    won = [p for p in crowd if any("It is yours." in t for t in await p.new())]
    claimed = await ward.execute(select(offers).where(offers.c.status == "claimed"))
    assert len(won) == 1
    assert len(claimed) == 1


async def test_when_everyone_asked_declines_others_are_asked_at_once(ward: World) -> None:
    await ward.lan_asks()
    for person in (ward.tuan, ward.hoa, ward.binh):
        await person.presses("I can't this time")

    assert "needs help" in await ward.nam.last_read()
    assert "km from your team" in await ward.nam.last_read()


async def test_a_question_before_accepting_goes_back_and_forth_without_names(ward: World) -> None:
    await ward.lan_asks()
    await ward.tuan.presses("Ask something first")
    await ward.tuan.says("Bác dùng điện thoại gì?")

    assert "Bác dùng điện thoại gì?" in await ward.lan.last_read()
    assert "Tuấn" not in await ward.lan.last_read()
    await ward.lan.presses("Answer")
    await ward.lan.says("điện thoại Oppo")
    assert "điện thoại Oppo" in await ward.tuan.last_read()


async def test_a_request_given_back_goes_to_others_and_never_to_the_same(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.hoa.new()

    await ward.tuan.presses("I can't, give it to others")

    assert "Tuấn can't help" in await ward.lan.last_read()
    assert "needs help" in await ward.hoa.last_read()
    assert "I am asking others" in await ward.tuan.last_read()
    await ward.tuan.presses_forged("claim:1")
    assert await ward.tuan.sees("It is yours.")  # but may still change their mind


@pytest.mark.parametrize("who", ["nam", "lan", "thu"])
async def test_a_forged_accept_by_somebody_not_asked_is_refused(ward: World, who: str) -> None:
    await ward.lan_asks()

    await getattr(ward, who).presses_forged("claim:1")

    assert "was not offered to you" in await getattr(ward, who).last_read()
    assert (await ward.execute(select(help_requests.c.status)))[0][0] == "open"


async def test_a_removed_volunteer_can_no_longer_accept(ward: World) -> None:
    await ward.lan_asks()
    async with ward.app.engine.begin() as conn:
        await remove_membership(conn, ward.members["Tuấn"].id, ward.clock.now())

    await ward.tuan.presses("I will help")

    assert "was not offered to you" in await ward.tuan.last_read()


async def test_accepting_after_the_resident_cancelled_is_too_late(ward: World) -> None:
    await ward.lan_asks()
    await ward.lan.presses("Cancel it")
    await ward.lan.presses("Yes, cancel it")
    assert "does not need this any more" in await ward.tuan.last_read()

    await ward.tuan.presses("I will help")

    assert "does not need this any more" in await ward.tuan.last_read()


async def test_who_asks_for_help_is_never_offered_their_own_request(ward: World) -> None:
    await ward.tuan.says("/trogiup")
    for choice in (VNEID, "I will tell the helper", "For myself"):
        await ward.tuan.presses(choice)
    await ward.tuan.says("thôn Phú Sơn, xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "Tuấn", "Yes, send it"):
        await ward.tuan.presses(choice)

    assert not await ward.tuan.sees("Somebody near you needs help.")
    assert await ward.hoa.sees("Somebody near you needs help.")


async def test_an_offer_in_the_middle_of_a_task_does_not_disturb_its_numbers(ward: World) -> None:
    await ward.tuan.says("/trogiup")
    await ward.lan_asks()

    offer = (await ward.tuan.messages())[-1]
    assert [number for number, _label, _action in offer.buttons] == ["11", "12", "13"]
    await ward.tuan.says("1")
    assert "What exactly is the matter?" in await ward.tuan.last_read()


async def test_an_offer_can_be_accepted_by_typing_its_number(ward: World) -> None:
    await ward.lan_asks()

    await ward.hoa.says("1")

    assert await ward.hoa.sees("It is yours.")


async def test_the_list_of_jobs_shows_what_is_held_and_what_waits(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan_asks_again()

    await ward.tuan.says("/viec")

    assert "1 requests; 1 wait" in await ward.tuan.last_read()


async def test_photos_of_the_resident_reach_the_helper_only(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.sends_photo("store:anh")
    await ward.lan.presses("That is all")
    await ward.lan.presses("For myself")
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    assert all(m.media is None for m in await ward.tuan.messages())
    await ward.tuan.presses("I will help")
    assert len([m for m in await ward.tuan.messages() if m.media]) == 1
