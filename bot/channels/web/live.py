"""Tells connected browsers that there is something new in their chat."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

# One person, several tabs and phones; more is a fault or an attack.
MAX_LISTENERS = 12


class TooManyListeners(Exception):
    """The chat is open in too many places."""


class Listener:
    """One browser waiting for news of its chat."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self.typing = False

    def wake(self) -> None:
        self._news.set()

    async def wait(self, timeout_s: float) -> bool:
        """True as soon as there is news, False when the time is over first."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def take_typing(self) -> bool:
        """Whether the bot began to answer since the last question."""
        typing, self.typing = self.typing, False
        return typing


class Hub:
    """Which browsers listen to which chat, in this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self.closed = False

    @contextmanager
    def listen(self, chat_key: str) -> Iterator[Listener]:
        """Be woken from now on. Raises TooManyListeners."""
        listeners = self._listeners.setdefault(chat_key, set())
        if len(listeners) >= MAX_LISTENERS:
            raise TooManyListeners
        listener = Listener()
        listeners.add(listener)
        try:
            yield listener
        finally:
            listeners.discard(listener)
            if not listeners and self._listeners.get(chat_key) is listeners:
                del self._listeners[chat_key]

    def wake(self, chat_key: str) -> None:
        """There is something new in this chat."""
        for listener in self._listeners.get(chat_key, ()):
            listener.wake()

    def typing(self, chat_key: str) -> None:
        """The bot begins to answer."""
        for listener in self._listeners.get(chat_key, ()):
            listener.typing = True
            listener.wake()

    def close(self) -> None:
        """Let all who wait go, because the server stops."""
        self.closed = True
        for listeners in self._listeners.values():
            for listener in listeners:
                listener.wake()
