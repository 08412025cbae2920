"""The picture that hangs on the wall of a class: what it is, codes to scan, a code to type."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import segno
from PIL import Image, ImageDraw, ImageFont

from bot.fonts import load_font

# A sheet of A4 upright at 150 dots an inch.
WIDTH, HEIGHT = 1240, 1754
# The square that a picture to scan fits into; the name of its channel stands above.
QR_TOP, QR_SIDE = 760, 500
QR_BORDER = 4
_MARGIN = 90
_INK = "black"
_TITLE, _TEXT, _SMALL, _CODE = 84, 48, 32, 120
# Longer texts are set smaller, so that nothing runs into the pictures below.
_TITLE_SMALLEST, _MOST_LINES = 56, 2
_LEADING = 1.3


@dataclass(frozen=True, slots=True)
class Poster:
    """`scans`: up to two of (name of a channel, link); `code`: what is typed instead."""

    title: str
    lines: Sequence[str]
    scans: Sequence[tuple[str, str]]
    hint: str
    code: str


def draw_poster(poster: Poster) -> bytes:
    """The poster as PNG."""
    image = Image.new("L", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    top = _paragraph(draw, _MARGIN, poster.title, _TITLE, _TITLE_SMALLEST, bold=True)
    for line in poster.lines:
        top = _paragraph(draw, top + _TEXT // 2, line, _TEXT, _SMALL)
    for index, (label, link) in enumerate(poster.scans):
        left = qr_left(index, len(poster.scans))
        above = (left + QR_SIDE // 2, QR_TOP - _TEXT // 2)
        draw.text(above, label, _INK, load_font(_TEXT, bold=True), anchor="ms")
        image.paste(_scan(link), (left, QR_TOP))
    top = _paragraph(draw, QR_TOP + QR_SIDE + _TEXT, poster.hint, _TEXT, _SMALL)
    _paragraph(draw, top + _TEXT, poster.code, _CODE, _CODE, bold=True)
    content = BytesIO()
    image.save(content, "PNG", optimize=True)
    return content.getvalue()


def qr_left(index: int, count: int) -> int:
    """Where a picture to scan begins: one stands in the middle, two stand side by side."""
    column = WIDTH // count
    return index * column + (column - QR_SIDE) // 2


def _scan(link: str) -> Image.Image:
    """In whole dots a module, since blurred edges are harder to read from afar."""
    code = segno.make(link, error="m")
    modules = code.symbol_size(border=QR_BORDER)[0]
    content = BytesIO()
    code.save(content, kind="png", scale=QR_SIDE // modules, border=QR_BORDER)
    symbol = Image.open(content).convert("L")
    square = Image.new("L", (QR_SIDE, QR_SIDE), "white")
    spare = (QR_SIDE - symbol.width) // 2
    square.paste(symbol, (spare, spare))
    return square


def _paragraph(
    draw: ImageDraw.ImageDraw, top: int, text: str, size: int, smallest: int, *, bold: bool = False
) -> int:
    """Write centred lines no wider than the sheet; returns where they end."""
    lines = _broken(text, load_font(size, bold=bold))
    while len(lines) > _MOST_LINES and size > smallest:
        size -= 4
        lines = _broken(text, load_font(size, bold=bold))
    for line in lines:
        draw.text((WIDTH // 2, top), line, _INK, load_font(size, bold=bold), anchor="ma")
        top += round(size * _LEADING)
    return top


def _broken(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= WIDTH - 2 * _MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
