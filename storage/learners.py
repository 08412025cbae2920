"""Learners: what they learn, when they want to be reminded, how far they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.learning_schema import course_interest, enrolments, learners, lesson_results, nudges

# How often a course's guides must have been opened before it is offered.
OFFERED_AFTER = 2


@dataclass(frozen=True, slots=True)
class Learner:
    """One person's way of learning; `lesson_id` is the lesson that comes next."""

    person_id: int
    phone: str | None
    days: int
    at_min: int
    in_tet: bool
    team_may_see: bool
    course_id: str | None
    lesson_id: str | None
    next_due_at: datetime | None
    next_kind: str
    last_day: date | None
    nudges: int
    last_active_at: datetime
    asked_pause_at: datetime | None
    paused_at: datetime | None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One person in one course."""

    course_id: str
    status: str
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class LessonResult:
    """One person's lesson: begun, perhaps done, and how many questions were right at once."""

    lesson_id: str
    course_id: str
    started_at: datetime
    done_at: datetime | None
    right: int
    asked: int


_COLUMNS = tuple(learners.c[name] for name in Learner.__slots__)
_ENROLMENT = tuple(enrolments.c[name] for name in Enrolment.__slots__)
_RESULT = tuple(lesson_results.c[name] for name in LessonResult.__slots__)


async def find_learner(conn: AsyncConnection, person_id: int) -> Learner | None:
    """The person as a learner, locked; None for somebody who has begun no course."""
    query = select(*_COLUMNS).where(learners.c.person_id == person_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    return Learner(*row) if row else None


async def save_learner(conn: AsyncConnection, person_id: int, now: datetime, **values: Any) -> None:
    """Keep what is named, and that the person was active now."""
    values |= {"last_active_at": now, "asked_pause_at": None}
    made = insert_for(conn, learners).values(person_id=person_id, **values)
    await conn.execute(
        made.on_conflict_do_update(index_elements=[learners.c.person_id], set_=values)
    )


# --- courses ------------------------------------------------------------------------------


async def enrol(conn: AsyncConnection, person_id: int, course_id: str, now: datetime) -> None:
    """Begin a course, or take it up again; what was done of it stays done."""
    made = insert_for(conn, enrolments).values(
        person_id=person_id, course_id=course_id, status="active", started_at=now
    )
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "course_id"],
            set_={"status": "active"},
            where=enrolments.c.status == "left",
        )
    )


async def end_enrolment(
    conn: AsyncConnection, person_id: int, course_id: str, status: str, now: datetime
) -> bool:
    """The course is "done" or was "left"; False when it was not under way."""
    query = (
        update(enrolments)
        .where(
            enrolments.c.person_id == person_id,
            enrolments.c.course_id == course_id,
            enrolments.c.status == "active",
        )
        .values(status=status, finished_at=now if status == "done" else None)
    )
    return (await conn.execute(query)).rowcount == 1


async def list_enrolments(conn: AsyncConnection, person_id: int) -> list[Enrolment]:
    """All courses that this person ever began, in that order."""
    query = select(*_ENROLMENT).where(enrolments.c.person_id == person_id).order_by(enrolments.c.id)
    return [Enrolment(*row) for row in await conn.execute(query)]


async def list_learning(conn: AsyncConnection, course_id: str) -> list[int]:
    """Everybody who is learning this course now."""
    query = select(enrolments.c.person_id).where(
        enrolments.c.course_id == course_id, enrolments.c.status == "active"
    )
    return list((await conn.execute(query)).scalars())


# --- lessons ------------------------------------------------------------------------------


async def start_lesson(
    conn: AsyncConnection, person_id: int, course_id: str, lesson_id: str, now: datetime
) -> None:
    """The lesson was opened; once done, it stays done."""
    made = insert_for(conn, lesson_results).values(
        person_id=person_id, lesson_id=lesson_id, course_id=course_id, started_at=now
    )
    await conn.execute(made.on_conflict_do_nothing())


async def finish_lesson(
    conn: AsyncConnection, person_id: int, lesson_id: str, now: datetime, *, right: int, asked: int
) -> None:
    """The lesson is done; done again, the newer result counts."""
    await conn.execute(
        update(lesson_results)
        .where(lesson_results.c.person_id == person_id, lesson_results.c.lesson_id == lesson_id)
        .values(done_at=now, right=right, asked=asked)
    )


