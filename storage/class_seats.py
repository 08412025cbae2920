"""Who comes to a meeting: seats are never given twice, and those who wait move up in order."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.classes import MEETING_COLUMNS, Meeting, MeetingStatus, lock_meeting, read_meeting
from storage.engine import insert_for
from storage.schema import class_meetings, class_signups, persons


class Seat(StrEnum):
    """How somebody stands to a meeting."""

    SIGNED = "signed"
    WAITING = "waiting"
    SKIPPED = "skipped"  # not this date, but the next ones of a weekly class
    LEFT = "left"
    WALK_IN = "walk_in"  # came without having signed up


COMING = (Seat.SIGNED, Seat.WAITING)


@dataclass(frozen=True, slots=True)
class Signup:
    """One person's place; `name` is None for who never told one."""

    id: int
    person_id: int | None
    name: str | None
    status: Seat
    came_at: datetime | None
    rating: int | None


_COLUMNS = (
    class_signups.c.id,
    class_signups.c.person_id,
    persons.c.display_name,
    class_signups.c.status,
    class_signups.c.came_at,
    class_signups.c.rating,
)


def _signup(row: Any) -> Signup:
    return Signup(row[0], row[1], row[2], Seat(row[3]), *row[4:])


async def sign_up(
    conn: AsyncConnection, meeting_id: int, person_id: int, now: datetime
) -> Seat | None:
    """Give a seat, or a place in the line when all are taken; None when it is too late.

    The meeting is locked first, so that of many who press at once each is counted.
    Having signed up already, one keeps the place that one has.
    """
    meeting = await lock_meeting(conn, meeting_id)
    if meeting is None or meeting.status != MeetingStatus.PLANNED or meeting.ends_at <= now:
        return None
    mine = await find_seat(conn, meeting_id, person_id)
    if mine in COMING:
        return mine
    free = meeting.seats > await count_signed(conn, meeting_id)
    seat = Seat.SIGNED if free else Seat.WAITING
    await _set_seat(conn, meeting_id, person_id, seat, now)
    return seat


async def _set_seat(
    conn: AsyncConnection, meeting_id: int, person_id: int, seat: Seat, now: datetime
) -> None:
    values = {"status": seat, "queued_at": now}
    made = insert_for(conn, class_signups).values(
        meeting_id=meeting_id, person_id=person_id, **values
    )
    await conn.execute(
        made.on_conflict_do_update(index_elements=["meeting_id", "person_id"], set_=values)
    )


async def find_seat(conn: AsyncConnection, meeting_id: int, person_id: int) -> Seat | None:
    """How this person stands to this meeting; None when they never signed up."""
    query = select(class_signups.c.status).where(
        class_signups.c.meeting_id == meeting_id, class_signups.c.person_id == person_id
    )
    found = (await conn.execute(query)).scalar_one_or_none()
    return Seat(found) if found else None


async def count_signed(conn: AsyncConnection, meeting_id: int) -> int:
    """Seats that are taken."""
    query = select(func.count()).where(
        class_signups.c.meeting_id == meeting_id, class_signups.c.status == Seat.SIGNED
    )
    return int((await conn.execute(query)).scalar_one())


async def step_out(
    conn: AsyncConnection, meeting_id: int, person_id: int, seat: Seat
) -> list[int] | None:
    """Give a place back, as `seat` LEFT or SKIPPED; returns who moved up for it.

    None when this person had no place.
    """
    meeting = await lock_meeting(conn, meeting_id)
    query = (
        update(class_signups)
        .where(
            class_signups.c.meeting_id == meeting_id,
            class_signups.c.person_id == person_id,
            class_signups.c.status.in_(COMING),
        )
        .values(status=seat)
        .returning(class_signups.c.id)
    )
    if meeting is None or (await conn.execute(query)).one_or_none() is None:
        return None
    return await move_up(conn, meeting)


async def move_up(conn: AsyncConnection, meeting: Meeting) -> list[int]:
    """Give free seats to those who have waited longest; returns whom. `meeting` is locked."""
    free = meeting.seats - await count_signed(conn, meeting.id)
    if free <= 0 or meeting.status != MeetingStatus.PLANNED:
        return []
    first = (
        select(class_signups.c.id, class_signups.c.person_id)
        .where(class_signups.c.meeting_id == meeting.id, class_signups.c.status == Seat.WAITING)
        .order_by(class_signups.c.queued_at, class_signups.c.id)
        .limit(free)
    )
    rows = (await conn.execute(first)).all()
    await conn.execute(
        update(class_signups)
        .where(class_signups.c.id.in_([row[0] for row in rows]))
        .values(status=Seat.SIGNED)
    )
    return [row[1] for row in rows]


async def list_signups(
    conn: AsyncConnection, meeting_id: int, seats: Collection[Seat]
) -> list[Signup]:
    """Who stands so to a meeting, in the order in which they came into the line."""
    query = (
        select(*_COLUMNS)
        .join(persons, persons.c.id == class_signups.c.person_id, isouter=True)
        .where(class_signups.c.meeting_id == meeting_id, class_signups.c.status.in_(seats))
        .order_by(class_signups.c.queued_at, class_signups.c.id)
    )
    return [_signup(row) for row in await conn.execute(query)]


async def list_coming(conn: AsyncConnection, meeting_id: int) -> tuple[list[int], list[int]]:
    """The persons with a seat, and those who wait for one."""
    found = await list_signups(conn, meeting_id, COMING)
    known = [(s.status, s.person_id) for s in found if s.person_id is not None]
    signed = [person for status, person in known if status is Seat.SIGNED]
    return signed, [person for status, person in known if status is Seat.WAITING]


async def carry_over(conn: AsyncConnection, old: Meeting, new: Meeting, now: datetime) -> None:
    """Whoever came along so far has a place at the next date too; those who left have none."""
    rank = case((class_signups.c.status == Seat.WAITING, 1), else_=0)
    query = (
        select(class_signups.c.person_id)
        .where(
            class_signups.c.meeting_id == old.id,
            class_signups.c.person_id.is_not(None),
            class_signups.c.status.in_((Seat.SIGNED, Seat.SKIPPED, Seat.WAITING)),
        )
        .order_by(rank, class_signups.c.queued_at, class_signups.c.id)
    )
    people: Sequence[int] = (await conn.execute(query)).scalars().all()
    rows = [
        {
            "meeting_id": new.id,
            "person_id": person_id,
            "status": Seat.SIGNED if number < new.seats else Seat.WAITING,
            "queued_at": now,
        }
        for number, person_id in enumerate(people)
    ]
    if rows:
        await conn.execute(insert(class_signups), rows)


async def list_of_person(
    conn: AsyncConnection, person_id: int, now: datetime, limit: int
) -> list[tuple[Meeting, Seat]]:
    """The meetings to come for which this person has a place or waits for one, soonest first."""
    query = (
        select(class_signups.c.status, *MEETING_COLUMNS)
        .join(class_meetings, class_meetings.c.id == class_signups.c.meeting_id)
        .where(
            class_signups.c.person_id == person_id,
            class_signups.c.status.in_(COMING),
            class_meetings.c.status == MeetingStatus.PLANNED,
        )
        .order_by(class_meetings.c.starts_at, class_meetings.c.id)
        .limit(limit)
    )
    rows = (await conn.execute(query)).all()
    return [
        (meeting, Seat(row[0])) for row in rows if (meeting := read_meeting(row[1:])).ends_at > now
    ]
