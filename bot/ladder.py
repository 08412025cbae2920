"""The rungs that a request climbs until a person has it, and the deadline of each."""

from datetime import datetime, timedelta
from enum import IntEnum

from bot.config import HelpSettings
from bot.worktime import WorkCalendar


class Rung(IntEnum):
    """Who is being asked."""

    FEW = 0  # a few of the resident's own team, the longest not asked first
    TEAM = 1  # the whole team
    NEIGHBOURS = 2  # the nearest teams around
    WARD = 3  # officers of the commune
    CITY = 4  # officers of the city


def rung_deadline(
    calendar: WorkCalendar, settings: HelpSettings, rung: Rung, now: datetime, *, urgent: bool
) -> datetime:
    """When the next rung is asked, if nobody on this one has accepted by then."""
    minutes = settings.urgent_rung_minutes if urgent else settings.rung_minutes
    return calendar.add(now, timedelta(minutes=minutes[rung]))


def silence_deadline(
    calendar: WorkCalendar, settings: HelpSettings, now: datetime, *, nudged: int
) -> datetime:
    """When a helper who shows no sign of life is reminded, or then let go."""
    minutes = settings.take_back_minutes if nudged else settings.nudge_minutes
    return calendar.add(now, timedelta(minutes=minutes))
