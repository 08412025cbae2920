"""What goes out to Telegram, over HTTP to the emulator, and what can go wrong with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.channels.base import (
    ChatGone,
    ChatMoved,
    Rejected,
    Retry,
    SendError,
    Uncertain,
    Unreachable,
)
from bot.channels.telegram import TelegramChannel
from bot.channels.telegram.delivery import PART_WAITS_S
from bot.types import Button, Media, Outgoing
from tests.channels.telegram_rig import STORED, Inbox, build, running
from tests.telegram_emulator import BotApi, User

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


async def test_a_message_is_read_with_its_buttons(telegram: TelegramChannel, lan: User) -> None:
    message_id = await telegram.send("7", Outgoing("Được không?", (YES,)), message_id="1")

    read = await lan.wait_for("Được không?")

    assert read.labels == ["1. Vâng"]
    assert message_id == str(read.message_id)


def _breaks(fault: Any) -> Callable[[BotApi, User], None]:
    return lambda api, _lan: api.faults.once("sendMessage", fault)


def _blocks(_api: BotApi, lan: User) -> None:
    lan.chat.blocked = True


def _closes(_api: BotApi, lan: User) -> None:
    lan.chat.deactivated = True


def _forgets(_api: BotApi, lan: User) -> None:
    lan.chat.known = False


TROUBLES: dict[str, tuple[Callable[[BotApi, User], None], type[SendError]]] = {
    "blocked": (_blocks, ChatGone),
    "an account that was closed": (_closes, ChatGone),
    "a chat that nobody knows": (_forgets, ChatGone),
    "a server error": (_breaks("error_500"), Retry),
    "a proxy's page": (_breaks("html_502"), Retry),
    "a page instead of an answer": (_breaks("garbage"), Retry),
    "cut before": (_breaks("reset_before"), Uncertain),
    "cut after": (_breaks("reset_after"), Uncertain),
    "no answer": (_breaks("hang"), Uncertain),
}


@pytest.mark.parametrize(("trouble", "expected"), TROUBLES.values(), ids=TROUBLES)
async def test_each_trouble_has_its_name(
    trouble: Callable[[BotApi, User], None], expected: type[SendError], api: BotApi, lan: User
) -> None:
    async with running(build(api, timeout_s=0.3), Inbox()) as channel:
        trouble(api, lan)

        with pytest.raises(expected):
            await channel.send("7", HELLO, message_id="1")


async def test_a_group_that_moved_says_where_to(telegram: TelegramChannel, api: BotApi) -> None:
    api.group(-5).becomes_supergroup(-100)

    with pytest.raises(ChatMoved) as moved:
        await telegram.send("-5", HELLO, message_id="1")

    assert moved.value.chat_key == "-100"


async def test_too_many_messages_quieten_the_channel_for_as_long_as_told(
    telegram: TelegramChannel, lan: User
) -> None:
    for number in range(3):
        await telegram.send("7", HELLO, message_id=str(number))

    with pytest.raises(Retry) as refused:
        await telegram.send("7", HELLO, message_id="4")

    assert refused.value.whole_channel
    assert refused.value.after_s >= 1


async def test_a_server_that_is_down_has_taken_nothing(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    await api.stop()

    with pytest.raises(Unreachable):
        await telegram.send("7", HELLO, message_id="1")


async def test_a_refused_token_holds_the_whole_channel(api: BotApi, lan: User) -> None:
    async with running(build(api, changes={"token": "1:wrong"}), Inbox()) as channel:
        with pytest.raises(Retry) as refused:
            await channel.send("7", HELLO, message_id="1")

    assert refused.value.whole_channel


async def test_our_own_mistakes_are_rejected(telegram: TelegramChannel, lan: User) -> None:
    with pytest.raises(Rejected):
        await telegram.send("7", Outgoing("?", (Button("x", "x" * 65),)), message_id="1")


async def test_a_change_changes_the_message(telegram: TelegramChannel, lan: User) -> None:
    first = await telegram.send("7", Outgoing("Ai giúp?", (YES,)), message_id="1")

    again = await telegram.send("7", Outgoing("Chị Hoa giúp.", edits=first), message_id="2")

    assert again == first
    assert lan.texts == ["Chị Hoa giúp."]
    assert lan.read[0].labels == []


async def test_a_change_to_the_same_counts_as_done(telegram: TelegramChannel, lan: User) -> None:
    first = await telegram.send("7", HELLO, message_id="1")

    assert await telegram.send("7", Outgoing(HELLO.text, edits=first), message_id="2") == first


@pytest.mark.parametrize("edits", ["999", "1", "web-5"])
async def test_what_cannot_be_changed_is_said_anew(
    telegram: TelegramChannel, lan: User, edits: str
) -> None:
    await lan.says("tin số 1 là của Lan")

    message_id = await telegram.send("7", Outgoing("Mới", edits=edits), message_id="2")

    assert message_id == str((await lan.wait_for("Mới")).message_id)


async def test_a_long_text_arrives_in_parts_with_the_buttons_last(
    telegram: TelegramChannel, lan: User
) -> None:
    message_id = await telegram.send("7", Outgoing("Câu dài. " * 900, (YES,)), message_id="1")

    assert [len(m.labels) for m in lan.read] == [0, 1]
    assert message_id == str(lan.read[-1].message_id)


async def test_a_message_that_failed_half_way_goes_on_where_it_stopped(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    api.faults.once("sendMessage", "error_500", after=1)

    await telegram.send("7", Outgoing("Câu dài. " * 900, (YES,)), message_id="1")

    assert [len(m.labels) for m in lan.read] == [0, 1]


async def test_a_second_part_that_is_too_fast_waits_as_long_as_telegram_says(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    for number in range(2):
        await telegram.send("7", HELLO, message_id=str(number))

    await telegram.send("7", Outgoing("Câu dài. " * 900, (YES,)), message_id="2")

    assert api.world.pace.refused == {7: 1}
    assert [len(m.labels) for m in lan.read] == [0, 0, 0, 1]


async def test_half_a_message_is_in_doubt_and_never_counts_as_not_sent(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    api.faults.once("sendMessage", "error_500", after=1)
    for _try in PART_WAITS_S:
        api.faults.once("sendMessage", "error_500")

    with pytest.raises(Uncertain):
        await telegram.send("7", Outgoing("Câu dài. " * 900, (YES,)), message_id="1")

    assert len(lan.read) == 1


async def test_a_stored_photo_is_uploaded_once(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    photo = Outgoing("Giấy này", (YES,), Media("photo", "store:K", "image/png"))

    await telegram.send("7", photo, message_id="1")
    await telegram.send("7", photo, message_id="2")

    first, second = lan.read
    assert first.file_id == second.file_id
    assert api.world.files[first.file_id].content == STORED
    assert (second.text, second.labels) == ("Giấy này", ["1. Vâng"])


async def test_a_file_that_is_lost_leaves_its_words(telegram: TelegramChannel, lan: User) -> None:
    lost = Outgoing("Ảnh của bác", media=Media("photo", "store:gone", "image/png"))

    await telegram.send("7", lost, message_id="1")

    assert [(m.kind, m.text) for m in lan.read] == [("text", "Ảnh của bác")]


async def test_a_voice_note_is_passed_on(
    telegram: TelegramChannel, api: BotApi, inbox: Inbox, lan: User
) -> None:
    hoa = api.user(8, "Hoa", started=True)
    await lan.sends_voice(b"OggS helo")
    [heard] = await inbox.wait_for(1)

    await telegram.send("8", Outgoing("", media=heard.media), message_id="1")

    assert api.world.files[hoa.read[0].file_id].content == b"OggS helo"


async def test_a_file_that_may_not_be_sent_as_such_goes_as_a_document(
    telegram: TelegramChannel, api: BotApi, lan: User
) -> None:
    file = api.world.add_file("document", b"%PDF", ".pdf")
    wrong = Media("photo", f"telegram:{file.file_id}", "image/jpeg")

    await telegram.send("7", Outgoing("Đây", media=wrong), message_id="1")

    assert [(m.kind, m.text) for m in lan.read] == [("document", "Đây")]


async def test_a_photo_can_be_fetched(telegram: TelegramChannel, inbox: Inbox, lan: User) -> None:
    await lan.sends_photo(b"\xff\xd8\xff content")
    [sent] = await inbox.wait_for(1)
    assert sent.media is not None

    assert await telegram.fetch(sent.media) == (b"\xff\xd8\xff content", "image/jpeg")


async def test_what_telegram_no_longer_has_cannot_be_fetched(telegram: TelegramChannel) -> None:
    with pytest.raises(LookupError):
        await telegram.fetch(Media("photo", "telegram:nothing"))


async def test_a_hundred_messages_fly_at_once(api: BotApi) -> None:
    api.faults.latency_s = 0.1
    api.world.pace.limits = None
    users = [api.user(n, started=True) for n in range(1, 101)]
    async with running(build(api), Inbox()) as channel, asyncio.timeout(2):
        await asyncio.gather(*(channel.send(str(u.id), HELLO, message_id="1") for u in users))

    assert all(user.texts == [HELLO.text] for user in users)
