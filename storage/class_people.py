"""Whom to invite to a class, who declined or wants no invitations, and leaders to be reminded."""

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.class_seats import COMING
from storage.classes import MEETING_COLUMNS, Audience, Meeting, MeetingStatus, Plan, read_meeting
from storage.engine import insert_for
from storage.members import LEADING
from storage.schema import (
    chats,
    class_invites,
    class_meetings,
    class_quiet,
    class_signups,
    class_suggestions,
    enrolments,
    memberships,
    persons,
)


def learners_of(course_id: str) -> Select[tuple[int]]:
    """The persons who learn this course now."""
    return select(enrolments.c.person_id).where(
        enrolments.c.course_id == course_id, enrolments.c.status == "active"
    )


def _has_chat() -> ColumnElement[bool]:
    return exists().where(chats.c.person_id == persons.c.id, chats.c.status == "active")


def _belongs(meeting: Meeting | Plan) -> ColumnElement[bool]:
    """Whether a person is of those for whom a class is held."""
    if meeting.audience is Audience.TEAM and meeting.team_id is not None:
        return persons.c.team_id == meeting.team_id
    in_commune = persons.c.commune_code == meeting.commune_code
    if meeting.audience is Audience.COURSE and meeting.course_id:
        return and_(in_commune, persons.c.id.in_(learners_of(meeting.course_id)))
    return in_commune


async def count_audience(conn: AsyncConnection, plan: Plan) -> int:
    """How many residents a class would be for, as far as they can be written to."""
    query = select(func.count()).where(
        _belongs(plan), persons.c.consent_version.is_not(None), _has_chat()
    )
    return int((await conn.execute(query.select_from(persons))).scalar_one())


async def list_uninvited(conn: AsyncConnection, meeting: Meeting, limit: int) -> list[int]:
    """Persons to be invited now: nobody twice for one class, and nobody who said stop."""
    asked = exists().where(
        class_invites.c.class_id == meeting.class_id, class_invites.c.person_id == persons.c.id
    )
    comes = exists().where(
        class_signups.c.meeting_id == meeting.id, class_signups.c.person_id == persons.c.id
    )
    quiet = exists().where(class_quiet.c.person_id == persons.c.id)
    query = (
        select(persons.c.id)
        .where(_belongs(meeting), persons.c.consent_version.is_not(None), _has_chat())
        .where(~asked, ~comes, ~quiet)
        .order_by(persons.c.id)
        .limit(limit)
    )
    if meeting.made_by is not None:
        query = query.where(persons.c.id != meeting.made_by)
    return list((await conn.execute(query)).scalars())


async def add_invites(
    conn: AsyncConnection, class_id: int, person_ids: Collection[int], now: datetime
) -> None:
    """Remember that these were invited."""
    rows = [{"class_id": class_id, "person_id": p, "invited_at": now} for p in person_ids]
    if rows:
        await conn.execute(insert_for(conn, class_invites).on_conflict_do_nothing(), rows)


async def decline(conn: AsyncConnection, class_id: int, person_id: int, now: datetime) -> None:
    """This person can't come; they are never asked for this class again."""
    made = insert_for(conn, class_invites).values(
        class_id=class_id, person_id=person_id, invited_at=now, declined_at=now
    )
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["class_id", "person_id"], set_={"declined_at": now}
        )
    )


async def stop_invitations(conn: AsyncConnection, person_id: int, now: datetime) -> None:
    """This person is invited to no class any more."""
    made = insert_for(conn, class_quiet).values(person_id=person_id, since=now)
    await conn.execute(made.on_conflict_do_nothing())


async def resume_invitations(conn: AsyncConnection, person_id: int) -> None:
    """This person may be invited again."""
    await conn.execute(delete(class_quiet).where(class_quiet.c.person_id == person_id))


async def wants_no_invitations(conn: AsyncConnection, person_id: int) -> bool:
    query = select(exists().where(class_quiet.c.person_id == person_id))
    return bool((await conn.execute(query)).scalar_one())


async def list_joinable(
    conn: AsyncConnection, person_id: int, now: datetime, limit: int
) -> list[Meeting]:
    """Classes of one's own team or commune to which one has not signed up, soonest first."""
    comes = exists().where(
        class_signups.c.meeting_id == class_meetings.c.id,
        class_signups.c.person_id == person_id,
        class_signups.c.status.in_(COMING),
    )
    of_team = and_(
        class_meetings.c.audience == Audience.TEAM, class_meetings.c.team_id == persons.c.team_id
    )
    of_commune = and_(
        class_meetings.c.audience != Audience.TEAM,
        class_meetings.c.commune_code == persons.c.commune_code,
    )
    query = (
        select(*MEETING_COLUMNS)
        .join(persons, of_team | of_commune)
        .where(
            persons.c.id == person_id,
            class_meetings.c.status == MeetingStatus.PLANNED,
            class_meetings.c.starts_at > now,
            ~comes,
        )
        .order_by(class_meetings.c.starts_at, class_meetings.c.id)
        .limit(limit)
    )
    return [read_meeting(row) for row in await conn.execute(query)]


async def list_unreminded_leaders(conn: AsyncConnection, day: date, limit: int) -> list[int]:
    """Leaders and deputies to whom a class on this day has not been suggested."""
    told = exists().where(
        class_suggestions.c.person_id == memberships.c.person_id, class_suggestions.c.day == day
    )
    query = (
        select(memberships.c.person_id)
        .where(
            memberships.c.role.in_(LEADING),
            memberships.c.removed_at.is_(None),
            memberships.c.person_id.is_not(None),
            ~told,
        )
        .distinct()
        .order_by(memberships.c.person_id)
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def add_suggestions(
    conn: AsyncConnection, day: date, person_ids: Collection[int]
) -> set[int]:
    """Remember that it was suggested; returns those to whom it had not been before.

    Of two workers at once, each person falls to one.
    """
    made = (
        insert_for(conn, class_suggestions)
        .values([{"person_id": person_id, "day": day} for person_id in person_ids])
        .on_conflict_do_nothing()
        .returning(class_suggestions.c.person_id)
    )
    return set((await conn.execute(made)).scalars()) if person_ids else set()
