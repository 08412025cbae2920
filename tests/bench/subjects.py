"""What is measured: each bot a process of its own, each with an emulator of its own."""

import asyncio
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import PREFIX, ROOT
from tests.telegram_emulator import TOKEN, BotApi, PaceLimits

AIOGRAM_PYTHON = ROOT / ".venv" / "bench" / "bin" / "python"
GATHER = "gather over PTB's AIORateLimiter"
PTB, AIOGRAM = "python-telegram-bot echo", "aiogram echo"
OURS_SQLITE, OURS_POSTGRESQL = "Ngõ Số, SQLite", "Ngõ Số, PostgreSQL"
# Telegram's own pace would be all that is measured.
NO_PACE = "1000000"


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a bot that talks to the emulator at `base_url`."""

    name: str
    arguments: Callable[[str], list[str]]
    settings: Callable[[str], Mapping[str, str]] = field(default=lambda _base_url: {})


def echo_ptb() -> Command:
    module = [sys.executable, "-m", "tests.bench.echo_ptb"]
    return Command(PTB, lambda base_url: [*module, base_url, TOKEN])


def echo_aiogram() -> Command:
    module = [str(AIOGRAM_PYTHON), "-m", "tests.bench.echo_aiogram"]
    return Command(AIOGRAM, lambda base_url: [*module, base_url, TOKEN])


def gather_ptb(per_second: float) -> Command:
    """What people write to announce with python-telegram-bot."""
    module = [sys.executable, "-m", "tests.bench.gather_ptb"]
    return Command(GATHER, lambda base_url: [*module, base_url, TOKEN, str(per_second)])


def ours(name: str, database: str, *, web: bool = False, per_second: str = NO_PACE) -> Command:
    """Our bot as people run it; `database` is its URL."""

    def settings(base_url: str) -> dict[str, str]:
        own = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__BASE_URL": base_url,
            "SENDER__TELEGRAM_PER_SECOND": per_second,
            "SENDER__TELEGRAM_PER_CHAT_PER_SECOND": NO_PACE,
            "DATABASE__URL": database,
            "WEB__ENABLED": str(web),
            "WEB__PORT": "0",
            # Announcements leave by day only, and a bench is run at any time.
            "HELP__DAY_STARTS": "0",
            "HELP__DAY_ENDS": "24",
        }
        return {PREFIX + key: value for key, value in own.items()}

    return Command(name, lambda _base_url: [sys.executable, "-m", "bot"], settings)


@dataclass(slots=True)
class Subject:
    """A bot at work. `ready_s`: from its start to its first request for updates."""

    name: str
    api: BotApi
    pid: int
    ready_s: float

    def cpu_s(self) -> float:
        """Processor time used so far, of all threads: what a busy machine hardly changes."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def pss_mb(self) -> float:
        """Proportional set size: its memory, and its share of what it has in common with others."""
        text = Path(f"/proc/{self.pid}/smaps_rollup").read_text()
        found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0


@asynccontextmanager
async def at_work(
    command: Command, folder: Path, limits: PaceLimits | None = None
) -> AsyncIterator[Subject]:
    """Start the bot, wait until it asks for updates, and end it afterwards.

    `limits`: how fast the emulator lets it write; None = as fast as it can.
    """
    async with BotApi(limits=limits, journal=False) as api:
        began = time.perf_counter()
        process = await _start(command, api.base_url, folder)
        try:
            await api.updates.wait_polls(1, timeout_s=60)
            yield Subject(command.name, api, process.pid, time.perf_counter() - began)
        finally:
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(30):
                await process.wait()


async def _start(command: Command, base_url: str, folder: Path) -> asyncio.subprocess.Process:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    environment = kept | {"PYTHONPATH": str(ROOT)} | dict(command.settings(base_url))
    with (folder / f"{command.name.replace(' ', '-')}.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            *command.arguments(base_url), cwd=folder, env=environment, stdout=log, stderr=log
        )
