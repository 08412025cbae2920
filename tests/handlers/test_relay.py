"""Resident and helper write to each other, and nobody else reads or writes along."""

from sqlalchemy import select

from storage.schema import help_requests
from tests.world import World


async def test_words_go_both_ways_under_the_names_they_gave(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses("Write to the helper")
    await ward.lan.says("chừng nào cháu tới?")
    assert "bà Lan" in await ward.tuan.last_read()
    assert "chừng nào cháu tới?" in await ward.tuan.last_read()

    await ward.tuan.presses("Answer")
    await ward.tuan.says("Chiều nay 3 giờ bác nhé")

    assert "Chiều nay 3 giờ bác nhé" in await ward.lan.last_read()
    assert "Tuấn" in await ward.lan.last_read()


async def test_without_opening_anything_words_reach_the_only_helper(ward: World) -> None:
    await ward.tuan_accepts()

    await ward.lan.says("nhà bác có cái cổng xanh")

    assert "cổng xanh" in await ward.tuan.last_read()


async def test_photos_and_voice_pass_too_but_places_and_stickers_do_not(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses("Write to the helper")

    await ward.lan.sends_photo("store:loi")
    assert (await ward.tuan.messages())[-1].media
    await ward.lan.shares(15.9, 108.1)
    assert "I don't pass places on." in await ward.lan.last_read()
    await ward.lan.sends_sticker()
    assert "I can pass on words" in " ".join(await ward.lan.new())


async def test_a_password_is_not_passed_on(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses("Write to the helper")
    await ward.tuan.new()

    await ward.lan.says("mật khẩu của bác là HoaHong@99 đó")

    assert all("HoaHong" not in text for text in await ward.tuan.new())
    assert await ward.lan.sees("looks like a password")


async def test_a_phone_number_is_given_on_purpose_only(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses("Write to the helper")
    await ward.lan.presses("Give my phone number")
    await ward.lan.says("0905 123 456")

    assert "0905123456" in await ward.tuan.last_read()


async def test_a_third_person_can_neither_write_nor_open_the_line(ward: World) -> None:
    await ward.tuan_accepts()

    for stranger in (ward.hoa, ward.nam, ward.mai):
        await stranger.presses_forged("talk:1")
        assert "between the resident and the helper" in await stranger.last_read()


async def test_after_the_end_nothing_is_passed_on(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses("Write to the helper")
    await ward.tuan.presses("It is done")
    await ward.tuan.presses("Done, it works")
    await ward.tuan.new()

    await ward.lan.says("cảm ơn cháu")

    assert "no longer in anyone's hands" in await ward.lan.last_read()
    assert await ward.tuan.new() == []


async def test_a_message_is_a_sign_of_life(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.time_passes(hours=3)
    before = (await ward.execute(select(help_requests.c.next_at)))[0][0]

    await ward.tuan.says("Tôi đang trên đường")

    assert (await ward.execute(select(help_requests.c.next_at)))[0][0] > before


async def test_with_two_helpers_the_resident_is_asked_which_one(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan_asks_again()
    await ward.hoa.presses("I will help")

    await ward.lan.says("cho bác hỏi chút")

    assert "Which request is this about?" in await ward.lan.last_read()
