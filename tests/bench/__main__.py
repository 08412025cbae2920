"""`python -m tests.bench [--quick] [--only NAME]`: measure, then print one Markdown table."""

import argparse
import asyncio
import platform
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench import broadcasting, lookups, reminders, searching
from tests.bench.databases import Databases, databases
from tests.bench.load import Crowd, Measured
from tests.bench.subjects import (
    OURS_POSTGRESQL,
    OURS_SQLITE,
    PTB,
    Command,
    Subject,
    at_work,
    echo_aiogram,
    echo_ptb,
    ours,
)
from tests.bench.table import Table, machine

CHATS = 200
OPEN_PER_SECOND = 100.0
LATENCY_S = 0.1
TEAMS = (3_766, 100_000)
# Lessons that leave at a rate at which lateness can be waited for.
LATE, LATE_PER_SECOND = 3_000, 300.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    runs: int
    warm_s: float
    window_s: float
    soak: int
    lookups: int
    reminders: int
    announced: int


FULL = Plan(
    runs=5,
    warm_s=1.0,
    window_s=4.0,
    soak=100_000,
    lookups=2_000,
    reminders=100_000,
    announced=1_500,
)
QUICK = Plan(
    runs=2,
    warm_s=0.5,
    window_s=1.0,
    soak=10_000,
    lookups=300,
    reminders=20_000,
    announced=400,
)

Way = Callable[[Crowd], Awaitable[Measured]]


