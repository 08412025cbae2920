"""Learners: what they learn, when they want to be reminded, how far they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
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
class Nudge:
    """One line of the ledger of lesson messages; `day` None = asked for, or not sent."""

    person_id: int
    kind: str
    lesson_id: str | None
    due_at: datetime
    status: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a learner's row becomes after a due time was dealt with."""

    person_id: int
    next_due_at: datetime | None
    next_kind: str
    last_day: date | None
    nudges: int
    asked_pause_at: datetime | None
    paused_at: datetime | None


_ADVANCE = (
    update(learners)
    .where(learners.c.person_id == bindparam("who"))
    .values(
        {
            learners.c[name]: bindparam(f"new_{name}")
            for name in Change.__slots__
            if name != "person_id"
        }
    )
)
_ADD_NUDGE = insert(nudges)


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


async def advance(conn: AsyncConnection, changes: Collection[Change]) -> None:
    """Write what is due next for each."""
    rows = [
        {
            "who": change.person_id,
            "new_next_due_at": change.next_due_at,
            "new_next_kind": change.next_kind,
            "new_last_day": change.last_day,
            "new_nudges": change.nudges,
            "new_asked_pause_at": change.asked_pause_at,
            "new_paused_at": change.paused_at,
        }
        for change in changes
    ]
    if rows:
        await conn.execute(_ADVANCE, rows)


async def add_nudges(conn: AsyncConnection, entries: Collection[Nudge], now: datetime) -> None:
    """Write lines of the ledger. Raises IntegrityError rather than a second message a day."""
    rows = [
        {
            "person_id": entry.person_id,
            "kind": entry.kind,
            "lesson_id": entry.lesson_id,
            "due_at": entry.due_at,
            "status": entry.status,
            "day": entry.day,
            "at": now,
        }
        for entry in entries
    ]
    if rows:
        await conn.execute(_ADD_NUDGE, rows)


async def forget_nudges(conn: AsyncConnection, before: datetime) -> None:
    """Drop lines that nobody asks about any more."""
    await conn.execute(delete(nudges).where(nudges.c.at < before))
