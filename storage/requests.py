"""Requests for help: opened, offered, claimed, finished; always with a deadline or an end."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import help_requests, memberships, offers, request_events


class RequestStatus(StrEnum):
    """Where a request stands."""

    OPEN = "open"  # nobody has it yet
    CLAIMED = "claimed"  # one volunteer has it
    DONE = "done"  # the helper says it is done; the resident has not answered yet
    CLOSED = "closed"
    CANCELLED = "cancelled"


ALIVE = (RequestStatus.OPEN, RequestStatus.CLAIMED, RequestStatus.DONE)


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """One request for help, as it stands."""

    id: int
    code: str
    person_id: int
    chat_id: int
    topic: str
    description: str
    guide_id: str | None
    guide_step: int | None
    lesson_id: str | None
    attachments: list[list[str]]
    beneficiary: str | None
    commune_code: str
    team_id: int | None
    address: str
    distance_km: float | None
    way: str
    urgent: bool
    wanted_at: datetime | None
    status: RequestStatus
    claimed_by: int | None
    claimed_at: datetime | None
    verification_code: str | None
    rung: int
    next_at: datetime | None
    nudged: int
    outcome: str | None
    rating: int | None
    created_at: datetime
    ended_at: datetime | None


_COLUMNS = tuple(help_requests.c[f.name] for f in fields(HelpRequest))


def _request(row: Any) -> HelpRequest:
    values = dict(row._mapping)
    return HelpRequest(**{**values, "status": RequestStatus(values["status"])})


async def _fetch(conn: AsyncConnection, query: Select[Any]) -> list[HelpRequest]:
    return [_request(row) for row in await conn.execute(query)]


async def open_request(
    conn: AsyncConnection, *, now: datetime, next_at: datetime, **values: Any
) -> HelpRequest:
    """Write a new request; from now on it always has a next deadline."""
    query = (
        insert(help_requests)
        .values(status=RequestStatus.OPEN, created_at=now, next_at=next_at, **values)
        .returning(*_COLUMNS)
    )
    request = _request((await conn.execute(query)).one())
    await add_event(conn, request.id, "opened", now)
    return request


async def get_request(conn: AsyncConnection, request_id: int) -> HelpRequest:
    """The request. Raises NoResultFound when there is none."""
    query = select(*_COLUMNS).where(help_requests.c.id == request_id)
    return _request((await conn.execute(query)).one())


async def find_request(conn: AsyncConnection, request_id: int) -> HelpRequest | None:
    """The request, or None: buttons may name anything."""
    found = await _fetch(conn, select(*_COLUMNS).where(help_requests.c.id == request_id))
    return found[0] if found else None


async def find_by_code(conn: AsyncConnection, code: str) -> HelpRequest | None:
    """The request with this short code."""
    found = await _fetch(conn, select(*_COLUMNS).where(help_requests.c.code == code.upper()))
    return found[0] if found else None


async def find_by_verification(
    conn: AsyncConnection, code: str, person_id: int
) -> HelpRequest | None:
    """This resident's claimed request whose helper shows this code; short codes meet again."""
    query = select(*_COLUMNS).where(
        help_requests.c.person_id == person_id,
        help_requests.c.verification_code == code.upper(),
        help_requests.c.status == RequestStatus.CLAIMED,
    )
    found = await _fetch(conn, query)
    return found[0] if found else None


async def list_of_person(
    conn: AsyncConnection, person_id: int, statuses: Collection[str] = ALIVE
) -> list[HelpRequest]:
    """What this resident asked for, newest first."""
    query = select(*_COLUMNS).where(
        help_requests.c.person_id == person_id, help_requests.c.status.in_(statuses)
    )
    return await _fetch(conn, query.order_by(help_requests.c.id.desc()))


async def list_held_by(conn: AsyncConnection, person_id: int) -> list[HelpRequest]:
    """What this person, under any of their roles, has accepted and not finished."""
    query = (
        select(*_COLUMNS)
        .join(memberships, memberships.c.id == help_requests.c.claimed_by)
        .where(
            memberships.c.person_id == person_id,
            help_requests.c.status == RequestStatus.CLAIMED,
        )
    )
    return await _fetch(conn, query.order_by(help_requests.c.claimed_at))


async def list_waiting(
    conn: AsyncConnection,
    *,
    team_ids: Collection[int] = (),
    commune_codes: Collection[str] = (),
    everywhere: bool = False,
    limit: int,
) -> list[HelpRequest]:
    """Open requests of these teams or communes (or of all), the longest waiting first."""
    where = help_requests.c.status == RequestStatus.OPEN
    if not everywhere:
        mine = or_(
            help_requests.c.team_id.in_(team_ids), help_requests.c.commune_code.in_(commune_codes)
        )
        where = and_(where, mine)
    query = select(*_COLUMNS).where(where).order_by(help_requests.c.created_at).limit(limit)
    return await _fetch(conn, query)


async def claim_request(
    conn: AsyncConnection,
    request_id: int,
    *,
    membership_id: int,
    verification_code: str,
    next_at: datetime,
    now: datetime,
) -> HelpRequest | None:
    """Give an open request to one member; None if another was first.

    The WHERE clause settles the race: the slower one updates no row.
    """
    return await _change(
        conn,
        request_id,
        (RequestStatus.OPEN,),
        status=RequestStatus.CLAIMED,
        claimed_by=membership_id,
        claimed_at=now,
        last_sign_at=now,
        verification_code=verification_code,
        nudged=0,
        next_at=next_at,
    )


