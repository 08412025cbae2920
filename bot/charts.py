"""A bar chart as a picture: what fits on a phone, with every figure written at its bar."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from bot.certificates import load_font

WIDTH, HEIGHT = 1000, 640
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 50, 130, 90
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
    draw.text((_LEFT, 28), title, font=load_font(34, bold=True), fill=_INK)
    _legend(draw, series)
    highest = max((value or 0 for one in series for value in one.values), default=0) or 1
    step = (WIDTH - _LEFT - _RIGHT) / len(labels)
    floor = HEIGHT - _BOTTOM
    draw.line((_LEFT, floor, WIDTH - _RIGHT, floor), fill=_INK, width=2)
    for index, label in enumerate(labels):
        left = _LEFT + index * step
        draw.text((left + step / 2, floor + 14), label, font=load_font(22), fill=_INK, anchor="ma")
        for number, one in enumerate(series):
            width = step * 0.8 / len(series)
            x = left + step * 0.1 + number * width
            _bar(draw, (x, width), one.values[index], highest, COLOURS[number % 2], hidden)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _legend(draw: ImageDraw.ImageDraw, series: Sequence[Series]) -> None:
    x, font = float(_LEFT), load_font(24)
    for number, one in enumerate(series):
        draw.rectangle((x, 84, x + 22, 106), fill=COLOURS[number % 2])
        draw.text((x + 32, 80), one.name, font=font, fill=_INK)
        x += 32 + draw.textlength(one.name, font=font) + 40


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
    draw.text((x + width / 2, top - 8), text, font=load_font(22), fill=_INK, anchor="md")
