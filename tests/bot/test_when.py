"""Days and times as people say them."""

from datetime import UTC, datetime

import pytest

from bot.texts import LOCAL_ZONE
from bot.when import understand_time

# Tuesday, 10:00 in Đà Nẵng.
NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)

SAID = [
    ("sáng mai", "2026-11-25 08:00"),
    ("chieu mai", "2026-11-25 14:00"),
    ("chiều nay", "2026-11-24 14:00"),
    ("chiều nay 3h", "2026-11-24 15:00"),
    ("bữa ni 4 giờ chiều", "2026-11-24 16:00"),
    ("tối", "2026-11-24 19:00"),
    ("ngày mốt 9 giờ rưỡi", "2026-11-26 09:30"),
    ("8:30 sáng mai", "2026-11-25 08:30"),
    ("thứ 3 tới 8 giờ", "2026-12-01 08:00"),
    ("thu 3 toi 8 gio", "2026-12-01 08:00"),
    ("tối thứ 5 19h30", "2026-11-26 19:30"),
    ("thứ hai 2 giờ chiều", "2026-11-30 14:00"),
    ("thứ bảy tuần sau 15h", "2026-12-05 15:00"),
    ("chủ nhật", "2026-11-29 08:00"),
    ("20/12", "2026-12-20 08:00"),
    ("20/11 14h30", "2027-11-20 14:30"),
    ("ngày 30", "2026-11-30 08:00"),
    ("ngày 5", "2026-12-05 08:00"),
    ("1/1/2027 7 giờ", "2027-01-01 07:00"),
    ("9h", "2026-11-25 09:00"),
]


@pytest.mark.parametrize(("said", "meant"), SAID)
def test_it_is_understood(said: str, meant: str) -> None:
    found = understand_time(said, NOW)

    assert found is not None
    assert f"{found.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize(
    "said", ["", "khi nào cũng được", "25:99 mai", "31/2", "31/2 8h", "hôm nay 9h", "ngày 45"]
)
def test_what_is_no_time_or_over_already_is_not_guessed(said: str) -> None:
    assert understand_time(said, NOW) is None
