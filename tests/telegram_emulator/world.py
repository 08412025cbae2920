"""The state of the emulated Telegram: who is there, what stands on their screens."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_emulator.faults import Faults
from tests.telegram_emulator.model import Chat, File, Json, Received, Refusal, bad
from tests.telegram_emulator.pace import Pace
from tests.telegram_emulator.updates import Updates

Shown = Callable[[Received], None]


@dataclass(slots=True)
class Press:
    """One callback query. `data` went to the bot; `answered` once the bot has said so."""

    id: str
    data: str
    answered: bool = False
    text: str = ""


@dataclass
class World:
    """Chats, files, presses and updates of one bot."""

    pace: Pace
    faults: Faults
    updates: Updates
    username: str = "NgoSoBot"
    bot_id: int = 100_100
    chats: dict[int, Chat] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    commands: list[Json] = field(default_factory=list)
    # Called for every message shown or changed, by chat.
    screens: dict[int, Shown] = field(default_factory=dict)

    @property
    def bot(self) -> Json:
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": "Ngõ Số",
            "username": self.username,
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }

    def chat_for(self, params: Json) -> Chat:
        """The chat that a call names, or the refusal that the real one answers with."""
        try:
            chat = self.chats.get(int(params.get("chat_id", "")))
        except (TypeError, ValueError):
            chat = None
        if "chat_id" not in params:
            raise bad("chat_id is empty")
        if chat is None or not chat.known:
            raise bad("chat not found")
        if chat.moved_to:
            reason = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refusal(400, reason, migrate_to_chat_id=chat.moved_to)
        if chat.deactivated:
            raise Refusal(403, "Forbidden: user is deactivated")
        if chat.blocked:
            raise Refusal(403, _blocked(chat))
        return chat

    def sent(self, chat_id: int, message_id: int, missing: str) -> Received:
        """A message of the bot. Raises a 400 in the given words."""
        chat = self.chats[chat_id]
        if message_id not in chat.messages:
            raise bad(missing)
        message = chat.messages[message_id]
        if message is None:
            raise bad("message can't be edited")
        return message

    def show(self, chat: Chat, message: Received) -> None:
        chat.messages[message.message_id] = message
        if screen := self.screens.get(chat.id):
            screen(message)

    def changed(self, message: Received) -> None:
        message.edited += 1
        if screen := self.screens.get(message.chat_id):
            screen(message)

    def add_file(self, kind: str, content: bytes, suffix: str) -> File:
        number = len(self.files) + 1
        file = File(f"{kind}-{number:06d}", kind, content, f"{kind}s/file_{number}{suffix}")
        self.files[file.file_id] = file
        return file

    def message_json(self, chat: Chat, message: Received, **more: Any) -> Json:
        """A message of the bot as the Bot API returns it."""
        answer: Json = {
            "message_id": message.message_id,
            "from": self.bot,
            "chat": chat.json(),
            "date": int(time.time()),
            **more,
        }
        if message.inline:
            answer["reply_markup"] = {"inline_keyboard": message.inline}
        return answer


def _blocked(chat: Chat) -> str:
    if chat.type == "private":
        return "Forbidden: bot was blocked by the user"
    return f"Forbidden: bot was kicked from the {chat.type} chat"
