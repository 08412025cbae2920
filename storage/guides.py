"""Where readers are in a guide, which guides are read most, and how they are judged."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import guide_opens, guide_progress, guide_ratings

# A guide left for longer than this is begun anew rather than gone on with.
RESUME_WITHIN = timedelta(days=60)
# What counts as "most used".
COUNTED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person has come in a guide; step 0 is before the first one."""

    guide_id: str
    step: int
    ticks: int
    status: str
    updated_at: datetime


_COLUMNS = tuple(guide_progress.c[name] for name in Progress.__slots__)


async def find_progress(conn: AsyncConnection, person_id: int, guide_id: str) -> Progress | None:
    """This person's place in this guide."""
    query = select(*_COLUMNS).where(
        guide_progress.c.person_id == person_id, guide_progress.c.guide_id == guide_id
    )
    row = (await conn.execute(query)).one_or_none()
    return Progress(*row) if row else None


async def find_unfinished(conn: AsyncConnection, person_id: int, now: datetime) -> Progress | None:
    """The guide that this person was in the middle of most recently."""
    query = (
        select(*_COLUMNS)
        .where(
            guide_progress.c.person_id == person_id,
            guide_progress.c.status == "reading",
            guide_progress.c.step > 0,
            guide_progress.c.updated_at > now - RESUME_WITHIN,
        )
        .order_by(guide_progress.c.updated_at.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return Progress(*row) if row else None


async def save_progress(
    conn: AsyncConnection, person_id: int, guide_id: str, now: datetime, **changes: object
) -> None:
    """Keep the step, the ticks or the status; what is not named stays as it was."""
    fresh = {"step": 0, "ticks": 0, "status": "reading"} | changes
    made = insert_for(conn, guide_progress).values(
        person_id=person_id, guide_id=guide_id, updated_at=now, **fresh
    )
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "guide_id"], set_={**changes, "updated_at": now}
        )
    )


async def count_open(conn: AsyncConnection, guide_id: str, day: date) -> None:
    """Somebody opened this guide."""
    made = insert_for(conn, guide_opens).values(guide_id=guide_id, day=day, opens=1)
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["guide_id", "day"], set_={"opens": guide_opens.c.opens + 1}
        )
    )


async def list_opens(conn: AsyncConnection, today: date) -> dict[str, int]:
    """How often each guide was opened lately."""
    query = (
        select(guide_opens.c.guide_id, func.sum(guide_opens.c.opens))
        .where(guide_opens.c.day > today - COUNTED)
        .group_by(guide_opens.c.guide_id)
    )
    return {row[0]: int(row[1]) for row in await conn.execute(query)}


async def add_rating(conn: AsyncConnection, guide_id: str, rating: int, now: datetime) -> None:
    """A reader's judgement, which is nobody's."""
    await conn.execute(insert(guide_ratings).values(guide_id=guide_id, rating=rating, at=now))
