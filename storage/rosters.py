"""Takes in the rosters of whole communes: teams and members, as a file or the demo lists them.

A roster speaks for its communes only, and only takes away what a roster gave. Teams are ended,
never deleted; whoever takes in the same roster twice changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.texts import fold
from bot.types import Place
from storage.roster_members import RosterMember, Tally, batches, replace_members
from storage.schema import class_meetings, help_requests, persons, team_former_names, teams


@dataclass(frozen=True, slots=True)
class RosterTeam:
    """`row` is where the file first names it. Without a place the one we know stays."""

    code: str
    commune_code: str
    name: str
    former_names: tuple[str, ...] = ()
    place: Place | None = None
    members: tuple[RosterMember, ...] = ()
    row: int = 0


@dataclass(slots=True)
class Changes:
    """How many rows a roster added, changed and ended."""

    teams: Tally = field(default_factory=Tally)
    members: Tally = field(default_factory=Tally)

    @property
    def none(self) -> bool:
        return self.teams == Tally() and self.members == Tally()


async def find_strangers(conn: AsyncConnection, roster: Sequence[RosterTeam]) -> list[RosterTeam]:
    """Teams whose code belongs to a team of a commune that the roster doesn't speak for."""
    spoken_for = {team.commune_code for team in roster}
    codes = [team.code for team in roster]
    rows = [
        row
        for some in batches(codes)
        for row in await conn.execute(
            select(teams.c.code, teams.c.commune_code).where(teams.c.code.in_(some))
        )
    ]
    strange = {code for code, commune in rows if commune not in spoken_for}
    return [team for team in roster if team.code in strange]


async def replace_roster(
    conn: AsyncConnection, roster: Sequence[RosterTeam], *, now: datetime, demo: bool = False
) -> Changes:
    """Make the teams and members of the roster's communes as it lists them."""
    changes = Changes()
    known = await _known_teams(conn, roster)
    await _add_teams(conn, [team for team in roster if team.code not in known], now, demo)
    changes.teams.added = sum(team.code not in known for team in roster)
    changes.teams.changed = await _change_teams(conn, roster, known)
    ids = {row.code: row.id for row in (await _known_teams(conn, roster)).values()}
    await _keep_former_names(conn, roster, known, ids)
    listed = {team.code for team in roster}
    ended = [row for row in known.values() if row.code not in listed and row.valid_to is None]
    heirs = await _end_teams(conn, ended, roster, ids, now)
    changes.teams.ended = len(ended)
    wanted = {ids[team.code]: team.members for team in roster}
    changes.members = await replace_members(conn, wanted, heirs, now=now)
    return changes


async def _known_teams(conn: AsyncConnection, roster: Sequence[RosterTeam]) -> dict[str, Any]:
    """Every team, ended or not, of the roster's communes or with one of its codes."""
    communes = sorted({team.commune_code for team in roster})
    found = {
        row.code: row
        for row in await conn.execute(select(teams).where(teams.c.commune_code.in_(communes)))
    }
    rest = [team.code for team in roster if team.code not in found]
    for some in batches(rest):
        for row in await conn.execute(select(teams).where(teams.c.code.in_(some))):
            found[row.code] = row
    return found


async def _add_teams(
    conn: AsyncConnection, added: Iterable[RosterTeam], now: datetime, demo: bool
) -> None:
    rows = [
        {
            **_values(team, None),
            "code": team.code,
            "valid_from": now,
            "demo": demo,
        }
        for team in added
    ]
    if rows:
        await conn.execute(insert(teams), rows)


async def _change_teams(
    conn: AsyncConnection, roster: Iterable[RosterTeam], known: Mapping[str, Any]
) -> int:
    """Bring known teams up to date; one that had ended is opened again."""
    changed = []
    for team in roster:
        if row := known.get(team.code):
            values = _values(team, row)
            if any(getattr(row, name) != value for name, value in values.items()):
                changed.append({**values, "known_id": row.id})
    if changed:
        await conn.execute(
            update(teams)
            .where(teams.c.id == bindparam("known_id"))
            .values({name: bindparam(name) for name in changed[0] if name != "known_id"}),
            changed,
        )
    return len(changed)


def _values(team: RosterTeam, row: Any) -> dict[str, Any]:
    place = team.place
    return {
        "commune_code": team.commune_code,
        "name": team.name,
        "folded_name": fold(team.name),
        "lat": place.lat if place else row and row.lat,
        "lon": place.lon if place else row and row.lon,
        "valid_to": None,
        "merged_into": None,
    }


async def _keep_former_names(
    conn: AsyncConnection,
    roster: Sequence[RosterTeam],
    known: Mapping[str, Any],
    ids: Mapping[str, int],
) -> None:
    """Add the former names that are new; a team that was renamed keeps its last name too."""
    wanted: dict[tuple[int, str], None] = {}
    for team in roster:
        row = known.get(team.code)
        renamed = (row.name,) if row and row.name != team.name else ()
        wanted.update({(ids[team.code], name): None for name in (*team.former_names, *renamed)})
    there: set[tuple[int, str]] = set()
    columns = (team_former_names.c.team_id, team_former_names.c.name)
    for some in batches(sorted({team_id for team_id, _name in wanted})):
        query = select(*columns).where(team_former_names.c.team_id.in_(some))
        there |= {(team_id, name) for team_id, name in await conn.execute(query)}
    rows = [
        {"team_id": team_id, "name": name, "folded_name": fold(name)}
        for team_id, name in wanted
        if (team_id, name) not in there
    ]
    if rows:
        await conn.execute(insert(team_former_names), rows)


async def _end_teams(
    conn: AsyncConnection,
    ended: Sequence[Any],
    roster: Sequence[RosterTeam],
    ids: Mapping[str, int],
    now: datetime,
) -> dict[int, int | None]:
    """End the teams that a roster has no more; those that it names as former ones have an heir."""
    named = {
        (team.commune_code, fold(name)): ids[team.code]
        for team in roster
        for name in team.former_names
    }
    heirs = {row.id: named.get((row.commune_code, row.folded_name)) for row in ended}
    for team_id, heir in heirs.items():
        query = update(teams).where(teams.c.id == team_id)
        await conn.execute(query.values(valid_to=now, merged_into=heir))
        if heir is not None:
            await _move_people(conn, team_id, heir)
    return heirs


async def _move_people(conn: AsyncConnection, team_id: int, heir: int) -> None:
    """Residents and what they wait for follow a team into the one that took it in."""
    await conn.execute(update(persons).where(persons.c.team_id == team_id).values(team_id=heir))
    await conn.execute(
        update(class_meetings)
        .where(class_meetings.c.team_id == team_id, class_meetings.c.status == "planned")
        .values(team_id=heir)
    )
    running = or_(help_requests.c.status == "open", help_requests.c.status == "claimed")
    await conn.execute(
        update(help_requests)
        .where(help_requests.c.team_id == team_id, running)
        .values(team_id=heir)
    )
