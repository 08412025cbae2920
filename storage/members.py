"""Who may do what: roles of persons, rosters of teams, invitations, and the record of changes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import audit, chats, help_requests, invites, memberships


class Role(StrEnum):
    """From the street to the city; each level may invite those below it."""

    VOLUNTEER = "volunteer"
    DEPUTY = "deputy"
    LEADER = "leader"
    WARD_OFFICER = "ward_officer"
    CITY_OFFICER = "city_officer"


TEAM_ROLES = frozenset({Role.VOLUNTEER, Role.DEPUTY, Role.LEADER})
LEADING = frozenset({Role.DEPUTY, Role.LEADER})


@dataclass(frozen=True, slots=True)
class Membership:
    """One role of one person (or of a name on the roster that has not joined yet)."""

    id: int
    role: Role
    team_id: int | None
    commune_code: str | None
    person_id: int | None
    display_name: str
    phone: str | None
    duty_from_min: int
    duty_to_min: int
    off_duty: bool


@dataclass(frozen=True, slots=True)
class Invite:
    """A code that gives a role to whoever types it first (or the first few)."""

    id: int
    code: str
    role: Role
    team_id: int | None
    commune_code: str | None
    created_by: int | None


_COLUMNS = (
    memberships.c.id,
    memberships.c.role,
    memberships.c.team_id,
    memberships.c.commune_code,
    memberships.c.person_id,
    memberships.c.display_name,
    memberships.c.phone,
    memberships.c.duty_from_min,
    memberships.c.duty_to_min,
    memberships.c.off_duty,
)
_ACTIVE = memberships.c.removed_at.is_(None)


def _membership(row: Any) -> Membership:
    return Membership(row[0], Role(row[1]), *row[2:])


async def _fetch(conn: AsyncConnection, query: Select[Any]) -> list[Membership]:
    return [_membership(row) for row in await conn.execute(query)]


async def list_roles(conn: AsyncConnection, person_id: int) -> list[Membership]:
    """Every role that this person has now, in the order in which they were given."""
    query = select(*_COLUMNS).where(memberships.c.person_id == person_id, _ACTIVE)
    return await _fetch(conn, query.order_by(memberships.c.id))


async def find_membership(conn: AsyncConnection, membership_id: int) -> Membership | None:
    """The role, as long as it has not been taken away."""
    query = select(*_COLUMNS).where(memberships.c.id == membership_id, _ACTIVE)
    found = await _fetch(conn, query)
    return found[0] if found else None


async def get_membership(conn: AsyncConnection, membership_id: int) -> Membership:
    """The role, even one taken away since. Raises NoResultFound when there never was one."""
    row = (await conn.execute(select(*_COLUMNS).where(memberships.c.id == membership_id))).one()
    return _membership(row)


async def list_team(conn: AsyncConnection, team_id: int) -> list[Membership]:
    """Everyone on a team's roster, leaders first."""
    leaders_first = case(
        (memberships.c.role == Role.LEADER, 0), (memberships.c.role == Role.DEPUTY, 1), else_=2
    )
    query = select(*_COLUMNS).where(memberships.c.team_id == team_id, _ACTIVE)
    return await _fetch(conn, query.order_by(leaders_first, memberships.c.id))


async def list_officers(
    conn: AsyncConnection, role: Role, commune_code: str | None = None
) -> list[Membership]:
    """Officers of a commune, or of the city."""
    query = select(*_COLUMNS).where(
        memberships.c.role == role,
        memberships.c.commune_code == commune_code
        if commune_code
        else memberships.c.commune_code.is_(None),
        _ACTIVE,
    )
    return await _fetch(conn, query.order_by(memberships.c.id))


def _reachable(minute: int, max_claims: int, but: Collection[int]) -> ColumnElement[bool]:
    """On duty at this minute of the local day, with a chat to write to, and hands free."""
    has_chat = (
        select(1)
        .where(chats.c.person_id == memberships.c.person_id, chats.c.status == "active")
        .exists()
    )
    held = (
        select(func.count())
        .where(help_requests.c.claimed_by == memberships.c.id, help_requests.c.status == "claimed")
        .scalar_subquery()
    )
    return and_(
        _ACTIVE,
        memberships.c.person_id.is_not(None),
        memberships.c.person_id.not_in(but) if but else true(),
        memberships.c.off_duty.is_(False),
        memberships.c.duty_from_min <= minute,
        memberships.c.duty_to_min > minute,
        has_chat,
        held < max_claims,
    )


