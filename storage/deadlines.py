"""Days on which something of a person's expires, and the reminders before each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import deadlines, reminders


@dataclass(frozen=True, slots=True)
class Deadline:
    """What is to be done by a day; `paper` None = something of the person's own, said in `note`."""

    id: int
    person_id: int
    paper: str | None
    note: str
    on_day: date


_COLUMNS = tuple(deadlines.c[name] for name in Deadline.__slots__)


async def add_deadline(
    conn: AsyncConnection,
    person_id: int,
    *,
    paper: str | None,
    note: str,
    on_day: date,
    remind_at: Sequence[datetime],
    now: datetime,
) -> Deadline:
    """Keep a day and promise to remind of it at these times."""
    made = (
        insert(deadlines)
        .values(person_id=person_id, paper=paper, note=note, on_day=on_day, created_at=now)
        .returning(*_COLUMNS)
    )
    deadline = Deadline(*(await conn.execute(made)).one())
    rows = [
        {
            "person_id": person_id,
            "deadline_id": deadline.id,
            "step": 0,
            "due_at": at,
            "status": "pending",
            "created_at": now,
        }
        for at in remind_at
    ]
    if rows:
        await conn.execute(insert(reminders), rows)
    return deadline


async def list_deadlines(conn: AsyncConnection, person_id: int) -> list[Deadline]:
    """All of a person's, the nearest day first."""
    query = (
        select(*_COLUMNS)
        .where(deadlines.c.person_id == person_id)
        .order_by(deadlines.c.on_day, deadlines.c.id)
    )
    return [Deadline(*row) for row in await conn.execute(query)]


async def find_deadlines(conn: AsyncConnection, ids: Collection[int]) -> dict[int, Deadline]:
    """These, by id."""
    if not ids:
        return {}
    query = select(*_COLUMNS).where(deadlines.c.id.in_(ids))
    return {row[0]: Deadline(*row) for row in await conn.execute(query)}


async def remove_deadline(conn: AsyncConnection, deadline_id: int, person_id: int) -> bool:
    """Forget it and its reminders; False when it is not this person's, or gone."""
    this = (deadlines.c.id == deadline_id) & (deadlines.c.person_id == person_id)
    if (await conn.execute(select(deadlines.c.id).where(this))).one_or_none() is None:
        return False
    await conn.execute(delete(reminders).where(reminders.c.deadline_id == deadline_id))
    await conn.execute(delete(deadlines).where(this))
    return True


async def forget_past(conn: AsyncConnection, before: date) -> None:
    """Drop what is over and needs no reminder any more."""
    over = deadlines.c.on_day < before
    await conn.execute(
        delete(reminders).where(reminders.c.deadline_id.in_(select(deadlines.c.id).where(over)))
    )
    await conn.execute(delete(deadlines).where(over))
