"""A resident asks for help: every question, every way back, every detour."""

import pytest
from sqlalchemy import select, text

from storage.schema import help_requests, persons
from tests.world import VNEID, World


async def test_a_request_is_repeated_back_and_gets_a_code(ward: World) -> None:
    await ward.lan_asks()

    said = await ward.lan.new()
    assert any("Is this right?" in s and "12 đường Hùng Vương" in s for s in said)
    assert any("Its code is " in s for s in said)
    assert "I have asked your nearest team" in said[-1]


async def test_the_whole_form_works_by_typing_numbers(ward: World) -> None:
    for typed in ("/trogiup", "1", "1", "1", "thôn Phú Sơn xã Đại Lộc", "1", "1", "1", "1", "1"):
        await ward.lan.says(typed)

    assert await ward.lan.sees("Your request has been sent.")


async def test_labels_can_be_typed_without_diacritics(ward: World) -> None:
    await ward.lan.says("/trogiup")

    await ward.lan.says("vneid electronic identity")

    assert "What exactly is the matter?" in await ward.lan.last_read()


async def test_zero_goes_back_and_the_answer_can_be_changed(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.presses(VNEID)
    await ward.lan.says("0")

    assert "What do you need help with?" in await ward.lan.last_read()
    await ward.lan.presses("I may have been cheated")
    assert "What exactly is the matter?" in await ward.lan.last_read()


async def test_going_back_from_the_first_question_leads_to_the_menu(ward: World) -> None:
    await ward.lan.says("/trogiup")

    await ward.lan.says("quay lai")

    assert await ward.lan.last_read() == "What can I do for you?"


async def test_anything_can_be_changed_before_it_is_sent(ward: World) -> None:
    await _to_the_summary(ward)
    await ward.lan.presses("Change something")
    await ward.lan.presses("How and when")
    await ward.lan.presses("Help by phone call")
    await ward.lan.says("0905 123 456")
    await ward.lan.says("thứ bảy 9 giờ")

    summary = await ward.lan.last_read()
    assert "Help by phone call" in summary
    assert "0905123456" in summary


async def _to_the_summary(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.presses(VNEID)
    await ward.lan.says("không đăng nhập được")
    await ward.lan.presses("For myself")
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    await ward.lan.presses("Come and help in person")
    await ward.lan.presses("At the community house")
    await ward.lan.presses("As soon as possible")
    await ward.lan.presses("No name")


async def test_what_is_not_sent_is_not_kept(ward: World) -> None:
    await _to_the_summary(ward)

    await ward.lan.presses("Don't send it")

    assert "nothing was kept" in await ward.lan.last_read()
    assert await ward.execute(select(help_requests)) == []


async def test_pressing_send_twice_sends_once(ward: World) -> None:
    await _to_the_summary(ward)
    send = (await ward.lan.messages())[-1].action("Yes, send it")
    assert send is not None

    await ward.lan.presses_forged(send)
    await ward.lan.presses_forged(send)

    assert len(await ward.execute(select(help_requests))) == 1


async def test_help_can_be_asked_for_somebody_else_elsewhere(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.presses(VNEID)
    await ward.lan.presses("I will tell the helper")
    await ward.lan.presses("For somebody else")
    await ward.lan.says("mẹ tôi, 82 tuổi")
    await ward.lan.says("thôn Đông Lâm xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    request = (await ward.execute(select(help_requests)))[0]
    assert (request.beneficiary, request.team_id) == ("mẹ tôi, 82 tuổi", ward.next_team)
    lan = (await ward.execute(select(persons).where(persons.c.id == request.person_id)))[0]
    assert lan.team_id is None  # the mother's team is not Bà Lan's


async def test_photos_and_voice_are_kept_with_the_words(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.sends_voice("store:tiengnoi")
    await ward.lan.sends_photo("store:anh", caption="màn hình báo lỗi")
    await ward.lan.presses("That is all")
    for choice in ("For myself",):
        await ward.lan.presses(choice)
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    request = (await ward.execute(select(help_requests)))[0]
    assert [a[0] for a in request.attachments] == ["voice", "photo"]
    assert request.description == "màn hình báo lỗi"


@pytest.mark.parametrize("number", ["0905", "abc", "123456789012345", ""])
async def test_a_number_that_is_no_phone_number_is_asked_again(ward: World, number: str) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.presses(VNEID)
    await ward.lan.presses("I will tell the helper")
    await ward.lan.presses("For myself")
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    await ward.lan.presses("Help by phone call")

    await ward.lan.says(number)

    assert any("phone number" in m or "paper" in m for m in await ward.lan.new())


async def test_an_unknown_time_is_explained(ward: World) -> None:
    await ward.lan.says("/trogiup")
    for choice in (VNEID, "I will tell the helper", "For myself"):
        await ward.lan.presses(choice)
    await ward.lan.says("thôn Phú Sơn, xã Đại Lộc")
    await ward.lan.presses("Help in this chat")

    await ward.lan.says("khi nào cũng được hết á")

    assert "I did not understand the time" in await ward.lan.last_read()


async def test_the_next_request_remembers_where_and_who(ward: World) -> None:
    await ward.lan_asks()
    await ward.lan.says("/trogiup")
    for choice in (VNEID, "I will tell the helper", "For myself"):
        await ward.lan.presses(choice)

    assert (await ward.lan.choices())[0] == "Thôn Phú Sơn, xã Đại Lộc"


async def test_only_three_requests_may_be_open_at_once(ward: World) -> None:
    for _ in range(3):
        await ward.lan_asks_again() if _ else await ward.lan_asks()

    await ward.lan.says("/trogiup")

    assert "You have 3 requests open" in await ward.lan.last_read()


# --- where --------------------------------------------------------------------------------


async def _to_the_place(ward: World) -> None:
    await ward.lan.says("/trogiup")
    for choice in (VNEID, "I will tell the helper", "For myself"):
        await ward.lan.presses(choice)


async def test_a_former_district_alone_is_asked_about(ward: World) -> None:
    await _to_the_place(ward)

    await ward.lan.says("quận Hải Châu")

    assert await ward.lan.last_read() == "Which one do you mean?"
    assert {"Phường Hải Châu", "Phường Hòa Cường"} <= set(await ward.lan.choices())


async def test_a_place_outside_the_city_is_not_guessed(ward: World) -> None:
    await _to_the_place(ward)

    await ward.lan.says("xóm Đồng, huyện Lục Yên, Yên Bái")

    last = await ward.lan.last_read()
    assert "I don't know that place" in last or last == "Which one do you mean?"


async def test_a_commune_alone_leads_to_its_teams(ward: World) -> None:
    await _to_the_place(ward)

    await ward.lan.says("xa dai loc")

    assert "Which tổ dân phố or thôn?" in await ward.lan.last_read()
    assert {"Thôn Phú Sơn", "Thôn Đông Lâm", "I don't know"} <= set(await ward.lan.choices())


async def test_who_does_not_know_the_team_can_still_be_helped(ward: World) -> None:
    await _to_the_place(ward)
    await ward.lan.says("xã Đại Lộc")
    await ward.lan.presses("I don't know")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    assert "I have asked your nearest team" in await ward.lan.last_read()
    assert await ward.tuan.sees("needs help")


async def test_a_shared_place_finds_the_team_and_is_forgotten(ward: World) -> None:
    await _to_the_place(ward)
    await ward.lan.shares(15.89912, 108.10345)
    if "Which one do you mean?" in await ward.lan.last_read():
        await ward.lan.presses("xã Đại Lộc")
    if "Which tổ dân phố or thôn?" in await ward.lan.last_read():
        await ward.lan.presses("Thôn Phú Sơn")
    for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
        await ward.lan.presses(choice)

    assert await ward.tuan.sees("needs help")
    for table in ("help_requests", "chats", "persons", "outbox", "request_events", "offers"):
        rows = str(await ward.execute(text(f"SELECT * FROM {table}")))
        assert "108.10345" not in rows
        assert "15.89912" not in rows
