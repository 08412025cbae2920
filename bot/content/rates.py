"""Figures that change by law, each written once with the days between which it holds.

A text of a guide refers to a figure as `{luong-co-so}` or computes with it as
`{luong-co-so * ty-le-bhyt * 70% * 12}`; which value that gives depends on the day it is read.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Annotated, Literal, Self

from babel.numbers import format_decimal
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

Certainty = Literal["confirmed", "partly"]
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"[a-z][a-z0-9-]*\Z")
_FACTOR = re.compile(r"(\d+(?:[.,]\d+)?)(%?)\Z")


class RateError(ValueError):
    """A text refers to a figure that does not exist, or computes in a way that is not known."""


class Content(BaseModel):
    """Checked data from a file: no unknown keys, never changed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Value(Content):
    """What a figure was between two days, both included; `to` is None while no end is known."""

    value: Annotated[Decimal, Field(ge=0)]
    from_day: Annotated[date, Field(alias="from")]
    to: date | None = None
    source: Annotated[str, Field(min_length=3)]
    certainty: Certainty

    def holds_on(self, day: date) -> bool:
        return self.from_day <= day and (self.to is None or day <= self.to)


class Rate(Content):
    """One figure: an amount of money in đồng, a percentage, or a plain number."""

    name: Annotated[str, Field(min_length=3)]
    unit: Literal["đồng", "%", ""]
    values: Annotated[tuple[Value, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _periods_follow_each_other(self) -> Self:
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if earlier.to is None or earlier.to >= later.from_day:
                raise ValueError(f"{later.from_day} begins before the value before it has ended")
        return self

    def on(self, day: date) -> Value | None:
        """The value on a day; None when none is known for it."""
        return next((value for value in self.values if value.holds_on(day)), None)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a reference comes to on a day; `value` is None when a figure in it has no value then."""

    value: Decimal | None
    unit: str

    def __str__(self) -> str:
        if self.value is None:
            raise ValueError("there is no value to say")
        digits = "#,##0" if self.unit == "đồng" else "#,##0.##"
        rounded = self.value.quantize(Decimal(1), ROUND_HALF_UP) if self.unit == "đồng" else None
        number = format_decimal(self.value if rounded is None else rounded, digits, locale="vi")
        return f"{number}%" if self.unit == "%" else f"{number} {self.unit}".strip()


class Rates:
    """All figures by id."""

    def __init__(self, rates: Mapping[str, Rate], when_unknown: str) -> None:
        """`when_unknown` is said in the place of a figure that has no value on the day."""
        self._rates = rates
        self._when_unknown = when_unknown

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read rates.toml; pydantic's ValidationError names what is wrong in it."""
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        when_unknown = str(data.pop("when_unknown"))
        return cls(TypeAdapter(dict[str, Rate]).validate_python(data), when_unknown)

    def items(self) -> Iterator[tuple[str, Rate]]:
        return iter(self._rates.items())

    def amount(self, reference: str, day: date) -> Amount:
        """The worth of `NAME * NAME * 70% * 12` on a day; RateError when it can't be read."""
        worth: Decimal | None = Decimal(1)
        unit = ""
        for factor in reference.split("*"):
            value, its_unit = self._factor(factor.strip(), day)
            unit = "đồng" if "đồng" in (unit, its_unit) else its_unit or unit
            worth = None if worth is None or value is None else worth * value
        if unit == "%" and worth is not None:
            worth *= 100
        return Amount(worth, unit)

    def _factor(self, factor: str, day: date) -> tuple[Decimal | None, str]:
        if number := _FACTOR.match(factor):
            worth = Decimal(number[1].replace(",", "."))
            return (worth / 100, "") if number[2] else (worth, "")
        if not _NAME.match(factor) or factor not in self._rates:
            raise RateError(f"no figure is called {factor!r}; see rates.toml")
        rate = self._rates[factor]
        current = rate.on(day)
        if current is None:
            return None, rate.unit
        return (current.value / 100 if rate.unit == "%" else current.value), rate.unit

    def fill(self, text: str, day: date) -> str:
        """The text with every reference replaced by what it comes to on that day."""
        return PLACEHOLDER.sub(lambda found: self._say(found[1], day), text)

    def _say(self, reference: str, day: date) -> str:
        amount = self.amount(reference, day)
        return self._when_unknown if amount.value is None else str(amount)

    def knows_all(self, text: str, day: date) -> bool:
        """Whether every figure in the text has a value on that day."""
        return all(self.amount(ref, day).value is not None for ref in PLACEHOLDER.findall(text))

    def is_partly_known(self, reference: str, day: date) -> bool:
        """Whether a figure in the reference rests on one source only."""
        names = (factor.strip() for factor in reference.split("*"))
        values = (self._rates[name].on(day) for name in names if name in self._rates)
        return any(value is not None and value.certainty == "partly" for value in values)
