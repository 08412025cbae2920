"""Many learners whose lesson is due at the same minute."""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.texts import LOCAL_ZONE
from storage.learning_schema import learners
from storage.schema import chats, persons

COURSE, LESSON = "may", "may-01"
EVERY_DAY = 0b1111111
A_BATCH = 5000
# Ids of people of the Telegram emulator.
FIRST_ID = 700_000


async def fill_learners(
    engine: AsyncEngine, count: int, due_at: datetime, *, channel: str = "telegram"
) -> None:
    """So many persons, each with a chat and a lesson that is due at this time."""
    local = due_at.astimezone(LOCAL_ZONE)
    for start in range(1, count + 1, A_BATCH):
        ids = range(start, min(start + A_BATCH, count + 1))
        async with engine.begin() as conn:
            await conn.execute(insert(persons), [{"id": i, "created_at": due_at} for i in ids])
            await conn.execute(insert(chats), [_chat(i, channel, due_at) for i in ids])
            rows = [_learner(i, due_at, local.hour * 60 + local.minute) for i in ids]
            await conn.execute(insert(learners), rows)


def _chat(number: int, channel: str, at: datetime) -> dict[str, object]:
    key = str(FIRST_ID + number)
    return {"id": number, "channel": channel, "chat_key": key, "person_id": number,
            "last_seen_at": at}  # fmt: skip


def _learner(number: int, due_at: datetime, at_min: int) -> dict[str, object]:
    return {"person_id": number, "days": EVERY_DAY, "at_min": at_min, "in_tet": True,
            "course_id": COURSE, "lesson_id": LESSON, "next_due_at": due_at,
            "last_active_at": due_at}  # fmt: skip
