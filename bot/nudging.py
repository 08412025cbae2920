"""When a learner is written to, and about what: manners as a plain function of the time.

At most one message a day, by day only, never on the days of Tết unless wished; one reminder
after a lesson that was not begun, then silence until the next day of the schedule; after two
silent weeks one question, and then a pause. After downtime one message for what is still
useful; the rest is counted as missed.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from bot.schedule import ALL_DAYS, Weekly
from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar

SILENCE = timedelta(days=14)

Kind = Literal["lesson", "again", "snooze"]
Message = Literal["lesson", "again", "snooze", "pause"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a learner's row matters for the next message.

    `silent`: nothing was heard for two weeks; `asked`: the question about a break was put since.
    """

    weekly: Weekly
    due_at: datetime
    kind: Kind
    last_day: date | None
    silent: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send now (None = nothing), what was missed, and what is due next.

    `next_at` None = nothing any more: the learner is to be paused.
    """

    message: Message | None
    missed: tuple[datetime, ...]
    next_at: datetime | None
    next_kind: Kind = "lesson"


# In a wave thousands stand alike.
@lru_cache(maxsize=4096)
def plan(standing: Standing, now: datetime, calendar: WorkCalendar) -> Plan:
    """What is to happen now that `due_at` has come; to be asked by day only."""
    if standing.kind != "lesson":
        return _plan_extra(standing, now, calendar)
    slots = _slots_until(standing, now, calendar)
    upcoming = standing.weekly.next_after(now, calendar)
    if not _is_useful(standing, slots[-1], upcoming, now, calendar):
        return Plan(None, tuple(slots), upcoming)
    missed = tuple(slots[:-1])
    if not standing.silent:
        at, kind = _after_lesson(standing, now, upcoming, calendar)
        return Plan("lesson", missed, at, kind)
    if not standing.asked:
        return Plan("pause", missed, upcoming)
    return Plan(None, tuple(slots), None)


def _plan_extra(standing: Standing, now: datetime, calendar: WorkCalendar) -> Plan:
    """The one reminder, or a lesson put off until later today: only on the day it was meant for."""
    upcoming = standing.weekly.next_after(now, calendar) if standing.weekly.days else None
    same_day = _day(standing.due_at) == _day(now)
    # A snooze was asked for, so it may be the second message of its day.
    if not same_day or (standing.kind == "again" and _had_one_today(standing, now)):
        return Plan(None, (standing.due_at,), upcoming)
    return Plan(standing.kind, (), upcoming)


def _slots_until(standing: Standing, now: datetime, calendar: WorkCalendar) -> list[datetime]:
    """The due time and all later ones that have come meanwhile."""
    slots = [standing.due_at]
    while (following := standing.weekly.next_after(slots[-1], calendar)) <= now:
        slots.append(following)
    return slots


def _is_useful(
    standing: Standing, slot: datetime, upcoming: datetime, now: datetime, calendar: WorkCalendar
) -> bool:
    """Today's lesson is; a late one is unless another comes today, or today is no day for it."""
    if _had_one_today(standing, now):
        return False
    if _day(slot) == _day(now):
        return True
    is_feast = calendar.is_tet(_day(now)) and not standing.weekly.in_tet
    return _day(upcoming) != _day(now) and not is_feast


def _had_one_today(standing: Standing, now: datetime) -> bool:
    # A clock that was set back must not make a second one possible either.
    return standing.last_day is not None and standing.last_day >= _day(now)


def _after_lesson(
    standing: Standing, now: datetime, upcoming: datetime, calendar: WorkCalendar
) -> tuple[datetime, Kind]:
    """The one reminder comes the next day at the usual time, unless a lesson does."""
    daily = Weekly(ALL_DAYS, standing.weekly.at_min, in_tet=True)
    tomorrow = daily.next_after(_end_of_day(now), calendar)
    is_feast = calendar.is_tet(_day(tomorrow)) and not standing.weekly.in_tet
    if is_feast or _day(upcoming) <= _day(tomorrow):
        return upcoming, "lesson"
    return tomorrow, "again"


def _end_of_day(now: datetime) -> datetime:
    local = now.astimezone(LOCAL_ZONE)
    return local.replace(hour=23, minute=59, second=59, microsecond=0).astimezone(now.tzinfo)


def _day(at: datetime) -> date:
    return at.astimezone(LOCAL_ZONE).date()
