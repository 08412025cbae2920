"""Meetings of classes: what is held, where and when, until it is over or cancelled."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.types import Place
from storage.schema import class_meetings


class Audience(StrEnum):
    """Whose residents are invited."""

    TEAM = "team"
    COMMUNE = "commune"
    COURSE = "course"  # those in the commune who learn the course


class MeetingStatus(StrEnum):
    PLANNED = "planned"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a host decides. `team_id` is None for a class of the whole commune."""

    team_id: int | None
    commune_code: str
    audience: Audience
    course_id: str | None
    topic: str
    venue: str
    place: Place | None
    seats: int
    minutes: int
    weekly: bool
    starts_at: datetime

    @property
    def every_week(self) -> bool:
        """Whether its time is the one of all weeks."""
        return self.weekly

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Meeting:
    """One date of a class. `class_id` is the same for all dates of a weekly one."""

    id: int
    first_id: int | None
    team_id: int | None
    commune_code: str
    audience: Audience
    course_id: str | None
    topic: str
    venue: str
    lat: float | None
    lon: float | None
    seats: int
    minutes: int
    weekly: bool
    slot_at: datetime
    starts_at: datetime
    status: MeetingStatus
    changes: int
    wall_code: str
    file_key: str
    made_by: int | None

    @property
    def class_id(self) -> int:
        return self.first_id or self.id

    @property
    def every_week(self) -> bool:
        """Whether its time is the one of all weeks, not that of a single date that was moved."""
        return self.weekly and self.slot_at == self.starts_at

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def place(self) -> Place | None:
        """Where on the map, when somebody has shown it."""
        return Place(self.lat, self.lon) if self.lat is not None and self.lon is not None else None


MEETING_COLUMNS = tuple(class_meetings.c[name] for name in Meeting.__slots__)


def read_meeting(row: Any) -> Meeting:
    """A row of MEETING_COLUMNS."""
    values = dict(zip(Meeting.__slots__, row, strict=True))
    values |= {
        "audience": Audience(values["audience"]),
        "status": MeetingStatus(values["status"]),
    }
    return Meeting(**values)


async def add_meeting(
    conn: AsyncConnection,
    plan: Plan,
    *,
    made_by: int | None,
    wall_code: str,
    file_key: str,
    now: datetime,
) -> Meeting:
    """Keep a new class by its first meeting."""
    values = {
        "team_id": plan.team_id,
        "commune_code": plan.commune_code,
        "audience": plan.audience,
        "course_id": plan.course_id,
        "topic": plan.topic,
        "venue": plan.venue,
        "lat": plan.place.lat if plan.place else None,
        "lon": plan.place.lon if plan.place else None,
        "seats": plan.seats,
        "minutes": plan.minutes,
        "weekly": plan.weekly,
        "slot_at": plan.starts_at,
        "starts_at": plan.starts_at,
    }
    return await _insert(conn, values, made_by, wall_code, file_key, now)


async def add_next(
    conn: AsyncConnection,
    meeting: Meeting,
    *,
    slot_at: datetime,
    wall_code: str,
    file_key: str,
    now: datetime,
) -> Meeting:
    """Keep the next meeting of a weekly class, like this one but at another time."""
    same = (
        "team_id", "commune_code", "audience", "course_id", "topic", "venue", "lat", "lon",
        "seats", "minutes", "weekly",
    )  # fmt: skip
    values = {name: getattr(meeting, name) for name in same}
    values |= {"first_id": meeting.class_id, "slot_at": slot_at, "starts_at": slot_at}
    return await _insert(conn, values, meeting.made_by, wall_code, file_key, now)


async def _insert(
    conn: AsyncConnection,
    values: dict[str, Any],
    made_by: int | None,
    wall_code: str,
    file_key: str,
    now: datetime,
) -> Meeting:
    values |= {
        "status": MeetingStatus.PLANNED,
        "wall_code": wall_code,
        "file_key": file_key,
        "made_by": made_by,
        "created_at": now,
    }
    query = insert(class_meetings).values(values).returning(*MEETING_COLUMNS)
    return read_meeting((await conn.execute(query)).one())


