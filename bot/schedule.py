"""Days and a time that come back every week: understood as people say them, and counted on."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.texts import LOCAL_ZONE
from bot.when import find_clock, find_part, fold_time_words, time_of_day
from bot.worktime import WorkCalendar

ALL_DAYS = frozenset(range(7))
_DAYS_OF_MASK = tuple(
    frozenset(day for day in ALL_DAYS if mask >> day & 1) for mask in range(1 << len(ALL_DAYS))
)
# Nobody is written to before 7:00 or from 20:00 on.
EARLIEST_MIN, LATEST_MIN = 7 * 60, 20 * 60 - 1
_WEEKDAY_NAMES = {"hai": 0, "ba": 1, "tu": 2, "nam": 3, "sau": 4, "bay": 5,
                  "2": 0, "3": 1, "4": 2, "5": 3, "6": 4, "7": 5}  # fmt: skip
_DAILY = re.compile(
    r"\b(moi|hang|tat ca cac|ca) ngay\b|\bngay nao cung\b|\bca tuan\b|\bmoi (sang|trua|chieu|toi)\b"
)
_WEEKEND = re.compile(r"\bcuoi tuan\b")
_WORKDAYS = re.compile(r"\bngay thuong\b|\btrong tuan\b")
_NAME = r"(?:[2-7]|hai|bay|ba|tu|nam|sau)\b"
_RANGE = re.compile(rf"\b(?:thu |t)({_NAME}) (?:den|toi|qua) (?:thu |t)?({_NAME}|chu nhat|cn)")
_SUNDAY = re.compile(r"\bchu nhat\b|\bcn\b")
_DAY_LIST = re.compile(
    rf"\b(?:thu |t|(?:sang|trua|chieu|toi) (?=\d))({_NAME}(?:(?: va thu | va | thu | t| ){_NAME})*)"
)
_DAY_NAME = re.compile(_NAME)
_CLOCK_WORDS = re.compile(r"(?:luc )?\b\d{1,2} ?(?:gio|g|h)(?: ?\d{2}| ruoi)?\b|\b\d{1,2}:\d{2}\b")
# No year without Tết is longer than this; a schedule always has a next day within it.
_SEARCHED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Weekly:
    """Weekdays (Monday = 0) and minutes since local midnight; `in_tet`: also on the days of Tết."""

    days: frozenset[int]
    at_min: int
    in_tet: bool = False

    @property
    def mask(self) -> int:
        """The days as bits, Monday lowest."""
        return sum(1 << day for day in self.days)

    @classmethod
    def of_mask(cls, mask: int, at_min: int, *, in_tet: bool = False) -> "Weekly":
        """The schedule whose days stand as bits, Monday lowest."""
        return cls(_DAYS_OF_MASK[mask], at_min, in_tet)

    def next_after(self, moment: datetime, calendar: WorkCalendar) -> datetime:
        """The first such time after `moment`, in its time zone. Raises ValueError without days."""
        if not self.days:
            raise ValueError("a schedule without days has no next time")
        day = moment.astimezone(LOCAL_ZONE).date()
        for ahead in range(_SEARCHED_DAYS):
            found = self._on(day + timedelta(days=ahead))
            if found > moment and self.holds_on(found.date(), calendar):
                return found.astimezone(moment.tzinfo)
        raise ValueError("no such day within a month")

    def holds_on(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether this local day is one of the schedule's."""
        return day.weekday() in self.days and (self.in_tet or not calendar.is_tet(day))

    def _on(self, day: date) -> datetime:
        midnight = datetime.combine(day, datetime.min.time(), LOCAL_ZONE)
        return midnight + timedelta(minutes=self.at_min)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was understood of a wish: the days, the time, or both; None = not said."""

    days: frozenset[int] | None
    at_min: int | None

    @property
    def by_day(self) -> bool:
        """Whether the time, if any, is one at which people may be written to."""
        return self.at_min is None or EARLIEST_MIN <= self.at_min <= LATEST_MIN


def understand_schedule(text: str) -> Wish | None:
    """Such as "tối thứ 3, 5, 7 lúc 19 giờ 30" or "mỗi ngày 8h"; None = nothing understood."""
    words = fold_time_words(text)
    days = _days(_CLOCK_WORDS.sub(" ", words))
    clock, part = find_clock(words), find_part(words)
    at_min = None
    if clock is not None or part is not None:
        at = time_of_day(clock, part)
        if at is None:
            return None
        at_min = at.hour * 60 + at.minute
    return Wish(days, at_min) if days or at_min is not None else None


def _days(words: str) -> frozenset[int] | None:
    words = re.sub(r"\s+", " ", words)
    found: set[int] = set()
    if _DAILY.search(words):
        found |= ALL_DAYS
    if _WEEKEND.search(words):
        found |= {5, 6}
    if _WORKDAYS.search(words):
        found |= {0, 1, 2, 3, 4}
    if match := _RANGE.search(words):
        last = _WEEKDAY_NAMES.get(match.group(2), 6)
        found |= set(range(_WEEKDAY_NAMES[match.group(1)], last + 1))
    if _SUNDAY.search(words):
        found.add(6)
    for match in _DAY_LIST.finditer(words):
        found |= {_WEEKDAY_NAMES[name] for name in _DAY_NAME.findall(match.group(1))}
    return frozenset(found) or None
