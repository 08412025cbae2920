"""Days and times of the week as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.schedule import ALL_DAYS, Weekly, understand_schedule
from bot.texts import LOCAL_ZONE
from bot.worktime import WorkCalendar

CALENDAR = WorkCalendar(7, 20)
TUESDAY, THURSDAY, SATURDAY, SUNDAY = 1, 3, 5, 6


@pytest.mark.parametrize(
    ("said", "days", "time"),
    [
        ("tối thứ 3, 5, 7 lúc 19 giờ 30", {1, 3, 5}, (19, 30)),
        ("toi thu 3 5 7 luc 19h30", {1, 3, 5}, (19, 30)),
        ("thứ ba và thứ năm lúc 7 giờ tối", {1, 3}, (19, 0)),
        ("mỗi ngày 8h", set(ALL_DAYS), (8, 0)),
        ("hằng ngày, 9 giờ rưỡi sáng", set(ALL_DAYS), (9, 30)),
        ("cuối tuần 15g", {5, 6}, (15, 0)),
        ("thứ hai đến thứ sáu 14:30", {0, 1, 2, 3, 4}, (14, 30)),
        ("ngày thường 7 giờ sáng", {0, 1, 2, 3, 4}, (7, 0)),
        ("sáng chủ nhật", {6}, (8, 0)),
        ("t3 t5 19h", {1, 3}, (19, 0)),
        ("thứ bảy hằng tuần", {5}, None),
        ("tối 2 4 6", {0, 2, 4}, (19, 0)),
        ("7 giờ tối", None, (19, 0)),
    ],
)
def test_a_schedule_is_understood(
    said: str, days: set[int] | None, time: tuple[int, int] | None
) -> None:
    wish = understand_schedule(said)
    assert wish is not None
    assert wish.days == (frozenset(days) if days else None)
    assert wish.at_min == (time[0] * 60 + time[1] if time else None)


@pytest.mark.parametrize("said", ["", "bữa nào cũng được", "thứ 9", "25 giờ thứ 3", "abc"])
def test_what_is_no_schedule_is_not_guessed(said: str) -> None:
    assert understand_schedule(said) is None


@pytest.mark.parametrize(
    ("said", "by_day"),
    [("thứ 3 lúc 6 giờ sáng", False), ("mỗi ngày 22h", False), ("7h", True), ("19 giờ 59", True)],
)
def test_times_at_which_nobody_is_written_to_are_known(said: str, by_day: bool) -> None:
    wish = understand_schedule(said)
    assert wish is not None
    assert wish.by_day is by_day


def test_the_next_time_is_on_one_of_the_days() -> None:
    weekly = Weekly(frozenset({TUESDAY, THURSDAY}), 19 * 60 + 30)
    at = datetime(2026, 12, 1, 12, 30, tzinfo=UTC)  # Tuesday 19:30 in Đà Nẵng: that one is over
    following = weekly.next_after(at, CALENDAR)
    assert following == datetime(2026, 12, 3, 12, 30, tzinfo=UTC)
    assert weekly.next_after(following - timedelta(seconds=1), CALENDAR) == following


def test_it_goes_on_over_the_ends_of_months_and_years() -> None:
    weekly = Weekly(frozenset({SATURDAY}), 8 * 60)
    at = datetime(2026, 12, 26, 9, tzinfo=LOCAL_ZONE)
    seen = []
    for _week in range(3):
        at = weekly.next_after(at, CALENDAR)
        seen.append((at.month, at.day))
    assert seen == [(1, 2), (1, 9), (1, 16)]


def test_tet_is_left_out_unless_wished() -> None:
    # Tết Đinh Mùi: the first day of the year is Saturday, 6 February 2027.
    before = datetime(2027, 2, 3, 12, tzinfo=LOCAL_ZONE)
    quiet = Weekly(ALL_DAYS, 8 * 60).next_after(before, CALENDAR)
    wished = Weekly(ALL_DAYS, 8 * 60, in_tet=True).next_after(before, CALENDAR)
    assert wished.date() == before.date() + timedelta(days=1)
    assert quiet.date() > datetime(2027, 2, 9, tzinfo=LOCAL_ZONE).date()


def test_a_schedule_without_days_has_no_next_time() -> None:
    with pytest.raises(ValueError, match="without days"):
        Weekly(frozenset(), 0).next_after(datetime(2026, 12, 1, tzinfo=UTC), CALENDAR)