async def list_results(
    conn: AsyncConnection, person_id: int, course_id: str | None = None
) -> list[LessonResult]:
    """The lessons that this person has begun, of one course or all."""
    query = select(*_RESULT).where(lesson_results.c.person_id == person_id)
    if course_id is not None:
        query = query.where(lesson_results.c.course_id == course_id)
    rows = await conn.execute(query.order_by(lesson_results.c.lesson_id))
    return [LessonResult(*row) for row in rows]


# --- interest -----------------------------------------------------------------------------


async def note_interest(
    conn: AsyncConnection, person_id: int, course_ids: Collection[str], now: datetime
) -> str | None:
    """A guide was opened that these courses are about; returns the course to offer now, if any.

    A course is offered once, and never to somebody who has begun it.
    """
    offered: str | None = None
    for course_id in course_ids:
        made = insert_for(conn, course_interest).values(
            person_id=person_id, course_id=course_id, opens=1
        )
        counted = made.on_conflict_do_update(
            index_elements=["person_id", "course_id"], set_={"opens": course_interest.c.opens + 1}
        ).returning(course_interest.c.opens, course_interest.c.offered_at)
        opens, offered_at = (await conn.execute(counted)).one()
        if offered is None and offered_at is None and opens >= OFFERED_AFTER:
            offered = course_id
    if offered is None or await _has_begun(conn, person_id, offered):
        return None
    this = (course_interest.c.person_id == person_id, course_interest.c.course_id == offered)
    await conn.execute(update(course_interest).where(*this).values(offered_at=now))
    return offered


async def _has_begun(conn: AsyncConnection, person_id: int, course_id: str) -> bool:
    query = select(1).where(
        enrolments.c.person_id == person_id, enrolments.c.course_id == course_id
    )
    return (await conn.execute(query)).one_or_none() is not None


# --- messages that are due ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of learners after a due time was dealt with; in a wave alike for thousands."""

    next_due_at: datetime | None
    next_kind: str
    # The local day of a message that was not asked for.
    day: date | None = None
    sent: bool = False
    asked_pause: bool = False
    paused: bool = False


async def lock_due_learners(conn: AsyncConnection, now: datetime, limit: int) -> list[Learner]:
    """Learners whose time has come, earliest first; another worker doesn't get them meanwhile."""
    query = (
        select(*_COLUMNS)
        .where(learners.c.next_due_at <= now)
        .order_by(learners.c.next_due_at, learners.c.person_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [Learner(*row) for row in await conn.execute(query)]


async def advance(
    conn: AsyncConnection, person_ids: Collection[int], change: Change, now: datetime
) -> None:
    """Write what is due next for these."""
    values: dict[Any, Any] = {"next_due_at": change.next_due_at, "next_kind": change.next_kind}
    if change.day is not None:
        values["last_day"] = change.day
    if change.sent:
        values["nudges"] = learners.c.nudges + 1
    if change.asked_pause:
        values["asked_pause_at"] = now
    if change.paused:
        values["paused_at"] = now
    these = learners.c.person_id.in_(person_ids)
    await conn.execute(update(learners).where(these).values(values))


async def add_nudges(
    conn: AsyncConnection,
    person_ids: Collection[int],
    now: datetime,
    *,
    kind: str,
    status: str,
    due_at: datetime | None = None,
    day: date | None = None,
) -> None:
    """Write a line of the ledger for each, about the lesson and the time that are due now.

    `due_at`: an earlier time that was missed. `day`: when there may be no other message. Raises
    IntegrityError rather than a second one on a day.
    """
    columns = nudges.c
    source = select(
        learners.c.person_id,
        literal(kind, columns.kind.type),
        learners.c.lesson_id,
        learners.c.next_due_at if due_at is None else literal(due_at, columns.due_at.type),
        literal(status, columns.status.type),
        literal(day, columns.day.type),
        literal(now, columns.at.type),
    ).where(learners.c.person_id.in_(person_ids))
    names = ("person_id", "kind", "lesson_id", "due_at", "status", "day", "at")
    await conn.execute(insert(nudges).from_select(names, source))


async def forget_nudges(conn: AsyncConnection, before: datetime) -> None:
    """Drop lines that nobody asks about any more."""
    await conn.execute(delete(nudges).where(nudges.c.at < before))
