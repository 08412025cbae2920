"""What people asked and did not get, kept without saying who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import questions

MAX_SAID = 300


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what was understood, and what the asker made of the answer."""

    id: int
    said: str
    decision: str
    guides: list[str]
    outcome: str


_COLUMNS = tuple(questions.c[name] for name in Question.__slots__)


async def add_question(
    conn: AsyncConnection, said: str, decision: str, guides: Sequence[str], now: datetime
) -> int:
    """Keep a question; `said` must hold nothing that tells who asked."""
    made = insert(questions).values(
        said=said[:MAX_SAID], decision=decision, guides=list(guides), outcome="", at=now
    )
    return int((await conn.execute(made.returning(questions.c.id))).scalar_one())


async def find_question(conn: AsyncConnection, question_id: int) -> Question | None:
    """The question that a button refers to; None once it is forgotten."""
    query = select(*_COLUMNS).where(questions.c.id == question_id)
    row = (await conn.execute(query)).one_or_none()
    return Question(*row) if row else None


async def set_outcome(conn: AsyncConnection, question_id: int, outcome: str) -> None:
    """What the asker made of the answer: "wrong", or the guide that was meant."""
    await conn.execute(
        update(questions).where(questions.c.id == question_id).values(outcome=outcome)
    )


async def list_to_learn_from(conn: AsyncConnection, since: datetime) -> list[Question]:
    """Questions without an answer, and those whose answer was corrected; oldest first."""
    query = select(*_COLUMNS).where(_teaches(), questions.c.at >= since).order_by(questions.c.id)
    return [Question(*row) for row in await conn.execute(query)]


def _teaches() -> ColumnElement[bool]:
    return or_(questions.c.decision == "none", questions.c.outcome != "")


async def forget_questions(
    conn: AsyncConnection, *, answered_before: datetime, all_before: datetime
) -> None:
    """An answer that nobody objected to teaches nothing, so the question goes soon."""
    answered = and_(~_teaches(), questions.c.at < answered_before)
    await conn.execute(delete(questions).where(or_(answered, questions.c.at < all_before)))
