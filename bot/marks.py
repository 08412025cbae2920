"""Writes what became of messages, in batches: the commit is what costs."""

import asyncio
from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.guarded import guarded
from storage.broadcast_queue import mark_recipients
from storage.outbox import Mark, mark

GATHER_S = 0.01
# Nobody waits for what follows an announcement, as somebody does for the end of a reply; a commit
# for a handful of them would only be in the way of replies.
GATHER_BULK_S = 0.1


class Marks:
    """`run` writes until cancelled. `on_again` is called when a row was put in line once more."""

    def __init__(self, engine: AsyncEngine, name: str, on_again: Callable[[], None]) -> None:
        self._engine = engine
        self._what = f"the outbox of {name}"
        self._on_again = on_again
        self._marks: list[Mark] = []
        self._something = asyncio.Event()
        self._writing = asyncio.Lock()
        self._later: asyncio.TimerHandle | None = None

    def add(self, mark: Mark) -> None:
        self._marks.append(mark)
        if not mark.broadcast_id:
            self._something.set()
        elif self._later is None:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(GATHER_BULK_S, self._something.set)

    async def run(self) -> None:
        while True:
            await self._something.wait()
            await asyncio.sleep(GATHER_S)
            self._something.clear()
            async with self._writing:
                await guarded(self._what, self._write)

    async def flush(self) -> None:
        """Write what is left; a batch that is being written is waited for."""
        async with self._writing:
            await self._write()

    async def _write(self) -> None:
        marks, self._marks = self._marks, []
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if not marks:
            return
        try:
            async with self._engine.begin() as conn:
                await write_marks(conn, marks)
        except Exception:
            self._marks = marks + self._marks
            self._something.set()
            raise
        if any(m.again for m in marks):
            self._on_again()


async def write_marks(conn: AsyncConnection, marks: list[Mark]) -> None:
    """Write each mark where its row stands: in the outbox, or in an announcement's ledger."""
    if of_outbox := [m for m in marks if not m.broadcast_id]:
        await mark(conn, of_outbox)
    if of_ledger := [m for m in marks if m.broadcast_id]:
        await mark_recipients(conn, of_ledger)
