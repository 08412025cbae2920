"""Every name that may stand in an address, by how it is typed: what AddressBook looks things up in.

A name's key is its syllables without diacritics and without spaces ("hoaxuan"), so that glued or
oddly split words are found too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.communes import DATA, Commune, Region, rows_of, split_kind
from bot.syllables import Syllable, syllable
from bot.texts import fold

DIRECTIONS = frozenset({"bac", "nam", "dong", "tay", "trung", "i", "ii", "1", "2"})
ROMAN = {"i": "1", "ii": "2", "1": "i", "2": "ii"}
MAX_NEAR = 12
APOSTROPHES = "'’`ʼ‘"
_WORD = re.compile(rf"[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*")


class Level(Enum):
    UNIT = "unit"
    DISTRICT = "district"  # former quận, huyện, thị xã, thành phố
    HOME = "home"  # the region, and the provinces that it was made of
    AWAY = "away"  # other provinces and large cities


@dataclass(frozen=True, slots=True)
class Name:
    """One reading of a name."""

    level: Level
    key: str
    kind: str = ""
    syllables: tuple[Syllable, ...] = ()
    communes: tuple[str, ...] = ()
    # Keys of the former districts in which it lies.
    districts: frozenset[str] = frozenset()
    province: str = ""
    # A unit of today, and not a former one.
    current: bool = False
    # Without its last word: "Hòa Hiệp" for Hòa Hiệp Bắc and Nam.
    shortened: bool = False


@dataclass(slots=True)
class Gazetteer:
    """All names of a region and of its surroundings. Build one with `Gazetteer.of(region)`."""

    names: dict[str, list[Name]] = field(default_factory=dict)
    # Abbreviations ("hc", "hchau"): good as a hint beside something better.
    shorts: dict[str, list[Name]] = field(default_factory=dict)
    # Unit names that are street names too.
    streets: frozenset[str] = frozenset()
    # Every syllable of every name; what is in here is not taken for Telex.
    syllables: set[str] = field(default_factory=set)
    # What longer keys begin with: "hoian" is here for Hội An Đông.
    prefixes: set[str] = field(default_factory=set)
    # The keys of `names` by their length.
    by_length: dict[int, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, region: Region) -> "Gazetteer":
        streets = rows_of(region.folder / "streets.csv")
        made = cls(streets=frozenset(key_of(row["name"]) for row in streets))
        for name in (*_units(region), *_districts(region), *_provinces(region)):
            made._add(name)
        for row in (*rows_of(region.folder / "short_names.csv"), *rows_of(DATA / "provinces.csv")):
            for short in (row.get("shorts") or row.get("others") or "").split():
                made.names.setdefault(short, []).extend(made.names[key_of(row["name"])])
        for key in made.names:
            made.by_length.setdefault(len(key), []).append(key)
            made.prefixes.update(key[:end] for end in range(3, len(key)))
        return made

    def near(self, key: str, distance: int) -> list[tuple[Name, int]]:
        """Names whose key is at most `distance` letters off (a swap counts as one), best first."""
        keys: list[str] = []
        for length in range(len(key) - distance, len(key) + distance + 1):
            keys += self.by_length.get(length, ())
        found = process.extract(
            key, keys, scorer=OSA.distance, score_cutoff=distance, limit=MAX_NEAR
        )
        return [(name, round(off)) for near, off, _ in found for name in self.names[near]]

    def _add(self, name: Name) -> None:
        plain = [s.plain for s in name.syllables]
        self.syllables.update(plain)
        for key in _spellings(plain):
            known = self.names.setdefault(key, [])
            if name not in known:
                known.append(name)
        if name.level in (Level.UNIT, Level.DISTRICT) and len(plain) > 1:
            for short in _abbreviations(plain, name.level):
                self.shorts.setdefault(short, []).append(name)


def words_of(text: str) -> Iterator[re.Match[str]]:
    """Runs of letters and digits; an apostrophe inside one ("Tr'hy") belongs to it."""
    return _WORD.finditer(text)


def bare(word: str) -> str:
    return "".join(c for c in word if c not in APOSTROPHES)


def syllables_of(name: str) -> tuple[Syllable, ...]:
    return tuple(syllable(bare(match.group())) for match in words_of(name))


def key_of(name: str) -> str:
    return "".join(s.plain for s in syllables_of(name))


def _spellings(plain: list[str]) -> Iterator[str]:
    key = "".join(plain)
    yield key
    if plain[-1] in ROMAN and len(plain) > 1:
        yield "".join(plain[:-1]) + ROMAN[plain[-1]]
    single = re.sub(r"([aeiou])\1", r"\1", key)
    if single != key and len(single) > 3:
        yield single


def _abbreviations(plain: list[str], level: Level) -> Iterator[str]:
    yield plain[0][0] + "".join(plain[1:])
    if level is Level.DISTRICT:
        yield "".join(word[0] for word in plain)


def _units(region: Region) -> Iterator[Name]:
    for commune in region.communes:
        yield _current(commune, region)
    for unit in region.former_units:
        words = syllables_of(unit.name)
        full = Name(
            level=Level.UNIT,
            key=key_of(unit.name),
            kind=fold(unit.kind),
            syllables=words,
            communes=unit.communes,
            districts=frozenset(key_of(split_kind(title)[1]) for title in unit.districts),
            province=key_of(unit.province),
        )
        yield full
        if len(words) > 2 and words[-1].plain in DIRECTIONS:
            yield _shortened(full)


def _current(commune: Commune, region: Region) -> Name:
    members = [unit for unit in region.former_units if commune.code in unit.communes]
    return Name(
        level=Level.UNIT,
        key=key_of(commune.name),
        kind=fold(commune.kind),
        syllables=syllables_of(commune.name),
        communes=(commune.code,),
        districts=frozenset(
            key_of(split_kind(title)[1]) for unit in members for title in unit.districts
        ),
        province=key_of(members[0].province) if members else "",
        current=True,
    )


def _shortened(name: Name) -> Name:
    return Name(
        level=Level.UNIT,
        key="".join(s.plain for s in name.syllables[:-1]),
        kind=name.kind,
        syllables=name.syllables[:-1],
        communes=name.communes,
        districts=name.districts,
        province=name.province,
        shortened=True,
    )


def _districts(region: Region) -> Iterator[Name]:
    for district in region.districts:
        yield Name(
            level=Level.DISTRICT,
            key=key_of(district.name),
            kind=fold(district.kind),
            syllables=syllables_of(district.name),
            communes=_same_name_first(district.name, district.communes, region),
            province=key_of(district.province),
        )


def _same_name_first(name: str, codes: tuple[str, ...], region: Region) -> tuple[str, ...]:
    """The commune that has the district's name, then the most populous ones."""
    found = [region.by_code[code] for code in codes]
    found.sort(key=lambda commune: (commune.name != name, -commune.population))
    return tuple(commune.code for commune in found)


def _provinces(region: Region) -> Iterator[Name]:
    for province in region.provinces:
        yield Name(Level.HOME, key_of(province), syllables=syllables_of(province))
    for row in rows_of(DATA / "provinces.csv"):
        yield Name(Level.AWAY, key_of(row["name"]), syllables=syllables_of(row["name"]))
