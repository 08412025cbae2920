"""What is still to be said about a meeting, and when; each thing once, or marked missed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.classes import MEETING_COLUMNS, Meeting, read_meeting
from storage.engine import insert_for
from storage.schema import class_dues, class_meetings


class Due(StrEnum):
    """What is said when its time has come."""

    INVITE = "invite"
    DAY_BEFORE = "day_before"
    HOUR_BEFORE = "hour_before"
    BEGIN = "begin"  # to the host: who is there?
    THANKS = "thanks"  # and a weekly class gets its next date
    SUMMARY = "summary"  # to the host


@dataclass(frozen=True, slots=True)
class DueRow:
    """One thing to say about one meeting."""

    id: int
    kind: Due
    due_at: datetime
    meeting: Meeting


async def plan_dues(conn: AsyncConnection, meeting_id: int, times: Mapping[Due, datetime]) -> None:
    """Say these things at these times, those said before at an earlier date again."""
    for kind, due_at in times.items():
        values = {"due_at": due_at, "status": "pending", "ended_at": None}
        made = insert_for(conn, class_dues).values(meeting_id=meeting_id, kind=kind, **values)
        await conn.execute(
            made.on_conflict_do_update(index_elements=["meeting_id", "kind"], set_=values)
        )


async def cancel_dues(
    conn: AsyncConnection, meeting_id: int, now: datetime, *, but: tuple[Due, ...] = ()
) -> None:
    """Say nothing more about this meeting, except these."""
    await conn.execute(
        update(class_dues)
        .where(
            class_dues.c.meeting_id == meeting_id,
            class_dues.c.status == "pending",
            class_dues.c.kind.not_in(but),
        )
        .values(status="cancelled", ended_at=now)
    )


async def lock_dues(conn: AsyncConnection, now: datetime, limit: int) -> list[DueRow]:
    """What is due, earliest first. Another worker gets neither it nor its meeting meanwhile."""
    query = (
        select(class_dues.c.id, class_dues.c.kind, class_dues.c.due_at, *MEETING_COLUMNS)
        .join(class_meetings, class_meetings.c.id == class_dues.c.meeting_id)
        .where(class_dues.c.status == "pending", class_dues.c.due_at <= now)
        .order_by(class_dues.c.due_at, class_dues.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True, of=[class_dues, class_meetings])
    )
    rows = (await conn.execute(query)).all()
    return [DueRow(row[0], Due(row[1]), row[2], read_meeting(row[3:])) for row in rows]


async def end_due(conn: AsyncConnection, due_id: int, status: str, now: datetime) -> None:
    """It was "sent", or "missed" because it came too late."""
    await conn.execute(
        update(class_dues).where(class_dues.c.id == due_id).values(status=status, ended_at=now)
    )


async def count_dues(conn: AsyncConnection) -> dict[tuple[str, str], int]:
    """How much was said, and how much was missed, by kind and status."""
    columns = (class_dues.c.kind, class_dues.c.status)
    rows = await conn.execute(select(*columns, func.count()).group_by(*columns))
    return {(kind, status): count for kind, status, count in rows}
