"""Who was there, and how they liked it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.class_seats import Seat
from storage.engine import insert_for
from storage.schema import class_signups


@dataclass(frozen=True, slots=True)
class Figures:
    """A meeting in numbers. `rating` is the mean of 1 to 3, None before the first."""

    signed: int
    waiting: int
    came: int
    ratings: int
    rating: float | None


def _moment(now: datetime) -> ColumnElement[datetime]:
    """The time as the column keeps it, for use within an expression."""
    return literal(now, class_signups.c.came_at.type)


async def count_figures(conn: AsyncConnection, meeting_id: int) -> Figures:
    """How many signed up, wait, came and rated."""
    status = class_signups.c.status
    query = select(
        func.count(case((status == Seat.SIGNED, 1))),
        func.count(case((status == Seat.WAITING, 1))),
        func.count(class_signups.c.came_at),
        func.count(class_signups.c.rating),
        func.avg(class_signups.c.rating),
    ).where(class_signups.c.meeting_id == meeting_id)
    row = (await conn.execute(query)).one()
    mean = float(row[4]) if row[4] is not None else None
    return Figures(row[0], row[1], row[2], row[3], mean)


async def tick(conn: AsyncConnection, signup_id: int, meeting_id: int, now: datetime) -> None:
    """The host says that somebody is there, or takes it back."""
    came = case((class_signups.c.came_at.is_(None), _moment(now)), else_=None)
    await conn.execute(
        update(class_signups)
        .where(class_signups.c.id == signup_id, class_signups.c.meeting_id == meeting_id)
        .values(came_at=came)
    )


async def check_in(conn: AsyncConnection, meeting_id: int, person_id: int, now: datetime) -> None:
    """Somebody read the code on the wall; who had no seat is counted all the same, once."""
    made = insert_for(conn, class_signups).values(
        meeting_id=meeting_id,
        person_id=person_id,
        status=Seat.WALK_IN,
        queued_at=now,
        came_at=now,
    )
    seat = case((class_signups.c.status == Seat.SIGNED, class_signups.c.status), else_=Seat.WALK_IN)
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["meeting_id", "person_id"],
            set_={"came_at": func.coalesce(class_signups.c.came_at, _moment(now)), "status": seat},
        )
    )


async def list_came(conn: AsyncConnection, meeting_id: int) -> list[int]:
    """The persons who were there, as far as anybody noted it."""
    query = select(class_signups.c.person_id).where(
        class_signups.c.meeting_id == meeting_id,
        class_signups.c.person_id.is_not(None),
        class_signups.c.came_at.is_not(None),
    )
    return list((await conn.execute(query.order_by(class_signups.c.id))).scalars())


async def rate(conn: AsyncConnection, meeting_id: int, person_id: int, rating: int) -> bool:
    """One's judgement, 1 to 3; a later one replaces it. False for who had no place there."""
    query = (
        update(class_signups)
        .where(
            class_signups.c.meeting_id == meeting_id,
            class_signups.c.person_id == person_id,
            class_signups.c.status.in_((Seat.SIGNED, Seat.WALK_IN)),
        )
        .values(rating=rating)
        .returning(class_signups.c.id)
    )
    return (await conn.execute(query)).one_or_none() is not None
