"""Takes updates from Telegram by long polling; none is lost, none blocks the others.

The library's own updater is not used: one update that it can't build blocks all later ones for
ever, and it can fall silent for hours without an error.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from telegram.error import TelegramError

from bot.channels.telegram.errors import Refused
from bot.channels.telegram.parse import chat_key_of
from bot.clock import Clock

log = logging.getLogger(__name__)

# After a failed poll, and after an update that could not be kept: longer and longer.
POLL_BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
TAKE_BACKOFF_S = (0.5, 2.0, 8.0, 20.0)
FAREWELL_S = 2.0

Take = Callable[[Any], Awaitable[None]]


class Source(Protocol):
    """Where updates come from."""

    async def poll(self, offset: int) -> list[Any]:
        """Raw updates from `offset` on, confirming those before; waits a while for one."""

    async def confirm(self, offset: int) -> None:
        """Confirm what is before `offset` without waiting or taking more."""

    async def restart(self) -> None:
        """Drop the connection and make a new one."""


class Poller:
    """One loop of getUpdates. `take` returns when an update is committed."""

    def __init__(
        self,
        source: Source,
        take: Take,
        clock: Clock,
        *,
        silence_s: float,
        poll_backoff_s: Sequence[float] = POLL_BACKOFF_S,
        take_backoff_s: Sequence[float] = TAKE_BACKOFF_S,
    ) -> None:
        """`silence_s`: a poll without an answer for so long is taken for dead."""
        self._source = source
        self._take = take
        self._clock = clock
        self._silence_s = silence_s
        self._poll_backoff_s = poll_backoff_s
        self._take_backoff_s = take_backoff_s
        self._offset = 0
        self._failures = 0
        self._polling: asyncio.Task[list[Any]] | None = None
        self._stopping = asyncio.Event()
        # When Telegram last answered a poll; None before the first answer.
        self.last_poll_at: datetime | None = None
        self.restarts = 0

    async def run(self) -> None:
        """Poll until `stop`; updates in hand are finished and confirmed first."""
        while not self._stopping.is_set():
            batch = await self._poll()
            if batch:
                await self._handle(batch)
        if self._offset:
            with contextlib.suppress(TelegramError, TimeoutError):
                async with asyncio.timeout(FAREWELL_S):
                    await self._source.confirm(self._offset)

    def stop(self) -> None:
        """Ask `run` to end; a poll that only waits is given up."""
        self._stopping.set()
        if self._polling is not None:
            self._polling.cancel()

    # --- polling ---------------------------------------------------------------------------

    async def _poll(self) -> list[Any]:
        self._polling = asyncio.create_task(self._source.poll(self._offset))
        try:
            async with asyncio.timeout(self._silence_s):
                batch = await self._polling
        except TimeoutError:
            await self._start_again()
        except TelegramError as error:
            await self._wait_after(error)
        except asyncio.CancelledError:
            if not self._stopping.is_set():
                self._polling.cancel()
                raise
        else:
            self.last_poll_at = self._clock.now()
            self._failures = 0
            return batch
        finally:
            self._polling = None
        return []

    async def _start_again(self) -> None:
        log.warning("telegram: no answer to a poll for %g s; connecting again", self._silence_s)
        self.restarts += 1
        try:
            await self._source.restart()
        except OSError as error:
            log.warning("telegram: %s on connecting again", type(error).__name__)

    async def _wait_after(self, error: TelegramError) -> None:
        """Errors of a poll are never the end: say what is wrong, wait, try again."""
        self._failures += 1
        wait_s = self._poll_backoff_s[min(self._failures, len(self._poll_backoff_s)) - 1]
        if isinstance(error, Refused):
            wait_s = max(wait_s, error.retry_after_s)
            log.warning("telegram: poll refused: %s", _explain(error))
        else:
            log.warning("telegram: poll failed: %s; again in %g s", type(error).__name__, wait_s)
        await self._pause(wait_s)

    async def _pause(self, wait_s: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._stopping.wait()

    # --- handling --------------------------------------------------------------------------

    async def _handle(self, batch: list[Any]) -> None:
        """Chats side by side, one chat's updates in order; the offset moves when all are done."""
        by_chat: dict[str, list[Any]] = {}
        for position, raw in enumerate(batch):
            key = chat_key_of(raw) or f"?{position}"
            by_chat.setdefault(key, []).append(raw)
        kept = await asyncio.gather(*(self._take_in_order(own) for own in by_chat.values()))
        if not all(kept):
            return  # we stop; what was not kept is delivered again to the next process
        ids = [raw["update_id"] for raw in batch if _has_id(raw)]
        if not ids:
            # Nothing to confirm them by: the same batch will come again.
            await self._pause(self._poll_backoff_s[-1])
            return
        self._offset = max(self._offset, max(ids) + 1)

    async def _take_in_order(self, updates: list[Any]) -> bool:
        """False when the process stops before all of them were dealt with."""
        for raw in updates:
            if not await self._take_patiently(raw):
                return False
        return True

    async def _take_patiently(self, raw: Any) -> bool:
        update_id = raw["update_id"] if _has_id(raw) else "?"
        for wait_s in self._take_backoff_s:
            error = await self._try_to_take(raw)
            if error is None:
                return True
            log.warning("telegram: update %s failed: %s; again soon", update_id, error)
            await self._pause(wait_s)
            if self._stopping.is_set():
                break
        error = await self._try_to_take(raw)
        if error is None:
            return True
        if self._stopping.is_set():
            return False
        log.error("telegram: update %s given up: %s", update_id, error)
        return True

    async def _try_to_take(self, raw: Any) -> str | None:
        """What went wrong, in a word that may be logged; None when it is committed."""
        try:
            await self._take(raw)
        except Exception as error:
            return type(error).__name__
        return None


def _has_id(raw: Any) -> bool:
    return isinstance(raw, dict) and isinstance(raw.get("update_id"), int)


def _explain(error: Refused) -> str:
    if error.code == 409 and "webhook" in error.description:
        return (
            "409, a webhook is set. Run `python -m bot webhook remove`, "
            'or set telegram.mode = "webhook"'
        )
    if error.code == 409:
        return "409, another process polls with the same token. Stop it, or use webhooks"
    if error.code in (401, 404):
        return f"{error.code}, the token is not accepted. Check NGOSO_TELEGRAM__TOKEN"
    return f"{error.code} {error.description}"
