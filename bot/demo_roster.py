"""Makes up a city of teams for trying the bot out: same seed, same city; no real name or number.

Members have no telephone number, since any that is made up may be somebody's.
"""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.communes import Commune, Region, load_region
from bot.config import Settings
from bot.geo import Area, moved
from bot.texts import fold
from bot.types import Place
from storage.boundaries import load_boundaries
from storage.roster_members import RosterMember
from storage.rosters import Changes, RosterTeam, replace_roster
from storage.teams import count_teams

SEED = 1
# As many as the city had on 2025-12-25 (vneconomy.vn).
TEAMS = 3766
FEWEST_TEAMS = 4
MEMBERS = (7, 9)
# The commune without a published figure is one of the smallest.
POPULATION_UNKNOWN = 3000
# Without boundaries places lie within this part of the circle that has the commune's area.
INNER = 0.45
# Of so many random points the one that is farthest from the teams already placed.
TRIES = 4
MARK = "(demo)"


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FAMILY = _names("Nguyễn Trần Lê Phạm Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Phan Trương Đinh Lương Mai Tăng")
_MIDDLE = _names("Văn Thị Minh Thanh Ngọc Quang Hữu Đức Thu Kim Xuân Công Bích Hoàng Anh")
_GIVEN = _names(
    "An Bình Châu Dũng Hà Hải Hạnh Hiền Hoa Hùng Hương Lan Linh Long Mai Nam Nga Oanh Phúc Phương "
    "Quân Sơn Tâm Thảo Thành Thủy Trang Trung Tuấn Tuyết Vân Vinh Yến"
)
_THON_FIRST = _names(
    "Phú An Hòa Bình Thạch Đông Tây Nam Trung Long Xuân Mỹ Tân Thái Hà Lộc Phước Đại Vĩnh Thuận"
)
_THON_LAST = _names(
    "Sơn Hòa An Bình Thạnh Lâm Phong Trung Tân Quý Châu Mỹ Thành Phước Lợi Hội Lộc Khương Hưng"
)


def make_demo_roster(
    region: Region, boundaries: Mapping[str, Area], *, seed: int = SEED, teams: int = TEAMS
) -> list[RosterTeam]:
    """Teams for every commune with inhabitants, more where more people live."""
    rng = random.Random(seed)  # noqa: S311 - not for secrets
    communes = [commune for commune in region.communes if commune.kind != "đặc khu"]
    made: list[RosterTeam] = []
    for commune, count in zip(communes, _shares(communes, teams), strict=True):
        names = _team_names(commune, count, rng)
        places = _places(commune, boundaries.get(commune.code), count, rng)
        for number, (name, place) in enumerate(zip(names, places, strict=True), start=1):
            code = f"demo-{commune.code}-{number:03}"
            made.append(RosterTeam(code, commune.code, name, (), place, _members(rng)))
    return made


async def load_demo_roster(
    engine: AsyncEngine, settings: Settings, now: datetime
) -> Changes | None:
    """Put the demo city into a database that has no team yet; None when it has some."""
    async with engine.begin() as conn:
        if await count_teams(conn, now):
            return None
        boundaries = await load_boundaries(conn)
        roster = make_demo_roster(load_region(settings.region.data), boundaries)
        return await replace_roster(conn, roster, now=now, demo=True)


def _shares(communes: Sequence[Commune], teams: int) -> list[int]:
    """`teams` shared out by population; what rounding leaves goes to the largest remainders."""
    people = [commune.population or POPULATION_UNKNOWN for commune in communes]
    spare = max(0, teams - FEWEST_TEAMS * len(communes))
    exact = [spare * count / sum(people) for count in people]
    shares = [FEWEST_TEAMS + math.floor(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: math.floor(exact[i]) - exact[i])
    for i in by_remainder[: spare - sum(math.floor(share) for share in exact)]:
        shares[i] += 1
    return shares


def _team_names(commune: Commune, count: int, rng: random.Random) -> list[str]:
    if commune.kind == "phường":
        return [f"Tổ dân phố {number}" for number in range(1, count + 1)]
    named = count if rng.random() < 0.5 else 0
    names: dict[str, str] = {}
    while len(names) < min(named, 200):
        first, last = rng.choice(_THON_FIRST), rng.choice(_THON_LAST)
        if first != last:
            names.setdefault(fold(f"{first}{last}"), f"Thôn {first} {last}")
    numbers = range(1, count + 1 - len(names))
    return [*names.values(), *(f"Thôn {number}" for number in numbers)]


def _members(rng: random.Random) -> tuple[RosterMember, ...]:
    count = rng.randint(*MEMBERS)
    names: dict[str, None] = {}
    while len(names) < count:
        words = (rng.choice(_FAMILY), rng.choice(_MIDDLE), rng.choice(_GIVEN))
        names[f"{' '.join(words)} {MARK}"] = None
    roles = ["leader", "deputy"] + ["volunteer"] * (count - 2)
    return tuple(RosterMember(name, role, None) for name, role in zip(names, roles, strict=True))


def _places(commune: Commune, area: Area | None, count: int, rng: random.Random) -> Iterator[Place]:
    """Points spread over the commune, none on top of another."""
    pick = _in_area(area, rng) if area else _in_circle(commune, rng)
    taken: list[Place] = []
    for _number in range(count):
        tries = [pick() for _try in range(TRIES)]
        place = max(tries, key=lambda place: _gap(place, taken))
        taken.append(place)
        yield place


def _gap(place: Place, taken: Sequence[Place]) -> float:
    """The square of the distance to the closest one; degrees do for comparing."""
    gaps = ((place.lat - t.lat) ** 2 + (place.lon - t.lon) ** 2 for t in taken)
    return min(gaps, default=math.inf)


def _in_circle(commune: Commune, rng: random.Random) -> Callable[[], Place]:
    def pick() -> Place:
        away = INNER * commune.radius_km * math.sqrt(rng.random())
        angle = rng.uniform(0, 2 * math.pi)
        return _rounded(moved(commune.place, away * math.sin(angle), away * math.cos(angle)))

    return pick


def _in_area(area: Area, rng: random.Random) -> Callable[[], Place]:
    box = area.box

    def pick() -> Place:
        while True:
            place = Place(rng.uniform(box.south, box.north), rng.uniform(box.west, box.east))
            if area.contains(_rounded(place)):
                return _rounded(place)

    return pick


def _rounded(place: Place) -> Place:
    """To a metre."""
    return Place(round(place.lat, 5), round(place.lon, 5))
