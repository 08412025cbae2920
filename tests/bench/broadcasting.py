"""Announcing to many: how fast they are put in line, how fast they leave, and who waits for it.

Ours and a gather over python-telegram-bot's AIORateLimiter, one after the other in each run, on an
emulator that lets a bot write twice as fast as Telegram, with 50 ms for each answer. Fewer are
announced to than in a city: at Telegram's own 30 a second one run of 50,000 takes half an hour.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from bot.config import BULK_SHARE
from storage.engine import open_engine
from storage.migrate import migrate
from tests.bench.databases import Databases
from tests.bench.load import Crowd, percentile
from tests.bench.subjects import (
    GATHER,
    OURS_SQLITE,
    Command,
    Subject,
    at_work,
    gather_ptb,
    ours,
)
from tests.storage.announcing import Town
from tests.telegram_emulator import PaceLimits, Received

RECIPIENTS = 100_000
PER_SECOND = 60.0
LATENCY_S = 0.05
FIRST = 7_000_001
CHATS = 200
# Asked while announcements leave: half of what these leave of the rate.
ASKED_PER_SECOND = 6.0
ALONE_S = 8.0
OFFICER = 4_000
SILENCE_S = 10.0
HEADER = (
    "announcing", "runs", "sent a second", "of the permitted rate", "reply p95 before, ms",
    "reply p95 meanwhile, ms", "added, ms", "429", "never arrived",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sent:
    """One announcement that went out. `permitted`: how many a second may be bulk."""

    per_second: float
    permitted: float
    alone_ms: float
    meanwhile_ms: float
    refused: int
    lost: int

    @property
    def added_ms(self) -> float:
        return self.meanwhile_ms - self.alone_ms


@dataclass
class Found:
    """What all runs have measured."""

    enqueue_s: dict[str, list[float]] = field(default_factory=dict)
    sent: dict[str, list[Sent]] = field(default_factory=dict)
    announced: int = 0

    def __str__(self) -> str:
        rule = ("---", *["---:"] * (len(HEADER) - 1))
        lines = [HEADER, rule, *(_row(name, runs) for name, runs in self.sent.items())]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        enqueued = ", ".join(f"{name} {median(s):.2f} s" for name, s in self.enqueue_s.items())
        pairs = zip(self.sent[GATHER], self.sent[OURS_SQLITE], strict=True)
        ratio = median(theirs.added_ms / max(1.0, own.added_ms) for theirs, own in pairs)
        return (
            f"Putting {RECIPIENTS:,} recipients in line, one statement: {enqueued}. "
            f"{self.announced:,} going out at {PER_SECOND:.0f} a second in all, "
            f"{ASKED_PER_SECOND:.0f} questions a second meanwhile; the gather adds {ratio:,.0f} "
            f"times what we add to a reply's wait.\n\n{table}"
        )


def _row(name: str, runs: list[Sent]) -> tuple[str, ...]:
    return (
        name,
        str(len(runs)),
        f"{median(s.per_second for s in runs):.1f}",
        f"{median(s.per_second / s.permitted for s in runs):.1%}",
        f"{median(s.alone_ms for s in runs):.0f}",
        f"{median(s.meanwhile_ms for s in runs):,.0f}",
        f"{median(s.added_ms for s in runs):,.0f}",
        str(sum(s.refused for s in runs)),
        str(sum(s.lost for s in runs)),
    )


async def measure(found: Found, made: Databases, announced: int) -> None:
    """One run of everything."""
    found.announced = announced
    for name, url in (("SQLite", made.sqlite()), ("PostgreSQL", await made.postgresql())):
        found.enqueue_s.setdefault(name, []).append(await _enqueue_s(url))
    url = made.sqlite()
    own = ours(OURS_SQLITE, url, per_second=str(PER_SECOND))
    for command, permitted, begin in (
        (own, PER_SECOND * BULK_SHARE, lambda _subject: _announce(url)),
        (gather_ptb(PER_SECOND), PER_SECOND, lambda subject: _gather(subject, announced)),
    ):
        if command is own:
            await _settle(url, announced)
        sent = await _send(command, made, announced, permitted, begin)
        found.sent.setdefault(command.name, []).append(sent)


async def _enqueue_s(url: str) -> float:
    town = await _settle(url, RECIPIENTS)
    begin = time.perf_counter()
    await town.announce(1)
    took_s = time.perf_counter() - begin
    await town.engine.dispose()
    return took_s


async def _settle(url: str, count: int) -> Town:
    engine = open_engine(url)
    await migrate(engine)
    town = Town(engine, datetime.now(UTC))
    await town.crowd(count)
    return town


async def _announce(url: str) -> None:
    engine = open_engine(url)
    await Town(engine, datetime.now(UTC)).announce(1)
    await engine.dispose()


async def _gather(subject: Subject, announced: int) -> None:
    text = f"/announce {FIRST} {announced}"
    command = {"type": "bot_command", "offset": 0, "length": len("/announce")}
    subject.api.user(OFFICER, started=True).sends(text=text, entities=[command])


async def _send(
    command: Command,
    made: Databases,
    announced: int,
    permitted: float,
    begin: Callable[[Subject], Awaitable[None]],
) -> Sent:
    pace = PaceLimits(per_second=PER_SECOND)
    async with at_work(command, made.folder, pace) as subject:
        arrivals = _Arrivals(subject, announced)
        crowd = Crowd(subject.api, CHATS)
        subject.api.faults.latency_s = LATENCY_S
        alone = await crowd.ask_steadily(ASKED_PER_SECOND, ALONE_S)
        await begin(subject)
        await arrivals.begun.wait()
        # So long that questions are asked until nearly the end.
        window_s = 0.8 * announced / PER_SECOND
        meanwhile = await crowd.ask_steadily(ASKED_PER_SECOND, window_s)
        await arrivals.over()
        refused = sum(subject.api.world.pace.refused.values())
    return Sent(
        arrivals.per_second,
        permitted,
        percentile(alone, 0.95) * 1000,
        percentile(meanwhile, 0.95) * 1000,
        refused,
        arrivals.left,
    )


class _Arrivals:
    """Chats that are announced to, and when the first and the last of them was."""

    def __init__(self, subject: Subject, count: int) -> None:
        self.begun, self._arrived = asyncio.Event(), asyncio.Event()
        self.left = self._count = count
        self._from = self._to = 0.0
        for n in range(count):
            subject.api.user(FIRST + n, started=True).on_message = self._note

    @property
    def per_second(self) -> float:
        return (self._count - self.left - 1) / (self._to - self._from)

    async def over(self) -> None:
        """Return when all have got it, or nobody has for so long that the rest never will."""
        with contextlib.suppress(TimeoutError):
            while self.left:
                self._arrived.clear()
                async with asyncio.timeout(SILENCE_S):
                    await self._arrived.wait()

    def _note(self, _message: Received) -> None:
        self._to = time.perf_counter()
        self._from = self._from or self._to
        self.left -= 1
        self.begun.set()
        self._arrived.set()
