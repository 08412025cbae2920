"""Questions that were answered wrong, to be asked again when they begin to be forgotten.

A simple spaced repetition after Leitner: a wrong answer comes back after five days at the
earliest (with the next lesson, so within five to seven on a usual schedule); answered right it
comes once more two weeks later, answered right again it is known. Wrong again begins anew.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.learning_schema import reviews

AFTER_WRONG = timedelta(days=5)
AFTER_RIGHT = timedelta(days=14)
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Review:
    """A question of a lesson that this person is to be asked again."""

    id: int
    lesson_id: str
    question: int
    due_at: datetime
    round: int


_COLUMNS = tuple(reviews.c[name] for name in Review.__slots__)


async def add_review(
    conn: AsyncConnection, person_id: int, lesson_id: str, question: int, due_at: datetime
) -> None:
    """Ask this again; asked for already, it begins anew."""
    made = insert_for(conn, reviews).values(
        person_id=person_id, lesson_id=lesson_id, question=question, due_at=due_at, round=0
    )
    await conn.execute(
        made.on_conflict_do_update(
            index_elements=["person_id", "lesson_id", "question"],
            set_={"due_at": due_at, "round": 0},
        )
    )


async def find_due_review(conn: AsyncConnection, person_id: int, now: datetime) -> Review | None:
    """The question that has waited longest."""
    query = (
        select(*_COLUMNS)
        .where(reviews.c.person_id == person_id, reviews.c.due_at <= now)
        .order_by(reviews.c.due_at, reviews.c.id)
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return Review(*row) if row else None


async def find_review(conn: AsyncConnection, person_id: int, review_id: int) -> Review | None:
    """This person's review; None when it is another's or over."""
    query = select(*_COLUMNS).where(reviews.c.id == review_id, reviews.c.person_id == person_id)
    row = (await conn.execute(query)).one_or_none()
    return Review(*row) if row else None


async def settle_review(
    conn: AsyncConnection, review: Review, now: datetime, *, right: bool
) -> None:
    """It was answered: later once more, or not again."""
    this = reviews.c.id == review.id
    if right and review.round + 1 >= ROUNDS:
        await conn.execute(delete(reviews).where(this))
        return
    later = AFTER_RIGHT if right else AFTER_WRONG
    round_now = review.round + 1 if right else 0
    await conn.execute(update(reviews).where(this).values(due_at=now + later, round=round_now))


async def drop_review(conn: AsyncConnection, review_id: int) -> None:
    """Never ask it again."""
    await conn.execute(delete(reviews).where(reviews.c.id == review_id))


async def count_due_reviews(
    conn: AsyncConnection, person_ids: Collection[int], now: datetime
) -> dict[int, int]:
    """How many questions wait for each of these; persons without any are absent."""
    query = (
        select(reviews.c.person_id, func.count())
        .where(reviews.c.person_id.in_(person_ids), reviews.c.due_at <= now)
        .group_by(reviews.c.person_id)
    )
    return {person: int(count) for person, count in await conn.execute(query)}


async def has_reviews(conn: AsyncConnection, person_id: int) -> bool:
    """Whether anything will be asked again, now or later."""
    query = select(select(1).where(reviews.c.person_id == person_id).exists())
    return bool((await conn.execute(query)).scalar_one())
