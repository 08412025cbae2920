"""What the web chat needs to know of a demo: whose phones to show, and a clock to move."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.texts import Text


@dataclass(frozen=True, slots=True)
class Persona:
    """One phone of the demo; its chat key is "demo-" and `key`."""

    key: str
    title: Text
    note: Text


class DemoConsole(Protocol):
    """Offered to the channel in demo mode only."""

    def personas(self) -> Sequence[Persona]:
        """The phones, in the order in which they are shown."""

    def now(self) -> datetime:
        """The demo's time, aware."""

    async def forward(self, minutes: int) -> None:
        """Move the clock and do what becomes due. Raises ValueError on a step back."""


def chat_key_of(persona: str) -> str:
    """The chat key of a phone of the demo."""
    return f"demo-{persona}"