async def find_meeting(conn: AsyncConnection, meeting_id: int) -> Meeting | None:
    """The meeting, planned or over; None when there never was one: buttons may name anything."""
    query = select(*MEETING_COLUMNS).where(class_meetings.c.id == meeting_id)
    row = (await conn.execute(query)).one_or_none()
    return read_meeting(row) if row else None


async def find_current(conn: AsyncConnection, class_id: int) -> Meeting | None:
    """The date of a class that is planned now; None when it has none any more."""
    of_class = or_(class_meetings.c.id == class_id, class_meetings.c.first_id == class_id)
    query = (
        select(*MEETING_COLUMNS)
        .where(of_class, class_meetings.c.status == MeetingStatus.PLANNED)
        .order_by(class_meetings.c.starts_at)
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return read_meeting(row) if row else None


async def lock_meeting(conn: AsyncConnection, meeting_id: int) -> Meeting | None:
    """The same, and until the commit nobody else gives away its seats."""
    query = select(*MEETING_COLUMNS).where(class_meetings.c.id == meeting_id)
    row = (await conn.execute(query.with_for_update(key_share=True))).one_or_none()
    return read_meeting(row) if row else None


async def list_hosted(
    conn: AsyncConnection,
    *,
    team_ids: Collection[int],
    commune_codes: Collection[str],
    after: datetime,
    limit: int,
) -> list[Meeting]:
    """What is planned by these teams and wards, or was held after this time; soonest first."""
    own = or_(
        class_meetings.c.team_id.in_(list(team_ids)),
        class_meetings.c.team_id.is_(None) & class_meetings.c.commune_code.in_(list(commune_codes)),
    )
    query = (
        select(*MEETING_COLUMNS)
        .where(own, class_meetings.c.status != MeetingStatus.CANCELLED)
        .where(class_meetings.c.starts_at > after)
        .order_by(class_meetings.c.starts_at, class_meetings.c.id)
        .limit(limit)
    )
    return [read_meeting(row) for row in await conn.execute(query)]


async def find_last_venue(
    conn: AsyncConnection, team_id: int | None, commune_code: str
) -> tuple[str, Place | None] | None:
    """Where this team (or ward) held its newest class."""
    query = (
        select(*MEETING_COLUMNS)
        .where(class_meetings.c.commune_code == commune_code)
        .where(
            class_meetings.c.team_id == team_id
            if team_id is not None
            else class_meetings.c.team_id.is_(None)
        )
        .order_by(class_meetings.c.id.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    newest = read_meeting(row)
    return newest.venue, newest.place


async def change_meeting(conn: AsyncConnection, meeting_id: int, **values: Any) -> Meeting | None:
    """Change a planned meeting, and count the change; None when it is over or cancelled."""
    query = (
        update(class_meetings)
        .where(class_meetings.c.id == meeting_id, class_meetings.c.status == MeetingStatus.PLANNED)
        .values(changes=class_meetings.c.changes + 1, **values)
        .returning(*MEETING_COLUMNS)
    )
    row = (await conn.execute(query)).one_or_none()
    return read_meeting(row) if row else None


async def end_meeting(
    conn: AsyncConnection, meeting_id: int, status: MeetingStatus
) -> Meeting | None:
    """It is over or cancelled; None when it was so already, so that one caller goes on."""
    return await change_meeting(conn, meeting_id, status=status)


async def list_by_wall_code(conn: AsyncConnection, code: str) -> list[Meeting]:
    """Planned and past meetings on whose wall this code hung; as good as always at most one."""
    query = (
        select(*MEETING_COLUMNS)
        .where(
            class_meetings.c.wall_code == code,
            class_meetings.c.status != MeetingStatus.CANCELLED,
        )
        .order_by(class_meetings.c.id.desc())
        .limit(20)
    )
    return [read_meeting(row) for row in await conn.execute(query)]
