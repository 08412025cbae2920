"""Teams, one per thôn or tổ dân phố: reading them, and finding the nearest ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Double,
    Integer,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.geo import box_around, distance_km
from bot.types import Place
from storage.schema import UtcTime, team_former_names, teams

# Half the side of the first box around a place; each next one is so much wider.
FIRST_RADIUS_KM = 0.2
WIDER = 2.0
# What lies in a box's corners is up to this much farther than its side, so that the box that is
# read must be wider than the one in which there were enough.
CORNERS = 1.4143
# The database orders by distance on a plane; some rows more, and the order on the globe is right.
SPARE_ROWS = 8


@dataclass(frozen=True, slots=True)
class Team:
    """`place` is the meeting house; None until somebody has given one."""

    id: int
    code: str
    commune_code: str
    name: str
    place: Place | None
    former_names: tuple[str, ...] = ()


_COLUMNS = (teams.c.id, teams.c.code, teams.c.commune_code, teams.c.name, teams.c.lat, teams.c.lon)


async def list_teams(conn: AsyncConnection, commune_code: str, now: datetime) -> list[Team]:
    """The teams that a commune has now, with the names that they had before."""
    query = _valid(now).where(teams.c.commune_code == commune_code).order_by(teams.c.id)
    rows = (await conn.execute(query)).all()
    former = await _former_names(conn, [row[0] for row in rows])
    return [_team(row, former.get(row[0], ())) for row in rows]


async def count_teams(conn: AsyncConnection, now: datetime) -> int:
    """How many teams there are now, in all communes."""
    query = select(func.count()).select_from(_valid(now).subquery())
    return int((await conn.execute(query)).scalar_one())


async def find_team(conn: AsyncConnection, team_id: int) -> Team | None:
    """The team, even one that has ended; None when there never was one."""
    row = (await conn.execute(select(*_COLUMNS).where(teams.c.id == team_id))).one_or_none()
    if row is None:
        return None
    return _team(row, (await _former_names(conn, [team_id])).get(team_id, ()))


async def get_team(conn: AsyncConnection, team_id: int) -> Team:
    """Like `find_team`, for a team that must exist; else raises NoResultFound."""
    found = await find_team(conn, team_id)
    if found is None:
        raise NoResultFound(f"no team {team_id}")
    return found


async def find_heir(conn: AsyncConnection, team_id: int) -> int:
    """The team that a merged one has become, through as many mergers as there were."""
    seen = {team_id}
    while True:
        query = select(teams.c.merged_into).where(teams.c.id == team_id)
        heir = (await conn.execute(query)).scalar_one_or_none()
        if heir is None or heir in seen:
            return team_id
        seen.add(heir)
        team_id = heir


async def nearest_teams(
    conn: AsyncConnection, place: Place, *, limit: int, within_km: float, now: datetime
) -> list[tuple[Team, float]]:
    """The nearest teams that have a place, nearest first, with great-circle distances in km.

    One call to the driver: the database itself grows a box until enough teams lie in it.
    """
    rows = await _grow_box(conn, place, limit, within_km, now)
    measured = [(distance_km(place, Place(row[4], row[5])), row) for row in rows]
    inside = sorted((km, row[0], row) for km, row in measured if km <= within_km)
    return [(_team(row), km) for km, _id, row in inside[:limit]]


async def _grow_box(
    conn: AsyncConnection, place: Place, limit: int, within_km: float, now: datetime
) -> list[Sequence[Any]]:
    """The hot query, past SQLAlchemy's own work and that of a cursor."""
    widest = box_around(place, within_km)
    values: dict[str, Any] = {
        "lat": place.lat,
        "lon": place.lon,
        "lat_per_km": (widest.north - place.lat) / within_km,
        "lon_per_km": (widest.east - place.lon) / within_km,
        "start": min(FIRST_RADIUS_KM, within_km),
        "enough": limit,
        "within": within_km,
        "rows": 2 * limit + SPARE_ROWS,
        "moment": UtcTime().process_bind_param(now, conn.dialect),
    }
    sql, order, constants = _nearest_query(conn.dialect)
    arguments = [values.get(name, constants[name]) for name in order]
    raw: Any = (await conn.get_raw_connection()).driver_connection
    if conn.dialect.name == "postgresql":
        return list(await raw.fetch(sql, *arguments))
    return list(await raw.execute_fetchall(sql, arguments))


@lru_cache(maxsize=4)
def _nearest_query(dialect: Dialect) -> tuple[str, tuple[str, ...], Mapping[str, Any]]:
    """The statement in the driver's own words, the order of its values, and its constants."""
    lat, lon = _number("lat"), _number("lon")
    box = select(
        _number("start").label("radius"), _count_within(_number("start")).label("found")
    ).cte("box", recursive=True)
    wider = box.c.radius * WIDER
    box = box.union_all(
        select(wider, _count_within(wider)).where(
            box.c.found < bindparam("enough", type_=Integer), box.c.radius < _number("within")
        )
    )
    last = select(func.max(box.c.radius).label("radius")).cte("last")
    north = (teams.c.lat - lat) / _number("lat_per_km")
    east = (teams.c.lon - lon) / _number("lon_per_km")
    query = (
        select(*_COLUMNS)
        .where(_in_box(last.c.radius * CORNERS))
        .order_by(north * north + east * east)
        .limit(bindparam("rows", type_=Integer))
    )
    compiled = query.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ()), compiled.params


def _count_within(radius_km: ColumnElement[float]) -> ColumnElement[int]:
    return select(func.count()).select_from(teams).where(_in_box(radius_km)).scalar_subquery()


def _in_box(radius_km: ColumnElement[float]) -> ColumnElement[bool]:
    high, wide = radius_km * _number("lat_per_km"), radius_km * _number("lon_per_km")
    lat, lon = _number("lat"), _number("lon")
    moment = bindparam("moment", type_=BigInteger)
    since, until = (type_coerce(c, BigInteger) for c in (teams.c.valid_from, teams.c.valid_to))
    return and_(
        teams.c.lat.between(lat - high, lat + high),
        teams.c.lon.between(lon - wide, lon + wide),
        since <= moment,
        or_(until.is_(None), until > moment),
    )


def _number(name: str) -> ColumnElement[float]:
    return bindparam(name, type_=Double)


def _valid(now: datetime) -> Select[Any]:
    return select(*_COLUMNS).where(
        teams.c.valid_from <= now, or_(teams.c.valid_to.is_(None), teams.c.valid_to > now)
    )


async def _former_names(
    conn: AsyncConnection, team_ids: Sequence[int]
) -> Mapping[int, tuple[str, ...]]:
    if not team_ids:
        return {}
    query = select(team_former_names.c.team_id, team_former_names.c.name).where(
        team_former_names.c.team_id.in_(team_ids)
    )
    found: dict[int, tuple[str, ...]] = {}
    for team_id, name in await conn.execute(query.order_by(team_former_names.c.id)):
        found[team_id] = (*found.get(team_id, ()), name)
    return found


def _team(row: Sequence[Any], former_names: tuple[str, ...] = ()) -> Team:
    place = Place(row[4], row[5]) if row[4] is not None and row[5] is not None else None
    return Team(row[0], row[1], row[2], row[3], place, former_names)
