"""What people type as their address, and the commune that is understood."""

import json
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.addresses import MAX_CHOICES, AddressBook
from bot.communes import load_region
from bot.texts import fold
from tests.bot.address_variations import Variation, places, variations

BOOK = AddressBook(load_region("danang"))
EXAMPLES = Path(__file__).parent.parent / "data" / "addresses.jsonl"
LINES = [json.loads(line) for line in EXAMPLES.read_text(encoding="utf-8").splitlines()]


def codes(text: str) -> list[str]:
    return [commune.code for commune in BOOK.understand(text).communes]


def outcome(variation: Variation) -> str:
    found = BOOK.understand(variation.text)
    known = {commune.code for commune in found.communes}
    if found.sure:
        return "right" if known == variation.communes else "silently wrong"
    complete = variation.communes <= known
    if len(variation.communes) > 1:
        return "right" if complete else "lost"
    return "asked" if complete else "lost"


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["text"])
def test_the_examples_are_understood(line: dict[str, str]) -> None:
    found = BOOK.understand(line["text"])

    assert found.sure
    assert [commune.code for commune in found.communes] == [line["unit_code"]]


def test_of_all_ways_to_write_all_units_few_are_asked_about_and_none_is_silently_wrong() -> None:
    made = [(variation, outcome(variation)) for variation in variations(BOOK.region, seed=1)]
    spelt = Counter(what for variation, what in made if "typo" not in variation.style)
    misspelt = Counter(what for variation, what in made if "typo" in variation.style)

    assert [v.text for v, what in made if what == "silently wrong"] == []
    assert spelt["right"] / spelt.total() > 0.99
    assert misspelt["right"] / misspelt.total() > 0.92


@pytest.mark.parametrize(
    ("text", "choices"),
    [
        ("quận Hải Châu", ["20242", "20257"]),
        ("hải châu", ["20242", "20257"]),
        ("q thanh khe, da nang", ["20209", "20305"]),
        ("tp hoi an", ["20410", "20401", "20413", "20434"]),
        ("45 Lê Lợi, Hội An", ["20410", "20401", "20413", "20434"]),
        ("xã Hòa Liên", ["20194", "20197"]),
        ("xa hoa lien, hoa vang", ["20194", "20197"]),
        ("xa tam thanh", ["20356", "20380", "20977"]),
        ("tra don", ["20938", "20944"]),
        ("phuoc my", ["20275", "20734"]),
        ("hoa khanh", ["20200", "20197"]),
        ("phường Hòa Khánh, quận Liên Chiểu", ["20200", "20197"]),
        ("phường Hòa Thuận", ["20335", "20257"]),
        ("hai chau, thanh khe", ["20242", "20209", "20257", "20305"]),
    ],
)
def test_what_has_several_readings_is_asked_about(text: str, choices: list[str]) -> None:
    found = BOOK.understand(text)

    assert not found.sure
    assert sorted(codes(text)) == sorted(choices)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("xã Tam Thanh, Quảng Nam", "20356"),
        ("xã Tam Thạnh", "20977"),
        ("xã Trà Don, huyện Nam Trà My", "20944"),
        ("tam thanh phu ninh", "20380"),
        ("p phuoc my", "20275"),
        ("phuoc my, quang nam", "20734"),
        ("phuoc ninh, nong son", "20669"),
        ("p thanh binh", "20242"),
        ("xa thanh binh", "20878"),
    ],
)
def test_diacritics_kinds_and_districts_tell_alike_names_apart(text: str, code: str) -> None:
    assert BOOK.understand(text).sure
    assert codes(text) == [code]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("phuowngf hoaf xuaan", "20314"),
        ("phu7o7ng2 hoa2 xua6n", "20314"),
        ("phoaxuan", "20314"),
        ("hoaxuan", "20314"),
        ("da nang, lien chieu, hoa minh", "20200"),
        ("p. thach thang q.hc", "20242"),
        ("khue my q.nhs dn", "20285"),
        ("hoa hiep namm lien chieu", "20194"),
        ("xã Ch’ơm, Tây Giang", "20443"),
        ("p hai chau II", "20242"),
        ("xã Sơn Viên", "20656"),
        ("tôi ở hoà xuân", "20314"),
        ("chào bạn, tôi ở phường Hòa Xuân cần giúp cài VNeID", "20314"),
        ("k12/5 nguyen luong bang hoa khanh bac lien chieu", "20197"),
        ("20 tran phuoc thanh, khue trung", "20260"),
    ],
)
def test_hasty_ways_of_writing_are_understood(text: str, code: str) -> None:
    assert BOOK.understand(text).sure
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        "đường Ngũ Hành Sơn",
        "duy tan, da nang",
        "88 duy tan",
        "20 tran phuoc thanh",
        "45 nguyen tri phuong hai chau",
        "nui thanh hai chau",
        "chợ Hòa Khánh",
        "cầu Cẩm Lệ",
        "trường tiểu học hòa tiến",
        "con tôi tên Nguyễn Bình Minh",
        "anh duy trung oi",
        "Hòa Xuân Bắc",
        "thôn Phú Ninh",
    ],
)
def test_streets_landmarks_and_people_are_not_taken_for_communes(text: str) -> None:
    assert not BOOK.understand(text).sure


