"""What comes in from Telegram, over HTTP from the emulator, and how the channel lives."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram import TelegramChannel
from bot.types import Button, Outgoing
from tests.channels.telegram_rig import Inbox, build, running
from tests.telegram_emulator import TOKEN, BotApi, User

YES = Button("Vâng", "a:1:yes", "1")
HELLO = Outgoing("Chào bác")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as emulator:
        yield emulator


@pytest.fixture
def lan(api: BotApi) -> User:
    return api.user(7, "Lan", started=True)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
async def telegram(api: BotApi, inbox: Inbox) -> AsyncIterator[TelegramChannel]:
    async with running(build(api, commands=[("menu", "Bắt đầu lại")]), inbox) as channel:
        yield channel


async def test_what_is_said_comes_in(telegram: TelegramChannel, inbox: Inbox, lan: User) -> None:
    await lan.says("/start ABC")
    await lan.shares_place(16.05, 108.2)

    said, shared = await inbox.wait_for(2)

    assert (said.channel, said.chat_key, said.text) == ("telegram", "7", "/start ABC")
    assert shared.place is not None


async def test_one_persons_messages_stay_in_order(
    telegram: TelegramChannel, inbox: Inbox, lan: User
) -> None:
    for number in range(30):
        await lan.says(str(number))

    await inbox.wait_for(30)

    assert inbox.texts == [str(number) for number in range(30)]


async def test_people_do_not_wait_for_each_other(api: BotApi, inbox: Inbox) -> None:
    inbox.gate.clear()
    for user_id in (1, 2, 3):
        await api.user(user_id).says(f"từ {user_id}")

    async with running(build(api), inbox):
        await inbox.wait_asked(3)

        assert inbox.got == []


async def test_an_update_that_cannot_be_read_blocks_nobody(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, lan: User
) -> None:
    poison = {"chat": {"id": 7, "type": "private"}, "from": {"id": 7}, "location": {"latitude": 1}}
    api.put_raw({"update_id": api.updates.new_id(), "message": poison})
    api.put_raw({"update_id": api.updates.new_id(), "message": "torn"})
    api.put_raw("not even an object")
    last = await lan.says("vẫn nghe")

    torn, heard = await inbox.wait_for(2)

    assert (torn.other, torn.chat_key, heard.text) == (True, "7", "vẫn nghe")
    await api.updates.wait_confirmed(last)


async def test_updates_are_confirmed_only_when_all_of_them_are_kept(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, lan: User
) -> None:
    inbox.gate.clear()
    update_id = await lan.says("giữ giúp")
    await inbox.wait_asked(1)

    assert api.updates.confirmed <= update_id

    inbox.gate.set()
    await api.updates.wait_confirmed(update_id)
    assert inbox.texts == ["giữ giúp"]


async def test_an_update_that_was_not_kept_is_tried_again(
    telegram: TelegramChannel, inbox: Inbox, lan: User
) -> None:
    inbox.refusals["một"] = 2
    await lan.says("một")
    await lan.says("hai")

    await inbox.wait_for(2)

    assert inbox.texts == ["một", "hai"]
    assert inbox.asked == ["một", "một", "một", "hai"]


async def test_an_update_that_can_never_be_kept_is_given_up(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, lan: User
) -> None:
    inbox.refusals["hỏng"] = 99
    await lan.says("hỏng")
    last = await lan.says("tốt")

    await api.updates.wait_confirmed(last)

    assert inbox.texts == ["tốt"]


async def test_stopping_leaves_what_was_not_kept_for_the_next_start(
    api: BotApi, inbox: Inbox, lan: User
) -> None:
    inbox.refusals["chưa xong"] = 99
    async with running(build(api, take_backoff_s=(30.0,)), inbox):
        await lan.says("chưa xong")
        await inbox.wait_asked(1)

    assert api.updates.pending() == 1


async def test_stopping_confirms_what_was_kept(api: BotApi, inbox: Inbox, lan: User) -> None:
    async with running(build(api), inbox):
        await lan.says("xong")
        await inbox.wait_for(1)

    assert api.updates.pending() == 0


async def test_a_poll_that_falls_silent_is_started_again(
    api: BotApi, inbox: Inbox, lan: User
) -> None:
    api.faults.once("getUpdates", "hang")
    async with running(build(api), inbox) as channel:
        await lan.says("còn đó không")
        await inbox.wait_for(1)

        assert channel.restarts == 1
        assert channel.last_poll_at is not None


@pytest.mark.parametrize("fault", ["error_500", "html_502", "garbage", "reset_before"])
async def test_polling_goes_on_after(fault: Any, api: BotApi, inbox: Inbox, lan: User) -> None:
    api.faults.once("getUpdates", fault)
    async with running(build(api), inbox):
        await lan.says("chào")

        assert (await inbox.wait_for(1))[0].text == "chào"


async def test_a_webhook_in_the_way_is_named_in_the_log(
    api: BotApi, inbox: Inbox, lan: User, caplog: pytest.LogCaptureFixture
) -> None:
    api.updates.webhook["url"] = "https://elsewhere.example"
    async with running(build(api), inbox):
        await api.wait_call("getUpdates")
        api.updates.webhook["url"] = ""
        await lan.says("chào")
        await inbox.wait_for(1)

    assert "webhook remove" in caplog.text


async def test_a_second_poller_is_named_in_the_log(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    await api.updates.wait_polls(1)
    async with running(build(api), inbox):
        await api.updates.wait_polls(3)

    assert "another process polls with the same token" in caplog.text


async def test_the_bot_starts_while_telegram_is_out_of_reach(inbox: Inbox) -> None:
    api = BotApi()
    await api.start()
    await api.stop()
    async with running(build(api, commands=[("menu", "Về đầu")]), inbox) as channel:
        assert channel.last_poll_at is None
        await api.start()
        await api.user(7).says("chào")
        await inbox.wait_for(1)
    await api.stop()


async def test_commands_and_name_are_exchanged_at_the_start(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox
) -> None:
    await api.wait_call("setMyCommands")

    assert api.world.commands == [{"command": "menu", "description": "Bắt đầu lại"}]
    assert telegram.username == "NgoSoBot"


async def test_a_press_is_answered_once_after_it_is_kept(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, lan: User
) -> None:
    await telegram.send("7", Outgoing("Được không?", (YES,)), message_id="1")
    api.faults.duplicate_updates = 1.0
    inbox.gate.clear()
    press = await lan.presses("Vâng")
    await inbox.wait_asked(1)
    assert not press.answered

    inbox.gate.set()
    got = await inbox.wait_for(2)
    await telegram.stop()

    assert press.answered
    assert (got[0].button, got[0].message_id) == ("a:1:yes", "1")
    assert len(api.calls_of("answerCallbackQuery")) == 1


async def test_blocking_and_moving_are_passed_on(api: BotApi, inbox: Inbox, lan: User) -> None:
    news: list[tuple[str, ...]] = []

    async def note(*keys: str) -> None:
        news.append(keys)

    async with running(build(api, on_gone=note, on_moved=note), inbox):
        await lan.blocks()
        api.group(-5).becomes_supergroup(-100)
        last = await lan.unblocks()
        await api.updates.wait_confirmed(last)

    assert sorted(news) == [("-5", "-100"), ("-5", "-100"), ("7",)]


async def test_the_token_never_reaches_the_log(
    api: BotApi, lan: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.faults.rates = {"*": {"error_500": 0.3, "reset_before": 0.3, "garbage": 0.3}}
    secret = TOKEN.partition(":")[2]
    for token in (TOKEN, f"9{TOKEN}"):
        async with running(build(api, changes={"token": token}), Inbox()) as channel:
            for number in range(8):
                await asyncio.gather(
                    channel.send("7", Outgoing(str(number)), message_id="1"),
                    return_exceptions=True,
                )

    assert caplog.records
    assert secret not in caplog.text
