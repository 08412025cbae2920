"""Days and times as people say them."""

from datetime import UTC, datetime

import pytest

from bot.texts import LOCAL_ZONE
from bot.when import means_now, understand_end, understand_time

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
    ("17 giờ 30 chiều nay", "2026-11-24 17:30"),
    ("15 giờ kém 10", "2026-11-24 14:50"),
    ("2 tiếng nữa", "2026-11-24 12:00"),
    ("nửa tiếng nữa", "2026-11-24 10:30"),
    ("30 phút nữa", "2026-11-24 10:30"),
    ("3 ngày nữa", "2026-11-27 10:00"),
    ("hai ngày nữa, lúc 8 giờ", "2026-11-26 08:00"),
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


ENDS = [
    ("không gửi nữa sau 18 giờ", "2026-11-24 18:00"),
    ("trước 5 giờ chiều mai", "2026-11-25 17:00"),
    ("hết hôm nay", "2026-11-24 23:59"),
    ("het ngay", "2026-11-24 23:59"),
    ("hết sáng mai", "2026-11-25 12:00"),
    ("hết ngày 30/11", "2026-11-30 23:59"),
    ("sau 2 ngày", "2026-11-26 10:00"),
]


@pytest.mark.parametrize(("said", "meant"), ENDS)
def test_an_end_is_late_on_its_day(said: str, meant: str) -> None:
    found = understand_end(said, NOW)

    assert found is not None
    assert f"{found.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}" == meant


@pytest.mark.parametrize("said", ["ngay", "Gửi ngay bây giờ", "gửi luôn", "bây giờ"])
def test_at_once_is_understood(said: str) -> None:
    assert means_now(said)


@pytest.mark.parametrize("said", ["ngày 5", "ngay 5/12", "9 giờ", "chiều nay"])
def test_a_time_is_not_at_once(said: str) -> None:
    assert not means_now(said)
