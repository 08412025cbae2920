"""Understands a day and a time as people say them: "sáng mai", "thứ 3 tới 8 giờ", "20/11 14h30"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.texts import LOCAL_ZONE, fold

# What a part of the day means when no hour is said, and which hours belong to it.
PARTS = {
    "sang": time(8),
    "trua": time(11, 30),
    "chieu": time(14),
    "toi": time(19),
    "dem": time(19),
}
_AFTERNOON = frozenset({"chieu", "toi", "dem"})
_WEEKDAYS = {"hai": 0, "2": 0, "ba": 1, "3": 1, "tu": 2, "4": 2, "nam": 3, "5": 3,
             "sau": 4, "6": 4, "bay": 5, "7": 5}  # fmt: skip
_HOUR = re.compile(
    r"(?:luc )?\b(\d{1,2}) ?(?:gio|g|h)(?: ?(\d{2})| (ruoi))?\b|\b(\d{1,2}):(\d{2})\b"
)
_WEEKDAY = re.compile(r"\bthu (hai|ba|tu|nam|sau|bay|[2-7])\b|\b(chu nhat|cn)\b")
_DATE = re.compile(r"\b(?:ngay )?(\d{1,2})[/.-](\d{1,2})(?:[/.-](\d{2,4}))?\b|\bngay (\d{1,2})\b")
_FULL_DATE = re.compile(r"\b(\d{1,2})[/. -](\d{1,2})[/. -](\d{4}|\d{2})\b")
_SPELT_DATE = re.compile(r"\b(\d{1,2}) thang (\d{1,2})(?: nam (\d{4}))?\b")
# What says when, in a sentence that also says what; with and without diacritics.
_PART_WORDS = r"(?:sáng|sang|trưa|trua|chiều|chieu|tối|toi)"
_TIME_WORDS = re.compile(
    r"\b(?:(?:vào|vao|lúc|luc|ngày|ngay|hôm|hom|đúng|dung) )*(?:"
    r"\d{1,2}(?:[/.-]\d{1,2}(?:[/.-]\d{2,4})?| (?:tháng|thang) \d{1,2}(?: (?:năm|nam) \d{4})?)"
    rf"|\d{{1,2}} ?(?:giờ|gio|g|h)(?: ?\d{{2}}| rưỡi| ruoi)?(?: {_PART_WORDS})?"
    rf"|(?:{_PART_WORDS} )?(?:mai|mốt|kia|nay)"
    rf"|(?:{_PART_WORDS} )?(?:thứ|thu) (?:[2-7]|hai|ba|tư|tu|năm|nam|sáu|sau|bảy|bay)"
    r"(?: (?:tuần sau|tuan sau|tới|này))?"
    rf"|(?:{_PART_WORDS} )?(?:chủ nhật|chu nhat|cn)"
    r")\b",
    re.IGNORECASE,
)
_PART = re.compile(r"\b(sang|trua|chieu|toi|dem)\b")
_SHORT_OF = re.compile(r"\b(?:gio|g|h) kem (\d{1,2})\b")
_FROM_NOW = re.compile(
    r"\b(?:sau|them|trong)? ?(\d{1,3}|nua|mot|hai|ba) (phut|gio|tieng|ngay|tuan)(?: dong ho)?"
    r" (?:nua|toi)\b|\bsau (\d{1,3}) (phut|gio dong ho|tieng|ngay|tuan)\b"
)
_UNITS = {"phut": timedelta(minutes=1), "gio": timedelta(hours=1), "tieng": timedelta(hours=1),
          "ngay": timedelta(days=1), "tuan": timedelta(weeks=1)}  # fmt: skip
_COUNTS = {"nua": 0.5, "mot": 1.0, "hai": 2.0, "ba": 3.0}
_AT_ONCE = re.compile(r"(?:gui )?(?:ngay|luon|bay gio|gio|lien)(?: (?:bay gio|lap tuc|di|luon))?")
_DEFAULT = time(8)
# A day without an hour, as an end: the last minute of it.
_END_OF_DAY = time(23, 59)
_PART_ENDS = {
    "sang": time(12),
    "trua": time(13),
    "chieu": time(18),
    "toi": time(22),
    "dem": _END_OF_DAY,
}


@dataclass(frozen=True, slots=True)
class ClockTime:
    """An hour and a minute as they were said, "7 giờ tối" still being 7."""

    hour: int
    minute: int


def understand_time(text: str, now: datetime) -> datetime | None:
    """The first such time after `now`, in UTC; None when no day or time is recognised.

    A weekday means the next one; "tuần sau" adds a week. A day without a year is the next such
    day. An hour up to six with "chiều" or "tối" is in the afternoon. "2 tiếng nữa" counts from now.
    """
    words = fold_time_words(text)
    if match := _FROM_NOW.search(words):
        return _from_now(match, words, now)
    return _understand(words, now, PARTS, _DEFAULT)


def understand_end(text: str, now: datetime) -> datetime | None:
    """Like `understand_time`, for something that ends then: a day or a part of it ends late."""
    words = fold_time_words(text)
    if match := _FROM_NOW.search(words):
        return _from_now(match, words, now)
    if "het ngay" in words and _day(words, now.date()) is None:
        words += " hom nay"
    return _understand(words, now, _PART_ENDS, _END_OF_DAY)


def means_now(text: str) -> bool:
    """Whether the words say "at once"."""
    return _AT_ONCE.fullmatch(fold(text)) is not None


def _understand(
    words: str, now: datetime, parts: Mapping[str, time], default: time
) -> datetime | None:
    local = now.astimezone(LOCAL_ZONE)
    day, clock, part = _day(words, local.date()), find_clock(words), find_part(words)
    if day is None and _DATE.search(words):
        return None  # there is no such day, and an hour alone would be another one
    if day is None and clock is None and part is None:
        return None
    at = time_of_day(clock, part, parts, default)
    if at is None:
        return None
    found = datetime.combine(day or local.date(), at, LOCAL_ZONE)
    if found <= local and day is None:
        found += timedelta(days=1)
    return found.astimezone(now.tzinfo) if found > local else None


def _from_now(match: re.Match[str], words: str, now: datetime) -> datetime:
    """So much later; whole days keep an hour that is said beside them."""
    count, unit = match.group(1) or match.group(3), match.group(2) or match.group(4)
    step = _UNITS[unit] * (int(count) if count.isdigit() else _COUNTS[count])
    later = now + step
    clock = find_clock(words.replace(match.group(), " "))
    if step < timedelta(days=1) or clock is None:
        return later
    at = time_of_day(clock, None) or _DEFAULT
    day = later.astimezone(LOCAL_ZONE).date()
    return datetime.combine(day, at, LOCAL_ZONE).astimezone(now.tzinfo)


def understand_date(text: str) -> date | None:
    """A full date, past or to come, such as "3/5/1959" or "ngày 3 tháng 5 năm 1959"."""
    words = fold_time_words(text)
    match = _FULL_DATE.search(words)
    if match is None:
        return None
    day, month, year = (int(part) for part in match.groups())
    if year < 100:
        year += 2000
    try:
        return date(year, month, day)
    except ValueError:
        return None


def fold_time_words(text: str) -> str:
    """Folded, but with the signs that dates and times are written with.

    "tới" (next) folds like "tối" (evening), so it is taken out first; without diacritics it is
    read as "next" after a weekday when an hour follows.
    """
    text = re.sub(r"(?i)\btới\b", " ", text)
    text = re.sub(r"(?i)(thu \w+|chu nhat|cn|tuan) toi(?= (?:luc )?\d)", r"\1", text)
    pieces = re.split(r"((?<=\d)[/:.-](?=\d))", text)
    folded = "".join(piece if piece in "/:.-" and piece else fold(piece) for piece in pieces)
    return _SPELT_DATE.sub(lambda m: "/".join(part for part in m.groups() if part), folded)


def without_time(text: str) -> str:
    """The text without the words that say when."""
    return " ".join(_TIME_WORDS.sub(" ", text).split()).strip(" ,.;:")


def _day(words: str, today: date) -> date | None:
    if match := _DATE.search(words):
        return _calendar_day(match, today)
    if match := _WEEKDAY.search(words):
        weekday = 6 if match.group(2) else _WEEKDAYS[match.group(1)]
        if "tuan sau" in words:
            return today + timedelta(days=7 - today.weekday() + weekday)
        return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)
    if re.search(r"\b(ngay )?(kia|mot)\b", words) and "mai" not in words:
        return today + timedelta(days=2)
    if re.search(r"\bmai\b", words):
        return today + timedelta(days=1)
    if re.search(r"\b(hom|bua|chieu|sang|toi|trua) (nay|ni)\b", words):
        return today
    return None


def _calendar_day(match: re.Match[str], today: date) -> date | None:
    day, month, year = match.group(1) or match.group(4), match.group(2), match.group(3)
    try:
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day))
        if month:
            found = date(today.year, int(month), int(day))
            return found if found >= today else found.replace(year=today.year + 1)
        found = today.replace(day=int(day))
        return found if found >= today else _next_month(found)
    except ValueError:
        return None


def _next_month(day: date) -> date:
    return (
        day.replace(year=day.year + 1, month=1)
        if day.month == 12
        else day.replace(month=day.month + 1)
    )


def find_part(words: str) -> str | None:
    """The part of the day that is named, in folded words."""
    match = _PART.search(words)
    return match.group(1) if match else None


def find_clock(words: str) -> ClockTime | None:
    """The hour and minute that are named, in folded words."""
    match = _HOUR.search(words)
    if match is None:
        return None
    if match.group(4):
        return ClockTime(int(match.group(4)), int(match.group(5)))
    hour = int(match.group(1))
    if short := _SHORT_OF.search(words):
        return ClockTime((hour - 1) % 24, 60 - int(short.group(1)))
    return ClockTime(hour, 30 if match.group(3) else int(match.group(2) or 0))


def time_of_day(
    clock: ClockTime | None,
    part: str | None,
    parts: Mapping[str, time] = PARTS,
    default: time = _DEFAULT,
) -> time | None:
    """The time that was meant; None for one that does not exist, such as 25 o'clock."""
    if clock is None:
        return parts[part] if part else default
    hour = clock.hour + 12 if part in _AFTERNOON and clock.hour < 12 else clock.hour
    try:
        return time(hour, clock.minute)
    except ValueError:
        return None
