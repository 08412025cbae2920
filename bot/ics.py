"""A class as a calendar file that any phone can take in (RFC 5545)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

MIME = "text/calendar"
_PRODUCT = "-//Ngo So//VI"
_ALARM_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the calendar. A later file with the same `uid` and more `changes` wins."""

    uid: str
    changes: int
    title: str
    starts_at: datetime
    ends_at: datetime
    where: str
    # Latitude and longitude, when the place is known on the map.
    point: tuple[float, float] | None = None
    cancelled: bool = False


def calendar_file(entry: Entry, now: datetime) -> bytes:
    """One event, its times in UTC, which every phone shows in its own time."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if entry.cancelled else "PUBLISH")
    calendar.add_component(_event(entry, now))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.changes)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.title)
    event.add("location", entry.where)
    event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
    if entry.point is not None:
        event.add("geo", entry.point)
    if not entry.cancelled:
        event.add_component(_alarm(entry.title))
    return event


def _alarm(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", title)
    alarm.add("trigger", -_ALARM_BEFORE)
    return alarm
