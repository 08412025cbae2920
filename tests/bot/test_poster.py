"""The poster of a class: what is scanned is what was meant, and nothing runs into anything."""

import io
from typing import Any

import pytest
import segno
from PIL import Image

from bot.poster import HEIGHT, QR_BORDER, QR_SIDE, QR_TOP, WIDTH, Poster, draw_poster, qr_left

WEB = "https://ngoso.example/?start=c_4K7QA"
TELEGRAM = "https://t.me/NgoSoBot?start=c_4K7QA"
SHORT = Poster("Dùng Zalo", ("08:00 thứ bảy", "Đình làng"), [("Web", WEB)], "Quét", "LOP 4K7QA")
LONG = Poster(
    "Nói chuyện với con cháu ở xa bằng Zalo, gửi hình và gọi thấy mặt nhau, dễ lắm bác ơi",
    (
        "08:00 Thứ Bảy 5/12 đến 09:30, tuần nào cũng có",
        "Nhà sinh hoạt cộng đồng, Tổ dân phố 12, đường Hùng Vương, cạnh chợ cũ, " * 3,
    ),
    [("Telegram", TELEGRAM), ("Web", WEB)],
    "Quét, hoặc nhắn cho Ngõ Số:",
    "LOP 4K7QA",
)


def qr(link: str) -> list[list[bool]]:
    """The dark modules that stand for a link."""
    return [[bool(module) for module in row] for row in segno.make(link, error="m").matrix]


def scanned(picture: Image.Image, index: int, count: int) -> list[list[bool]]:
    """The dark modules of one of the pictures to scan, measured from its own pixels."""
    left = qr_left(index, count)
    grey = picture.convert("L").crop((left, QR_TOP, left + QR_SIDE, QR_TOP + QR_SIDE))
    box: Any = grey.point(lambda value: 255 - value).getbbox()
    finder = next(x for x in range(box[0], box[2]) if grey.getpixel((x, box[1])) != 0)
    module = (finder - box[0]) // 7  # a corner's mark is seven modules wide
    size = (box[2] - box[0]) // module
    assert box[0] >= QR_BORDER * module
    half = module // 2
    return [
        [grey.getpixel((box[0] + x * module + half, box[1] + y * module + half)) == 0
         for x in range(size)]
        for y in range(size)
    ]  # fmt: skip


@pytest.mark.parametrize("poster", [SHORT, LONG])
def test_what_is_scanned_is_what_was_meant(poster: Poster) -> None:
    picture = Image.open(io.BytesIO(draw_poster(poster)))

    links = [link for _label, link in poster.scans]
    assert picture.size == (WIDTH, HEIGHT)
    assert [scanned(picture, n, len(links)) for n in range(len(links))] == [qr(x) for x in links]


@pytest.mark.parametrize("poster", [SHORT, LONG])
def test_there_is_white_all_around(poster: Poster) -> None:
    picture = Image.open(io.BytesIO(draw_poster(poster))).convert("L")

    box: Any = picture.point(lambda value: 255 - value).getbbox()

    assert min(box[0], box[1], WIDTH - box[2], HEIGHT - box[3]) >= 60


def test_the_words_above_end_before_the_pictures_begin() -> None:
    picture = Image.open(io.BytesIO(draw_poster(LONG))).convert("L")

    rows = [picture.crop((0, y, WIDTH, y + 1)).getextrema() for y in range(640, QR_TOP)]

    # A white band between the place and the names of the channels.
    assert ((255, 255),) * 8 in [tuple(rows[y : y + 8]) for y in range(len(rows))]


def test_without_any_link_the_code_is_still_there() -> None:
    bare = Poster("Dùng Zalo", (), [], "Nhắn:", "LOP 4K7QA")

    assert Image.open(io.BytesIO(draw_poster(bare))).size == (WIDTH, HEIGHT)
