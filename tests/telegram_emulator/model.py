"""What the emulator remembers: chats, messages as people see them, files, calls."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An answer with ok = false, in the words of the real Bot API."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def body(self) -> Json:
        answer: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad(description: str) -> Refusal:
    """A 400 with the prefix that the real one puts before every reason."""
    return Refusal(400, f"Bad Request: {description}")


@dataclass(slots=True)
class Received:
    """A message of the bot as it stands on somebody's screen; edits change it in place."""

    message_id: int
    chat_id: int
    kind: str  # text, photo, voice, audio, document, location
    text: str = ""
    inline: list[list[Json]] = field(default_factory=list)
    keyboard: list[list[Json]] = field(default_factory=list)
    file_id: str = ""
    edited: int = 0

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons, inline ones first."""
        return [b["text"] for row in (*self.inline, *self.keyboard) for b in row]


@dataclass(slots=True)
class Call:
    """One line of the journal. `answer` is the status; 0 = the connection was cut."""

    method: str
    params: Json
    status: int = 0
    error: str = ""


@dataclass(slots=True)
class File:
    """Something that was uploaded, by the bot or by a person."""

    file_id: str
    kind: str
    content: bytes
    path: str


@dataclass(slots=True)
class Chat:
    """One conversation. `messages` holds both sides' by id: the bot's are `Received`."""

    id: int
    type: str = "private"
    title: str = ""
    # A bot may not write to somebody who has never written to it.
    known: bool = False
    blocked: bool = False
    deactivated: bool = False
    moved_to: int = 0
    last_message_id: int = 0
    messages: dict[int, Received | None] = field(default_factory=dict)

    def next_message_id(self) -> int:
        self.last_message_id += 1
        return self.last_message_id

    def json(self) -> Json:
        name = "first_name" if self.type == "private" else "title"
        return {"id": self.id, "type": self.type, name: self.title}
