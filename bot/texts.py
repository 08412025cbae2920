"""Words, dates and numbers in the reader's language, and folding for comparison.

Code writes English source strings as `_("...")`; what comes out of `_` is a `Text` that is put
into a language only when a message leaves for somebody, so nothing here is global.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_day_names
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
LOCALES = Path(__file__).parent.parent / "locales"


@dataclass(frozen=True, slots=True)
class Text:
    """A source string with its values, not yet in any language."""

    msgid: str
    params: Mapping[str, Any] = field(default_factory=dict)
    plural: str | None = None
    count: int = 0


def _(msgid: str, /, **params: Any) -> Text:
    """Mark a source string; `%(name)s` in it is filled from `params` when it is rendered."""
    return Text(msgid, params)


def n_(singular: str, plural: str, /, count: int, **params: Any) -> Text:
    """Like `_`, for a text that depends on a number, which it calls `%(count)s`."""
    return Text(singular, {"count": count, **params}, plural, count)


def join(*parts: "Words", between: str = "\n\n") -> Text:
    """Several texts, one after the other, empty ones left out."""
    kept = [part for part in parts if part != ""]
    names = {f"p{i}": part for i, part in enumerate(kept)}
    return Text(between.join(f"%({name})s" for name in names), names)


Words = Text | str


@dataclass(frozen=True, slots=True)
class Day:
    """A date to be said in words."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Date:
    """A date alone, to be said in figures."""

    day: date


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and a time of day to be said in words."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Some days of the week, Monday = 0, to be said by name."""

    days: frozenset[int]


class Texts:
    """One language's wording. Without a catalogue, source strings pass through unchanged."""

    def __init__(self, locale: str, catalogue: NullTranslations) -> None:
        self._locale = locale
        self._catalogue = catalogue

    @classmethod
    def load(cls, locale: str = "vi", folder: Path = LOCALES) -> Self:
        """Read the .po file itself, so that an edited wording needs no build step."""
        with (folder / locale / "LC_MESSAGES" / "messages.po").open("rb") as po:
            compiled = BytesIO()
            write_mo(compiled, read_po(po, locale=locale))
        compiled.seek(0)
        return cls(locale, Translations(compiled))

    @classmethod
    def untranslated(cls) -> Self:
        """Source strings as they are; for tests, whose assertions outlive a change of wording."""
        return cls("en", NullTranslations())

    def render(self, words: Words) -> str:
        """The text in this language, its values formatted as this language does."""
        if isinstance(words, str):
            return words
        if words.plural is None:
            template = self._catalogue.ugettext(words.msgid)
        else:
            template = self._catalogue.ungettext(words.msgid, words.plural, words.count)
        if not words.params:
            return str(template)
        return str(template) % {name: self._value(value) for name, value in words.params.items()}

    def _value(self, value: Any) -> str:
        if isinstance(value, Text):
            return self.render(value)
        if isinstance(value, Moment):
            return self._moment(value.at)
        if isinstance(value, Day):
            return format_date(_local(value.at), "EEEE d/M/y", locale=self._locale)
        if isinstance(value, Date):
            return format_date(value.day, "d/M/y", locale=self._locale)
        if isinstance(value, Weekdays):
            names = get_day_names("wide", "format", locale=self._locale)
            return format_list([names[day] for day in sorted(value.days)], locale=self._locale)
        if isinstance(value, float):
            return format_decimal(value, "#,##0.#", locale=self._locale)
        if isinstance(value, int) and not isinstance(value, bool):
            return format_decimal(value, locale=self._locale)
        return str(value)

    def _moment(self, at: datetime) -> str:
        local = _local(at)
        day = format_date(local, "EEEE d/M", locale=self._locale)
        return f"{format_time(local, 'HH:mm', locale=self._locale)} {day}"


def _local(at: datetime) -> datetime:
    return at.astimezone(LOCAL_ZONE)


def clean(text: str) -> str:
    """Text as it enters: NFC, without control characters, stripped."""
    text = unicodedata.normalize("NFC", text)
    kept = (c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs", "Co"))
    return "".join(kept).strip()


def fold(text: str) -> str:
    """Text for comparison: lower case, no diacritics, đ as d, single spaces between words."""
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^\w]+", " ", text).strip()
