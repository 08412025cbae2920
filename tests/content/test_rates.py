"""Figures that change by law: the value of the day, and honesty when there is none."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.content.rates import Rate, RateError, Rates, Value
from bot.texts import LOCALES

WAGE = """
when_unknown = "(mức này cần hỏi lại cán bộ)"
[wage]
name = "Lương cơ sở"
unit = "đồng"
values = [
  { value = 2340000, from = 2024-07-01, to = 2026-06-30, source = "NĐ 73/2024", certainty = "confirmed" },
  { value = 2530000, from = 2026-07-01, to = 2027-06-30, source = "NĐ 161/2026", certainty = "confirmed" },
]

[share]
name = "Tỷ lệ đóng"
unit = "%"
values = [{ value = 4.5, from = 2024-01-01, source = "Luật", certainty = "partly" }]
"""  # noqa: E501


@pytest.fixture
def rates(tmp_path: Path) -> Rates:
    (tmp_path / "rates.toml").write_text(WAGE)
    return Rates.load(tmp_path / "rates.toml")


@pytest.mark.parametrize(
    ("reference", "day", "said"),
    [
        ("wage", date(2026, 6, 30), "2.340.000 đồng"),
        ("wage", date(2026, 7, 1), "2.530.000 đồng"),
        ("wage * share", date(2026, 11, 24), "113.850 đồng"),
        ("wage * share * 70%", date(2026, 11, 24), "79.695 đồng"),
        ("wage * share * 12", date(2026, 11, 24), "1.366.200 đồng"),
        ("share", date(2026, 11, 24), "4,5%"),
        ("wage", date(2027, 7, 1), "(mức này cần hỏi lại cán bộ)"),
        ("wage * share", date(2023, 1, 1), "(mức này cần hỏi lại cán bộ)"),
    ],
)
def test_a_text_says_what_holds_on_the_day(
    rates: Rates, reference: str, day: date, said: str
) -> None:
    assert rates.fill(f"đóng {{{reference}}} nhé", day) == f"đóng {said} nhé"


@pytest.mark.parametrize("reference", ["salary", "wage + share", "wage *", "", "WAGE", "1/2"])
def test_what_is_no_figure_is_refused(rates: Rates, reference: str) -> None:
    with pytest.raises(RateError):
        rates.amount(reference, date(2026, 11, 24))


def test_two_values_can_not_hold_on_the_same_day() -> None:
    def value(start: date, end: date | None) -> Value:
        return Value(
            value=Decimal(1), **{"from": start}, to=end, source="luật", certainty="confirmed"
        )

    with pytest.raises(ValidationError, match="before the value before it has ended"):
        Rate(
            name="mức",
            unit="đồng",
            values=(value(date(2025, 1, 1), None), value(date(2026, 1, 1), None)),
        )


def test_every_figure_of_ours_has_a_source_and_a_beginning() -> None:
    for name, rate in Rates.load(LOCALES / "vi" / "rates.toml").items():
        assert rate.values, name
        assert all(value.source for value in rate.values)
