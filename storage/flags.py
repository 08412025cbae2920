"""Steps of guides that members have found to be wrong, until an officer has answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import guide_flags


@dataclass(frozen=True, slots=True)
class Flag:
    """Somebody says that a step is wrong."""

    id: int
    guide_id: str
    step: int
    reason: str
    person_id: int | None
    status: str
    created_at: datetime


_COLUMNS = tuple(guide_flags.c[name] for name in Flag.__slots__)


async def add_flag(
    conn: AsyncConnection, guide_id: str, step: int, reason: str, person_id: int, now: datetime
) -> Flag:
    made = insert(guide_flags).values(
        guide_id=guide_id,
        step=step,
        reason=reason,
        person_id=person_id,
        status="open",
        created_at=now,
    )
    return Flag(*(await conn.execute(made.returning(*_COLUMNS))).one())


async def find_flag(conn: AsyncConnection, flag_id: int) -> Flag | None:
    """The flag, or None: buttons may name anything."""
    row = (await conn.execute(select(*_COLUMNS).where(guide_flags.c.id == flag_id))).one_or_none()
    return Flag(*row) if row else None


async def list_open_flags(conn: AsyncConnection) -> list[Flag]:
    """What no officer has answered yet, oldest first."""
    query = select(*_COLUMNS).where(guide_flags.c.status == "open").order_by(guide_flags.c.id)
    return [Flag(*row) for row in await conn.execute(query)]


async def answer_flag(
    conn: AsyncConnection, flag_id: int, status: str, officer_id: int, now: datetime
) -> Flag | None:
    """Close a flag as "mended" or "kept"; None when another officer was first."""
    query = (
        update(guide_flags)
        .where(guide_flags.c.id == flag_id, guide_flags.c.status == "open")
        .values(status=status, answered_by=officer_id, answered_at=now)
        .returning(*_COLUMNS)
    )
    row = (await conn.execute(query)).one_or_none()
    return Flag(*row) if row else None
