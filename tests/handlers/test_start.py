"""The beginning: who I am, consent, the menu, and whatever else a person may send."""

import itertools

import pytest
from sqlalchemy import select

from storage.schema import chats, consents, persons
from tests.world import World


async def test_a_newcomer_is_greeted_and_asked_before_anything_is_kept(ward: World) -> None:
    an = await ward.add_person("An", consent=False)

    await an.says("/start")

    assert await an.sees("I am Ngõ Số, an automatic assistant")
    assert await an.choices() == [
        "I agree", "What exactly is kept?", "Not now", "Back", "Reach a person",
    ]  # fmt: skip


async def test_consent_can_be_typed(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says("/start")

    await an.says("đồng ý")

    assert await an.last_read() == "What can I do for you?"


async def test_a_question_is_answered_before_consent_is_decided(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says("/start")

    await an.says("con tôi mới sinh cần làm giấy khai sinh")

    assert "Làm giấy khai sinh cho con" in await an.last_read()


async def test_consent_is_kept_with_its_time_and_wording(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says("/start")
    await an.presses("What exactly is kept?")

    await an.presses("I agree")

    kept = await ward.execute(select(consents).order_by(consents.c.id.desc()).limit(1))
    assert kept[0].wording_version == ward.app.settings.privacy.consent_version
    assert kept[0].given_at == ward.clock.now()
    assert await an.last_read() == "What can I do for you?"


async def test_who_says_not_now_keeps_a_way_to_a_person(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says("/start")

    await an.presses("Not now")

    assert "1022" in await an.last_read()


async def test_without_consent_asking_for_help_asks_for_it_first(ward: World) -> None:
    an = await ward.add_person("An", consent=False)

    await an.says("/trogiup")

    assert "I need your agreement" in await an.last_read()
    await an.presses("Read and decide")
    assert "Do you agree?" in await an.last_read()


async def test_the_menu_shows_team_work_to_members_only(ward: World) -> None:
    await ward.lan.says("/menu")
    await ward.tuan.says("/menu")

    assert "My team's work" not in await ward.lan.choices()
    assert "My team's work" in await ward.tuan.choices()


async def test_the_first_message_of_all_is_answered_with_the_greeting(ward: World) -> None:
    an = await ward.add_person("An", consent=False)

    await an.says("cho hỏi với")

    assert await an.sees("I am Ngõ Số")


async def test_a_greeting_is_answered_with_one(ward: World) -> None:
    await ward.lan.says("/menu")

    await ward.lan.says("Chào con")

    assert await ward.lan.sees("Hello! It is good to hear from you.")


async def test_words_without_a_task_become_a_request_when_the_resident_agrees(ward: World) -> None:
    await ward.lan.says("/menu")
    await ward.lan.says("cây xoài sau nhà ra hoa mà không đậu trái")
    await ward.lan.says("tivi nhà tôi không lên hình")

    await ward.lan.presses("Yes, ask my team")
    await ward.lan.presses("For myself")

    state = (
        await ward.execute(select(chats.c.state).where(chats.c.chat_key == ward.lan.chat_key))
    )[0][0]
    assert state["data"]["description"] == "tivi nhà tôi không lên hình"


RUBBISH = [
    "asdfgh",
    "😀" * 300,
    "x" * 4000,
    "<b>đậm</b> <script>alert(1)</script>",
    "'; DROP TABLE persons; --",
    "%(name)s %s {0}",
    "   ",
    "/khongco",
    "\u202e\u200b\ufeff",
    "-1",
    "99",
]


@pytest.mark.parametrize("text", RUBBISH)
async def test_rubbish_gets_a_helpful_answer(ward: World, text: str) -> None:
    await ward.lan.says("/menu")
    await ward.lan.new()

    await ward.lan.says(text)

    answers = await ward.lan.new()
    assert len(answers) == 1
    assert "went wrong" not in answers[0]
    assert await ward.lan.choices()


async def test_the_second_miss_offers_a_person_and_no_sentence_comes_twice_in_a_row(
    ward: World,
) -> None:
    await ward.lan.says("/menu")
    await ward.lan.new()

    for _ in range(6):
        await ward.lan.says("qwerty")

    answers = await ward.lan.new()
    assert all(a != b for a, b in itertools.pairwise(answers))
    assert "9 to reach a person" in answers[1]


async def test_rubbish_inside_a_task_keeps_the_task(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.sends_sticker()

    assert "say in a few words" in await ward.lan.last_read()

    await ward.lan.presses("I may have been cheated")
    assert "What exactly is the matter?" in await ward.lan.last_read()


async def test_stickers_photos_and_places_out_of_the_blue_are_answered_for_what_they_are(
    ward: World,
) -> None:
    await ward.lan.says("/menu")

    await ward.lan.sends_sticker()
    assert "stickers" in await ward.lan.last_read()
    await ward.lan.sends_photo()
    assert "picture" in await ward.lan.last_read()


async def test_a_button_that_nobody_showed_does_nothing(ward: World) -> None:
    await ward.lan.says("/menu")

    await ward.lan.presses_forged("hack:1")
    assert "does not belong to me" in await ward.lan.last_read()

    await ward.lan.presses_forged("a:999:yes")
    assert "older question" in await ward.lan.last_read()


async def test_a_button_with_too_many_or_strange_arguments_does_no_harm(ward: World) -> None:
    await ward.lan.says("/menu")

    for action in (
        "claim",
        "claim:x",
        "claim:1:2:3",
        "show:-1",
        "talk:99999999999999999999",
        ":",
        "members:²",
    ):
        await ward.lan.new()
        await ward.lan.presses_forged(action)
        assert "went wrong" not in await ward.lan.last_read(), action


async def test_a_secret_is_neither_kept_nor_passed_on(ward: World) -> None:
    await ward.lan.says("/trogiup")
    await ward.lan.presses("Phone, Zalo, payments")
    await ward.lan.says("mã OTP của tôi là 482913, mật khẩu: HoaHong@99")

    assert await ward.lan.sees("one-time code")
    state = (
        await ward.execute(select(chats.c.state).where(chats.c.chat_key == ward.lan.chat_key))
    )[0][0]
    assert "482913" not in str(state)
    assert "HoaHong" not in str(state)


async def test_nine_reaches_a_person_inside_a_task_without_losing_it(ward: World) -> None:
    await ward.lan.says("/trogiup")

    await ward.lan.says("9")
    assert "1022" in await ward.lan.last_read()

    await ward.lan.says("1")
    assert "What exactly is the matter?" in await ward.lan.last_read()


async def test_an_update_delivered_twice_is_answered_once(ward_on_each_engine: World) -> None:
    from bot.types import Incoming

    ward = ward_on_each_engine
    once = Incoming("web", "same", ward.lan.chat_key, text="/menu")

    await ward.platform.deliver(once)
    await ward.platform.deliver(once)

    assert await ward.lan.new() == ["What can I do for you?"]


async def test_one_persons_messages_are_answered_in_order(ward_on_each_engine: World) -> None:
    import asyncio

    from bot.types import Incoming

    ward = ward_on_each_engine
    steps = ["/trogiup", "1", "đăng nhập không được", "1"]
    updates = [Incoming("web", f"o{i}", ward.lan.chat_key, text=t) for i, t in enumerate(steps)]

    await asyncio.gather(*(ward.platform.deliver(u) for u in updates))

    assert "In which phường or xã" in await ward.lan.last_read()


async def test_nothing_about_a_stranger_is_kept_but_the_chat_itself(ward: World) -> None:
    an = await ward.add_person("An", consent=False)
    await an.says("/start")

    row = (await ward.execute(select(persons).order_by(persons.c.id.desc()).limit(1)))[0]
    assert (row.display_name, row.phone, row.commune_code) == (None, None, None)
