"""A certificate as a picture: drawn here, because people show it to their grandchildren."""

import math
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from bot.fonts import load_font

# Landscape A5 at 150 dots an inch: sharp on a phone, and printable.
WIDTH, HEIGHT = 1240, 874
_MARGIN = 36
_PAPER, _INK, _ACCENT, _GOLD = "#fffdf6", "#1f2a37", "#b3261e", "#c9962b"
_LARGEST, _SMALLEST = 64, 28


@dataclass(frozen=True, slots=True)
class Certificate:
    """The lines of a certificate, in the reader's language; `name` may be empty."""

    heading: str
    name: str
    achievement: str
    course: str
    day: str
    issuer: str
    # What it is not: it replaces no official confirmation.
    note: str


def draw_certificate(certificate: Certificate) -> bytes:
    """The certificate as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(image)
    _frame(draw)
    top = 120 if certificate.name else 160
    top = _line(draw, top, certificate.heading, 58, _ACCENT, bold=True) + 26
    if certificate.name:
        top = _line(draw, top, certificate.name, _LARGEST, _INK, bold=True) + 18
    top = _line(draw, top, certificate.achievement, 34, _INK) + 14
    top = _line(draw, top, certificate.course, 50, _GOLD, bold=True) + 40
    _stars(draw, top)
    _line(draw, HEIGHT - 232, certificate.day, 28, _INK)
    _line(draw, HEIGHT - 186, certificate.issuer, 30, _INK, bold=True)
    _paragraph(draw, HEIGHT - 132, certificate.note, 24)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def _frame(draw: ImageDraw.ImageDraw) -> None:
    for inset, colour, width in ((_MARGIN, _ACCENT, 6), (_MARGIN + 16, _GOLD, 2)):
        box = (inset, inset, WIDTH - inset, HEIGHT - inset)
        draw.rounded_rectangle(box, radius=22, outline=colour, width=width)


def _stars(draw: ImageDraw.ImageDraw, top: int) -> None:
    for index in range(5):
        middle = (WIDTH // 2 + (index - 2) * 64, top + 20)
        draw.polygon([_star_point(middle, number) for number in range(10)], fill=_GOLD)


def _star_point(middle: tuple[int, int], number: int) -> tuple[float, float]:
    """The corners of a five-pointed star in turn, outer and inner ones, from the top."""
    radius = 22 if number % 2 == 0 else 22 * 0.382
    angle = math.pi * (number / 5 - 0.5)
    return middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)


def _line(
    draw: ImageDraw.ImageDraw, top: int, text: str, size: int, colour: str, *, bold: bool = False
) -> int:
    """One centred line, smaller when it is long; returns where it ends."""
    font = load_font(size, bold=bold)
    while draw.textlength(text, font=font) > WIDTH - 4 * _MARGIN and size > _SMALLEST:
        size -= 2
        font = load_font(size, bold=bold)
    draw.text((WIDTH / 2, top), text, font=font, fill=colour, anchor="ma")
    return top + round(size * 1.35)


def _paragraph(draw: ImageDraw.ImageDraw, top: int, text: str, size: int) -> None:
    """Centred lines, broken between words."""
    font = load_font(size)
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if draw.textlength(longer, font=font) > WIDTH - 5 * _MARGIN:
            draw.text((WIDTH / 2, top), line, font=font, fill=_INK, anchor="ma")
            top, longer = top + round(size * 1.35), word
        line = longer
    draw.text((WIDTH / 2, top), line, font=font, fill=_INK, anchor="ma")
