"""Understands when a class is held: "thứ bảy hằng tuần 8 giờ", "20/12 14h - 16h"."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.texts import LOCAL_ZONE, fold
from bot.when import understand_time

WEEK = timedelta(days=7)
_LONGEST = timedelta(hours=8)
_HALF_DAY = timedelta(hours=12)

# "mỗi" (every) folds like "mới" (new), which is taken out first where it is written so.
_NEW = re.compile(r"\bmới\b", re.IGNORECASE)
_WEEKLY = re.compile(
    r"\b(?:hang|moi) tuan\b|\bmoi (?=thu |chu nhat|cn\b|sang |chieu |toi )|\bnao cung\b"
)
# "8h - 10h", "8-10 giờ", "8 giờ đến 9 giờ 30": what follows the sign must be a time of day.
_UNTIL = re.compile(
    r"\s*(?:\bđến\b|\bden\b|[-–])\s*(\d{1,2})\s*(?:(?:giờ|gio|g|h)\s*(\d{2}|rưỡi|ruoi)?|:(\d{2}))"
    r"(?!\w)",
    re.IGNORECASE,
)
_BARE_HOUR = re.compile(r"(?<![\d/:.-])(\d{1,2})$")


@dataclass(frozen=True, slots=True)
class Slot:
    """A time after now, in UTC; whether every week anew; how long, when an end was said."""

    starts_at: datetime
    weekly: bool
    minutes: int | None


def understand_slot(text: str, now: datetime) -> Slot | None:
    """The time that was meant; None when there is none in the words, or it is over."""
    until = _UNTIL.search(text)
    begin = text
    if until is not None:
        before = _BARE_HOUR.sub(r"\1 giờ", text[: until.start()].rstrip())
        begin = f"{before} {text[until.end() :]}"
    starts_at = understand_time(begin, now)
    if starts_at is None:
        return None
    weekly = _WEEKLY.search(fold(_NEW.sub(" ", text))) is not None
    return Slot(starts_at, weekly, _minutes(starts_at, until) if until else None)


def _minutes(starts_at: datetime, until: re.Match[str]) -> int | None:
    """From the beginning to the hour that was said, which may be of the afternoon."""
    hour, minute = int(until.group(1)), until.group(2) or until.group(3) or "0"
    minutes = int(minute) if minute.isdecimal() else 30
    if hour > 23 or minutes > 59:
        return None
    local = starts_at.astimezone(LOCAL_ZONE)
    length = local.replace(hour=hour, minute=minutes) - local
    if length <= timedelta() and hour < 12:
        length += _HALF_DAY
    return int(length.total_seconds() // 60) if timedelta() < length <= _LONGEST else None


def next_slot(slot_at: datetime, after: datetime) -> datetime:
    """The first time of a weekly rhythm after both; Việt Nam has no summer time to mind."""
    weeks = max((after - slot_at) // WEEK + 1, 1)
    return slot_at + weeks * WEEK