@pytest.mark.parametrize(
    "text",
    [
        "phường Hải Châu, Thanh Hóa",
        "Quận 1, TP HCM",
        "Điện Biên",
        "phường An Khê, thị xã An Khê, Gia Lai",
        "xã Tân Hiệp, huyện Hóc Môn, TP Hồ Chí Minh",
        "xã Tân Hiệp, Hóc Môn",
        "xã Bình Minh, huyện Bình Sơn, Quảng Ngãi",
        "Tây Hồ, Hà Nội",
        "phường phú thuận, quận 7",
        "binh duong",
        "tp tân an, long an",
    ],
)
def test_places_elsewhere_are_never_sure(text: str) -> None:
    assert not BOOK.understand(text).sure


@pytest.mark.parametrize(
    "frame",
    [
        "{full}, Thanh Hóa",
        "{full}, quận Bình Thạnh",
        "{full}, Tuy Phước",
        "{name}, Quảng Ngãi",
        "12 {name}, Đà Nẵng",
        "đường {name}",
        "thôn {name}",
        "chợ {name}",
    ],
)
@pytest.mark.parametrize("style", [str, fold])
def test_no_name_of_a_unit_is_sure_elsewhere_or_as_something_else(
    frame: str, style: Callable[[str], str]
) -> None:
    texts = [
        style(frame.format(full=f"{place.kind} {place.name}", name=place.name))
        for place in places(BOOK.region)
    ]

    assert [text for text in texts if BOOK.understand(text).sure] == []


def test_no_unit_is_sure_in_a_district_where_it_is_not() -> None:
    """A unit there that only begins with these words may be meant, as Hòa Thuận (Tây)."""
    wrong = []
    for place, district in product(places(BOOK.region), BOOK.region.districts):
        if place.district and not place.communes & set(district.communes):
            text = f"{place.kind} {place.name}, {district.kind} {district.name}"
            found = BOOK.understand(text)
            if found.sure and found.communes[0].code not in district.communes:
                wrong.append(text)

    assert wrong == []


@pytest.mark.parametrize("text", ["", "   ", "xin chào", "tôi muốn làm căn cước", "đà nẵng", "?!"])
def test_where_no_place_is_said_there_are_no_choices(text: str) -> None:
    assert BOOK.understand(text).communes == ()


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("to 12 thon phu son, xa hoa khuong, hoa vang", "to 12 thon phu son"),
        ("tdp 12 hoa xuan", "tdp 12"),
        ("phường Hải Châu, tổ 59 cũ", "tổ 59 cũ"),
        ("phường Hải Châu, Đà Nẵng", ""),
    ],
)
def test_what_names_the_team_is_left_over(text: str, rest: str) -> None:
    assert BOOK.understand(text).rest == rest


def test_a_street_does_not_win_over_a_marked_unit() -> None:
    assert codes("120 hoang sa, p tho quang") == ["20263"]
    assert codes("Núi Thành, phường Hòa Cường Bắc") == ["20257"]


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=400))
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    found = BOOK.understand(text)

    assert len(found.communes) <= MAX_CHOICES
    assert not found.sure or len(found.communes) == 1
