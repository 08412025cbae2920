"""What the real Bot API refuses in a text or a keyboard. Pure; raises Refusal."""

import json
import re
from typing import Any

from tests.telegram_emulator.model import Json, bad

# https://core.telegram.org/bots/api#sendmessage and #inlinekeyboardbutton
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_CALLBACK_BYTES = 64
MAX_INLINE_BUTTONS = 100
MAX_PER_ROW = 8

_TAG = re.compile(r"<(/?)([a-zA-Z-]+)[^>]*>")
_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre"}
_TAGS |= {"span", "tg-spoiler", "tg-emoji", "blockquote"}


def utf16_len(text: str) -> int:
    """Telegram counts UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def structure(params: Json, name: str) -> Any:
    """A JSON parameter, whether it came as JSON or, in a form, as a string of JSON."""
    value = params.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        what = "reply keyboard markup" if name == "reply_markup" else name
        raise bad(f"can't parse {what} JSON object") from None


def number(params: Json, name: str, default: int | None = None) -> int:
    value = params.get(name, default)
    try:
        return int(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise bad(f'invalid {name} specified: field "{name}" must be a number') from None


def check_text(params: Json) -> str:
    text = params.get("text", "")
    if not isinstance(text, str) or not text.strip():
        raise bad("message text is empty")
    if utf16_len(text) > MAX_TEXT:
        raise bad("message is too long")
    _check_markup(text, params, "entities")
    return text


def check_caption(params: Json) -> str:
    caption = params.get("caption", "")
    if not isinstance(caption, str):
        raise bad("caption must be of type String")
    if utf16_len(caption) > MAX_CAPTION:
        raise bad("message caption is too long")
    _check_markup(caption, params, "caption_entities")
    return caption


def _check_markup(text: str, params: Json, entities: str) -> None:
    if mode := params.get("parse_mode"):
        _check_parse_mode(text, str(mode))
    for entity in structure(params, entities) or ():
        start, length = entity.get("offset", -1), entity.get("length", 0)
        if start < 0 or length < 1 or start + length > utf16_len(text):
            raise bad("can't parse entities: entity is outside of the text")


def _check_parse_mode(text: str, mode: str) -> None:
    if mode.lower() == "html":
        _check_html(text)
    elif mode.lower() in ("markdown", "markdownv2"):
        for mark in ("*", "_", "`"):
            if len(re.findall(rf"(?<!\\){re.escape(mark)}", text)) % 2:
                raise bad(f"can't parse entities: can't find end of the entity at {mark!r}")
    else:
        raise bad("unsupported parse_mode")


def _check_html(text: str) -> None:
    opened: list[str] = []
    for closing, tag in _TAG.findall(text):
        if tag.lower() not in _TAGS:
            raise bad(f'can\'t parse entities: Unsupported start tag "{tag}"')
        if not closing:
            opened.append(tag)
        elif not opened or opened.pop() != tag:
            raise bad(f'can\'t parse entities: Unmatched end tag "{tag}"')
    if opened:
        raise bad(
            f"can't parse entities: Can't find end tag corresponding to start tag {opened[0]}"
        )


def check_keyboard(params: Json) -> Json:
    """The reply_markup, or {} when there is none."""
    if "reply_markup" not in params:
        return {}
    markup = structure(params, "reply_markup")
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    for name, check in (("inline_keyboard", _check_inline), ("keyboard", _check_reply)):
        if name in markup:
            rows = markup[name]
            if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
                raise bad(f'field "{name}" of the reply markup must be of type Array of Arrays')
            check(rows)
    return markup


def _check_inline(rows: list[list[Any]]) -> None:
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_INLINE_BUTTONS:
        raise bad("REPLY_MARKUP_TOO_LONG")
    if any(len(row) > MAX_PER_ROW for row in rows):
        raise bad("too many inline keyboard buttons in a row")
    for button in buttons:
        if not isinstance(button, dict) or not isinstance(button.get("text"), str):
            raise bad('can\'t parse inline keyboard button: Field "text" must be of type String')
        if not button["text"].strip():
            raise bad("inline keyboard button text is empty")
        data = button.get("callback_data")
        if data is None and "url" not in button:
            raise bad("text buttons are unallowed in the inline keyboard")
        if data is not None and not 1 <= len(str(data).encode()) <= MAX_CALLBACK_BYTES:
            raise bad("BUTTON_DATA_INVALID")


def _check_reply(rows: list[list[Any]]) -> None:
    for button in (button for row in rows for button in row):
        text = button if isinstance(button, str) else button.get("text")
        if not isinstance(text, str) or not text.strip():
            raise bad("reply keyboard button text is empty")
