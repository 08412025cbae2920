"""Announcements: written, approved, frozen, sent, stopped. Who got one is in `broadcast_ledger`.

Every change of state is one UPDATE whose WHERE clause says from which states it is allowed, so
that a double press, a replayed approval or two officers at once change it once.
"""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.audience import Audience, read_audience, write_audience
from storage.broadcast_ledger import freeze_audience, freeze_correction, skip_pending
from storage.schema import broadcasts
from storage.subscriptions import Kind

# Without an expiry of its own an announcement is no news any more after this.
DEFAULT_LIFE = timedelta(hours=24)


class State(StrEnum):
    """Where an announcement stands."""

    DRAFT = "draft"
    WAITING = "waiting_approval"  # for a second officer
    SCHEDULED = "scheduled"  # frozen; its time has not come
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"  # for good; who had not got it won't
    DONE = "done"  # nobody is left to send it to
    WITHDRAWN = "withdrawn"  # said to be void, whoever has got it


UNDER_WAY = (State.SCHEDULED, State.SENDING, State.PAUSED)
FROZEN = (*UNDER_WAY, State.STOPPED, State.DONE, State.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One announcement. `commune_code` and `team_id` say how far its author's office reaches."""

    id: int
    code: str
    kind: Kind
    status: State
    author_id: int | None
    commune_code: str | None
    team_id: int | None
    text: str
    media: list[str] | None
    buttons: list[Any]
    audience: dict[str, Any] | None
    body: dict[str, Any] | None
    audience_count: int | None
    send_at: datetime | None
    expires_at: datetime | None
    created_at: datetime
    submitted_at: datetime | None
    approved_by: int | None
    frozen_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    corrects: int | None
    repeats: int | None

    @property
    def needs_approval(self) -> bool:
        """Whether a second officer has to agree: the whole city, or an emergency."""
        return self.kind is Kind.EMERGENCY or (self.commune_code is None and self.team_id is None)

    @property
    def readers(self) -> Audience:
        """Whom it is for. Raises ValueError while nobody has been chosen."""
        return read_audience(self.audience)


_COLUMNS = tuple(broadcasts.c[f.name] for f in fields(Broadcast))
# The same in SQL, so that no press, however it was made, gets round it.
_NEEDS_APPROVAL = or_(
    broadcasts.c.kind == Kind.EMERGENCY,
    and_(broadcasts.c.commune_code.is_(None), broadcasts.c.team_id.is_(None)),
)


def _broadcast(row: Any) -> Broadcast:
    values = dict(row._mapping)
    return Broadcast(**{**values, "kind": Kind(values["kind"]), "status": State(values["status"])})


async def _fetch(conn: AsyncConnection, query: Select[Any]) -> list[Broadcast]:
    return [_broadcast(row) for row in await conn.execute(query)]


async def get_broadcast(conn: AsyncConnection, broadcast_id: int) -> Broadcast:
    """The announcement. Raises NoResultFound when there is none."""
    query = select(*_COLUMNS).where(broadcasts.c.id == broadcast_id)
    return _broadcast((await conn.execute(query)).one())


async def find_broadcast(conn: AsyncConnection, broadcast_id: int) -> Broadcast | None:
    """The announcement; None when there is none."""
    found = await _fetch(conn, select(*_COLUMNS).where(broadcasts.c.id == broadcast_id))
    return found[0] if found else None


async def find_by_code(conn: AsyncConnection, code: str) -> Broadcast | None:
    """The announcement with this code that has left or is about to; a draft's code is unknown."""
    query = select(*_COLUMNS).where(broadcasts.c.code == code, broadcasts.c.status.in_(FROZEN))
    found = await _fetch(conn, query)
    return found[0] if found else None


async def list_by_author(conn: AsyncConnection, person_id: int, limit: int) -> list[Broadcast]:
    """What this person has announced or begun to write, newest first."""
    query = select(*_COLUMNS).where(broadcasts.c.author_id == person_id)
    return await _fetch(conn, query.order_by(broadcasts.c.id.desc()).limit(limit))


async def list_in_state(conn: AsyncConnection, *states: State) -> list[Broadcast]:
    """All announcements that stand there, oldest first."""
    query = select(*_COLUMNS).where(broadcasts.c.status.in_(states))
    return await _fetch(conn, query.order_by(broadcasts.c.id))


# --- writing ------------------------------------------------------------------------------


async def create_draft(
    conn: AsyncConnection,
    *,
    code: str,
    kind: Kind,
    author_id: int,
    commune_code: str | None,
    team_id: int | None,
    now: datetime,
    corrects: int | None = None,
) -> int:
    """Begin an announcement; returns its id. Raises IntegrityError when the code is taken."""
    query = insert(broadcasts).values(
        code=code,
        kind=kind,
        status=State.DRAFT,
        author_id=author_id,
        commune_code=commune_code,
        team_id=team_id,
        text="",
        buttons=[],
        created_at=now,
        corrects=corrects,
    )
    return int((await conn.execute(query.returning(broadcasts.c.id))).scalar_one())


async def change_draft(
    conn: AsyncConnection, broadcast_id: int, author_id: int, **values: Any
) -> bool:
    """Change text, media, buttons, audience (an `Audience`), send_at, expires_at or kind.

    False when it is not this author's, or no draft any more.
    """
    if "audience" in values:
        values["audience"] = write_audience(values["audience"])
    own = and_(broadcasts.c.author_id == author_id, broadcasts.c.status == State.DRAFT)
    return await _change(conn, broadcast_id, own, **values)


async def discard_draft(conn: AsyncConnection, broadcast_id: int, author_id: int) -> bool:
    """Throw a draft away; False when it is not this author's, or no draft any more."""
    query = delete(broadcasts).where(
        broadcasts.c.id == broadcast_id,
        broadcasts.c.author_id == author_id,
        broadcasts.c.status == State.DRAFT,
    )
    return (await conn.execute(query)).rowcount == 1


async def submit(conn: AsyncConnection, broadcast_id: int, author_id: int, now: datetime) -> bool:
    """Ask a second officer; False when that is not needed, or it is no draft of this author."""
    own = and_(
        broadcasts.c.author_id == author_id,
        broadcasts.c.status == State.DRAFT,
        broadcasts.c.audience.is_not(None) | broadcasts.c.corrects.is_not(None),
        _NEEDS_APPROVAL,
    )
    return await _change(conn, broadcast_id, own, status=State.WAITING, submitted_at=now)


async def back_to_draft(conn: AsyncConnection, broadcast_id: int) -> bool:
    """The second officer says no, or the author wants to change it; False when nobody was asked."""
    waiting = broadcasts.c.status == State.WAITING
    return await _change(conn, broadcast_id, waiting, status=State.DRAFT, submitted_at=None)


# --- freezing: from here on nothing about it changes any more -----------------------------


async def confirm(
    conn: AsyncConnection, broadcast_id: int, author_id: int, body: dict[str, Any], now: datetime
) -> bool:
    """Send it, or schedule it, as far as the author's office reaches; freezes the audience.

    `body`: the message as the outbox keeps one. False when it needs a second officer, or is no
    draft of this author any more: the second of two presses sends nothing.
    """
    own = and_(
        broadcasts.c.author_id == author_id,
        broadcasts.c.status == State.DRAFT,
        ~_NEEDS_APPROVAL,
    )
    return await _freeze(conn, broadcast_id, own, body, now)


async def approve(
    conn: AsyncConnection, broadcast_id: int, officer_id: int, body: dict[str, Any], now: datetime
) -> bool:
    """A second officer agrees; freezes the audience. False when nobody is asked any more, or
    when it is the author who agrees. Whether this person is an officer is the caller's to check.
    """
    waiting = and_(
        broadcasts.c.status == State.WAITING,
        broadcasts.c.author_id.is_distinct_from(officer_id),
    )
    return await _freeze(conn, broadcast_id, waiting, body, now, approved_by=officer_id)


async def _freeze(
    conn: AsyncConnection,
    broadcast_id: int,
    allowed: ColumnElement[bool],
    body: dict[str, Any],
    now: datetime,
    **more: Any,
) -> bool:
    draft = await find_broadcast(conn, broadcast_id)
    if draft is None or (draft.audience is None and draft.corrects is None):
        return False
    starts = draft.send_at is None or draft.send_at <= now
    values: dict[str, Any] = {
        "status": State.SENDING if starts else State.SCHEDULED,
        "body": body,
        "frozen_at": now,
        "started_at": now if starts else None,
        "expires_at": draft.expires_at or (draft.send_at or now) + DEFAULT_LIFE,
        "audience_count": 0,
    }
    if not await _change(conn, broadcast_id, allowed, **values, **more):
        return False
    await write_ledger(conn, await get_broadcast(conn, broadcast_id))
    return True


async def write_ledger(conn: AsyncConnection, broadcast: Broadcast) -> int:
    """One row for each person of the audience, in one statement; returns how many."""
    if broadcast.corrects is not None:
        count = await freeze_correction(conn, broadcast.id, broadcast.corrects)
    else:
        count = await freeze_audience(
            conn,
            broadcast.id,
            broadcast.readers,
            kind=broadcast.kind,
            commune_code=broadcast.commune_code,
            team_id=broadcast.team_id,
        )
    query = update(broadcasts).where(broadcasts.c.id == broadcast.id)
    await conn.execute(query.values(audience_count=count))
    return count


# --- under way ----------------------------------------------------------------------------


async def pause(conn: AsyncConnection, broadcast_id: int) -> bool:
    """Hold it; what is in a sender's hands (an eighth of a second's worth) still leaves."""
    running = broadcasts.c.status.in_((State.SCHEDULED, State.SENDING))
    return await _change(conn, broadcast_id, running, status=State.PAUSED)


async def resume(conn: AsyncConnection, broadcast_id: int, now: datetime) -> bool:
    """Go on where it was held: now, or at its time when that has not come."""
    row = await find_broadcast(conn, broadcast_id)
    early = row is not None and row.send_at is not None and row.send_at > now
    held = broadcasts.c.status == State.PAUSED
    if early:
        return await _change(conn, broadcast_id, held, status=State.SCHEDULED)
    started_at = (row.started_at if row else None) or now
    return await _change(conn, broadcast_id, held, status=State.SENDING, started_at=started_at)


async def stop(conn: AsyncConnection, broadcast_id: int, now: datetime) -> bool:
    """End it for good; whoever has not got it by now won't."""
    under_way = broadcasts.c.status.in_(UNDER_WAY)
    if not await _change(conn, broadcast_id, under_way, status=State.STOPPED, ended_at=now):
        return False
    await skip_pending(conn, [broadcast_id], "stopped")
    return True


async def withdraw(conn: AsyncConnection, broadcast_id: int, now: datetime) -> bool:
    """Say that it is void, also for those who have got it; they are told by a correction."""
    left = broadcasts.c.status.in_((*UNDER_WAY, State.STOPPED, State.DONE))
    if not await _change(conn, broadcast_id, left, status=State.WITHDRAWN, ended_at=now):
        return False
    await skip_pending(conn, [broadcast_id], "stopped")
    return True


async def _change(
    conn: AsyncConnection, broadcast_id: int, allowed: ColumnElement[bool], **values: Any
) -> bool:
    query = update(broadcasts).where(broadcasts.c.id == broadcast_id, allowed).values(**values)
    return (await conn.execute(query)).rowcount == 1