@dataclass(frozen=True, slots=True)
class Run:
    """One bot under one load, and the processor time that each reply cost it."""

    measured: Measured
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Bench:
    """One run of everything."""

    plan: Plan
    table: Table
    made: Databases

    async def loads(self) -> None:
        """All bots beside each other in turns, so that a busy moment of the machine hits all."""
        plan = self.plan
        ways: list[tuple[str, float, Way]] = [
            ("closed loop, 200 chats", 0.0, lambda c: c.closed_loop(plan.warm_s, plan.window_s)),
            ("open loop, 100/s", 0.0, lambda c: c.open_loop(OPEN_PER_SECOND, plan.window_s)),
        ]
        slow = "every call takes 100 ms"
        ways += [(f"{measure}, {slow}", LATENCY_S, way) for measure, _none, way in ways]
        async with AsyncExitStack() as stack:
            subjects = [
                await stack.enter_async_context(at_work(command, self.made.folder))
                for command in await self._commands()
            ]
            idle = [subject.pss_mb() for subject in subjects]
            crowds = [Crowd(subject.api, CHATS) for subject in subjects]
            for measure, latency_s, way in ways:
                await self._compare(measure, latency_s, way, subjects, crowds)
            for subject, before in zip(subjects, idle, strict=True):
                self.table.add("memory (PSS), just started", subject.name, mb=before)
                self.table.add("memory (PSS), after the load", subject.name, mb=subject.pss_mb())

    async def _commands(self) -> list[Command]:
        return [
            echo_ptb(),
            echo_aiogram(),
            ours(OURS_SQLITE, self.made.sqlite()),
            ours(OURS_POSTGRESQL, await self.made.postgresql()),
        ]

    async def _compare(
        self, measure: str, latency_s: float, way: Way, subjects: list[Subject], crowds: list[Crowd]
    ) -> None:
        found: dict[str, list[Run]] = {subject.name: [] for subject in subjects}
        for run in range(self.plan.runs):
            for subject, crowd in zip(subjects, crowds, strict=True):
                found[subject.name].append(await _one(subject, crowd, latency_s, way))
            _tell(f"{measure}: run {run + 1} of {self.plan.runs}")
        for name, runs in found.items():
            pairs = zip(runs, found[PTB], strict=True)
            # In an open loop all get the same rate; there it is the waits that differ.
            ratios = [r.measured.per_second / ptb.measured.per_second for r, ptb in pairs]
            self.table.add(
                measure,
                name,
                per_second=median(r.measured.per_second for r in runs),
                p50_ms=median(r.measured.p50_ms for r in runs),
                p99_ms=median(r.measured.p99_ms for r in runs),
                ratio=median(ratios) if measure.startswith("closed") else None,
                cpu_ms=median(r.cpu_ms for r in runs),
            )

    async def nearest(self) -> None:
        _region, places = lookups.load_city()
        for count in TEAMS:
            for name, url in (
                ("SQLite", self.made.sqlite()),
                ("PostgreSQL", await self.made.postgresql()),
            ):
                engine = await lookups.city_of(url, places, count)
                await lookups.time_nearest(engine, places, 200)
                results = [
                    await lookups.time_nearest(engine, places, self.plan.lookups)
                    for _ in range(self.plan.runs)
                ]
                await engine.dispose()
                self._add_times(f"nearest {lookups.LIMIT} teams of {count:,}", name, results)

    async def addresses(self) -> None:
        region, _places = lookups.load_city()
        repeats = max(1, self.plan.lookups // 60)
        results = [lookups.time_addresses(region, repeats) for _ in range(self.plan.runs)]
        self._add_times("understanding one address", "no database", results)

    def _add_times(self, measure: str, what: str, results: list[tuple[float, float]]) -> None:
        p50, p99 = (median(column) for column in zip(*results, strict=True))
        self.table.add(measure, what, per_second=1000 / p50, p50_ms=p50, p99_ms=p99)
        _tell(f"{measure}, {what}: done")

    async def search(self) -> None:
        """How often the right guide is found stands below the table."""
        for name, finder in searching.finders().items():
            results = [
                searching.time_finding(finder, self.plan.lookups) for _ in range(self.plan.runs)
            ]
            self._add_times("finding a guide", name, results)
        self.table.add_below(searching.quality())

    async def reminders(self) -> None:
        """All due at one minute; how late the last one is at a rate stands below the table."""
        for name, fresh in (("SQLite", self.made.sqlite), ("PostgreSQL", None)):
            found = []
            for _ in range(self.plan.runs):
                url = fresh() if fresh else await self.made.postgresql()
                engine = await reminders.engine_with(url, self.plan.reminders)
                found.append(await reminders.time_queueing(engine, self.plan.reminders))
                await engine.dispose()
            took = median(one.took_s for one in found)
            self.table.add(
                f"queueing {self.plan.reminders:,} lessons due at once",
                name,
                per_second=self.plan.reminders / took,
                p50_ms=took * 1000,
                mb=max(one.mb for one in found),
            )
            _tell(f"reminders, {name}: done")
        engine = await reminders.engine_with(self.made.sqlite(), LATE)
        await reminders.time_queueing(engine, LATE)
        p50, p99, last = await reminders.lateness(engine, LATE_PER_SECOND)
        await engine.dispose()
        self.table.add_below(
            f"{LATE:,} lessons at {LATE_PER_SECOND:.0f} a second: p50 {p50:.1f} s, p99 {p99:.1f} s,"
            f" last {last:.1f} s late; the rate alone makes the last {LATE / LATE_PER_SECOND:.1f} s"
            " late."
        )

    async def startup(self) -> None:
        """Until the first request for updates; ours with the web chat, as people run it."""
        full = self.made.sqlite()
        new = "Ngõ Số, SQLite, new database"
        kinds: list[Callable[[], Command]] = [
            echo_ptb,
            echo_aiogram,
            lambda: ours(new, self.made.sqlite(), web=True),
            lambda: ours(OURS_SQLITE, full, web=True),
        ]
        took: dict[str, list[float]] = {}
        for _ in range(self.plan.runs):
            for kind in kinds:
                async with at_work(kind(), self.made.folder) as subject:
                    took.setdefault(subject.name, []).append(subject.ready_s * 1000)
        for name, times in took.items():
            self.table.add("start-up", name, p50_ms=median(times))

    async def broadcast(self) -> None:
        """Its own table: announcing has other columns."""
        found = broadcasting.Found()
        for run in range(self.plan.runs):
            await broadcasting.measure(found, self.made, self.plan.announced)
            _tell(f"broadcast: run {run + 1} of {self.plan.runs}")
        self.table.add_below(str(found))

    async def soak(self) -> None:
        updates = self.plan.soak
        async with at_work(ours(OURS_SQLITE, self.made.sqlite()), self.made.folder) as subject:
            crowd = Crowd(subject.api, CHATS)
            for done in (0, updates // 10, updates):
                if done:
                    rate = await crowd.exchange(done - crowd.replies)
                    self.table.add(
                        f"soak, after {done:,} updates",
                        subject.name,
                        per_second=rate,
                        mb=subject.pss_mb(),
                    )
                else:
                    self.table.add("soak, at the start", subject.name, mb=subject.pss_mb())
        _tell("soak: done")


SECTIONS: dict[str, Callable[[Bench], Awaitable[None]]] = {
    "loads": Bench.loads,
    "nearest": Bench.nearest,
    "addresses": Bench.addresses,
    "search": Bench.search,
    "reminders": Bench.reminders,
    "startup": Bench.startup,
    "soak": Bench.soak,
    "broadcast": Bench.broadcast,
}


async def _run(plan: Plan, names: list[str]) -> None:
    began, table = time.perf_counter(), Table()
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as made:
        for name in names:
            await SECTIONS[name](Bench(plan, table, made))
    took_s = time.perf_counter() - began
    print(
        f"{machine()}; Python {platform.python_version()}; medians of {plan.runs} runs; "
        f"{took_s:.0f} s in all.\n\n{table}"
    )


async def _one(subject: Subject, crowd: Crowd, latency_s: float, way: Way) -> Run:
    """One bot, once; processor time counts from the first question to the last reply."""
    subject.api.faults.latency_s = latency_s
    cpu_s, replies = subject.cpu_s(), crowd.replies
    measured = await way(crowd)
    each = (subject.cpu_s() - cpu_s) / max(1, crowd.replies - replies)
    return Run(measured, each * 1000)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a rough answer in two minutes")
    parser.add_argument("--only", choices=SECTIONS, help="one part of it")
    args = parser.parse_args()
    asyncio.run(_run(QUICK if args.quick else FULL, [args.only] if args.only else list(SECTIONS)))


if __name__ == "__main__":
    main()
