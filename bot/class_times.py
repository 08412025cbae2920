"""When what is said about a class: by day only, and only while it is still of use. Pure."""

from datetime import datetime, time, timedelta

from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar
from storage.class_dues import Due

# The code on the wall works from so long before the beginning to so long after the end.
EARLY = LATE = timedelta(minutes=30)
_HOUR = timedelta(hours=1)
# Nearer to the beginning than this, "soon" is no news any more.
_TOO_SOON = timedelta(minutes=10)
# The day before is told at the hour of the class, but neither at breakfast nor at bedtime.
_NOT_BEFORE, _NOT_AFTER = time(8), time(18)
_SUMMARY_HOUR = 9
_THANKS_KEPT = timedelta(days=3)
_SUMMARY_KEPT = timedelta(days=7)


def due_times(
    starts_at: datetime, ends_at: datetime, now: datetime, calendar: WorkCalendar
) -> dict[Due, datetime]:
    """All that is to be said of a meeting after now, besides the invitation, in UTC."""
    thanks = calendar.next_daytime(ends_at + LATE)
    times = {
        Due.DAY_BEFORE: _day_before(starts_at),
        Due.HOUR_BEFORE: calendar.next_daytime(starts_at - _HOUR),
        Due.BEGIN: calendar.next_daytime(starts_at - EARLY),
        Due.THANKS: thanks,
        Due.SUMMARY: _next_morning(thanks),
    }
    if times[Due.HOUR_BEFORE] > starts_at - _TOO_SOON:
        del times[Due.HOUR_BEFORE]
    return {kind: at for kind, at in times.items() if at > now}


def useful_until(kind: Due, starts_at: datetime, ends_at: datetime) -> datetime:
    """Said later than this, it would only be noise."""
    return {
        Due.INVITE: starts_at,
        Due.DAY_BEFORE: starts_at - _HOUR,
        Due.HOUR_BEFORE: starts_at,
        Due.BEGIN: ends_at,
        Due.THANKS: ends_at + _THANKS_KEPT,
        Due.SUMMARY: ends_at + _SUMMARY_KEPT,
    }[kind]


def is_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Whether somebody can be there now."""
    return starts_at - EARLY <= now <= ends_at + LATE


def _day_before(starts_at: datetime) -> datetime:
    local = starts_at.astimezone(LOCAL_ZONE)
    hour = min(max(local.time(), _NOT_BEFORE), _NOT_AFTER)
    at = datetime.combine(local.date() - timedelta(days=1), hour, LOCAL_ZONE)
    return at.astimezone(starts_at.tzinfo)


def _next_morning(at: datetime) -> datetime:
    day = at.astimezone(LOCAL_ZONE).date() + timedelta(days=1)
    return datetime.combine(day, time(_SUMMARY_HOUR), LOCAL_ZONE).astimezone(at.tzinfo)
