"""Deadlines run from 7:00 to 20:00, and stand still on public holidays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar

CALENDAR = WorkCalendar(7, 20)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


CASES = [
    ("2026-12-02 09:00", 30, "2026-12-02 09:30"),
    ("2026-12-02 19:50", 30, "2026-12-03 07:20"),
    ("2026-12-02 22:00", 0, "2026-12-03 07:00"),
    ("2026-12-02 03:00", 10, "2026-12-02 07:10"),
    ("2026-12-31 19:30", 60, "2027-01-02 07:30"),  # New Year's Day is a holiday
    ("2027-02-03 19:30", 60, "2027-02-11 07:30"),  # and so is Tết
]


@pytest.mark.parametrize(("start", "minutes", "end"), CASES)
def test_working_time_is_added(start: str, minutes: int, end: str) -> None:
    assert CALENDAR.add(local(start), timedelta(minutes=minutes)) == local(end)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001
    st.integers(0, 5000),
)
def test_a_deadline_is_never_at_night_nor_on_a_holiday(start: datetime, minutes: int) -> None:
    end = CALENDAR.add(start.replace(tzinfo=UTC), timedelta(minutes=minutes))

    assert 7 <= end.astimezone(LOCAL_ZONE).hour <= 20
    assert end >= start.replace(tzinfo=UTC) + timedelta(minutes=minutes)


def test_people_may_be_written_to_by_day_only() -> None:
    assert CALENDAR.is_daytime(local("2027-01-01 09:00"))
    assert not CALENDAR.is_daytime(local("2026-12-02 20:00"))
    assert not CALENDAR.is_daytime(local("2026-12-02 06:59"))
