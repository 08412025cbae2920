"""What somebody asked to be reminded of, and when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import reminders


@dataclass(frozen=True, slots=True)
class Reminder:
    """One promise to remind: of a guide, where `step` is how far the person was, or a deadline."""

    id: int
    person_id: int
    guide_id: str | None
    step: int
    deadline_id: int | None
    due_at: datetime


_COLUMNS = tuple(reminders.c[name] for name in Reminder.__slots__)


async def add_reminder(
    conn: AsyncConnection,
    person_id: int,
    due_at: datetime,
    now: datetime,
    *,
    guide_id: str,
    step: int,
) -> None:
    """Promise to remind of a guide; an earlier promise about the same guide is replaced."""
    pending = (
        reminders.c.person_id == person_id,
        reminders.c.guide_id == guide_id,
        reminders.c.status == "pending",
    )
    await conn.execute(update(reminders).where(*pending).values(status="cancelled", ended_at=now))
    await conn.execute(
        insert(reminders).values(
            person_id=person_id,
            guide_id=guide_id,
            step=step,
            due_at=due_at,
            status="pending",
            created_at=now,
        )
    )


async def lock_due_reminders(conn: AsyncConnection, now: datetime, limit: int) -> list[Reminder]:
    """Reminders that are due, earliest first; another worker doesn't get them meanwhile."""
    query = (
        select(*_COLUMNS)
        .where(reminders.c.status == "pending", reminders.c.due_at <= now)
        .order_by(reminders.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Reminder(*row) for row in await conn.execute(query)]


async def list_pending(conn: AsyncConnection, person_id: int) -> list[Reminder]:
    """What this person will still be reminded of, soonest first."""
    query = (
        select(*_COLUMNS)
        .where(reminders.c.person_id == person_id, reminders.c.status == "pending")
        .order_by(reminders.c.due_at)
    )
    return [Reminder(*row) for row in await conn.execute(query)]


async def end_reminders(
    conn: AsyncConnection, ids: Collection[int], status: str, now: datetime
) -> None:
    """They are "sent", "missed", "unreachable" or "cancelled"."""
    if ids:
        await conn.execute(
            update(reminders).where(reminders.c.id.in_(ids)).values(status=status, ended_at=now)
        )


async def cancel_reminder(
    conn: AsyncConnection, reminder_id: int, person_id: int, now: datetime
) -> bool:
    """Take a promise back; False when it is not this person's, or over."""
    query = (
        update(reminders)
        .where(
            reminders.c.id == reminder_id,
            reminders.c.person_id == person_id,
            reminders.c.status == "pending",
        )
        .values(status="cancelled", ended_at=now)
    )
    return (await conn.execute(query)).rowcount == 1
