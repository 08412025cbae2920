"""Reads a roster of teams and members from a CSV or XLSX file, and says what is wrong with it.

One row a member; a team without members is one row with an empty name. The first row holds the
headings, in any order, with or without diacritics.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from openpyxl import load_workbook

from bot.addresses import AddressBook
from bot.communes import Commune
from bot.geo import distance_km
from bot.texts import clean, fold
from bot.types import Place
from storage.roster_members import RosterMember
from storage.rosters import RosterTeam

HEADINGS = {
    "code": "Mã tổ",
    "commune": "Phường/xã",
    "team": "Tên tổ",
    "former": "Tên cũ",
    "lat": "Vĩ độ",
    "lon": "Kinh độ",
    "name": "Họ tên",
    "role": "Vai trò",
    "phone": "Điện thoại",
}
NEEDED = ("commune", "team")
ROLES = {
    "to truong": "leader", "truong": "leader", "to pho": "deputy", "pho": "deputy",
    "thanh vien": "volunteer", "": "volunteer",
}  # fmt: skip
LONGEST = {"code": 64, "team": 200, "former": 1000, "name": 80}
# A team further from the middle of its commune than this (radii plus kilometres) is a slip.
RADII_OUT, KM_OUT = 3.5, 5.0


class RosterError(Exception):
    """The file as a whole can't be read; the message says why."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """`number` counts as spreadsheets do: the headings are row 1."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Row:
    """One row that is good by itself."""

    number: int
    team: RosterTeam
    member: RosterMember | None


