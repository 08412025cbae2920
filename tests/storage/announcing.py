"""A town to announce things to, for tests of storage: people, their chats, and how they stand."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.audience import EVERYONE, Audience
from storage.broadcasts import approve, change_draft, confirm, create_draft, submit
from storage.members import Role, add_membership
from storage.schema import broadcast_recipients, broadcasts, chats, persons, teams
from storage.subscriptions import Kind

DAI_LOC, HAI_CHAU = "20500", "20242"
BODY = {"text": "The water is off tomorrow."}


class Town:
    """People on one database."""

    def __init__(self, engine: AsyncEngine, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self._codes = itertools.count(1)

    async def person(
        self,
        *channels: str,
        unit: str | None = DAI_LOC,
        team: int | None = None,
        role: Role | None = None,
    ) -> int:
        """Somebody with a chat on each of these channels, the last one used last."""
        async with self.engine.begin() as conn:
            values = {"created_at": self.now, "commune_code": unit, "team_id": team}
            made = insert(persons).values(values).returning(persons.c.id)
            person = int((await conn.execute(made)).scalar_one())
            for minute, channel in enumerate(channels or ("web",)):
                seen = self.now - timedelta(hours=1) + timedelta(minutes=minute)
                await conn.execute(insert(chats).values(
                    channel=channel, chat_key=f"{channel}-{person}", person_id=person,
                    last_seen_at=seen,
                ))  # fmt: skip
            if role is not None:
                await add_membership(
                    conn, role=role, person_id=person, display_name="x", granted_by=None,
                    team_id=team if role in (Role.LEADER, Role.VOLUNTEER) else None,
                    commune_code=unit if role is Role.WARD_OFFICER else None, now=self.now,
                )  # fmt: skip
        return person

    async def team(self, unit: str = DAI_LOC) -> int:
        """A team of a unit."""
        code = f"{unit}-{next(self._codes)}"
        values = {
            "code": code, "commune_code": unit, "name": code, "folded_name": code,
            "valid_from": self.now,
        }  # fmt: skip
        async with self.engine.begin() as conn:
            made = insert(teams).values(values).returning(teams.c.id)
            return int((await conn.execute(made)).scalar_one())

    async def crowd(self, count: int, channel: str = "telegram") -> None:
        """So many people of Đại Lộc at once, made by the database itself."""
        numbers = (
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"
        )
        at = round(self.now.timestamp() * 1_000_000)
        async with self.engine.begin() as conn:
            await conn.execute(text(
                f"INSERT INTO persons (commune_code, created_at) {numbers}"
                f" SELECT '{DAI_LOC}', {at} FROM n"
            ))  # fmt: skip
            await conn.execute(text(
                "INSERT INTO chats (channel, chat_key, person_id, status, questions, misses,"
                f" last_seen_at) SELECT '{channel}', CAST(7000000 + id AS VARCHAR(20)), id,"
                f" 'active', 0, 0, {at} FROM persons"
            ))  # fmt: skip

    # --- announcing ------------------------------------------------------------------------

    async def draft(
        self,
        author: int,
        *,
        unit: str | None = DAI_LOC,
        team: int | None = None,
        kind: Kind = Kind.NEWS,
        audience: Audience = EVERYONE,
        **more: Any,
    ) -> int:
        async with self.engine.begin() as conn:
            code = f"TB{next(self._codes)}"
            made = await create_draft(
                conn, code=code, kind=kind, author_id=author, commune_code=unit, team_id=team,
                now=self.now,
            )  # fmt: skip
            await change_draft(conn, made, author, text="x", audience=audience, **more)
        return made

    async def announce(self, author: int, **more: Any) -> int:
        """Written and confirmed by an officer of Đại Lộc; returns the announcement's id."""
        made = await self.draft(author, **more)
        async with self.engine.begin() as conn:
            assert await confirm(conn, made, author, BODY, self.now)
        return made

    async def announce_to_all(self, author: int, second: int, **more: Any) -> int:
        """To the whole city, approved by a second officer."""
        made = await self.draft(author, unit=None, **more)
        async with self.engine.begin() as conn:
            assert await submit(conn, made, author, self.now)
            assert await approve(conn, made, second, BODY, self.now)
        return made

    async def ledger(self, broadcast: int) -> list[tuple[int, str, str, str | None]]:
        """(person, channel, status, reason) of each row, by person."""
        columns = broadcast_recipients.c
        query = (
            select(columns.person_id, columns.channel, columns.status, columns.reason)
            .where(columns.broadcast_id == broadcast)
            .order_by(columns.person_id)
        )
        async with self.engine.begin() as conn:
            return [tuple(row) for row in await conn.execute(query)]

    async def recipients(self, broadcast: int) -> list[int]:
        """The persons who will get it."""
        return [row[0] for row in await self.ledger(broadcast) if row[2] == "pending"]

    async def state(self, broadcast: int) -> str:
        query = select(broadcasts.c.status).where(broadcasts.c.id == broadcast)
        async with self.engine.begin() as conn:
            return str((await conn.execute(query)).scalar_one())

    async def leaves(self, *people: int) -> None:
        """They block the bot."""
        async with self.engine.begin() as conn:
            gone = update(chats).where(chats.c.person_id.in_(people))
            await conn.execute(gone.values(status="stopped"))
