"""The calendar file, read back as a phone would."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from icalendar import Calendar

from bot.ics import Entry, calendar_file

NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
ENTRY = Entry(
    uid="class-7@ngoso",
    changes=2,
    title="Lớp “Không để bị lừa”; mang theo kính, điện thoại",
    starts_at=datetime(2026, 12, 5, 1, 0, tzinfo=UTC),
    ends_at=datetime(2026, 12, 5, 2, 30, tzinfo=UTC),
    where="Nhà sinh hoạt cộng đồng thôn Phú Sơn, xã Đại Lộc",
    point=(15.899, 108.103),
)


def test_a_phone_reads_what_was_written() -> None:
    calendar = Calendar.from_ical(calendar_file(ENTRY, NOW))
    (event,) = calendar.walk("VEVENT")

    assert str(calendar["method"]) == "PUBLISH"
    assert str(event["uid"]) == "class-7@ngoso"
    assert event["sequence"] == 2
    assert str(event["summary"]) == ENTRY.title
    assert str(event["location"]) == ENTRY.where
    assert event.decoded("dtstart") == ENTRY.starts_at
    assert event.decoded("dtend") == ENTRY.ends_at
    assert event["geo"].to_ical() == "15.899;108.103"


def test_it_rings_an_hour_before() -> None:
    (alarm,) = Calendar.from_ical(calendar_file(ENTRY, NOW)).walk("VALARM")

    assert alarm.decoded("trigger") == timedelta(hours=-1)


def test_a_cancelled_class_leaves_the_calendar() -> None:
    calendar = Calendar.from_ical(calendar_file(replace(ENTRY, cancelled=True), NOW))
    (event,) = calendar.walk("VEVENT")

    assert str(calendar["method"]) == "CANCEL"
    assert str(event["status"]) == "CANCELLED"
    assert list(calendar.walk("VALARM")) == []


def test_lines_are_no_longer_than_the_format_allows() -> None:
    assert all(len(line) <= 75 for line in calendar_file(ENTRY, NOW).split(b"\r\n"))
