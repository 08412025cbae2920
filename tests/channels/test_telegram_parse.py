"""Updates as Telegram sends them, and what becomes of each."""

from typing import Any

import pytest

from bot.channels.telegram.parse import (
    Notice,
    callback_id_of,
    chat_key_of,
    find_notice,
    parse,
    salvage,
)
from bot.types import Incoming, Media, Place

LAN = {"id": 7, "is_bot": False, "first_name": "Lan", "language_code": "vi"}
HOME = {"id": 7, "type": "private", "first_name": "Lan"}
GROUP = {"id": -100, "type": "supergroup", "title": "Tổ 12"}
BOT = {"id": 9, "is_bot": True, "first_name": "Ngõ Số", "username": "NgoSoBot"}


def update(chat: Any = HOME, sender: Any = LAN, **body: Any) -> dict[str, Any]:
    about = {"message_id": 3, "date": 1795400000, "chat": chat, "from": sender}
    return {"update_id": 100, "message": {**about, **body}}


def press(**body: Any) -> dict[str, Any]:
    message = {"message_id": 55, "date": 1, "chat": HOME, "from": BOT, "text": "?"}
    query = {"id": "q1", "from": LAN, "message": message, "chat_instance": "c", "data": "a:1:x"}
    return {"update_id": 101, "callback_query": {**query, **body}}


def incoming(chat_key: str = "7", update_id: str = "100", **rest: Any) -> Incoming:
    return Incoming("telegram", update_id, chat_key, sender_key="7", **rest)


def media(kind: Any, ref: str, mime: str) -> Incoming:
    return incoming(media=Media(kind, f"telegram:{ref}", mime))


POINT = {"latitude": 16.05, "longitude": 108.2}
PLACE = incoming(place=Place(16.05, 108.2))
SIZES = [
    {"file_id": "small", "width": 90, "height": 60},
    {"file_id": "large", "width": 1280, "height": 960},
    {"file_id": "middle", "width": 320, "height": 240},
]
CARD = {"phone_number": "84905123456", "first_name": "Lan", "user_id": 7}

PRIVATE = {
    "words, in NFC and stripped": (update(text="  chào con\n"), incoming(text="chào con")),
    "a command with a code": (update(text="/start ABC"), incoming(text="/start ABC")),
    "a command with our name": (update(text="/trogiup@NgoSoBot a"), incoming(text="/trogiup a")),
    "a place": (update(location=POINT), PLACE),
    "a venue": (update(venue={"location": POINT, "title": "Chợ Cồn"}), PLACE),
    "the largest photo": (update(photo=SIZES), media("photo", "large", "image/jpeg")),
    "a caption is text": (
        update(photo=SIZES[:1], caption=" giấy này "),
        incoming(text="giấy này", media=Media("photo", "telegram:small", "image/jpeg")),
    ),
    "a voice note": (
        update(voice={"file_id": "v", "duration": 2}),
        media("voice", "v", "audio/ogg"),
    ),
    "an audio file": (
        update(audio={"file_id": "a", "mime_type": "audio/mp4"}),
        media("voice", "a", "audio/mp4"),
    ),
    "a round video": (update(video_note={"file_id": "n"}), media("file", "n", "video/mp4")),
    "a document": (
        update(document={"file_id": "d", "mime_type": "application/pdf"}),
        media("file", "d", "application/pdf"),
    ),
    "one's own number": (update(contact=CARD), incoming(contact="84905123456")),
    "somebody else's number": (update(contact={**CARD, "user_id": 8}), incoming(other=True)),
    "a card without an account": (update(contact={"phone_number": "1"}), incoming(other=True)),
    "a sticker": (update(sticker={"file_id": "s"}), incoming(other=True)),
    "a poll": (update(poll={"id": "1"}), incoming(other=True)),
    "dice": (update(dice={"value": 6}), incoming(other=True)),
    "an animation": (
        update(animation={"file_id": "g"}, document={"file_id": "g"}),
        incoming(other=True),
    ),
    "something from the future": (update(hologram={"id": 1}), incoming(other=True)),
    "words beside something from the future": (
        update(text="chào", hologram={"id": 1}),
        incoming(text="chào"),
    ),
    "an edited message": ({"update_id": 1, "edited_message": update()["message"]}, None),
    "another bot": (update(sender=BOT, text="hi"), None),
    "a channel's post": ({"update_id": 1, "channel_post": {"chat": {"id": -5}}}, None),
    "a pinned message": (update(pinned_message={"message_id": 1}), None),
    "a kind of update nobody knows": ({"update_id": 1, "star_rain": {"chat": HOME}}, None),
}
GROUPS = {
    "a command": (update(GROUP, text="/trogiup"), incoming("-100", text="/trogiup")),
    "a command for us": (
        update(GROUP, text="/trogiup@ngosobot 2"),
        incoming("-100", text="/trogiup 2"),
    ),
    "a command for another bot": (update(GROUP, text="/help@OtherBot"), None),
    "a mention": (update(GROUP, text="@NgoSoBot, giúp"), incoming("-100", text="giúp")),
    "a reply to us": (
        update(GROUP, text="2", reply_to_message={"from": BOT}),
        incoming("-100", text="2"),
    ),
    "talk among neighbours": (update(GROUP, text="tối nay họp"), None),
    "a member who joined": (update(GROUP, new_chat_members=[LAN]), None),
}
PRESSES = {
    "a button": (press(), incoming(update_id="101", button="a:1:x", message_id="55")),
    "a button in a group": (
        press(message={"message_id": 5, "date": 0, "chat": GROUP}),
        incoming("-100", "101", button="a:1:x", message_id="5"),
    ),
    "a button of a lost message": (press(message=None), incoming(update_id="101", button="a:1:x")),
    "a game": (press(data=None), incoming(update_id="101", other=True, message_id="55")),
}


