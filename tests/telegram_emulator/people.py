"""People and groups of the emulator: what they do becomes updates, what they see is kept."""

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

from tests.telegram_emulator.model import Chat, Json, Received
from tests.telegram_emulator.world import Press, World

_COMMAND = re.compile(r"/[A-Za-z0-9_]+(@\w+)?")


class Screen:
    """What one chat shows, oldest first; woken at each message, never polling."""

    def __init__(self, world: World, chat: Chat) -> None:
        self.world = world
        self.chat = chat
        # Everything shown or changed, in order; a message stands here again when it is edited.
        self.events: list[Received] = []
        self.on_message: Callable[[Received], None] | None = None
        self._seen = 0
        self._waiting: set[asyncio.Future[None]] = set()
        world.chats[chat.id] = chat
        world.screens[chat.id] = self._show

    @property
    def read(self) -> list[Received]:
        """The bot's messages as they stand now, deleted ones gone."""
        return [message for message in self.chat.messages.values() if message]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.read]

    async def wait_for(self, text: str = "", timeout_s: float = 5.0) -> Received:
        """The next message not waited for before that contains the text; sees edits too."""
        async with asyncio.timeout(timeout_s):
            while True:
                while self._seen < len(self.events):
                    self._seen += 1
                    if text in self.events[self._seen - 1].text:
                        return self.events[self._seen - 1]
                await self._next()

    async def _next(self) -> None:
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    def _show(self, message: Received) -> None:
        if self.on_message:
            self.on_message(message)
        self.events.append(message)
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)


class Group(Screen):
    """A group with the bot in it. In privacy mode it hears commands, mentions and replies."""

    def __init__(self, world: World, chat_id: int, title: str) -> None:
        super().__init__(world, Chat(chat_id, "group", title, known=True))

    def kicks_bot(self) -> None:
        self.chat.blocked = True

    def becomes_supergroup(self, new_id: int) -> "Group":
        """Telegram moves the group to a new id and tells the bot so in both chats."""
        moved = Group(self.world, new_id, self.chat.title)
        moved.chat.type = "supergroup"
        self.chat.moved_to = new_id
        admin = {"id": 1, "is_bot": False, "first_name": "Admin"}
        _put(self.world, self.chat, admin, migrate_to_chat_id=new_id)
        _put(self.world, moved.chat, admin, migrate_from_chat_id=self.chat.id)
        return moved


