"""A bar chart as a picture: what fits on a phone, with every figure written at its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from bot.fonts import load_font

# Shown at less than half of this on a phone: letters are large for it.
WIDTH, HEIGHT = 760, 640
_LEFT, _RIGHT, _TOP, _BOTTOM = 30, 30, 150, 80
_PAPER, _INK, _GRID = "#ffffff", "#1f2a37", "#d8dee6"
COLOURS = ("#1f6feb", "#2da44e")


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of bars; a value of None is not to be shown (too few people)."""

    name: str
    values: Sequence[int | None]


def draw_bars(title: str, labels: Sequence[str], series: Sequence[Series], hidden: str) -> bytes:
    """Grouped bars as PNG; `hidden` stands where a value is None. Raises ValueError without any."""
    if not labels or not series:
        raise ValueError("a chart without bars")
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((_LEFT, 24), title, font=load_font(38, bold=True), fill=_INK)
    _legend(draw, series)
    highest = max((value or 0 for one in series for value in one.values), default=0) or 1
    step = (WIDTH - _LEFT - _RIGHT) / len(labels)
    floor = HEIGHT - _BOTTOM
    draw.line((_LEFT, floor, WIDTH - _RIGHT, floor), fill=_INK, width=2)
    for index, label in enumerate(labels):
        left = _LEFT + index * step
        draw.text((left + step / 2, floor + 14), label, font=load_font(28), fill=_INK, anchor="ma")
        for number, one in enumerate(series):
            width = step * 0.8 / len(series)
            x = left + step * 0.1 + number * width
            _bar(draw, (x, width), one.values[index], highest, COLOURS[number % 2], hidden)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _legend(draw: ImageDraw.ImageDraw, series: Sequence[Series]) -> None:
    x, font = float(_LEFT), load_font(32)
    for number, one in enumerate(series):
        draw.rectangle((x, 90, x + 28, 118), fill=COLOURS[number % 2])
        draw.text((x + 40, 84), one.name, font=font, fill=_INK)
        x += 40 + draw.textlength(one.name, font=font) + 40


def _bar(
    draw: ImageDraw.ImageDraw,
    place: tuple[float, float],
    value: int | None,
    highest: int,
    colour: str,
    hidden: str,
) -> None:
    x, width = place
    floor = HEIGHT - _BOTTOM
    top = floor - (value or 0) / highest * (floor - _TOP - 40)
    if value:
        draw.rectangle((x + 2, top, x + width - 2, floor - 1), fill=colour)
    text = hidden if value is None else str(value)
    size = 22 if value is None else 28
    draw.text((x + width / 2, top - 8), text, font=load_font(size), fill=_INK, anchor="md")
