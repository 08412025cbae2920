"""The ledger of announcements: one row a person, in exactly one state, from freezing to the end.

sent + failed + skipped + unknown + pending + leased is always the frozen audience.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    func,
    insert,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.audience import Audience, matches, within
from storage.outbox import Status
from storage.schema import broadcast_recipients, broadcasts, chats, persons
from storage.subscriptions import Kind, is_muted

rows = broadcast_recipients.c


# --- who it is for ------------------------------------------------------------------------


def _last_used() -> ColumnElement[int]:
    """The chat where a person was last seen, of those that still stand; else a stopped one."""
    inner = chats.alias("theirs")
    active_first = case((inner.c.status == "active", 0), else_=1)
    query = (
        select(inner.c.id)
        .where(inner.c.person_id == persons.c.id)
        .order_by(active_first, inner.c.last_seen_at.desc(), inner.c.id.desc())
        .limit(1)
    )
    return query.correlate(persons).scalar_subquery()


def _reason(kind: Kind) -> ColumnElement[str]:
    """Why somebody of the audience gets nothing; null = they get it."""
    return case((chats.c.status != "active", "left"), (is_muted(kind), "muted"), else_=null())


def _addressed(audience: Audience, commune_code: str | None, team_id: int | None) -> Any:
    readers = persons.join(chats, chats.c.id == _last_used())
    return readers, and_(matches(audience), within(commune_code, team_id))


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """How many would get an announcement on each channel, and how many of the audience not."""

    by_channel: dict[str, int]
    muted: int
    left: int

    @property
    def reached(self) -> int:
        return sum(self.by_channel.values())


async def count_audience(
    conn: AsyncConnection,
    audience: Audience,
    *,
    kind: Kind,
    commune_code: str | None,
    team_id: int | None,
) -> AudienceCount:
    """Count the audience as it would be frozen now, cut down to what the office reaches."""
    readers, wanted = _addressed(audience, commune_code, team_id)
    reason = _reason(kind).label("reason")
    inner = select(chats.c.channel, reason).select_from(readers).where(wanted).subquery()
    query = select(inner.c.channel, inner.c.reason, func.count()).group_by(
        inner.c.channel, inner.c.reason
    )
    reached: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for channel, why, count in await conn.execute(query):
        if why is None:
            reached[channel] += count
        else:
            skipped[why] += count
    return AudienceCount(dict(reached), skipped["muted"], skipped["left"])


_FROZEN = (
    "broadcast_id", "person_id", "chat_id", "channel", "commune_code", "team_id", "status",
    "reason", "edits",
)  # fmt: skip


async def freeze_audience(
    conn: AsyncConnection,
    broadcast_id: int,
    audience: Audience,
    *,
    kind: Kind,
    commune_code: str | None,
    team_id: int | None,
) -> int:
    """Write one row a person, on the chat last used; returns how many. One statement."""
    readers, wanted = _addressed(audience, commune_code, team_id)
    reason = _reason(kind)
    query = (
        select(
            literal(broadcast_id),
            persons.c.id,
            chats.c.id,
            chats.c.channel,
            func.coalesce(persons.c.commune_code, literal(commune_code, String)),
            func.coalesce(persons.c.team_id, literal(team_id, persons.c.team_id.type)),
            case((reason.is_(None), Status.PENDING), else_=Status.SKIPPED),
            reason,
            null(),
        )
        .select_from(readers)
        .where(wanted)
    )
    return await _insert(conn, query)


async def freeze_correction(conn: AsyncConnection, broadcast_id: int, corrects: int) -> int:
    """Write one row for each person who has got, or may have got, another announcement.

    Turned down or not: who was told something wrong is told what is right.
    """
    told = broadcast_recipients.alias("told")
    left = chats.c.status != "active"
    query = (
        select(
            literal(broadcast_id),
            told.c.person_id,
            told.c.chat_id,
            told.c.channel,
            told.c.commune_code,
            told.c.team_id,
            case((left, Status.SKIPPED), else_=Status.PENDING),
            case((left, "left"), else_=null()),
            told.c.platform_message_id,
        )
        .join(chats, chats.c.id == told.c.chat_id)
        .where(
            told.c.broadcast_id == corrects,
            told.c.status.in_((Status.SENT, Status.UNKNOWN)),
            told.c.person_id.is_not(None),
        )
    )
    return await _insert(conn, query)


async def _insert(conn: AsyncConnection, query: Select[Any]) -> int:
    written = await conn.execute(insert(broadcast_recipients).from_select(_FROZEN, query))
    return written.rowcount


# --- what became of it --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """How many persons of the frozen audience are in which state."""

    by_status: Counter[str] = field(default_factory=Counter)
    # Of the skipped ones: left, muted, expired, stopped.
    by_reason: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    resent: int = 0

    @property
    def all(self) -> int:
        return self.by_status.total()

    @property
    def waiting(self) -> int:
        """Those to whom it has still to be sent."""
        return self.by_status[Status.PENDING] + self.by_status[Status.LEASED]


async def totals(conn: AsyncConnection, broadcast_id: int) -> Totals:
    """The sums of one announcement, as they are now."""
    query = (
        select(
            rows.status,
            rows.reason,
            func.count(),
            func.count(rows.acknowledged_at),
            func.sum(rows.resent),
        )
        .where(rows.broadcast_id == broadcast_id)
        .group_by(rows.status, rows.reason)
    )
    by_status: Counter[str] = Counter()
    by_reason: Counter[str] = Counter()
    acknowledged = resent = 0
    for status, reason, count, seen, again in await conn.execute(query):
        by_status[status] += count
        if reason is not None:
            by_reason[reason] += count
        acknowledged += seen
        resent += again
    return Totals(by_status, by_reason, acknowledged, int(resent))


@dataclass(frozen=True, slots=True)
class UnitTotal:
    """One line of the report: a unit, a channel, a state."""

    commune_code: str | None
    channel: str
    status: str
    count: int
    acknowledged: int


async def totals_by_unit(conn: AsyncConnection, broadcast_id: int) -> list[UnitTotal]:
    """The sums of one announcement for each unit and channel; no unit = it is not known."""
    columns = (rows.commune_code, rows.channel, rows.status)
    query = (
        select(*columns, func.count(), func.count(rows.acknowledged_at))
        .where(rows.broadcast_id == broadcast_id)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [UnitTotal(*row) for row in await conn.execute(query)]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One person's line of the ledger, without anything that says who it is."""

    id: int
    channel: str
    commune_code: str | None
    team_id: int | None
    status: str
    reason: str | None
    attempts: int
    error: str | None
    sent_at: datetime | None
    acknowledged_at: datetime | None
    resent: int


