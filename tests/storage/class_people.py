"""Persons and a planned class for tests of the tables alone."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.classes import Audience, Meeting, Plan, add_meeting
from storage.schema import chats, persons

COMMUNE = "20500"


async def add_persons(engine: AsyncEngine, number: int, now: datetime, **values: Any) -> list[int]:
    """Residents who agreed to what is kept, each with a chat."""
    fresh = {"created_at": now, "consent_version": "1", "commune_code": COMMUNE} | values
    async with engine.begin() as conn:
        return [await _person(conn, fresh, now) for _number in range(number)]


async def _person(conn: AsyncConnection, values: dict[str, Any], now: datetime) -> int:
    made = await conn.execute(insert(persons).values(values).returning(persons.c.id))
    person_id = int(made.scalar_one())
    await conn.execute(
        insert(chats).values(
            channel="web", chat_key=f"k{person_id}", person_id=person_id, last_seen_at=now
        )
    )
    return person_id


async def add_class(engine: AsyncEngine, now: datetime, **changes: Any) -> Meeting:
    """A class of the whole commune in three days; ten seats."""
    plan = Plan(
        team_id=None,
        commune_code=COMMUNE,
        audience=Audience.COMMUNE,
        course_id=None,
        topic="Zalo",
        venue="UBND",
        place=None,
        seats=10,
        minutes=90,
        weekly=False,
        starts_at=now + timedelta(days=3),
    )
    async with engine.begin() as conn:
        return await add_meeting(
            conn,
            replace(plan, **changes),
            made_by=None,
            wall_code="4K7QA",
            file_key="key",
            now=now,
        )
