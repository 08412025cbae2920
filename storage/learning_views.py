"""What leaders and officers may see of learning: their team's consenting learners, and numbers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, func, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import enrolments, learners, lesson_results, persons

_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class TeamLearner:
    """Somebody of a team who lets it see how far they are."""

    person_id: int
    display_name: str | None
    course_id: str | None
    done: int
    last_active_at: datetime
    paused_at: datetime | None


async def list_team_learners(conn: AsyncConnection, team_id: int) -> list[TeamLearner]:
    """Learners of a team who agreed to be seen, the longest not seen first; lessons done in all."""
    done = (
        select(func.count())
        .where(
            lesson_results.c.person_id == learners.c.person_id,
            lesson_results.c.done_at.is_not(None),
        )
        .scalar_subquery()
    )
    query = (
        select(
            learners.c.person_id,
            persons.c.display_name,
            learners.c.course_id,
            done,
            learners.c.last_active_at,
            learners.c.paused_at,
        )
        .join(persons, persons.c.id == learners.c.person_id)
        .where(persons.c.team_id == team_id, learners.c.team_may_see.is_(True))
        .order_by(learners.c.last_active_at)
    )
    return [TeamLearner(*row) for row in await conn.execute(query)]


async def count_team_learners(conn: AsyncConnection, team_id: int) -> int:
    """All learners of a team, also those who keep it to themselves."""
    query = (
        select(func.count())
        .select_from(learners)
        .join(persons, persons.c.id == learners.c.person_id)
        .where(persons.c.team_id == team_id)
    )
    return int((await conn.execute(query)).scalar_one())


@dataclass(frozen=True, slots=True)
class WeekCount:
    """Courses started and finished in one week by people of one commune (None = not told)."""

    commune_code: str | None
    week: int
    started: int
    finished: int


async def count_by_week(
    conn: AsyncConnection, first: datetime, *, commune_code: str | None = None
) -> list[WeekCount]:
    """By commune and week since `first`, which begins week 0; of one commune, or all."""
    only = persons.c.commune_code == commune_code if commune_code else None
    started = await _counted(conn, enrolments.c.started_at, first, only)
    finished = await _counted(conn, enrolments.c.finished_at, first, only)
    keys = sorted(started.keys() | finished.keys(), key=lambda key: (key[0] or "", key[1]))
    return [WeekCount(*key, started.get(key, 0), finished.get(key, 0)) for key in keys]


async def _counted(
    conn: AsyncConnection,
    at: ColumnElement[datetime],
    first: datetime,
    only: ColumnElement[bool] | None,
) -> dict[tuple[str | None, int], int]:
    began = round(first.timestamp() * 1_000_000)
    week = (type_coerce(at, BigInteger) - began) // round(_WEEK.total_seconds() * 1_000_000)
    wanted = at >= first if only is None else and_(at >= first, only)
    query = (
        select(persons.c.commune_code, week.label("week"), func.count())
        .select_from(enrolments)
        .join(persons, persons.c.id == enrolments.c.person_id)
        .where(wanted)
        .group_by(persons.c.commune_code, "week")
    )
    return {(code, int(number)): int(count) for code, number, count in await conn.execute(query)}