_LEDGER = tuple(rows[name] for name in LedgerRow.__slots__)


async def list_ledger(
    conn: AsyncConnection, broadcast_id: int, *, after: int = 0, limit: int = 1000
) -> list[LedgerRow]:
    """The next lines after a row's id, in the order of their ids."""
    query = (
        select(*_LEDGER)
        .where(rows.broadcast_id == broadcast_id, rows.id > after)
        .order_by(rows.id)
        .limit(limit)
    )
    return [LedgerRow(*row) for row in await conn.execute(query)]


async def acknowledge(
    conn: AsyncConnection, broadcast_id: int, person_id: int, now: datetime
) -> bool:
    """This person has read it; False when they had said so already, or it was never for them."""
    query = (
        update(broadcast_recipients)
        .where(
            rows.person_id == person_id,
            rows.broadcast_id == broadcast_id,
            rows.acknowledged_at.is_(None),
            rows.status.in_((Status.SENT, Status.LEASED, Status.UNKNOWN)),
        )
        .values(acknowledged_at=now)
    )
    return (await conn.execute(query)).rowcount == 1


async def list_unknown(conn: AsyncConnection, broadcast_id: int) -> list[LedgerRow]:
    """Those of whom nobody can say whether they have got it."""
    query = select(*_LEDGER).where(rows.broadcast_id == broadcast_id, rows.status == Status.UNKNOWN)
    return [LedgerRow(*row) for row in await conn.execute(query.order_by(rows.id))]


async def resend_unknown(
    conn: AsyncConnection, broadcast_id: int, now: datetime, expires_at: datetime
) -> int:
    """An officer says that those in doubt get it once more, perhaps twice; returns how many.

    A finished announcement is opened again for them, until `expires_at`. One that was stopped,
    withdrawn or is being written stays as it is, and nobody gets anything.
    """
    again = (
        update(broadcasts)
        .where(broadcasts.c.id == broadcast_id, broadcasts.c.status.in_(("sending", "done")))
        .values(status="sending", expires_at=expires_at, ended_at=null())
    )
    if (await conn.execute(again)).rowcount == 0:
        return 0
    query = (
        update(broadcast_recipients)
        .where(rows.broadcast_id == broadcast_id, rows.status == Status.UNKNOWN)
        .values(
            status=Status.PENDING, attempts=0, error=None, not_before=now, resent=rows.resent + 1
        )
    )
    return (await conn.execute(query)).rowcount


async def skip_pending(conn: AsyncConnection, broadcast_ids: Collection[int], reason: str) -> int:
    """Whoever still waits for these won't get them; returns how many."""
    query = (
        update(broadcast_recipients)
        .where(rows.broadcast_id.in_(broadcast_ids), rows.status == Status.PENDING)
        .values(status=Status.SKIPPED, reason=reason)
    )
    return (await conn.execute(query)).rowcount
