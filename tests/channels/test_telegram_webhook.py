"""Webhook mode: Telegram posts to us, and `python -m bot webhook` tells it where."""

from argparse import Namespace
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import SecretStr

from bot.channels.telegram import WEBHOOK_PATH, TelegramChannel
from bot.channels.telegram.webhook import MAX_BODY, SECRET_HEADER
from bot.commands import webhook
from bot.config import Settings, WebSettings
from tests.channels.telegram_rig import SECRET, Inbox, build, running, served, settings
from tests.telegram_emulator import BotApi, User


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
async def address(api: BotApi, inbox: Inbox) -> AsyncIterator[str]:
    channel = build(api, changes={"mode": "webhook"})
    async with running(channel, inbox), served(channel) as base:
        yield base + WEBHOOK_PATH


async def post(address: str, body: bytes, secret: str = SECRET) -> int:
    async with aiohttp.ClientSession() as session:
        headers = {SECRET_HEADER: secret}
        async with session.post(address, data=body, headers=headers) as answer:
            return answer.status


async def test_what_is_said_comes_in_through_the_webhook(
    api: BotApi, lan: User, inbox: Inbox, address: str
) -> None:
    api.updates.set_webhook({"url": address, "secret_token": SECRET})

    update_id = await lan.says("chào")
    await api.updates.wait_confirmed(update_id)

    assert inbox.texts == ["chào"]
    assert api.calls_of("getUpdates") == []


async def test_an_update_that_was_not_kept_is_delivered_again(
    api: BotApi, lan: User, inbox: Inbox, address: str
) -> None:
    api.updates.set_webhook({"url": address, "secret_token": SECRET})
    inbox.refusals["một"] = 2
    await lan.says("một")

    await inbox.wait_for(1)

    assert inbox.asked == ["một"] * 3
    assert "503" in api.updates.webhook["last_error_message"]


async def test_it_is_confirmed_only_after_it_is_kept(
    api: BotApi, lan: User, inbox: Inbox, address: str
) -> None:
    api.updates.set_webhook({"url": address, "secret_token": SECRET})
    inbox.gate.clear()
    update_id = await lan.says("chào")
    await inbox.wait_asked(1)

    assert api.updates.confirmed <= update_id

    inbox.gate.set()
    await api.updates.wait_confirmed(update_id)


@pytest.mark.parametrize("secret", ["", "x" * 20, "ộ"])
async def test_a_wrong_secret_is_refused(inbox: Inbox, address: str, secret: str) -> None:
    assert await post(address, b'{"update_id":1}', secret) == 401
    assert inbox.asked == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 400),
        (b"[1]", 400),
        (b"\xff\xfe", 400),
        (b'{"a":"' + b"x" * MAX_BODY + b'"}', 413),
        (b'{"update_id":1,"message":"torn"}', 200),
        (b'{"update_id":1}', 200),
    ],
)
async def test_strange_bodies_are_answered(address: str, body: bytes, status: int) -> None:
    assert await post(address, body) == status


async def test_before_the_start_nothing_is_taken(api: BotApi) -> None:
    channel = build(api, changes={"mode": "webhook"})
    async with served(channel) as base:
        assert await post(base + WEBHOOK_PATH, b'{"update_id":1}') == 503


async def test_without_a_secret_everybody_is_refused(api: BotApi) -> None:
    unguarded = {"mode": "webhook", "webhook_secret": None, "token": SecretStr("1:x")}
    with pytest.raises(ValueError, match="WEBHOOK_SECRET"):
        build(api, changes=unguarded)


def test_in_polling_mode_nothing_is_served(api: BotApi) -> None:
    channel: TelegramChannel = build(api)

    assert channel.routes() == []


# --- python -m bot webhook -----------------------------------------------------------------


def asked(api: BotApi, **changes: object) -> Settings:
    web = WebSettings(public_url="https://bot.example")
    return Settings(telegram=settings(api, mode="webhook", **changes), web=web)


async def told(action: str, given: Settings) -> int:
    return await webhook.run(Namespace(action=action), given)


async def test_the_webhook_is_set_shown_and_removed(
    api: BotApi, capsys: pytest.CaptureFixture[str]
) -> None:
    for action in ("set", "status", "remove"):
        assert await told(action, asked(api)) == 0

    said = capsys.readouterr().out
    [given] = api.calls_of("setWebhook")
    assert (given["url"], given["secret_token"]) == (f"https://bot.example{WEBHOOK_PATH}", SECRET)
    assert f"Address: https://bot.example{WEBHOOK_PATH}" in said
    assert api.updates.webhook["url"] == ""


async def test_a_webhook_without_https_is_not_set(
    api: BotApi, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = asked(api).model_copy(update={"web": WebSettings(public_url="http://bot.example")})
    elsewhere = plain.telegram.model_copy(update={"base_url": "https://api.example/bot"})

    assert await told("set", plain.model_copy(update={"telegram": elsewhere})) == 1
    assert "https://" in capsys.readouterr().out


async def test_trouble_is_told_without_the_token(
    api: BotApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await told("status", asked(api, token=SecretStr("1:wrong"))) == 1

    said = capsys.readouterr().out
    assert "InvalidToken" in said
    assert "wrong" not in said


async def test_without_a_token_there_is_nothing_to_do(
    api: BotApi, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await told("status", asked(api, token=None)) == 1
    assert "NGOSO_TELEGRAM__TOKEN" in capsys.readouterr().out
