"""When what is said about a class."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.class_times import due_times, is_open, useful_until
from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar
from storage.class_dues import Due

CALENDAR = WorkCalendar(7, 20)
NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)  # a Wednesday, 9:00
SATURDAY = datetime(2026, 12, 5, 1, 0, tzinfo=UTC)  # 8:00
LENGTH = timedelta(minutes=90)


def said_at(starts_at: datetime, now: datetime = NOW) -> dict[Due, str]:
    times = due_times(starts_at, starts_at + LENGTH, now, CALENDAR)
    return {kind: f"{at.astimezone(LOCAL_ZONE):%a %H:%M}" for kind, at in times.items()}


def test_a_class_on_saturday_morning() -> None:
    assert said_at(SATURDAY) == {
        Due.DAY_BEFORE: "Fri 08:00",
        Due.HOUR_BEFORE: "Sat 07:00",
        Due.BEGIN: "Sat 07:30",
        Due.THANKS: "Sat 10:00",
        Due.SUMMARY: "Sun 09:00",
    }


def test_an_evening_class_is_told_of_in_the_afternoon_and_thanked_for_in_the_morning() -> None:
    evening = SATURDAY.replace(hour=12, minute=30)

    found = said_at(evening)

    assert found[Due.DAY_BEFORE] == "Fri 18:00"
    assert found[Due.THANKS] == "Sun 07:00"


def test_before_a_class_at_seven_nobody_is_woken() -> None:
    seven = SATURDAY - timedelta(hours=1)

    assert Due.HOUR_BEFORE not in said_at(seven)


def test_what_lies_in_the_past_already_is_not_planned() -> None:
    found = said_at(SATURDAY, SATURDAY - timedelta(minutes=40))

    assert set(found) == {Due.BEGIN, Due.THANKS, Due.SUMMARY}


@given(st.integers(7 * 60, 20 * 60 - 1), st.integers(15, 480), st.integers(0, 400))
def test_nothing_is_ever_said_by_night_or_too_late(minute: int, length: int, day: int) -> None:
    midnight = datetime(2026, 12, 2, tzinfo=LOCAL_ZONE) + timedelta(days=day)
    starts_at = midnight + timedelta(minutes=minute)
    ends_at = starts_at + timedelta(minutes=length)

    times = due_times(starts_at, ends_at, NOW - timedelta(days=3), CALENDAR)

    assert all(CALENDAR.is_daytime(at) for at in times.values())
    assert all(at < useful_until(kind, starts_at, ends_at) for kind, at in times.items())
    assert {Due.DAY_BEFORE, Due.BEGIN, Due.THANKS, Due.SUMMARY} <= set(times)


def test_the_code_on_the_wall_works_half_an_hour_around() -> None:
    ends = SATURDAY + LENGTH
    minutes = {m: is_open(SATURDAY, ends, SATURDAY + timedelta(minutes=m)) for m in
               (-31, -30, 0, 90, 120, 121)}  # fmt: skip

    assert minutes == {-31: False, -30: True, 0: True, 90: True, 120: True, 121: False}