async def list_reachable(
    conn: AsyncConnection,
    *,
    minute: int,
    max_claims: int,
    but: Collection[int],
    team_ids: Iterable[int] | None = None,
    role: Role | None = None,
    commune_code: str | None = None,
) -> list[Membership]:
    """Members who can be asked now, the longest not asked first (that is the fair rotation).

    Of these teams; or, with `role`, officers of the commune or the city. `but`: persons who
    are left out.
    """
    wanted = [_reachable(minute, max_claims, but)]
    if team_ids is not None:
        wanted.append(memberships.c.team_id.in_(list(team_ids)))
    if role is not None:
        wanted.append(memberships.c.role == role)
    if commune_code is not None:
        wanted.append(memberships.c.commune_code == commune_code)
    never_first = case((memberships.c.last_offered_at.is_(None), 0), else_=1)
    query = (
        select(*_COLUMNS)
        .where(*wanted)
        .order_by(never_first, memberships.c.last_offered_at, memberships.c.id)
    )
    return await _fetch(conn, query)


async def touch_offered(conn: AsyncConnection, ids: Collection[int], now: datetime) -> None:
    """Remember that these were asked, so that the next request goes to others first."""
    await conn.execute(
        update(memberships).where(memberships.c.id.in_(ids)).values(last_offered_at=now)
    )


async def add_membership(
    conn: AsyncConnection,
    *,
    role: Role,
    person_id: int,
    display_name: str,
    team_id: int | None,
    commune_code: str | None,
    granted_by: int | None,
    now: datetime,
) -> Membership:
    """Give a person a role; having it already, they keep the one they have."""
    same = and_(
        memberships.c.person_id == person_id,
        memberships.c.role == role,
        memberships.c.team_id == team_id if team_id else memberships.c.team_id.is_(None),
        memberships.c.commune_code == commune_code
        if commune_code
        else memberships.c.commune_code.is_(None),
        _ACTIVE,
    )
    found = await _fetch(conn, select(*_COLUMNS).where(same))
    if found:
        return found[0]
    values = {
        "role": role,
        "person_id": person_id,
        "display_name": display_name,
        "team_id": team_id,
        "commune_code": commune_code,
        "granted_by": granted_by,
        "created_at": now,
    }
    query = insert(memberships).values(values).returning(*_COLUMNS)
    return _membership((await conn.execute(query)).one())


async def remove_membership(conn: AsyncConnection, membership_id: int, now: datetime) -> bool:
    """Take a role away; False when it had gone already."""
    query = (
        update(memberships)
        .where(memberships.c.id == membership_id, _ACTIVE)
        .values(removed_at=now)
        .returning(memberships.c.id)
    )
    return (await conn.execute(query)).one_or_none() is not None


async def change_membership(conn: AsyncConnection, membership_id: int, **values: Any) -> None:
    """Change duty hours, the pause, or the name that residents are shown."""
    await conn.execute(
        update(memberships).where(memberships.c.id == membership_id).values(**values)
    )


async def has_officer(conn: AsyncConnection, role: Role) -> bool:
    """Whether anybody has this role."""
    query = select(select(1).where(memberships.c.role == role, _ACTIVE).exists())
    return bool((await conn.execute(query)).scalar_one())


async def add_invite(
    conn: AsyncConnection,
    *,
    code: str,
    role: Role,
    team_id: int | None,
    commune_code: str | None,
    created_by: int | None,
    now: datetime,
    valid: timedelta,
    uses: int,
) -> None:
    """Keep an invitation; `uses`: how many persons may take it up."""
    await conn.execute(
        insert(invites).values(
            code=code,
            role=role,
            team_id=team_id,
            commune_code=commune_code,
            created_by=created_by,
            created_at=now,
            expires_at=now + valid,
            uses_left=uses,
        )
    )


async def use_invite(conn: AsyncConnection, code: str, now: datetime) -> Invite | None:
    """Take up an invitation; None when there is none, it is used up or too old.

    The WHERE clause settles the race: of two who type a single-use code, one gets no row.
    """
    query = (
        update(invites)
        .where(invites.c.code == code, invites.c.uses_left > 0, invites.c.expires_at > now)
        .values(uses_left=invites.c.uses_left - 1)
        .returning(
            invites.c.id,
            invites.c.code,
            invites.c.role,
            invites.c.team_id,
            invites.c.commune_code,
            invites.c.created_by,
        )
    )
    row = (await conn.execute(query)).one_or_none()
    return Invite(row[0], row[1], Role(row[2]), *row[3:]) if row else None


async def record(
    conn: AsyncConnection, person_id: int | None, action: str, subject: str, now: datetime
) -> None:
    """Write down who changed what; `subject` holds ids, never names."""
    await conn.execute(
        insert(audit).values(at=now, person_id=person_id, action=action, subject=subject)
    )


def may_lead(roles: Sequence[Membership], team_id: int, commune_code: str) -> bool:
    """Whether these roles allow managing this team: its leaders, its ward, the city."""
    return any(
        (r.role in LEADING and r.team_id == team_id)
        or (r.role is Role.WARD_OFFICER and r.commune_code == commune_code)
        or r.role is Role.CITY_OFFICER
        for r in roles
    )
