"""What passes between a channel and a dialogue; knows no platform."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

MediaKind = Literal["photo", "voice", "file"]


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map, WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Media:
    """A photo, a voice note or a file.

    `ref` says who has it: "store:KEY" is in our media table, "telegram:FILE_ID" is fetched
    from Telegram when another channel needs it.
    """

    kind: MediaKind
    ref: str
    mime: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update from a platform. Exactly what the person sent, already NFC and stripped."""

    channel: str
    update_id: str
    chat_key: str
    text: str = ""
    button: str | None = None
    place: Place | None = None
    media: Media | None = None
    # The phone number of a shared contact, only when it is the sender's own.
    contact: str | None = None
    # Something that we can't read (sticker, poll, ...).
    other: bool = False
    # The platform's id of the message whose button was pressed, so that it can be edited.
    message_id: str = ""
    # In a group: who wrote or pressed; the platform's id of that person's private chat.
    sender_key: str = ""

    @property
    def private(self) -> bool:
        """False in a group, where private matters are not discussed."""
        return not self.sender_key or self.sender_key == self.chat_key


@dataclass(frozen=True, slots=True)
class Button:
    """A choice; `action` comes back when it is pressed, and is never trusted."""

    label: str
    action: str
    # What to type instead of pressing; the dispatcher gives it.
    number: str = ""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one chat, in the reader's language already."""

    text: str
    buttons: Sequence[Button] = field(default=())
    media: Media | None = None
    # A point to show on the map, where the platform has one; the text says it in words.
    place: Place | None = None
    # Show the platform's "share my place" / "share my number" control, where it has one.
    ask_place: bool = False
    ask_contact: bool = False
    # The platform's id of a message of ours to change instead of sending a new one.
    edits: str = ""
