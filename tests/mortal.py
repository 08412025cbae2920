"""A bot that dies often, and starts again quickly."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

from tests.running import RunningBot


class MortalBot(RunningBot):
    """A bot that is killed often: its output is read all the time, its bytecode kept."""

    def __init__(self, folder: Path, bytecode: Path, **settings: str) -> None:
        super().__init__(folder, **settings)
        self._bytecode = bytecode
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await super().start()
        self._reader = asyncio.create_task(self._read_on())

    async def _read_on(self) -> None:
        with contextlib.suppress(AssertionError):  # raised at the end of the output
            while True:
                await self._line_says("")

    async def _end(self, number: int) -> int:
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        return await super()._end(number)

    def _environment(self) -> Mapping[str, str]:
        return with_bytecode(super()._environment(), self._bytecode)


def with_bytecode(environ: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment of a process that keeps its bytecode in this folder."""
    kept = {k: v for k, v in environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder)}
