"""Matches the members of a roster with those already there, and adds, changes and removes."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.texts import fold
from storage.schema import memberships

# Below the number of variables that SQLite and asyncpg take in one statement.
BATCH = 5000
TEAM_ROLES = ("leader", "deputy", "volunteer")
CHANGEABLE = ("team_id", "role", "display_name", "phone", "from_roster")


@dataclass(frozen=True, slots=True)
class RosterMember:
    """`role`: leader, deputy or volunteer."""

    name: str
    role: str
    phone: str | None


@dataclass(slots=True)
class Tally:
    """How many rows were touched."""

    added: int = 0
    changed: int = 0
    ended: int = 0


@dataclass(slots=True)
class _Plan:
    """What is to be written; `kept` are the ids of memberships that somebody was matched with."""

    added: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)
    removed: list[int] = field(default_factory=list)


async def replace_members(
    conn: AsyncConnection,
    wanted: Mapping[int, Sequence[RosterMember]],
    heirs: Mapping[int, int | None],
    *,
    now: datetime,
) -> Tally:
    """Make the members of these teams as listed; `heirs`: teams that end, and what becomes of them.

    Who has joined keeps the membership when name, phone or team changes. Who came by an invite
    and no roster ever listed stays, and follows a merged team to its heir.
    """
    by_team = await _active(conn, [*wanted, *heirs])
    plan = _Plan()
    homeless = [row for team_id in heirs for row in by_team[team_id]]
    for team_id, members in wanted.items():
        _match_team(plan, team_id, members, by_team[team_id], homeless)
    for row in homeless:
        heir = heirs[row.team_id]
        if row.id not in plan.kept and not row.from_roster and heir is not None:
            plan.changed.append({**_current(row), "team_id": heir, "known_id": row.id})
    plan.removed = [
        row.id
        for rows in by_team.values()
        for row in rows
        if row.id not in plan.kept and row.from_roster
    ]
    await _write(conn, plan, now)
    return Tally(len(plan.added), len(plan.changed), len(plan.removed))


def batches(values: Collection[Any]) -> Iterator[list[Any]]:
    """The values in lists that fit into one statement."""
    listed = list(values)
    for start in range(0, len(listed), BATCH):
        yield listed[start : start + BATCH]


async def _active(conn: AsyncConnection, team_ids: Collection[int]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for some in batches(team_ids):
        query = select(memberships).where(
            memberships.c.team_id.in_(some),
            memberships.c.removed_at.is_(None),
            memberships.c.role.in_(TEAM_ROLES),
        )
        for row in await conn.execute(query.order_by(memberships.c.id)):
            found[row.team_id].append(row)
    return found


def _match_team(
    plan: _Plan,
    team_id: int,
    members: Sequence[RosterMember],
    own: list[Any],
    homeless: list[Any],
) -> None:
    """Pair those listed with those there: the surest likeness first."""
    left = list(members)
    for rows, likeness in ((own, _both), (own, _phone), (own, _name), (homeless, _both)):
        free: defaultdict[Hashable, list[Any]] = defaultdict(list)
        for row in rows if left else ():
            if row.id not in plan.kept:
                free[likeness(row.display_name, row.phone)].append(row)
        for member in list(left):
            alike = free.get(likeness(member.name, member.phone), [])
            # Two of one name are told apart by nothing but their phones.
            if alike and (len(alike) == 1 or likeness is _both):
                left.remove(member)
                _pair(plan, member, team_id, alike.pop(0))
    plan.added += [_values(member, team_id) for member in left]


def _pair(plan: _Plan, member: RosterMember, team_id: int, row: Any) -> None:
    plan.kept.add(row.id)
    values = _values(member, team_id)
    if values != _current(row):
        plan.changed.append({**values, "known_id": row.id})


def _both(name: str, phone: str | None) -> Hashable:
    return fold(name), phone


def _phone(name: str, phone: str | None) -> Hashable:
    """A corrected name keeps its last word; another name under the same phone is somebody else."""
    return (phone, fold(name).split()[-1]) if phone else object()


def _name(name: str, phone: str | None) -> Hashable:
    return fold(name)


def _values(member: RosterMember, team_id: int) -> dict[str, Any]:
    return {
        "team_id": team_id,
        "role": member.role,
        "display_name": member.name,
        "phone": member.phone,
        "from_roster": True,
    }


def _current(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in CHANGEABLE}


async def _write(conn: AsyncConnection, plan: _Plan, now: datetime) -> None:
    if plan.added:
        await conn.execute(
            insert(memberships), [values | {"created_at": now} for values in plan.added]
        )
    if plan.changed:
        await conn.execute(
            update(memberships)
            .where(memberships.c.id == bindparam("known_id"))
            .values({name: bindparam(name) for name in CHANGEABLE}),
            plan.changed,
        )
    for some in batches(plan.removed):
        query = update(memberships).where(memberships.c.id.in_(some))
        await conn.execute(query.values(removed_at=now))
