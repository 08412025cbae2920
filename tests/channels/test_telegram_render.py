"""Messages as calls of the Bot API."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Rejected
from bot.channels.telegram.render import Call, Labels, render, render_edit
from bot.channels.telegram.split import split, units
from bot.types import Button, Media, Outgoing, Place

LABELS = Labels(
    "📍 Gửi vị trí", "📞 Gửi số điện thoại", "Hoặc bấm nút dưới đây:", "Mời xem tin nhắn riêng."
)
HELP = Button("Nhờ giúp", "help:1", "1")
FAMILY = "👨\u200d👩\u200d👧"


def calls(message: Outgoing, chat_key: str = "7") -> list[Call]:
    return render(chat_key, message, LABELS)


def only(message: Outgoing) -> dict[str, Any]:
    [call] = calls(message)
    return call.params


def test_words_go_out_plain() -> None:
    params = only(Outgoing("*Chào* <b>bác</b>"))

    assert params["text"] == "*Chào* <b>bác</b>"
    assert "parse_mode" not in params
    assert "reply_markup" not in params


def test_each_button_has_a_row_of_its_own_and_says_its_number() -> None:
    params = only(Outgoing("?", (HELP, Button("Về đầu", "menu"))))

    rows = params["reply_markup"]["inline_keyboard"]

    assert rows == [
        [{"text": "1. Nhờ giúp", "callback_data": "help:1"}],
        [{"text": "Về đầu", "callback_data": "menu"}],
    ]


@pytest.mark.parametrize("action", ["", "x" * 65, "ạ" * 22])
def test_an_action_that_telegram_cannot_carry_is_rejected(action: str) -> None:
    with pytest.raises(Rejected):
        calls(Outgoing("?", (Button("Bấm", action),)))


def test_a_place_is_shown_on_the_map_before_the_words_and_their_buttons() -> None:
    where = Outgoing("Lớp học ở đây", (HELP,), place=Place(15.899, 108.103))

    place, words = calls(where)

    assert (place.method, place.main) == ("sendLocation", False)
    assert place.params == {"chat_id": 7, "latitude": 15.899, "longitude": 108.103}
    assert (words.params["text"], words.main) == ("Lớp học ở đây", True)
    assert "reply_markup" in words.params


def test_a_place_can_not_replace_an_earlier_message() -> None:
    assert render_edit("7", Outgoing("Đây", edits="5", place=Place(15.899, 108.103))) is None


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_message_is_rejected(text: str) -> None:
    with pytest.raises(Rejected):
        calls(Outgoing(text))


def test_a_chat_of_another_channel_is_rejected() -> None:
    with pytest.raises(Rejected):
        calls(Outgoing("chào"), chat_key="web-abc")


def test_a_long_text_is_split_and_its_last_part_has_the_buttons() -> None:
    parts = calls(Outgoing("Câu này dài. " * 700, (HELP,)))

    assert len(parts) == 3
    assert all(part.params["text"].endswith("dài.") for part in parts)
    assert ["reply_markup" in part.params for part in parts] == [False, False, True]
    assert [part.main for part in parts] == [False, False, True]


def test_a_place_is_asked_for_with_telegrams_own_button() -> None:
    markup = only(Outgoing("Bác ở đâu?", ask_place=True))["reply_markup"]

    assert markup["keyboard"] == [[{"text": LABELS.share_place, "request_location": True}]]
    assert markup["one_time_keyboard"]


def test_a_number_is_asked_for_with_telegrams_own_button() -> None:
    markup = only(Outgoing("Số của bác?", ask_contact=True))["reply_markup"]

    assert markup["keyboard"] == [[{"text": LABELS.share_contact, "request_contact": True}]]


def test_buttons_and_a_place_take_two_messages() -> None:
    first, second = calls(Outgoing("Bác ở đâu?", (HELP,), ask_place=True))

    assert "inline_keyboard" in first.params["reply_markup"]
    assert (first.main, second.main) == (True, False)
    assert second.params["text"] == LABELS.keyboard_hint
    assert "keyboard" in second.params["reply_markup"]


def test_in_a_group_nobody_is_asked_for_a_place() -> None:
    [call] = calls(Outgoing("Bác ở đâu?", ask_place=True), chat_key="-100")

    assert "reply_markup" not in call.params


@pytest.mark.parametrize(
    ("media", "method", "field"),
    [
        (Media("photo", "telegram:P", "image/jpeg"), "sendPhoto", "photo"),
        (Media("voice", "telegram:P", "audio/ogg"), "sendVoice", "voice"),
        (Media("voice", "telegram:P", "audio/webm"), "sendDocument", "document"),
        (Media("file", "telegram:P", "application/pdf"), "sendDocument", "document"),
        (Media("photo", "telegram:P", "image/heic"), "sendDocument", "document"),
    ],
)
def test_a_file_of_telegrams_own_goes_by_reference(media: Media, method: str, field: str) -> None:
    [call] = calls(Outgoing("Đây ạ", (HELP,), media))

    assert (call.method, call.params[field], call.upload) == (method, "P", None)
    assert call.params["caption"] == "Đây ạ"
    assert "reply_markup" in call.params


def test_a_file_from_elsewhere_is_uploaded() -> None:
    photo = Media("photo", "store:K", "image/png")

    [call] = calls(Outgoing("", media=photo))

    assert call.upload == photo
    assert "caption" not in call.params


def test_words_too_long_for_a_caption_follow_the_photo() -> None:
    photo = Media("photo", "telegram:P", "image/jpeg")

    first, second = calls(Outgoing("Dài. " * 300, (HELP,), photo))

    assert (first.method, second.method) == ("sendPhoto", "sendMessage")
    assert "reply_markup" not in first.params
    assert "reply_markup" in second.params
    assert (first.main, second.main) == (False, True)


def test_a_change_names_the_message_and_drops_its_buttons() -> None:
    call = render_edit("7", Outgoing("Xong.", edits="55"))

    assert call is not None
    assert (call.method, call.params["message_id"]) == ("editMessageText", 55)
    assert "reply_markup" not in call.params


@pytest.mark.parametrize(
    "message",
    [
        Outgoing("x", edits="web-1"),
        Outgoing("x", edits="5", ask_place=True),
        Outgoing("x", edits="5", media=Media("photo", "telegram:P")),
        Outgoing("x " * 4000, edits="5"),
    ],
)
def test_what_cannot_be_a_change_becomes_a_new_message(message: Outgoing) -> None:
    assert render_edit("7", message) is None


@given(st.text(st.characters(codec="utf-8"), max_size=400), st.integers(2, 60))
def test_parts_fit_and_lose_nothing_but_spaces(text: str, limit: int) -> None:
    parts = split(text, limit)

    assert all(0 < units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@pytest.mark.parametrize("char", ["😀", "a\u0323\u0302", FAMILY, "🇻🇳", "👍🏽"])
def test_no_character_is_torn_apart(char: str) -> None:
    parts = split(char * 40, 30)

    assert len(parts) > 1
    assert all(part == char * (len(part) // len(char)) for part in parts)


def test_the_cut_is_where_a_reader_pauses() -> None:
    assert split("Một câu dài hơn. Câu hai cũng dài.", 25)[0] == "Một câu dài hơn."
    assert split("Đoạn một dài.\n\nĐoạn hai. Câu nữa.", 26)[0] == "Đoạn một dài."
    assert split("mười hai từ không có dấu", 12)[0] == "mười hai từ"


def test_length_is_counted_as_telegram_counts() -> None:
    assert units("Đà Nẵng") == 7
    assert units("😀") == 2