class User(Screen):
    """Somebody with Telegram. Each action returns the id of the update that it became."""

    def __init__(self, world: World, user_id: int, first_name: str, *, started: bool) -> None:
        super().__init__(world, Chat(user_id, title=first_name, known=started))
        self.id = user_id
        self.first_name = first_name

    @property
    def account(self) -> Json:
        return {
            "id": self.id,
            "is_bot": False,
            "first_name": self.first_name,
            "language_code": "vi",
        }

    async def says(self, text: str, group: Group | None = None, **more: Any) -> int:
        """Type something; in a group the bot may not get it (0 is returned then)."""
        body: Json = {"text": text, **more}
        if match := _COMMAND.match(text):
            entity = {"type": "bot_command", "offset": 0, "length": match.end()}
            body["entities"] = [entity]
        if group and not self._is_heard(text, body):
            return 0
        return self.sends(group, **body)

    def sends(self, group: Group | None = None, **body: Any) -> int:
        """Send a message with any content."""
        chat = group.chat if group else self.chat
        chat.known = True
        return _put(self.world, chat, self.account, **body)

    async def presses(self, label: str, group: Group | None = None) -> Press:
        """Press the newest inline button whose label contains this. Raises LookupError."""
        screen = group or self
        for message in reversed(screen.read):
            for button in (b for row in message.inline for b in row):
                if label in button["text"]:
                    return self.presses_data(button["callback_data"], message)
        raise LookupError(f"no button {label!r}; there are {[m.labels for m in screen.read]}")

    def presses_data(self, data: str, message: Received) -> Press:
        """Press a button by what it carries, which a forged client can choose freely."""
        world = self.world
        press = Press(str(4_000_000 + len(world.presses)), data)
        world.presses[press.id] = press
        chat = world.chats[message.chat_id]
        query = {
            "id": press.id,
            "from": self.account,
            "message": world.message_json(chat, message, text=message.text),
            "chat_instance": f"ci-{chat.id}",
            "data": data,
        }
        world.updates.put({"update_id": world.updates.new_id(), "callback_query": query})
        return press

    async def shares_place(self, lat: float, lon: float) -> int:
        return self.sends(location={"latitude": lat, "longitude": lon})

    async def shares_contact(self, phone: str, user_id: int | None = None) -> int:
        """Their own number, or with `user_id` somebody else's."""
        contact = {"phone_number": phone, "first_name": self.first_name}
        return self.sends(contact={**contact, "user_id": user_id or self.id})

    async def sends_photo(
        self, content: bytes = b"\xff\xd8\xff\xe0photo", caption: str = ""
    ) -> int:
        small = self.world.add_file("photo", content[:4], ".jpg")
        large = self.world.add_file("photo", content, ".jpg")
        sizes = [
            {"file_id": f.file_id, "file_unique_id": f"u-{f.file_id}", "width": w, "height": w}
            for f, w in ((small, 90), (large, 1280))
        ]
        more: Json = {"caption": caption} if caption else {}
        return self.sends(None, photo=sizes, **more)

    async def sends_voice(self, content: bytes = b"OggS voice") -> int:
        file = self.world.add_file("voice", content, ".oga")
        known = {"file_id": file.file_id, "file_unique_id": f"u-{file.file_id}"}
        return self.sends(voice={**known, "duration": 2, "mime_type": "audio/ogg"})

    async def sends_document(self, content: bytes, mime: str = "application/pdf") -> int:
        file = self.world.add_file("document", content, ".pdf")
        known = {"file_id": file.file_id, "file_unique_id": f"u-{file.file_id}"}
        return self.sends(document={**known, "mime_type": mime})

    async def sends_sticker(self) -> int:
        sticker = {"file_id": "sticker-1", "file_unique_id": "u", "type": "regular", "emoji": "👍"}
        return self.sends(
            sticker={**sticker, "width": 9, "height": 9, "is_animated": False, "is_video": False}
        )

    async def edits(self, text: str) -> int:
        """Change what they wrote before."""
        update_id = self.world.updates.new_id()
        message = _message(self.chat, self.account, {"text": text, "edit_date": int(time.time())})
        self.world.updates.put({"update_id": update_id, "edited_message": message})
        return update_id

    async def blocks(self) -> int:
        self.chat.blocked = True
        return self._membership("member", "kicked")

    async def unblocks(self) -> int:
        self.chat.blocked = False
        return self._membership("kicked", "member")

    def _membership(self, old: str, new: str) -> int:
        world = self.world
        update_id = world.updates.new_id()
        change = {
            "chat": self.chat.json(),
            "from": self.account,
            "date": int(time.time()),
            "old_chat_member": {"user": world.bot, "status": old},
            "new_chat_member": {"user": world.bot, "status": new},
        }
        world.updates.put({"update_id": update_id, "my_chat_member": change})
        return update_id

    def _is_heard(self, text: str, body: Json) -> bool:
        name = f"@{self.world.username}".lower()
        if text.startswith("/"):
            command = text.split()[0].lower()
            return "@" not in command or command.endswith(name)
        return name in text.lower() or "reply_to_message" in body


def _message(chat: Chat, account: Json, body: Json) -> Json:
    message_id = chat.next_message_id()
    chat.messages[message_id] = None
    about = {"message_id": message_id, "from": account, "chat": chat.json()}
    return {**about, "date": int(time.time()), **body}


def _put(world: World, chat: Chat, account: Json, **body: Any) -> int:
    update_id = world.updates.new_id()
    world.updates.put({"update_id": update_id, "message": _message(chat, account, body)})
    return update_id
