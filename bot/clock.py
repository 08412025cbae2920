"""Where the time comes from. Nothing else in the project reads the system's clock."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DemoClock:
    """The real time and a jump ahead, so that a demo can show what tomorrow brings."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.ahead = ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, step: timedelta) -> None:
        """Jump ahead. Raises ValueError on a step back: what is done can't become due again."""
        if step < timedelta():
            raise ValueError("the demo clock runs forward only")
        self.ahead += step
