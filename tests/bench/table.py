"""The one table that a run prints, and the name of the machine above it."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

HEADER = ("measure", "what", "per second", "p50 ms", "p99 ms", "× bare PTB", "CPU ms each", "MB")
NUMBERS = 6


class Table:
    """Rows in the order in which they were measured."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []
        self._below: list[str] = []

    def add(
        self,
        measure: str,
        what: str,
        *,
        per_second: float | None = None,
        p50_ms: float | None = None,
        p99_ms: float | None = None,
        ratio: float | None = None,
        cpu_ms: float | None = None,
        mb: float | None = None,
    ) -> None:
        numbers = (per_second, p50_ms, p99_ms, ratio, cpu_ms, mb)
        self._rows.append((measure, what, *(_shown(number) for number in numbers)))

    def add_below(self, text: str) -> None:
        """What has other columns."""
        self._below.append(text)

    def __str__(self) -> str:
        rule = ("---", "---", *["---:"] * NUMBERS)
        table = "\n".join(_line(cells) for cells in (HEADER, rule, *self._rows))
        return "\n\n".join((table, *self._below))


def machine() -> str:
    """The processor, how many of it, and the memory."""
    cpu = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.MULTILINE)
    name = cpu[1] if cpu else "unknown processor"
    gib = int(memory[1]) / 2**20 if memory else 0.0
    return f"{name}, {os.cpu_count()} cores, {gib:.0f} GiB"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _shown(number: float | None) -> str:
    if number is None:
        return ""
    steps: Sequence[tuple[float, str]] = ((100, ",.0f"), (10, ".1f"), (0, ".2f"))
    return format(number, next(form for least, form in steps if abs(number) >= least))
