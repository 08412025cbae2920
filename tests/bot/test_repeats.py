"""When a class is held, as leaders say it; and the rhythm of weekly ones."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.repeats import WEEK, Slot, next_slot, understand_slot
from bot.texts import LOCAL_ZONE

# Tuesday, 10:00 in Đà Nẵng.
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

SAID = [
    ("thứ bảy hằng tuần 8 giờ", "2026-11-28 08:00", True, None),
    ("thu 7 hang tuan 8h", "2026-11-28 08:00", True, None),
    ("mỗi chủ nhật 14h30", "2026-11-29 14:30", True, None),
    ("chu nhat moi tuan luc 2 gio chieu", "2026-11-29 14:00", True, None),
    ("tối thứ 5 nào cũng 19h", "2026-11-26 19:00", True, None),
    ("thứ bảy 8 giờ", "2026-11-28 08:00", False, None),
    ("thứ bảy 8-10 giờ", "2026-11-28 08:00", False, 120),
    ("thứ bảy 8h-9h30", "2026-11-28 08:00", False, 90),
    ("thứ bảy 8 giờ đến 9 giờ rưỡi", "2026-11-28 08:00", False, 90),
    ("20/12 14:00 - 16:00", "2026-12-20 14:00", False, 120),
    ("chiều thứ 6 2 giờ đến 4 giờ hằng tuần", "2026-11-27 14:00", True, 120),
    ("lớp mới, sáng mai", "2026-11-25 08:00", False, None),
    ("20-12 8h", "2026-12-20 08:00", False, None),
    ("thứ bảy 8 giờ đến 7 giờ", "2026-11-28 08:00", False, None),
    ("thứ bảy 8h-99h", "2026-11-28 08:00", False, None),
]


@pytest.mark.parametrize(("said", "start", "weekly", "minutes"), SAID)
def test_it_is_understood(said: str, start: str, weekly: bool, minutes: int | None) -> None:
    found = understand_slot(said, NOW)

    assert found is not None
    assert f"{found.starts_at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" == start
    assert found == Slot(found.starts_at, weekly, minutes)


@pytest.mark.parametrize("said", ["", "hằng tuần", "khi nào cũng được", "hôm nay 9h", "31/2 8h"])
def test_what_is_no_time_is_not_guessed(said: str) -> None:
    assert understand_slot(said, NOW) is None


def test_a_weekly_class_goes_on_over_the_end_of_a_month_and_a_year() -> None:
    slot = datetime(2026, 12, 26, 1, 0, tzinfo=UTC)

    assert next_slot(slot, slot + timedelta(hours=2)) == datetime(2027, 1, 2, 1, 0, tzinfo=UTC)


@given(st.integers(-100, 500 * 24 * 60))
def test_the_next_date_is_in_the_future_in_the_rhythm_and_none_is_left_out(minutes: int) -> None:
    slot = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
    after = slot + timedelta(minutes=minutes)

    found = next_slot(slot, after)

    assert found > after
    assert (found - slot) % WEEK == timedelta()
    assert found - after <= WEEK or found == slot + WEEK
