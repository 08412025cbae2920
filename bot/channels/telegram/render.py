"""An Outgoing as calls of the Bot API. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channels.base import Rejected
from bot.channels.telegram.split import CAPTION_UNITS, split, units
from bot.types import Button, Media, Outgoing, Place

# https://core.telegram.org/bots/api#inlinekeyboardbutton
CALLBACK_BYTES = 64
_PREFIX = "telegram:"
# https://core.telegram.org/bots/api#sendvoice: only these are played as voice notes.
_VOICE_MIMES = ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a")
_PHOTO_MIMES = ("", "image/jpeg", "image/png", "image/webp")
# https://core.telegram.org/bots/api#sending-files
MAX_PHOTO_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Labels:
    """What stands on Telegram's own controls, in the readers' language."""

    share_place: str
    share_contact: str
    # A line above those controls when the message has buttons of its own.
    keyboard_hint: str
    # Pops up at a press in a group, whose answer comes in private; at most 200 characters.
    in_private: str


@dataclass(slots=True)
class Call:
    """One call. `main`: its message is the one that an edit or a press later refers to."""

    method: str
    params: dict[str, Any]
    main: bool = False
    # A file that has to be uploaded, and the parameter that it goes into.
    upload: Media | None = None
    field: str = field(default="")


def render(chat_key: str, message: Outgoing, labels: Labels) -> list[Call]:
    """A new message, in the order in which its parts are sent. Raises Rejected."""
    markup = _inline(message.buttons)
    keyboard = _keyboard(message, labels) if not chat_key.startswith("-") else {}
    own = markup or keyboard
    calls = _with_media(chat_key, message, own) if message.media else []
    if not calls or (message.text.strip() and "caption" not in calls[-1].params):
        calls += _texts(chat_key, message.text, own)
    calls[-1].main = True
    if message.place is not None:
        calls.insert(0, _location(chat_key, message.place))
    if markup and keyboard:
        # Telegram takes one keyboard a message.
        calls.append(_text(chat_key, labels.keyboard_hint, keyboard))
    return calls


def render_edit(chat_key: str, message: Outgoing) -> Call | None:
    """The change of an earlier message; None when only a new one can show this."""
    asks = message.ask_place or message.ask_contact
    if asks or message.media or message.place or not message.edits.isdecimal():
        return None
    parts = split(message.text)
    if len(parts) != 1:
        return None
    call = _text(chat_key, parts[0], _inline(message.buttons))
    call.params["message_id"] = int(message.edits)
    return Call("editMessageText", call.params, main=True)


def as_document(call: Call, media: Media) -> Call:
    """The same file as a plain document, for what can't be shown in its own way."""
    params = {name: value for name, value in call.params.items() if name != call.field}
    return Call("sendDocument", params, call.main, media, "document")


def _texts(chat_key: str, text: str, markup: dict[str, Any]) -> list[Call]:
    parts = split(text.strip())
    if not parts:
        raise Rejected("an empty message")
    calls = [_text(chat_key, part, {}) for part in parts[:-1]]
    return [*calls, _text(chat_key, parts[-1], markup)]


def _text(chat_key: str, text: str, markup: dict[str, Any]) -> Call:
    # No parse_mode: people's names and words must never turn into markup. No previews: one idea
    # a message, on a small screen.
    params: dict[str, Any] = {
        "chat_id": _chat_id(chat_key),
        "text": text,
        "link_preview_options": {"is_disabled": True},
    }
    if markup:
        params["reply_markup"] = markup
    return Call("sendMessage", params)


def _with_media(chat_key: str, message: Outgoing, markup: dict[str, Any]) -> list[Call]:
    assert message.media is not None  # noqa: S101
    method, name = _method_for(message.media)
    params: dict[str, Any] = {"chat_id": _chat_id(chat_key)}
    captioned = units(message.text) <= CAPTION_UNITS
    if captioned and message.text.strip():
        params["caption"] = message.text
    if captioned and markup:
        params["reply_markup"] = markup
    call = Call(method, params, field=name)
    if message.media.ref.startswith(_PREFIX):
        params[name] = message.media.ref.removeprefix(_PREFIX)
    else:
        call.upload = message.media
    return [call]


def _location(chat_key: str, place: Place) -> Call:
    """https://core.telegram.org/bots/api#sendlocation: a press opens it in the phone's own map."""
    params = {"chat_id": _chat_id(chat_key), "latitude": place.lat, "longitude": place.lon}
    return Call("sendLocation", params)


def _method_for(media: Media) -> tuple[str, str]:
    if media.kind == "photo" and media.mime in _PHOTO_MIMES:
        return "sendPhoto", "photo"
    if media.kind == "voice" and media.mime.split(";")[0] in _VOICE_MIMES:
        return "sendVoice", "voice"
    return "sendDocument", "document"


def _inline(buttons: Sequence[Button]) -> dict[str, Any]:
    """One button a row: on a small phone the labels would be cut otherwise."""
    if not buttons:
        return {}
    return {"inline_keyboard": [[_button(button)] for button in buttons]}


def _button(button: Button) -> dict[str, str]:
    if not 1 <= len(button.action.encode()) <= CALLBACK_BYTES:
        raise Rejected("a button's action is longer than 64 bytes, or empty")
    label = f"{button.number}. {button.label}" if button.number else button.label
    return {"text": label, "callback_data": button.action}


def _keyboard(message: Outgoing, labels: Labels) -> dict[str, Any]:
    rows: list[list[dict[str, Any]]] = []
    if message.ask_place:
        rows.append([{"text": labels.share_place, "request_location": True}])
    if message.ask_contact:
        rows.append([{"text": labels.share_contact, "request_contact": True}])
    if not rows:
        return {}
    return {"keyboard": rows, "resize_keyboard": True, "one_time_keyboard": True}


def _chat_id(chat_key: str) -> int:
    try:
        return int(chat_key)
    except ValueError:
        raise Rejected("not a chat of Telegram") from None
