"""The emulator refuses what the real Bot API refuses, in the same words."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import aiohttp
import pytest

from tests.telegram_emulator import TOKEN, BotApi, PaceLimits, User

Ask = Callable[..., Coroutine[Any, Any, dict[str, Any]]]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi() as emulator:
        yield emulator


@pytest.fixture
async def ask(api: BotApi) -> AsyncIterator[Ask]:
    """Calls a method with JSON; the whole answer."""
    async with aiohttp.ClientSession() as session:

        async def call(method: str, **params: Any) -> dict[str, Any]:
            async with session.post(f"{api.base_url}{TOKEN}/{method}", json=params) as answer:
                return dict(await answer.json())

        yield call


@pytest.fixture
def lan(api: BotApi) -> User:
    return api.user(7, "Lan", started=True)


def inline(data: Any, text: str = "Vâng") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


REFUSALS: dict[str, tuple[dict[str, Any], str]] = {
    "no words": ({"text": " "}, "message text is empty"),
    "too many words": ({"text": "x" * 4097}, "message is too long"),
    "too many halves of smileys": ({"text": "😀" * 2049}, "message is too long"),
    "a null keyboard": ({"reply_markup": None}, "object expected as reply markup"),
    "a torn keyboard": ({"reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
    "a long action": ({"reply_markup": inline("ạ" * 22)}, "BUTTON_DATA_INVALID"),
    "an empty action": ({"reply_markup": inline("")}, "BUTTON_DATA_INVALID"),
    "a button without action": ({"reply_markup": inline(None)}, "text buttons are unallowed"),
    "an empty button": ({"reply_markup": inline("a", " ")}, "button text is empty"),
    "open markup": ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
    "unknown markup": ({"text": "<blink>x", "parse_mode": "HTML"}, "can't parse entities"),
    "odd marks": ({"text": "a * b", "parse_mode": "Markdown"}, "can't parse entities"),
    "entities outside": (
        {"entities": [{"type": "bold", "offset": 0, "length": 99}]},
        "can't parse entities",
    ),
    "a reply to nothing": (
        {"reply_parameters": {"message_id": 99}},
        "message to be replied not found",
    ),
    "nobody": ({"chat_id": 404}, "chat not found"),
    "no chat": ({"chat_id": "x"}, "chat not found"),
}


@pytest.mark.parametrize(("params", "reason"), REFUSALS.values(), ids=REFUSALS)
async def test_a_message_is_refused_with(
    ask: Ask, lan: User, params: dict[str, Any], reason: str
) -> None:
    answer = await ask("sendMessage", **{"chat_id": 7, "text": "chào", **params})

    assert (answer["ok"], answer["error_code"]) == (False, 400)
    assert answer["description"].startswith("Bad Request: ")
    assert reason in answer["description"]
    assert lan.read == []


async def test_somebody_who_never_wrote_cannot_be_written_to(api: BotApi, ask: Ask) -> None:
    hoa = api.user(8, "Hoa")
    assert "chat not found" in (await ask("sendMessage", chat_id=8, text="x"))["description"]

    await hoa.says("chào")

    assert (await ask("sendMessage", chat_id=8, text="x"))["ok"]


async def test_blocking_and_kicking_are_forbidden(api: BotApi, ask: Ask, lan: User) -> None:
    group = api.group(-5)
    group.kicks_bot()
    await lan.blocks()

    answers = [await ask("sendMessage", chat_id=chat, text="x") for chat in (7, -5)]

    assert [a["error_code"] for a in answers] == [403, 403]
    assert answers[0]["description"] == "Forbidden: bot was blocked by the user"
    assert answers[1]["description"] == "Forbidden: bot was kicked from the group chat"


async def test_a_group_that_moved_says_where_to(api: BotApi, ask: Ask) -> None:
    api.group(-5).becomes_supergroup(-100)

    answer = await ask("sendMessage", chat_id=-5, text="x")

    assert answer["parameters"] == {"migrate_to_chat_id": -100}


async def test_an_edit_must_change_something(ask: Ask, lan: User) -> None:
    await ask("sendMessage", chat_id=7, text="x", reply_markup=inline("a"))
    same = {"chat_id": 7, "message_id": 1, "text": "x", "reply_markup": inline("a")}

    assert "message is not modified" in (await ask("editMessageText", **same))["description"]
    assert (await ask("editMessageText", **{**same, "text": "y"}))["ok"]
    answer = await ask("editMessageText", **{**same, "message_id": 9})
    assert "message to edit not found" in answer["description"]


async def test_only_a_message_of_the_bot_can_be_edited(ask: Ask, lan: User) -> None:
    await lan.says("của Lan")

    answer = await ask("editMessageText", chat_id=7, message_id=1, text="của bot")

    assert "message can't be edited" in answer["description"]


async def test_a_keyboard_can_be_changed_and_a_message_deleted(ask: Ask, lan: User) -> None:
    await ask("sendMessage", chat_id=7, text="x", reply_markup=inline("a"))
    change = {"chat_id": 7, "message_id": 1, "reply_markup": inline("a")}

    assert "not modified" in (await ask("editMessageReplyMarkup", **change))["description"]
    assert (await ask("editMessageReplyMarkup", chat_id=7, message_id=1))["ok"]
    assert (await ask("deleteMessage", chat_id=7, message_id=1))["ok"]
    assert (
        "to delete not found"
        in (await ask("deleteMessage", chat_id=7, message_id=1))["description"]
    )


async def test_a_press_is_answered_once(api: BotApi, ask: Ask, lan: User) -> None:
    await ask("sendMessage", chat_id=7, text="?", reply_markup=inline("a:1"))
    press = await lan.presses("Vâng")
    assert api.unanswered() == [press.id]

    first = await ask("answerCallbackQuery", callback_query_id=press.id)
    second = await ask("answerCallbackQuery", callback_query_id=press.id)

    assert first["ok"]
    assert "query is too old" in second["description"]
    assert (
        "query is too old"
        in (await ask("answerCallbackQuery", callback_query_id="1"))["description"]
    )


async def test_too_many_messages_to_one_chat_are_refused(ask: Ask, lan: User) -> None:
    answers = [await ask("sendMessage", chat_id=7, text=str(n)) for n in range(4)]

    assert [a["ok"] for a in answers] == [True, True, True, False]
    assert answers[3]["parameters"]["retry_after"] >= 1
    assert answers[3]["description"].startswith("Too Many Requests: retry after ")


async def test_too_many_messages_in_all_are_refused(ask: Ask, api: BotApi) -> None:
    api.world.pace.limits = PaceLimits(per_second=2)
    for user_id in (1, 2, 3):
        api.user(user_id, started=True)

    answers = [await ask("sendMessage", chat_id=n, text="x") for n in (1, 2, 3)]

    assert [a["ok"] for a in answers] == [True, True, False]


async def test_a_group_takes_twenty_messages_a_minute(ask: Ask, api: BotApi) -> None:
    api.group(-5)

    answers = [await ask("sendMessage", chat_id=-5, text="x") for _ in range(21)]

    assert sum(a["ok"] for a in answers) == 20


async def test_updates_come_again_until_they_are_confirmed(ask: Ask, lan: User) -> None:
    first, second = await lan.says("một"), await lan.says("hai")

    for _ in range(2):
        assert [u["update_id"] for u in (await ask("getUpdates"))["result"]] == [first, second]
    left = await ask("getUpdates", offset=first + 1)

    assert [u["message"]["text"] for u in left["result"]] == ["hai"]
    assert (await ask("getUpdates", offset=second + 1))["result"] == []


async def test_a_long_poll_answers_when_something_is_said(api: BotApi, ask: Ask, lan: User) -> None:
    poll = asyncio.create_task(ask("getUpdates", timeout=5))
    await api.updates.wait_polls(1)

    await lan.says("đây")

    assert (await poll)["result"][0]["message"]["text"] == "đây"


async def test_only_the_kinds_asked_for_are_delivered(ask: Ask, lan: User) -> None:
    await ask("getUpdates", allowed_updates=["message"])

    await lan.blocks()
    await lan.says("chào")

    assert [list(u) for u in (await ask("getUpdates"))["result"]] == [["update_id", "message"]]


async def test_a_second_poller_ends_the_first(api: BotApi, ask: Ask, lan: User) -> None:
    first = asyncio.create_task(ask("getUpdates", timeout=5))
    await api.updates.wait_polls(1)

    second = await ask("getUpdates")

    assert (await first)["error_code"] == 409
    assert second["ok"]


async def test_with_a_webhook_nobody_may_poll(ask: Ask) -> None:
    await ask("setWebhook", url="https://bot.example/hook", secret_token="s")

    refused = await ask("getUpdates")

    assert refused["error_code"] == 409
    assert "webhook is active" in refused["description"]
    assert (await ask("getWebhookInfo"))["result"]["url"] == "https://bot.example/hook"
    await ask("deleteWebhook")
    assert (await ask("getUpdates"))["ok"]


@pytest.mark.parametrize(
    "params", [{"url": "http://bot.example"}, {"url": "https://x.vn", "secret_token": "có dấu"}]
)
async def test_a_bad_webhook_is_refused(ask: Ask, params: dict[str, str]) -> None:
    assert (await ask("setWebhook", **params))["error_code"] == 400


async def test_an_unknown_token_or_method_is_refused(api: BotApi, ask: Ask) -> None:
    assert (await ask("sendTelepathy"))["error_code"] == 404
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{api.base_url}1:wrong/getMe") as answer,
    ):
        assert answer.status == 401


async def test_forms_and_queries_work_like_json(api: BotApi, lan: User) -> None:
    markup = json.dumps(inline("a"))
    form = {"chat_id": "7", "text": "chào", "reply_markup": markup}
    url = f"{api.base_url}{TOKEN}/sendMessage"
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=form) as answer:
            assert answer.status == 200
        async with session.get(url, params=form) as answer:
            assert answer.status == 200

    assert [message.labels for message in lan.read] == [["Vâng"], ["Vâng"]]


async def test_an_uploaded_file_can_be_downloaded(api: BotApi, ask: Ask, lan: User) -> None:
    form = aiohttp.FormData({"chat_id": "7", "caption": "Ảnh"})
    form.add_field("photo", b"\xff\xd8\xff", filename="a.jpg")
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{api.base_url}{TOKEN}/sendPhoto", data=form) as sent:
            file_id = (await sent.json())["result"]["photo"][-1]["file_id"]
        path = (await ask("getFile", file_id=file_id))["result"]["file_path"]
        async with session.get(f"{api.base_file_url}{TOKEN}/{path}") as answer:
            assert await answer.read() == b"\xff\xd8\xff"


async def test_a_file_keeps_its_kind(api: BotApi, ask: Ask, lan: User) -> None:
    file = api.world.add_file("document", b"%PDF", ".pdf")

    wrong = await ask("sendPhoto", chat_id=7, photo=file.file_id)
    unknown = await ask("sendPhoto", chat_id=7, photo="nobody-knows")

    assert "can't use file of type Document as Photo" in wrong["description"]
    assert "wrong file identifier" in unknown["description"]
    assert (await ask("sendDocument", chat_id=7, document=file.file_id))["ok"]
    assert not (await ask("getFile", file_id="nobody-knows"))["ok"]


async def test_faults_are_the_same_for_the_same_seed(api: BotApi) -> None:
    api.faults.rates = {"sendMessage": {"error_500": 0.3, "slow": 0.3}}
    twin = BotApi(faults=type(api.faults)(rates=api.faults.rates))

    picks = [api.faults.pick("sendMessage") for _ in range(50)]

    assert picks == [twin.faults.pick("sendMessage") for _ in range(50)]
    assert set(picks) == {None, "error_500", "slow"}
    assert api.faults.pick("getMe") is None


async def test_a_cut_after_the_message_has_still_delivered_it(
    api: BotApi, ask: Ask, lan: User
) -> None:
    api.faults.once("sendMessage", "reset_before")
    api.faults.once("sendMessage", "reset_after")

    for text in ("trước", "sau"):
        with pytest.raises(aiohttp.ClientError):
            await ask("sendMessage", chat_id=7, text=text)

    assert lan.texts == ["sau"]


async def test_updates_can_come_twice_and_spoilt(api: BotApi, ask: Ask, lan: User) -> None:
    api.faults.duplicate_updates = api.faults.unknown_fields = 1.0
    api.faults.missing_fields = 1.0
    whole = {"message_id", "from", "chat", "date", "text", "hologram"}
    await lan.says("chào")

    first, second = (await ask("getUpdates"))["result"]

    assert first == second
    assert "from_the_future" in first
    assert len(whole - first["message"].keys()) == 1


async def test_in_a_group_the_bot_hears_what_is_for_it(api: BotApi, ask: Ask, lan: User) -> None:
    group = api.group(-5)

    heard = [await lan.says(text, group) for text in ("họp tối nay", "/menu", "@NgoSoBot ơi")]

    assert [update_id > 0 for update_id in heard] == [False, True, True]
    assert len((await ask("getUpdates"))["result"]) == 2


async def test_waiting_sees_each_message_once_and_edits_too(ask: Ask, lan: User) -> None:
    await ask("sendMessage", chat_id=7, text="một")
    assert (await lan.wait_for("một")).text == "một"

    waiting = asyncio.create_task(lan.wait_for("hai"))
    await ask("editMessageText", chat_id=7, message_id=1, text="hai")

    assert (await waiting).edited == 1
    with pytest.raises(TimeoutError):
        await lan.wait_for("hai", timeout_s=0.01)


async def test_another_process_can_drive_it(api: BotApi, ask: Ask) -> None:
    async with aiohttp.ClientSession(f"http://127.0.0.1:{api.port}") as session:
        async with session.post("/control/says", json={"user": 9, "text": "chào"}) as answer:
            assert answer.status == 200
        await ask("sendMessage", chat_id=9, text="Chào bác")
        async with session.post("/control/read", json={"user": 9}) as answer:
            assert (await answer.json())["result"][0]["text"] == "Chào bác"
