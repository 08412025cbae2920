"""How the bot does, as the tables tell it: what waits, since when, and how much of everything."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, func, literal, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.outbox import Priority, Status
from storage.requests import RequestStatus
from storage.schema import broadcast_recipients, broadcasts, help_requests, nudges, outbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """Since when the oldest of each has waited; None when none waits."""

    # Messages that are due; those to many may well take hours, so they are told apart.
    unsent_since: datetime | None
    broadcast_since: datetime | None
    # Requests for help that nobody has.
    unclaimed_since: datetime | None


async def find_waiting(conn: AsyncConnection, now: datetime) -> Waiting:
    """What waits longest. Cheap: reads nothing that is over."""
    bulk = outbox.c.priority >= Priority.REMINDER
    return Waiting(
        unsent_since=await _oldest_due(conn, ~bulk, now),
        broadcast_since=min(
            filter(None, (await _oldest_due(conn, bulk, now), await _oldest_running(conn))),
            default=None,
        ),
        unclaimed_since=await _oldest_unclaimed(conn),
    )


async def _oldest_due(
    conn: AsyncConnection, which: ColumnElement[bool], now: datetime
) -> datetime | None:
    # Written out as in ix_outbox_due: SQLite uses a partial index for nothing else.
    kind = outbox.c.status.type
    unsent = [literal(s, kind, literal_execute=True) for s in (Status.PENDING, Status.LEASED)]
    query = select(func.min(outbox.c.not_before)).where(
        outbox.c.status.in_(unsent), which, outbox.c.not_before <= now
    )
    since: datetime | None = (await conn.execute(query)).scalar_one()
    return since


async def _oldest_running(conn: AsyncConnection) -> datetime | None:
    query = select(func.min(broadcasts.c.started_at)).where(broadcasts.c.status == "sending")
    since: datetime | None = (await conn.execute(query)).scalar_one()
    return since


async def _oldest_unclaimed(conn: AsyncConnection) -> datetime | None:
    query = select(func.min(help_requests.c.created_at)).where(
        help_requests.c.status == RequestStatus.OPEN
    )
    since: datetime | None = (await conn.execute(query)).scalar_one()
    return since


async def count_messages(conn: AsyncConnection) -> dict[tuple[str, str], int]:
    """Messages, announcements included, by channel and status; those with none are left out.

    Reads all of it.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for table in (outbox, broadcast_recipients):
        columns = (table.c.channel, table.c.status)
        for channel, status, count in await conn.execute(
            select(*columns, func.count()).group_by(*columns)
        ):
            counts[channel, status] += count
    return dict(counts)


@dataclass(frozen=True, slots=True)
class Lateness:
    """Of reminders sent lately: seconds between the promised time and the real one."""

    mean_s: float
    most_s: float


async def find_lateness(conn: AsyncConnection, since: datetime) -> Lateness | None:
    """None when no reminder was sent since then. Reads all of the outbox."""
    late = type_coerce(outbox.c.sent_at, BigInteger) - type_coerce(outbox.c.not_before, BigInteger)
    query = select(func.avg(late), func.max(late)).where(
        outbox.c.priority == Priority.REMINDER, outbox.c.sent_at >= since
    )
    mean, most = (await conn.execute(query)).one()
    return None if most is None else Lateness(float(mean) / 1e6, float(most) / 1e6)


async def count_nudges(conn: AsyncConnection, since: datetime) -> dict[str, int]:
    """Messages about lessons since then by status: sent, missed, unreachable."""
    query = (
        select(nudges.c.status, func.count()).where(nudges.c.at >= since).group_by(nudges.c.status)
    )
    return {status: int(count) for status, count in await conn.execute(query)}


async def count_requests(conn: AsyncConnection) -> dict[str, int]:
    """Requests for help by status, every status named."""
    status = help_requests.c.status
    rows = await conn.execute(select(status, func.count()).group_by(status))
    return {str(known): 0 for known in RequestStatus} | {str(name): count for name, count in rows}
