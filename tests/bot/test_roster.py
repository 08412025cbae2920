"""Rosters as wards send them: what is read, what is refused and why."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.addresses import AddressBook
from bot.communes import load_region
from bot.demo_roster import make_demo_roster
from bot.geo import Area
from bot.roster import BadRow, RosterError, build_roster, read_rows
from bot.types import Place
from storage.roster_members import RosterMember
from storage.rosters import RosterTeam

BOOK = AddressBook(load_region("danang"))
HEAD = "Mã tổ,Phường/xã,Tên tổ,Tên cũ,Vĩ độ,Kinh độ,Họ tên,Vai trò,Điện thoại"


def read(tmp_path: Path, *lines: str, head: str = HEAD) -> tuple[list[RosterTeam], list[BadRow]]:
    path = tmp_path / "roster.csv"
    path.write_text("\n".join([head, *lines]), encoding="utf-8-sig")
    return build_roster(read_rows(path), BOOK)


def reasons(tmp_path: Path, *lines: str) -> list[tuple[int, str]]:
    _teams, bad = read(tmp_path, *lines)
    return [(row.number, row.reason) for row in bad]


def test_one_row_a_member_makes_teams_with_members(tmp_path: Path) -> None:
    teams, bad = read(
        tmp_path,
        "HX-12,Phường Hòa Xuân,Tổ dân phố 12,Tổ 58; Tổ 59,15.9912,108.2251,Lê Tuấn,Tổ trưởng,"
        "0905000001",
        "HX-12,Phường Hòa Xuân,Tổ dân phố 12,,,,Võ Hoa,,",
        ",20500,Thôn Phú Sơn,,,,,,",
    )

    members = (
        RosterMember("Lê Tuấn", "leader", "0905000001"),
        RosterMember("Võ Hoa", "volunteer", None),
    )
    place = Place(15.9912, 108.2251)
    former = ("Tổ 58", "Tổ 59")
    assert bad == []
    assert teams[0] == RosterTeam("HX-12", "20314", "Tổ dân phố 12", former, place, members, 2)
    assert (teams[1].code, teams[1].members) == ("20500-thon-phu-son", ())


def test_headings_may_lack_diacritics_and_columns_and_be_split_by_semicolons(
    tmp_path: Path,
) -> None:
    teams, bad = read(tmp_path, "To 1;phuong hai chau;16,07", head="TEN TO;PHUONG/XA;ghi chú")

    assert (teams[0].commune_code, bad) == ("20242", [])


def test_a_spreadsheet_is_read_like_csv(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(HEAD.split(","))
    sheet.append(["A", 20314, "Tổ 1", None, 15.99, 108.22, "Lê Tuấn", "Tổ phó", 905000001])
    book.save(tmp_path / "roster.xlsx")

    teams, bad = build_roster(read_rows(tmp_path / "roster.xlsx"), BOOK)

    assert bad == []
    assert teams[0].members == (RosterMember("Lê Tuấn", "deputy", "0905000001"),)
    assert teams[0].place == Place(15.99, 108.22)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("A,,Tổ 1,,,,,,", "“Phường/xã” is empty"),
        ("A,Hòa Liên,Tổ 1,,,,,,", "is it Phường Hải Vân or Phường Liên Chiểu?"),
        ("A,Phường Bến Nghé,Tổ 1,,,,,,", "not clearly a phường or xã"),
        ("A,20314,,,,,,,", "“Tên tổ” is empty"),
        ("A,20314,Tổ 1,,abc,108.2,,,", "must be numbers"),
        ("A,20314,Tổ 1,,16.0,,,,", "must be numbers"),
        ("A,20314,Tổ 1,,108.2,16.0,,,", "swapped"),
        ("A,20314,Tổ 1,,21.0,105.8,,,", "km from the middle of Phường Hòa Xuân"),
        ("A,20314,Tổ 1,,,,Lê Tuấn,Bí thư,", "must be Tổ trưởng, Tổ phó or Thành viên"),
        ("A,20314,Tổ 1,,,,Lê Tuấn,,12345", "not a phone number"),
        ("A,20314,Tổ 1,,,,,,0905000001", "without “Họ tên”"),
        (f"A,20314,{'x' * 201},,,,,,", "longer than 200"),
    ],
)
def test_a_bad_row_is_named_with_its_number_and_reason(
    tmp_path: Path, line: str, part: str
) -> None:
    ((number, reason),) = reasons(tmp_path, "OK,20500,Thôn 1,,,,,,", line)

    assert number == 3
    assert part in reason


@pytest.mark.parametrize(
    ("second", "part"),
    [
        ("A,20500,Tổ 1,,,,,,", "another commune's in row 2"),
        ("A,20314,Tổ 2,,,,,,", "named “Tổ 1” in row 2"),
        ("B,20314,to 1,,,,,,", "has another code"),
        ("A,20314,Tổ 1,,16.01,108.2,,,", "another place in row 2"),
        ("A,20314,Tổ 1,,,,Lê Tuấn,,0905 000 001", "there twice"),
        ("A,20314,Tổ 1,,,,,,", "listed before"),
    ],
)
def test_rows_that_contradict_each_other_are_named(tmp_path: Path, second: str, part: str) -> None:
    first = "A,20314,Tổ 1,,16.0,108.2,Lê Tuấn,,0905000001"

    ((number, reason),) = reasons(tmp_path, first, second)

    assert (number, part in reason) == (3, True)


@pytest.mark.parametrize("phone", ["0905 000 001", "+84905000001", "84905000001", "905000001"])
def test_phones_are_kept_in_one_form(tmp_path: Path, phone: str) -> None:
    ((team,), _bad) = read(tmp_path, f"A,20314,Tổ 1,,,,Lê Tuấn,,{phone}")

    assert team.members[0].phone == "0905000001"


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        ("Tên tổ\nTổ 1".encode(), "lacks the heading Phường/xã"),
        ("Tên tổ,Phường/xã,ten to".encode(), "there twice"),
        ("Tên tổ".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_file_that_is_no_roster_says_why(tmp_path: Path, content: bytes, part: str) -> None:
    path = tmp_path / "roster.csv"
    path.write_bytes(content)

    with pytest.raises(RosterError, match=part):
        read_rows(path)


def test_a_file_that_only_pretends_to_be_a_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "roster.xlsx"
    path.write_bytes(b"no zip")

    with pytest.raises(RosterError, match="no readable XLSX"):
        read_rows(path)


def test_the_demo_city_has_its_teams_in_93_communes_and_is_the_same_for_one_seed() -> None:
    roster = make_demo_roster(BOOK.region, {}, seed=4)

    assert len(roster) == 3766
    assert len({team.commune_code for team in roster}) == 93
    assert min(len(team.members) for team in roster) >= 7
    assert all(m.name.endswith("(demo)") and not m.phone for t in roster for m in t.members)
    assert roster == make_demo_roster(BOOK.region, {}, seed=4)
    assert roster != make_demo_roster(BOOK.region, {}, seed=5)


def test_demo_teams_do_not_share_a_place_or_a_name() -> None:
    roster = make_demo_roster(BOOK.region, {})

    assert len({team.place for team in roster}) == len(roster)
    assert len({(team.commune_code, team.name) for team in roster}) == len(roster)


def test_demo_teams_lie_within_the_boundary_where_there_is_one() -> None:
    west = [[[108.18, 15.95], [108.21, 15.95], [108.21, 16.02], [108.18, 16.02], [108.18, 15.95]]]
    areas = {"20314": Area.of([west])}

    roster = make_demo_roster(BOOK.region, areas)

    inside = [
        areas["20314"].contains(t.place) for t in roster if t.commune_code == "20314" and t.place
    ]
    assert len(inside) > 20
    assert all(inside)