def read_rows(path: Path) -> list[tuple[int, dict[str, str]]]:
    """The rows of a file by our short names, blank ones left out. Raises RosterError."""
    table = _xlsx(path) if path.suffix.lower() == ".xlsx" else _csv(path)
    headings = next(table, None)
    if headings is None:
        raise RosterError("the file is empty")
    columns = _columns(headings)
    found = []
    for number, cells in enumerate(table, start=2):
        values = {name: clean(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
        if any(values.values()):
            found.append((number, values))
    return found


def build_roster(
    rows: Sequence[tuple[int, Mapping[str, str]]], book: AddressBook
) -> tuple[list[RosterTeam], list[BadRow]]:
    """The teams that the rows describe, and every row that is wrong."""
    bad: list[BadRow] = []
    good: list[_Row] = []
    for number, values in rows:
        try:
            good.append(_read(number, values, book))
        except ValueError as error:
            bad.append(BadRow(number, str(error)))
    teams: dict[str, RosterTeam] = {}
    names: dict[tuple[str, str], str] = {}
    for row in good:
        reason = _clash(row, teams, names)
        if reason:
            bad.append(BadRow(row.number, reason))
        else:
            names[(row.team.commune_code, fold(row.team.name))] = row.team.code
            teams[row.team.code] = _joined(teams.get(row.team.code), row)
    return list(teams.values()), sorted(bad, key=lambda row: row.number)


def _csv(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterError("the file is not UTF-8; save it as “CSV UTF-8”") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _xlsx(path: Path) -> Iterator[list[str]]:
    try:
        sheet = load_workbook(path, read_only=True, data_only=True).active
    except Exception as error:
        raise RosterError(f"the file is no readable XLSX ({type(error).__name__})") from None
    for row in sheet.iter_rows(values_only=True):
        yield [_cell(value) for value in row]


def _cell(value: object) -> str:
    """A spreadsheet keeps 12 as 12.0."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _columns(headings: Sequence[str]) -> dict[str, int]:
    known = {_plain(heading): name for name, heading in HEADINGS.items()}
    columns: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = known.get(_plain(heading))
        if name in columns:
            raise RosterError(f"the column “{HEADINGS[name]}” is there twice")
        if name:
            columns[name] = at
    missing = [HEADINGS[name] for name in NEEDED if name not in columns]
    if missing:
        raise RosterError(f"the first row lacks the heading {', '.join(missing)}")
    return columns


def _plain(heading: str) -> str:
    return fold(heading).replace(" ", "")


def _read(number: int, values: Mapping[str, str], book: AddressBook) -> _Row:
    """Raises ValueError with the reason."""
    for name, most in LONGEST.items():
        if len(values.get(name, "")) > most:
            raise ValueError(f"“{HEADINGS[name]}” is longer than {most} characters")
    commune = _commune(values.get("commune", ""), book)
    name = " ".join(values.get("team", "").split())
    if not name:
        raise ValueError(f"“{HEADINGS['team']}” is empty")
    team = RosterTeam(
        code=values.get("code") or f"{commune.code}-{fold(name).replace(' ', '-')}"[:64],
        commune_code=commune.code,
        name=name,
        former_names=_former_names(values.get("former", ""), name),
        place=_place(values.get("lat", ""), values.get("lon", ""), commune),
        row=number,
    )
    return _Row(number, team, _member(values))


def _commune(text: str, book: AddressBook) -> Commune:
    if not text:
        raise ValueError(f"“{HEADINGS['commune']}” is empty")
    if found := book.region.find(text):
        return found
    understood = book.understand(text)
    if not understood.sure:
        titles = " or ".join(commune.title for commune in understood.communes)
        meant = f"; is it {titles}?" if titles else ""
        raise ValueError(f"“{text}” is not clearly a phường or xã{meant}")
    return understood.communes[0]


def _former_names(text: str, name: str) -> tuple[str, ...]:
    names = (" ".join(part.split()) for part in re.split(r"[;,\n]", text))
    return tuple(dict.fromkeys(former for former in names if former and former != name))


def _place(lat: str, lon: str, commune: Commune) -> Place | None:
    if not lat and not lon:
        return None
    try:
        place = Place(float(lat.replace(",", ".")), float(lon.replace(",", ".")))
    except ValueError:
        raise ValueError(f"“{HEADINGS['lat']}” and “{HEADINGS['lon']}” must be numbers") from None
    if not (-90 <= place.lat <= 90 and -180 <= place.lon <= 180):
        raise ValueError("the place is not on the globe; are latitude and longitude swapped?")
    km = distance_km(place, commune.place)
    if km > RADII_OUT * commune.radius_km + KM_OUT:
        raise ValueError(f"the place is {km:.0f} km from the middle of {commune.title}")
    return place


def _member(values: Mapping[str, str]) -> RosterMember | None:
    name = " ".join(values.get("name", "").split())
    if not name:
        if values.get("phone"):
            raise ValueError(f"a phone number without “{HEADINGS['name']}”")
        return None
    role = ROLES.get(fold(values.get("role", "")))
    if role is None:
        raise ValueError(f"“{HEADINGS['role']}” must be Tổ trưởng, Tổ phó or Thành viên")
    return RosterMember(name, role, _phone(values.get("phone", "")))


def _phone(text: str) -> str | None:
    """ "0905 123 456", "+84 905..." and 905123456 (a spreadsheet ate the 0) as one."""
    if not text:
        return None
    digits = re.sub(r"[\s.()-]", "", text)
    digits = re.sub(r"^(\+|00)?84(?=\d{9,10}$)", "0", digits)
    if re.fullmatch(r"[1-9]\d{8}", digits):
        digits = f"0{digits}"
    if not re.fullmatch(r"0\d{9,10}", digits):
        raise ValueError(f"“{HEADINGS['phone']}” is not a phone number of Việt Nam")
    return digits


def _clash(row: _Row, teams: Mapping[str, RosterTeam], names: Mapping[tuple[str, str], str]) -> str:
    """Why a row doesn't go with those before it; "" when it does."""
    team = row.team
    if names.get((team.commune_code, fold(team.name)), team.code) != team.code:
        return f"“{team.name}” has another code in a row before"
    before = teams.get(team.code)
    if before is None:
        return ""
    if before.commune_code != team.commune_code:
        return f"the code {team.code} is another commune's in row {before.row}"
    if before.name != team.name:
        return f"the code {team.code} is named “{before.name}” in row {before.row}"
    if before.place and team.place and before.place != team.place:
        return f"the team has another place in row {before.row}"
    if row.member is None:
        return "" if not before.members else f"the team was listed before, in row {before.row}"
    if any(_same_person(row.member, other) for other in before.members):
        return "this member of the team is there twice"
    return ""


def _same_person(a: RosterMember, b: RosterMember) -> bool:
    if a.phone and a.phone == b.phone:
        return True
    return fold(a.name) == fold(b.name) and a.phone == b.phone


def _joined(before: RosterTeam | None, row: _Row) -> RosterTeam:
    """The team with what this row adds to it."""
    members = (row.member,) if row.member else ()
    if before is None:
        return replace(row.team, members=members)
    return replace(
        before,
        members=before.members + members,
        place=before.place or row.team.place,
        former_names=tuple(dict.fromkeys(before.former_names + row.team.former_names)),
    )