async def release_request(
    conn: AsyncConnection, request_id: int, *, membership_id: int, next_at: datetime
) -> HelpRequest | None:
    """Put a claimed request back; None unless this member has it."""
    return await _change(
        conn,
        request_id,
        (RequestStatus.CLAIMED,),
        held_by=membership_id,
        status=RequestStatus.OPEN,
        claimed_by=None,
        claimed_at=None,
        verification_code=None,
        rung=0,
        nudged=0,
        next_at=next_at,
    )


async def finish_request(
    conn: AsyncConnection,
    request_id: int,
    *,
    membership_id: int,
    outcome: str,
    next_at: datetime,
) -> HelpRequest | None:
    """The helper says how it ended; None unless this member has it."""
    return await _change(
        conn,
        request_id,
        (RequestStatus.CLAIMED,),
        held_by=membership_id,
        status=RequestStatus.DONE,
        outcome=outcome,
        next_at=next_at,
    )


async def close_request(
    conn: AsyncConnection, request_id: int, now: datetime
) -> HelpRequest | None:
    """The resident agrees (or never answered); None unless it was done."""
    return await _change(
        conn,
        request_id,
        (RequestStatus.DONE,),
        status=RequestStatus.CLOSED,
        next_at=None,
        ended_at=now,
    )


async def reopen_request(
    conn: AsyncConnection, request_id: int, *, next_at: datetime
) -> HelpRequest | None:
    """It was not done after all: open again for everyone. None unless it was done or closed."""
    return await _change(
        conn,
        request_id,
        (RequestStatus.DONE, RequestStatus.CLOSED),
        status=RequestStatus.OPEN,
        claimed_by=None,
        claimed_at=None,
        verification_code=None,
        rung=0,
        nudged=0,
        outcome=None,
        rating=None,
        next_at=next_at,
        ended_at=None,
    )


async def cancel_request(
    conn: AsyncConnection, request_id: int, now: datetime
) -> HelpRequest | None:
    """The resident does not need it any more; None when it was over already."""
    return await _change(
        conn,
        request_id,
        ALIVE,
        status=RequestStatus.CANCELLED,
        next_at=None,
        ended_at=now,
    )


async def rate_request(conn: AsyncConnection, request_id: int, rating: int) -> None:
    """Keep the resident's rating, 1 (poor) to 5."""
    await _change(conn, request_id, (RequestStatus.CLOSED,), rating=rating)


async def set_rung(
    conn: AsyncConnection, request_id: int, rung: int, next_at: datetime
) -> HelpRequest | None:
    """The request has been offered on this rung; None when it is not open any more."""
    return await _change(conn, request_id, (RequestStatus.OPEN,), rung=rung, next_at=next_at)


async def set_nudged(
    conn: AsyncConnection, request_id: int, nudged: int, next_at: datetime
) -> None:
    """The silent helper has been reminded this many times."""
    await _change(conn, request_id, (RequestStatus.CLAIMED,), nudged=nudged, next_at=next_at)


async def sign_of_life(
    conn: AsyncConnection, request_id: int, *, next_at: datetime, now: datetime
) -> None:
    """The helper did something: the clock of silence starts anew."""
    await _change(
        conn,
        request_id,
        (RequestStatus.CLAIMED,),
        last_sign_at=now,
        nudged=0,
        next_at=next_at,
    )


async def _change(
    conn: AsyncConnection,
    request_id: int,
    allowed: Sequence[RequestStatus],
    *,
    held_by: int | None = None,
    **values: Any,
) -> HelpRequest | None:
    where = [help_requests.c.id == request_id, help_requests.c.status.in_(allowed)]
    if held_by is not None:
        where.append(help_requests.c.claimed_by == held_by)
    query = update(help_requests).where(*where).values(**values).returning(*_COLUMNS)
    row = (await conn.execute(query)).one_or_none()
    return _request(row) if row else None


async def list_due(conn: AsyncConnection, now: datetime, limit: int) -> list[HelpRequest]:
    """Requests whose deadline has come, locked: another worker skips them."""
    query = (
        select(*_COLUMNS)
        .where(help_requests.c.status.in_(ALIVE), help_requests.c.next_at <= now)
        .order_by(help_requests.c.next_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return await _fetch(conn, query)


async def list_offered_to(conn: AsyncConnection, person_id: int) -> list[HelpRequest]:
    """Open requests that this person could accept now, oldest first."""
    query = (
        select(*_COLUMNS)
        .join(offers, offers.c.request_id == help_requests.c.id)
        .join(memberships, memberships.c.id == offers.c.membership_id)
        .where(
            memberships.c.person_id == person_id,
            memberships.c.removed_at.is_(None),
            offers.c.status == "offered",
            help_requests.c.status == RequestStatus.OPEN,
        )
        .order_by(help_requests.c.created_at)
    )
    return list({request.id: request for request in await _fetch(conn, query)}.values())


# --- history ------------------------------------------------------------------------------


async def add_event(
    conn: AsyncConnection,
    request_id: int,
    kind: str,
    now: datetime,
    *,
    membership_id: int | None = None,
    detail: str = "",
) -> None:
    """Write down what happened to a request; never who said what."""
    await conn.execute(
        insert(request_events).values(
            request_id=request_id,
            at=now,
            kind=kind,
            membership_id=membership_id,
            detail=detail,
        )
    )


async def list_events(conn: AsyncConnection, request_id: int) -> list[tuple[datetime, str]]:
    """What happened to a request, oldest first."""
    query = (
        select(request_events.c.at, request_events.c.kind)
        .where(request_events.c.request_id == request_id)
        .order_by(request_events.c.id)
    )
    return [(row[0], row[1]) for row in await conn.execute(query)]
