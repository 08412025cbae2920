"""A raw update of the Bot API as an Incoming. Pure.

Plain dictionary access: building the library's objects bounds a process at 3,000 updates a
second, and one field that it does not expect makes it refuse the whole update.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.texts import clean
from bot.types import Incoming, Media, Place

Raw = Mapping[str, Any]

# What a bot has to ask for; edited messages, reactions, polls are of no use to us.
ALLOWED_UPDATES = ("message", "callback_query", "my_chat_member")
_COMMAND = re.compile(r"/(\w+)@(\w+)")
# Notes that Telegram itself writes into a chat; nobody said anything.
_SERVICE = frozenset(
    {
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "delete_chat_photo",
        "group_chat_created",
        "supergroup_chat_created",
        "channel_chat_created",
        "pinned_message",
        "message_auto_delete_timer_changed",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "video_chat_scheduled",
        "video_chat_started",
        "video_chat_ended",
        "video_chat_participants_invited",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_closed",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "write_access_allowed",
        "boost_added",
        "chat_background_set",
        "proximity_alert_triggered",
    }
)


@dataclass(frozen=True, slots=True)
class Notice:
    """News of a chat itself: the bot was thrown out or blocked, or the chat has a new key."""

    kind: Literal["gone", "moved"]
    chat_key: str
    moved_to: str = ""


def parse(raw: Raw, username: str = "") -> Incoming | None:
    """None when nobody said anything to us. Raises whatever a malformed update makes it raise.

    `username` is the bot's, without @. In a group only what is meant for the bot counts:
    commands, mentions, replies to it and buttons; it may hear more when it is an administrator.
    """
    query = raw.get("callback_query")
    if query is not None:
        return _press(raw, query)
    message = raw.get("message")
    return None if message is None else _message(raw, message, username)


def find_notice(raw: Raw) -> Notice | None:
    """Raises on a malformed update, as `parse` does."""
    member = raw.get("my_chat_member")
    if member is not None:
        gone = member["new_chat_member"]["status"] in ("kicked", "left")
        return Notice("gone", str(member["chat"]["id"])) if gone else None
    message = raw.get("message")
    if message is None:
        return None
    if new := message.get("migrate_to_chat_id"):
        return Notice("moved", str(message["chat"]["id"]), str(new))
    if old := message.get("migrate_from_chat_id"):
        return Notice("moved", str(old), str(message["chat"]["id"]))
    return None


def salvage(raw: object, username: str = "") -> Incoming | None:
    """What can be told of an update that `parse` choked on; None without a chat to answer in."""
    chat_key = chat_key_of(raw)
    if not isinstance(raw, Mapping) or not chat_key or "update_id" not in raw:
        return None
    if "message" not in raw and "callback_query" not in raw:
        return None
    sender_key = _sender_key(raw)
    if chat_key.startswith("-") and not sender_key:
        return None
    return Incoming("telegram", str(raw["update_id"]), chat_key, other=True, sender_key=sender_key)


def chat_key_of(raw: object) -> str:
    """The chat that an update of any kind belongs to; "" when there is none. Never raises."""
    for body in _bodies(raw):
        inner = body.get("message")
        for holder in (body, inner if isinstance(inner, Mapping) else {}):
            chat = holder.get("chat")
            if isinstance(chat, Mapping) and isinstance(chat.get("id"), int):
                return str(chat["id"])
    return _sender_key(raw)


def callback_id_of(raw: object) -> str:
    """The callback query that wants an answer; "" when there is none. Never raises."""
    query = raw.get("callback_query") if isinstance(raw, Mapping) else None
    found = query.get("id") if isinstance(query, Mapping) else None
    return found if isinstance(found, str) else ""


def _bodies(raw: object) -> list[Raw]:
    values = raw.values() if isinstance(raw, Mapping) else ()
    return [body for body in values if isinstance(body, Mapping)]


def _sender_key(raw: object) -> str:
    for body in _bodies(raw):
        sender = body.get("from")
        if isinstance(sender, Mapping) and isinstance(sender.get("id"), int):
            return str(sender["id"])
    return ""


def _press(raw: Raw, query: Raw) -> Incoming | None:
    sender = query["from"]
    if sender.get("is_bot"):
        return None
    sender_key = str(sender["id"])
    message = query.get("message")
    data = query.get("data")
    return Incoming(
        "telegram",
        str(raw["update_id"]),
        # A message that is too old to be sent along was in the person's own chat, or in a group
        # whose conversation goes on there.
        str(message["chat"]["id"]) if message else sender_key,
        button=data,
        other=data is None,
        message_id=str(message["message_id"]) if message else "",
        sender_key=sender_key,
    )


def _message(raw: Raw, message: Raw, username: str) -> Incoming | None:
    sender, chat = message.get("from"), message["chat"]
    if sender is None or sender.get("is_bot") or not _SERVICE.isdisjoint(message):
        return None
    text = clean(message.get("text") or message.get("caption") or "")
    if chat.get("type", "private") != "private":
        if not _is_for_us(text, message, username):
            return None
        text = _without_mention(text, username)
    place, media, contact = _place(message), _media(message), _contact(message, sender["id"])
    return Incoming(
        "telegram",
        str(raw["update_id"]),
        str(chat["id"]),
        text=_plain_command(text),
        place=place,
        media=media,
        contact=contact,
        other=not (text or place or media or contact),
        sender_key=str(sender["id"]),
    )


def _is_for_us(text: str, message: Raw, username: str) -> bool:
    if match := _COMMAND.match(text):
        return not username or match.group(2).lower() == username.lower()
    if text.startswith("/"):
        return True
    if username and f"@{username}".lower() in text.lower():
        return True
    replied = (message.get("reply_to_message") or {}).get("from") or {}
    return bool(replied.get("is_bot")) and replied.get("username", username) == username


def _without_mention(text: str, username: str) -> str:
    if not username or text.startswith("/"):
        return text
    return re.sub(rf"@{re.escape(username)}\b[,:]?\s*", "", text, flags=re.IGNORECASE).strip()


def _plain_command(text: str) -> str:
    """`/cmd@Bot rest` as `/cmd rest`."""
    return _COMMAND.sub(r"/\1", text, count=1) if text.startswith("/") else text


def _place(message: Raw) -> Place | None:
    where = message.get("location") or (message.get("venue") or {}).get("location")
    return Place(float(where["latitude"]), float(where["longitude"])) if where else None


def _contact(message: Raw, sender_id: int) -> str | None:
    """The number, only when it is the sender's own: anybody can pass on anybody's card."""
    contact = message.get("contact")
    if not contact or contact.get("user_id") != sender_id:
        return None
    return clean(contact["phone_number"])


def _media(message: Raw) -> Media | None:
    if sizes := message.get("photo"):
        largest = max(sizes, key=lambda size: size.get("width", 0) * size.get("height", 0))
        return Media("photo", f"telegram:{largest['file_id']}", "image/jpeg")
    if voice := message.get("voice"):
        return _heard(voice, "audio/ogg")
    if audio := message.get("audio"):
        return _heard(audio, "audio/mpeg")
    for kind, mime in (("video_note", "video/mp4"), ("video", "video/mp4"), ("document", "")):
        # An animation comes with a copy of itself as a document; it says nothing to us.
        if (file := message.get(kind)) and "animation" not in message:
            return Media("file", f"telegram:{file['file_id']}", file.get("mime_type") or mime)
    return None


def _heard(file: Raw, mime: str) -> Media:
    return Media("voice", f"telegram:{file['file_id']}", file.get("mime_type") or mime)
