"""Addresses as people may type them, made from every present and former unit, for measuring."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bot.communes import Region, split_kind
from bot.gazetteer import key_of
from bot.syllables import TELEX_TONES, VNI_TONES, syllable
from bot.texts import fold

STREETS = ("12 Lê Lợi", "K45/3 Trần Cao Vân", "số 6 Nguyễn Phan Vinh", "120 Hoàng Sa", "88 Duy Tân")
TEAMS = ("tổ 12", "tdp 5", "thôn 3", "tổ dân phố số 7", "khối phố 2")
SHORT = {"phường": "p", "xã": "x", "thị trấn": "tt", "quận": "q", "huyện": "h", "thị xã": "tx",
         "thành phố": "tp", "đặc khu": "đặc khu"}  # fmt: skip
VNI_LETTERS = {"ă": "a8", "â": "a6", "ê": "e6", "ô": "o6", "ơ": "o7", "ư": "u7", "đ": "d9"}
TELEX_LETTERS = {"ă": "aw", "â": "aa", "ê": "ee", "ô": "oo", "ơ": "ow", "ư": "uw", "đ": "dd"}


@dataclass(frozen=True, slots=True)
class Place:
    """A unit with the communes that it is today; `district` is "" for a unit of today."""

    kind: str
    name: str
    district: str
    province: str
    communes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Variation:
    style: str
    text: str
    # More than one where it is right to ask.
    communes: frozenset[str]


def places(region: Region) -> Iterator[Place]:
    for c in region.communes:
        yield Place(c.kind, c.name, "", "Đà Nẵng", frozenset([c.code]))
    for unit in region.former_units:
        if unit.kind != "huyện":
            codes = frozenset(unit.communes)
            yield Place(unit.kind, unit.name, unit.districts[0], unit.province, codes)


def variations(region: Region, seed: int = 1) -> Iterator[Variation]:
    """Every style for every unit."""
    rng = random.Random(seed)
    known = list(places(region))
    keys = {key_of(place.name) for place in known}
    for place in known:
        make = _former if place.district else _present
        for style, text, plain in make(place, rng, keys):
            linked = style.startswith("district")
            yield Variation(style, text, _alike(place, known, plain=plain, linked=linked))


def _alike(place: Place, known: list[Place], *, plain: bool, linked: bool) -> frozenset[str]:
    """The communes of all places that a text of this style can't tell apart."""
    codes: set[str] = set()
    for other in known:
        same_name = fold(other.name) == fold(place.name) if plain else other.name == place.name
        if same_name and (other.district == place.district if linked else other.kind == place.kind):
            codes |= other.communes
    return frozenset(codes)


def _present(place: Place, rng: random.Random, keys: set[str]) -> Iterator[tuple[str, str, bool]]:
    full = f"{place.kind} {place.name}"
    short = f"{SHORT[place.kind]} {place.name}"
    yield "full", f"{full.capitalize()}, TP Đà Nẵng" if rng.random() < 0.3 else full, False
    yield "folded", fold(f"{full} da nang"), True
    yield "upper", full.upper(), False
    yield "short", f"{SHORT[place.kind]}.{place.name}, Đà Nẵng", False
    yield "short folded", fold(short), True
    yield "street", f"{rng.choice(STREETS)}, {full}", False
    yield "street folded", fold(f"{rng.choice(STREETS)} {short}"), True
    yield "team", f"{rng.choice(TEAMS)} {full}, đà nẵng", False
    yield "telex", telex(full), False
    yield "vni", vni(full), False
    yield "glued", SHORT[place.kind] + " " + key_of(place.name), True
    yield "glued whole", key_of(full), True
    for typo in typos(fold(place.name), rng, keys, 3):
        yield "typo", f"{fold(place.kind)} {typo} da nang", True


def _former(place: Place, rng: random.Random, keys: set[str]) -> Iterator[tuple[str, str, bool]]:
    kind, district = split_kind(place.district)
    full, short = f"{place.kind} {place.name}", f"{SHORT[place.kind]} {place.name}"
    far = f"{SHORT[kind]} {district}"
    initials = "".join(word[0] for word in fold(district).split())
    yield "district full", f"{full}, {place.district}, {place.province}", False
    yield "district folded", fold(f"{full} {place.district} {place.province}"), True
    yield "district bare", f"{place.name}, {district}", False
    yield "district bare folded", fold(f"{place.name} {district}"), True
    yield "district short", f"{SHORT[place.kind]}.{place.name}, {SHORT[kind]}.{district}", False
    yield "district short folded", fold(f"{short} {far}"), True
    yield "district reversed", f"{place.district}, {full}", False
    yield "district street", f"{rng.choice(STREETS)}, {place.name}, {district}", False
    yield "district street folded", fold(f"{rng.choice(STREETS)} {short} {far}"), True
    yield "district team", fold(f"{rng.choice(TEAMS)} {place.name} {district}"), True
    yield "district telex", telex(f"{full} {place.district}"), False
    yield "district vni", vni(f"{place.name} {district}"), False
    yield "district initials", fold(f"{short} ") + " " + initials, True
    yield "district glued", f"{key_of(place.name)} {key_of(district)}", True
    yield "marked", full, False
    yield "marked folded", fold(short), True
    for typo in typos(fold(place.name), rng, keys, 2):
        yield "typo", f"{fold(place.kind)} {typo}", True
        yield "district typo", f"{typo}, {fold(district)}", True
        yield "district typo marked", f"{fold(short.split()[0])} {typo} {fold(far)}", True


def typos(name: str, rng: random.Random, keys: set[str], count: int) -> Iterator[str]:
    """`name` with one letter dropped, doubled, changed or swapped; never another unit's name."""
    made: set[str] = set()
    for _ in range(50):
        at = rng.randrange(1, len(name))
        if len(made) == count or len(name) < 5 or " " in name[at - 1 : at + 2]:
            continue
        letter = rng.choice("aeiounhgtc")
        typo = rng.choice([
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
        ])  # fmt: skip
        telex = any(double in typo for double in ("aa", "ee", "oo", "dd"))
        if typo != name and not telex and typo.replace(" ", "") not in keys:
            made.add(typo)
    yield from sorted(made)


def telex(text: str) -> str:
    return " ".join(_keys(word, TELEX_LETTERS, TELEX_TONES) for word in text.split())


def vni(text: str) -> str:
    return " ".join(_keys(word, VNI_LETTERS, VNI_TONES) for word in text.split())


def _keys(word: str, letters: dict[str, str], tones: dict[str, str]) -> str:
    read = syllable(unicodedata.normalize("NFC", word))
    key = next((key for key, mark in tones.items() if mark == read.tone), "")
    return "".join(letters.get(c, c) for c in read.letters) + key
