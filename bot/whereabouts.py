"""Where somebody is: the commune and the team, from words or from a shared place.

Used by the dialogues and by `python -m bot nearest` alike. A shared place decides the commune only
with imported boundaries: the nearest centre is right for no more than four places of five.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import AddressBook
from bot.communes import Commune, Region
from bot.geo import Area, distance_km, find_area
from bot.teamnames import match_teams, names_team
from bot.types import Place
from storage.teams import Team, list_teams, nearest_teams

MAX_CHOICES = 5
NEAREST_OFFERED = 4
# Every inhabited place of the region is nearer to some commune's centre than this many of its
# radii and kilometres; measured on the boundaries of the 93 communes of Đà Nẵng on land.
RADII_OUT, KM_OUT = 2.5, 3.0
# How far a team is looked for; the longest commune is less across.
WITHIN_KM = 60.0


@dataclass(frozen=True, slots=True)
class Location:
    """`communes` and `teams` are what to choose from, best first; `commune` is the best guess.

    `sure` is about the commune; a team is only there when it is clear. `distance_km` is from the
    place to the team's; None for words.
    """

    commune: Commune | None = None
    team: Team | None = None
    distance_km: float | None = None
    communes: tuple[Commune, ...] = ()
    teams: tuple[Team, ...] = ()
    sure: bool = False
    # Whether the words name a team, known or not.
    team_named: bool = False


async def locate_text(
    conn: AsyncConnection, book: AddressBook, text: str, now: datetime
) -> Location:
    """What an address in words says. A team is looked for only in a commune that is sure."""
    found = book.understand(text)
    if not found.communes:
        return Location()
    where = Location(found.communes[0], communes=found.communes, sure=found.sure)
    if not found.sure or not names_team(found.rest):
        return where
    match = match_teams(found.rest, await list_teams(conn, where.communes[0].code, now))
    team = match.teams[0] if match.sure else None
    return replace(where, team=team, teams=match.teams, team_named=True)


async def locate_place(
    conn: AsyncConnection,
    region: Region,
    boundaries: Mapping[str, Area],
    place: Place,
    now: datetime,
) -> Location:
    """What a point says; with no boundaries never sure, and nothing at all outside the region."""
    code = find_area(place, boundaries)
    if code is not None and code in region.by_code:
        return await _inside(conn, region.by_code[code], place, now)
    around = sorted(region.communes, key=lambda commune: distance_km(place, commune.place))
    if all(_is_far(place, commune) for commune in around):
        return Location()
    communes = tuple(around[:NEAREST_OFFERED])
    if boundaries:
        return Location(communes[0], communes=communes)
    near = await nearest_teams(conn, place, limit=MAX_CHOICES, within_km=WITHIN_KM, now=now)
    if not near:
        return Location(communes[0], communes=communes)
    team, km = near[0]
    communes = _with_first(region.by_code.get(team.commune_code), communes)
    return Location(communes[0], team, km, communes, tuple(team for team, _km in near))


async def _inside(conn: AsyncConnection, commune: Commune, place: Place, now: datetime) -> Location:
    """The nearest team of the commune itself; one without a place is reached through it."""
    teams = await list_teams(conn, commune.code, now)
    near = sorted(
        (distance_km(place, team.place), team.id, team) for team in teams if team.place is not None
    )
    nearest = tuple(team for _km, _id, team in near[:MAX_CHOICES])
    where = Location(commune, communes=(commune,), teams=nearest or tuple(teams), sure=True)
    if near:
        return replace(where, team=nearest[0], distance_km=near[0][0])
    return replace(where, team=teams[0]) if len(teams) == 1 else where


def _is_far(place: Place, commune: Commune) -> bool:
    return distance_km(place, commune.place) > RADII_OUT * commune.radius_km + KM_OUT


def _with_first(first: Commune | None, others: tuple[Commune, ...]) -> tuple[Commune, ...]:
    """The commune of the nearest team before those with the nearest centres, each once."""
    if first is None:
        return others
    return (first, *(commune for commune in others if commune is not first))[:MAX_CHOICES]
