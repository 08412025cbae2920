"""The ledger of announcements as senders see it: take a few, say what became of them.

A row is taken just before it is sent, so that being taken means: may be on its way. When its
sender dies it is in doubt, and nobody sends it again without being told to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.broadcast_ledger import skip_pending
from storage.engine import insert_for
from storage.outbox import LEASE, Mark, OutboxRow, Priority, Status
from storage.schema import broadcast_recipients, broadcasts, bulk_turns, chats, persons
from storage.subscriptions import Kind, is_muted

# Whoever has the turn keeps it while it sends; another worker takes over this long after.
TURN = timedelta(seconds=10)
# A schedule that could not begin for longer than this is not made up for.
MAY_BE_LATE = timedelta(hours=2)

rows = broadcast_recipients.c


async def claim_turn(conn: AsyncConnection, channel: str, owner: str, now: datetime) -> bool:
    """Be the one who sends announcements there; False while another worker does."""
    query = insert_for(conn, bulk_turns).values(channel=channel, owner=owner, until=now + TURN)
    query = query.on_conflict_do_update(
        index_elements=["channel"],
        set_={"owner": owner, "until": now + TURN},
        where=or_(bulk_turns.c.owner == owner, bulk_turns.c.until < now),
    )
    return (await conn.execute(query.returning(bulk_turns.c.owner))).one_or_none() is not None


async def end_turn(conn: AsyncConnection, channel: str, owner: str | None = None) -> None:
    """Let another worker send announcements there at once; `owner` None: whoever had the turn."""
    query = delete(bulk_turns).where(bulk_turns.c.channel == channel)
    await conn.execute(query.where(bulk_turns.c.owner == owner) if owner else query)


@dataclass(frozen=True, slots=True)
class Running:
    """An announcement that is going out."""

    id: int
    kind: Kind
    body: dict[str, Any]


async def list_running(
    conn: AsyncConnection, now: datetime, *, only_emergencies: bool
) -> list[Running]:
    """What may go out now, emergencies first. `only_emergencies`: it is night."""
    wanted = [broadcasts.c.status == "sending", broadcasts.c.expires_at > now]
    if only_emergencies:
        wanted.append(broadcasts.c.kind == Kind.EMERGENCY)
    first = case((broadcasts.c.kind == Kind.EMERGENCY, 0), else_=1)
    query = (
        select(broadcasts.c.id, broadcasts.c.kind, broadcasts.c.body)
        .where(*wanted)
        .order_by(first, broadcasts.c.id)
    )
    return [Running(row.id, Kind(row.kind), row.body) for row in await conn.execute(query)]


async def lease_recipients(
    conn: AsyncConnection, running: Running, channel: str, owner: str, now: datetime, limit: int
) -> tuple[list[OutboxRow], int]:
    """Take up to `limit` rows; what to send, and how many were taken from the queue.

    The difference are people who left or turned such messages down since: those are skipped.
    """
    due = (
        select(rows.id)
        .where(
            rows.broadcast_id == running.id,
            rows.channel == channel,
            rows.status == Status.PENDING,
            or_(rows.not_before.is_(None), rows.not_before <= now),
        )
        .order_by(rows.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(broadcast_recipients)
        .where(rows.id.in_(due))
        .values(status=Status.LEASED, lease_owner=owner, leased_until=now + LEASE)
        .returning(rows.id)
    )
    ids = list((await conn.execute(taken)).scalars())
    return (await _load(conn, running, ids), len(ids)) if ids else ([], 0)


async def _load(conn: AsyncConnection, running: Running, ids: Sequence[int]) -> list[OutboxRow]:
    query = (
        select(
            rows.id,
            rows.chat_id,
            chats.c.chat_key,
            rows.channel,
            rows.attempts,
            rows.edits,
            case(
                (chats.c.status != "active", "left"),
                # Who was told something wrong is told what is right.
                (and_(rows.edits.is_(None), is_muted(running.kind)), "muted"),
            ).label("reason"),
        )
        .join(chats, chats.c.id == rows.chat_id)
        .join(persons, persons.c.id == rows.person_id)
        .where(rows.id.in_(ids))
        .order_by(rows.id)
    )
    found = (await conn.execute(query)).all()
    for reason in {row.reason for row in found if row.reason is not None}:
        await _skip(conn, [row.id for row in found if row.reason == reason], reason)
    return [_row(row, running) for row in found if row.reason is None]


async def _skip(conn: AsyncConnection, ids: Sequence[int], reason: str) -> None:
    query = update(broadcast_recipients).where(rows.id.in_(ids))
    await conn.execute(
        query.values(status=Status.SKIPPED, reason=reason, lease_owner=None, leased_until=None)
    )


def _row(row: Any, running: Running) -> OutboxRow:
    return OutboxRow(
        row.id,
        row.chat_id,
        row.chat_key,
        row.channel,
        Priority.BROADCAST,
        running.body | ({"corrects": row.edits} if row.edits else {}),
        row.attempts,
        to_group=False,
        broadcast_id=running.id,
    )


_MARK = (
    update(broadcast_recipients)
    .where(rows.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        reason=bindparam("because"),
        sent_at=bindparam("sent"),
        platform_message_id=bindparam("message"),
        error=bindparam("why"),
        attempts=bindparam("tried"),
        not_before=bindparam("retry_at"),
        lease_owner=None,
        leased_until=None,
    )
)


async def mark_recipients(conn: AsyncConnection, marks: Sequence[Mark]) -> None:
    """Write what became of these rows; a PENDING one is tried again at its `retry_at`."""
    await conn.execute(
        _MARK,
        [
            {
                "row_id": m.id,
                "new_status": m.status,
                # The only thing that makes a sender skip somebody.
                "because": "left" if m.status is Status.SKIPPED else None,
                "sent": m.at if m.status is Status.SENT else None,
                "message": m.platform_message_id,
                "why": m.error,
                "tried": m.attempts,
                "retry_at": m.retry_at,
            }
            for m in marks
        ],
    )


async def renew_recipients(conn: AsyncConnection, owner: str, now: datetime) -> None:
    """This sender is alive: what it holds stays its own."""
    await conn.execute(
        update(broadcast_recipients).where(_held(owner)).values(leased_until=now + LEASE)
    )


async def give_back_recipients(conn: AsyncConnection, owner: str) -> None:
    """This process is about to stop: what it still holds was never begun and waits again."""
    await conn.execute(
        update(broadcast_recipients)
        .where(_held(owner))
        .values(status=Status.PENDING, lease_owner=None, leased_until=None)
    )


def _held(owner: str) -> Any:
    held = rows.leased_until.is_not(None)
    return and_(held, rows.status == Status.LEASED, rows.lease_owner == owner)


async def settle_expired_recipients(
    conn: AsyncConnection, channel: str, *, expired_before: datetime, idempotent: bool
) -> int:
    """Deal with rows whose sender died; returns how many.

    Where a resend shows nothing twice they simply wait again. Elsewhere they are in doubt, and
    stay so until an officer has them sent again.
    """
    query = (
        update(broadcast_recipients)
        .where(
            rows.channel == channel,
            rows.status == Status.LEASED,
            rows.leased_until < expired_before,
        )
        .values(
            status=Status.PENDING if idempotent else Status.UNKNOWN,
            lease_owner=None,
            leased_until=None,
        )
    )
    return (await conn.execute(query)).rowcount


# --- what the clock does to them ----------------------------------------------------------


async def start_due(conn: AsyncConnection, now: datetime) -> int:
    """Begin what was scheduled; too late is never. Returns how many were dealt with."""
    due = and_(broadcasts.c.status == "scheduled", broadcasts.c.send_at <= now)
    stale = or_(broadcasts.c.send_at < now - MAY_BE_LATE, broadcasts.c.expires_at <= now)
    too_late = update(broadcasts).where(due, stale)
    too_late = too_late.values(status="done", ended_at=now).returning(broadcasts.c.id)
    missed = list((await conn.execute(too_late)).scalars())
    if missed:
        await skip_pending(conn, missed, "expired")
    begin = update(broadcasts).where(due).values(status="sending", started_at=now)
    return len(missed) + (await conn.execute(begin)).rowcount


async def expire_due(conn: AsyncConnection, now: datetime) -> int:
    """Whoever has not got an announcement by its expiry won't; returns how many persons."""
    over = and_(broadcasts.c.status.in_(("sending", "paused")), broadcasts.c.expires_at <= now)
    ids = list((await conn.execute(select(broadcasts.c.id).where(over))).scalars())
    return await skip_pending(conn, ids, "expired") if ids else 0


async def finish_done(conn: AsyncConnection, now: datetime) -> int:
    """Call done what nobody waits for any more, and nothing else; returns how many."""
    waiting = (
        select(rows.id)
        .where(
            rows.broadcast_id == broadcasts.c.id,
            rows.status.in_((Status.PENDING, Status.LEASED)),
        )
        .exists()
    )
    over = or_(
        broadcasts.c.status == "sending",
        and_(broadcasts.c.status == "paused", broadcasts.c.expires_at <= now),
    )
    query = update(broadcasts).where(over, ~waiting).values(status="done", ended_at=now)
    return (await conn.execute(query)).rowcount


async def skip_stopped(conn: AsyncConnection, now: datetime) -> int:
    """Rows that came back from a sender after their announcement was stopped; how many."""
    recently = now - 2 * LEASE - timedelta(hours=1)
    stopped = select(broadcasts.c.id).where(
        broadcasts.c.status.in_(("stopped", "withdrawn", "done")),
        broadcasts.c.ended_at > recently,
    )
    ids = list((await conn.execute(stopped)).scalars())
    return await skip_pending(conn, ids, "stopped") if ids else 0
