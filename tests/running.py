"""A bot as people run it: its own process, started and killed from outside."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.config import PREFIX, ROOT


class RunningBot:
    """`python -m bot` on a database of its own; `address` is that of its web chat."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.database = f"sqlite:///{folder}/ngoso.db"
        self.address = self.health = ""
        self.printed: list[str] = []
        self._folder = folder
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and wait until it says where its web chat is."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot",
            cwd=self._folder, env=self._environment(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(60):
            while not await self._line_says("Ctrl-C stops."):
                pass

    async def kill(self) -> None:
        """kill -9: nothing is finished, nothing is written."""
        await self._end(signal.SIGKILL)

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ctrl-C, or another signal; returns the exit code."""
        return await self._end(number)

    async def command(self, *arguments: str) -> tuple[int, str]:
        """Run `python -m bot ...` with the same settings; exit code and all that it printed."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *arguments,
            cwd=self._folder, env=self._environment(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        async with asyncio.timeout(60):
            output, _ = await process.communicate()
        return process.returncode or 0, output.decode()

    async def _end(self, number: int) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if process.returncode is None:
            process.send_signal(number)
        async with asyncio.timeout(20):
            output, _ = await process.communicate()
        self.printed += output.decode().splitlines()
        return process.returncode or 0

    async def _line_says(self, words: str) -> bool:
        if self._process is None or self._process.stdout is None:
            raise AssertionError("the bot is not running")
        line = (await self._process.stdout.readline()).decode().rstrip()
        if not line and self._process.stdout.at_eof():
            raise AssertionError("the bot ended:\n" + "\n".join(self.printed))
        self.printed.append(line)
        if line.startswith("Web chat: "):
            self.address = line.removeprefix("Web chat: ")
            self.health = f"{self.address}/health"
        if line.startswith("Health: "):
            self.health = line.removeprefix("Health: ")
        return words in line

    def _environment(self) -> Mapping[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
        own = {
            "PYTHONPATH": str(ROOT),
            f"{PREFIX}DATABASE__URL": self.database,
            f"{PREFIX}WEB__PORT": "0",
        }
        return kept | own | {f"{PREFIX}{name}": value for name, value in self._settings.items()}


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
    """The environment of a process that keeps its bytecode in a folder."""
    kept = {k: v for k, v in environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(folder)}
