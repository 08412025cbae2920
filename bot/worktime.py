"""Working time of Việt Nam: deadlines run by day only, and not on public holidays."""

from datetime import date, datetime, time, timedelta
from functools import cached_property

import holidays

from bot.texts import LOCAL_ZONE


class WorkCalendar:
    """Which minutes count. Neighbours help at weekends too; on holidays nobody is pressed.

    `day_starts` and `day_ends` are whole hours of local time. Holidays come from the package
    `holidays` (Labour Code 45/2019/QH14, Art. 112), substitute days included.
    """

    def __init__(self, day_starts: int, day_ends: int) -> None:
        self._starts = time(day_starts)
        self._length = timedelta(hours=day_ends - day_starts)

    @cached_property
    def _holidays(self) -> holidays.HolidayBase:
        # Built at first use: the package is slow to import, and most turns set no deadline.
        return holidays.country_holidays("VN", language="en_US")

    def is_tet(self, day: date) -> bool:
        """Whether this is a day off of Tết Nguyên đán, from the eve on."""
        return "Lunar New Year" in (self._holidays.get(day) or "")

    def is_daytime(self, at: datetime) -> bool:
        """Whether people may be written to at this time; on a holiday too, as they may say no."""
        opens = self._morning(at.astimezone(LOCAL_ZONE).date())
        return opens <= at < opens + self._length

    def next_daytime(self, at: datetime) -> datetime:
        """`at` itself by day, else the next morning, in the time zone of `at`."""
        if self.is_daytime(at):
            return at
        opens = self._morning(at.astimezone(LOCAL_ZONE).date())
        return (opens if at < opens else opens + timedelta(days=1)).astimezone(at.tzinfo)

    def add_days(self, start: datetime, days: int) -> datetime:
        """The daytime at or after the same time `days` calendar days later."""
        return self.next_daytime(start + timedelta(days=days))

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The time at which `working` time has passed since `start`, in UTC."""
        day, left = start.astimezone(LOCAL_ZONE).date(), working
        while True:
            opens = self._opening(day)
            if opens is not None:
                begin, end = max(opens, start), opens + self._length
                # An opening that has passed can't hold even zero minutes.
                if begin < end and begin + left <= end:
                    return (begin + left).astimezone(start.tzinfo)
                left -= max(end - begin, timedelta())
            day += timedelta(days=1)

    def _opening(self, day: date) -> datetime | None:
        return None if day in self._holidays else self._morning(day)

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, self._starts, LOCAL_ZONE)
