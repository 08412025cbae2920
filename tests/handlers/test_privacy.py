"""My data: shown, handed out, deleted; and nothing personal in the logs."""

import json
import logging

import pytest
from sqlalchemy import select

from storage.media import get_media
from storage.schema import consents, persons
from tests.world import World

PRIVATE = ("bà Lan", "12 đường Hùng Vương")


async def test_what_is_kept_is_shown(ward: World) -> None:
    await ward.lan_asks()

    await ward.lan.says("/dulieu")

    shown = await ward.lan.last_read()
    assert "Name: bà Lan" in shown
    assert "Neighbourhood: Thôn Phú Sơn, xã Đại Lộc" in shown


async def test_all_of_it_is_handed_out_as_a_file(core: World) -> None:
    await core.lan_asks()
    await core.lan.says("/dulieu")
    await core.lan.presses("Send me all of it as a file")

    ref = (await core.lan.messages())[-1].media
    assert ref is not None
    async with core.app.engine.begin() as conn:
        found = await get_media(conn, ref)
    kept = json.loads(found.content)
    assert kept["requests"][0]["address"] == "12 đường Hùng Vương"
    assert kept["consents"]


async def test_deleting_leaves_no_trace_of_words_or_names(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.says("/dulieu")
    await ward.lan.presses("Delete it all")

    await ward.lan.presses("Yes, delete it all")

    assert "Everything about you is deleted." in await ward.lan.last_read()
    for words in PRIVATE:
        assert not await ward.is_kept(words), words


async def test_deleting_cancels_what_is_open_and_the_helper_is_told(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.lan.presses_forged("erase")

    await ward.lan.presses("Yes, delete it all")

    assert "does not need this any more" in await ward.tuan.last_read()


async def test_deleting_can_be_thought_over(ward: World) -> None:
    await ward.lan_asks()
    await ward.lan.presses_forged("erase")

    await ward.lan.presses("No, keep it")

    rows = await ward.execute(select(persons.c.display_name))
    assert ("bà Lan",) in [tuple(row) for row in rows]


async def test_a_helper_with_requests_in_hand_gives_them_back_first(ward: World) -> None:
    await ward.tuan_accepts()
    await ward.tuan.presses_forged("erase")

    await ward.tuan.presses("Yes, delete it all")

    assert "counting on your help" in await ward.tuan.last_read()


async def test_deleting_withdraws_consent_with_its_time(ward: World) -> None:
    await ward.lan.presses_forged("erase")
    await ward.lan.presses("Yes, delete it all")

    rows = await ward.execute(
        select(consents.c.withdrawn_at).where(
            consents.c.person_id == await ward.person_id(ward.lan)
        )
    )
    assert rows[0][0] == ward.clock.now()
    await ward.lan.says("/trogiup")
    assert "I need your agreement" in await ward.lan.last_read()


async def test_old_words_are_forgotten_by_themselves(ward: World) -> None:
    await ward.lan_asks()
    await ward.lan.presses("Cancel it")
    await ward.lan.presses("Yes, cancel it")
    ward.clock.forward(days=400)

    await ward.app.scheduler.keep_house()

    assert not await ward.is_kept("Hùng Vương")


async def test_logs_hold_nothing_that_was_said(
    ward: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)

    await ward.tuan_accepts()
    await ward.lan.says("mật khẩu là HoaHong@99")

    for words in (*PRIVATE, "HoaHong", "key-of-"):
        assert words not in caplog.text
