"""What every channel offers to the rest: take messages in, send messages out, say what failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from bot.types import Incoming, Media, Outgoing

# Returns when the update's transaction has committed; only then may it be acknowledged.
Receive = Callable[[Incoming], Awaitable[None]]
# Content and MIME type of a photo, voice note or file, whichever channel holds it.
FetchMedia = Callable[[Media], Awaitable[tuple[bytes, str]]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform can show; source of each figure stands where a channel fills it in."""

    text_chars: int
    buttons: int  # 0 = none: choices become numbered lines
    button_label_chars: int
    per_second: float
    per_chat_per_second: float
    can_edit: bool
    # To one group of people; 0 = as to anybody.
    per_group_per_minute: float = 0.0
    # People expect a pressed menu to change into the next one instead of piling up.
    edits_menus: bool = False
    # Sending the same message_id twice shows it once, so that nothing is ever in doubt.
    idempotent: bool = False


class SendError(Exception):
    """The platform did not take a message. `sent` is unknown when the answer never came."""


class Retry(SendError):
    """Not now. `whole_channel`: nobody may be written to before `after_s` seconds are over."""

    def __init__(self, reason: str, *, after_s: float = 0.0, whole_channel: bool = False) -> None:
        super().__init__(reason)
        self.after_s = after_s
        self.whole_channel = whole_channel


class Unreachable(SendError):
    """There is no way to the platform now: nothing was sent, and no message is at fault."""


class ChatGone(SendError):
    """Blocked, deactivated or kicked: never write there again until they write to us."""


class ChatMoved(SendError):
    """The chat lives on under `chat_key` (a Telegram group that became a supergroup)."""

    def __init__(self, chat_key: str) -> None:
        super().__init__("chat moved")
        self.chat_key = chat_key


class Rejected(SendError):
    """Our fault, and sending it again would not help."""


class Uncertain(SendError):
    """The connection broke after the request left: the platform may have taken it."""


class Channel(Protocol):
    """One platform. Knows nothing of dialogues; renders within its limits."""

    name: str
    limits: Limits

    async def start(self, receive: Receive) -> None:
        """Begin taking messages in."""

    async def stop(self) -> None:
        """Stop taking messages in; those in hand are finished first."""

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        """Send one message, return the platform's id of it. Raises a SendError.

        `message_id` is ours and stays the same when a message is tried again.
        """

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """Content and MIME type of something that this channel holds. Raises LookupError."""
