"""The communes of a region (phường, xã, đặc khu) and the names that they had before, as data.

A region is a folder of `bot/data/`, so that another province is another folder.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.texts import fold
from bot.types import Place

DATA = Path(__file__).parent / "data"
KINDS = ("phường", "xã", "thị trấn", "đặc khu", "quận", "huyện", "thị xã", "thành phố", "tỉnh")


@dataclass(frozen=True, slots=True)
class Commune:
    """A unit as it is today. `code` is the official one; the point is its centre."""

    code: str
    name: str
    kind: str
    lat: float
    lon: float
    area_km2: float
    # 0 where no figure was published.
    population: int = 0

    @property
    def title(self) -> str:
        """The name with its kind, as people and papers write it."""
        return _title(self.kind, self.name)

    @property
    def place(self) -> Place:
        return Place(self.lat, self.lon)

    @property
    def radius_km(self) -> float:
        """The radius of a circle of the same area."""
        return math.sqrt(self.area_km2 / math.pi)


@dataclass(frozen=True, slots=True)
class FormerUnit:
    """A unit that is gone; more than one commune code when it was split."""

    name: str
    kind: str
    # Titles ("Quận Hải Châu"): more than one where a district went earlier.
    districts: tuple[str, ...]
    province: str
    communes: tuple[str, ...]

    @property
    def title(self) -> str:
        return _title(self.kind, self.name)


@dataclass(frozen=True, slots=True)
class District:
    """A former district, city or town, which today holds no office but is still written."""

    name: str
    kind: str
    province: str
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Region:
    """All that is known of one province's units. Built by `load_region`."""

    folder: Path
    communes: tuple[Commune, ...]
    former_units: tuple[FormerUnit, ...]
    districts: tuple[District, ...]
    # What people call the province and the provinces that it was made of.
    provinces: tuple[str, ...]
    by_code: Mapping[str, Commune] = field(repr=False)

    def find(self, name_or_code: str) -> Commune | None:
        """A commune by its official code or today's name, with or without its kind."""
        if found := self.by_code.get(name_or_code.strip()):
            return found
        wanted = fold(name_or_code)
        matches = [c for c in self.communes if wanted in (fold(c.name), fold(c.title))]
        return matches[0] if len(matches) == 1 else None


def load_region(name: str, data: Path = DATA) -> Region:
    """Read the folder `data`/`name`."""
    folder = data / name
    communes = tuple(_commune(row) for row in rows_of(folder / "units.csv"))
    last = list(_last_units(rows_of(folder / "former_units.csv")))
    gone = list(_earlier_units(rows_of(folder / "former_names.csv"), last))
    older = list(rows_of(folder / "older_districts.csv"))
    former = tuple(_with_older_districts(unit, older) for unit in (*last, *gone))
    return Region(
        folder=folder,
        communes=communes,
        former_units=former,
        districts=_districts(former),
        provinces=tuple(dict.fromkeys(unit.province for unit in former)),
        by_code={commune.code: commune for commune in communes},
    )


def split_kind(title: str) -> tuple[str, str]:
    """ "Phường Hải Châu" as ("phường", "Hải Châu"); no kind gives ""."""
    for kind in KINDS:
        if title.lower().startswith(f"{kind} "):
            return kind, title[len(kind) + 1 :]
    return "", title


def _title(kind: str, name: str) -> str:
    return f"{kind[:1].upper()}{kind[1:]} {name}"


def rows_of(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file; none when there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield from csv.DictReader(lines)


def _commune(row: Mapping[str, str]) -> Commune:
    return Commune(
        code=row["code"],
        name=row["name"],
        kind=row["type"],
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        area_km2=float(row["area_km2"]),
        population=int(row["population"] or 0),
    )


def _last_units(rows: Iterable[Mapping[str, str]]) -> Iterator[FormerUnit]:
    """The units of the day before the last change; one that was split has several heirs."""
    heirs: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        key = (row["old_name"], row["old_district"], row["old_province"])
        heirs.setdefault(key, []).append(row["new_code"])
    for (title, district, province), codes in heirs.items():
        kind, name = split_kind(title)
        yield FormerUnit(name, kind, (district,), split_kind(province)[1], tuple(codes))


def _earlier_units(
    rows: Iterable[Mapping[str, str]], last: list[FormerUnit]
) -> Iterator[FormerUnit]:
    """Units that went earlier; each lay in the district of the unit that took it in."""
    for row in rows:
        kind, name = split_kind(row["alias_name"])
        into, code = row["merged_2025_01_01_into"], row["new_code"]
        heir = next(unit for unit in last if unit.title == into and code in unit.communes)
        yield FormerUnit(name, kind, heir.districts, heir.province, (code,))


def _with_older_districts(unit: FormerUnit, rows: list[dict[str, str]]) -> FormerUnit:
    parts = (unit.title, *unit.districts)
    older = tuple(row["district"] for row in rows if row["part"] in parts)
    return replace(unit, districts=unit.districts + older)


def _districts(units: Iterable[FormerUnit]) -> tuple[District, ...]:
    heirs: dict[tuple[str, str], dict[str, None]] = {}
    for unit in units:
        for title in unit.districts:
            codes = heirs.setdefault((title, unit.province), {})
            codes.update(dict.fromkeys(unit.communes))
    return tuple(
        District(split_kind(title)[1], split_kind(title)[0], province, tuple(codes))
        for (title, province), codes in heirs.items()
    )