@pytest.mark.parametrize(("raw", "expected"), PRIVATE.values(), ids=PRIVATE)
def test_in_a_private_chat_we_understand(raw: Any, expected: Incoming | None) -> None:
    assert parse(raw, "NgoSoBot") == expected


@pytest.mark.parametrize(("raw", "expected"), GROUPS.values(), ids=GROUPS)
def test_in_a_group_we_hear_what_is_for_us(raw: Any, expected: Incoming | None) -> None:
    assert parse(raw, "NgoSoBot") == expected


@pytest.mark.parametrize(("raw", "expected"), PRESSES.values(), ids=PRESSES)
def test_a_press_comes_in_as_its_action(raw: Any, expected: Incoming) -> None:
    assert parse(raw, "NgoSoBot") == expected


def test_letters_typed_as_pieces_come_in_whole() -> None:
    found = parse(update(text="Da\u0300 Nẵng"))

    assert found is not None
    assert found.text == "Dà Nẵng"


def test_a_message_in_a_group_is_not_private() -> None:
    found = parse(update(GROUP, text="/trogiup"))

    assert found is not None
    assert not found.private
    assert found.sender_key == "7"


def test_a_group_that_moved_is_noticed_from_both_sides() -> None:
    old = {"id": -5, "type": "group", "title": "Tổ 12"}

    left = find_notice(update(old, migrate_to_chat_id=-100))
    arrived = find_notice(update(GROUP, migrate_from_chat_id=-5))

    assert left == arrived == Notice("moved", "-5", "-100")
    assert parse(update(old, migrate_to_chat_id=-100)) is None


@pytest.mark.parametrize(
    ("status", "expected"),
    [("kicked", Notice("gone", "7")), ("left", Notice("gone", "7")), ("member", None)],
)
def test_being_blocked_is_noticed_and_being_let_in_is_not(
    status: str, expected: Notice | None
) -> None:
    change = {"chat": HOME, "from": LAN, "new_chat_member": {"user": BOT, "status": status}}
    raw = {"update_id": 1, "my_chat_member": change}

    assert find_notice(raw) == expected
    assert parse(raw) is None


POISON = {
    "a photo without an id": update(photo=[{"width": 1}]),
    "a place without a longitude": update(location={"latitude": 16.0}),
    "text that is a number": update(text=5),
    "a press without a message's id": press(message={"chat": HOME}),
}


@pytest.mark.parametrize("raw", POISON.values(), ids=POISON)
def test_what_cannot_be_read_is_still_answered(raw: Any) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        parse(raw)

    found = salvage(raw)

    assert found is not None
    assert (found.chat_key, found.other, found.private) == ("7", True, True)


NOBODY: list[Any] = [
    None,
    5,
    [],
    {},
    {"update_id": 1},
    {"message": {"chat": HOME}},
    {"update_id": 1, "message": 3},
    {"update_id": 1, "message": {"chat": GROUP}},
    {"update_id": 1, "poll": {"chat": HOME}},
]


@pytest.mark.parametrize("raw", NOBODY)
def test_what_belongs_to_nobody_is_let_go(raw: Any) -> None:
    assert salvage(raw) is None


def test_the_chat_of_any_update_is_found() -> None:
    member = {"update_id": 1, "my_chat_member": {"chat": GROUP, "from": LAN}}

    assert [chat_key_of(raw) for raw in (update(), press(), member)] == ["7", "7", "-100"]
    assert chat_key_of({"update_id": 1, "message": "torn"}) == ""


def test_the_press_to_be_answered_is_found() -> None:
    assert callback_id_of(press()) == "q1"
    assert callback_id_of(update()) == ""
    assert callback_id_of({"callback_query": {"id": 5}}) == ""
