"""SQLite's statements make one trip to its thread, and nothing about them changes by that."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.one_hop import OneHopConnection


async def test_it_is_what_the_bot_uses(sqlite_engine: AsyncEngine) -> None:
    async with sqlite_engine.connect() as conn:
        raw = await conn.get_raw_connection()

        assert isinstance(raw.driver_connection, OneHopConnection)


async def test_rows_counts_and_ids_are_those_of_sqlite(sqlite_engine: AsyncEngine) -> None:
    async with sqlite_engine.begin() as conn:
        await conn.execute(text("create table t (id integer primary key, a text unique)"))
        made = await conn.execute(text("insert into t (a) values ('x') returning id"))
        many = await conn.execute(
            text("insert into t (a) values (:a)"), [{"a": "y"}, {"a": "z"}, {"a": "w"}]
        )
        changed = await conn.execute(text("update t set a = a || '!'"))
        rows = (await conn.execute(text("select a from t order by id"))).all()

    assert made.scalar_one() == 1
    assert (many.rowcount, changed.rowcount) == (3, 4)
    assert [row.a for row in rows] == ["x!", "y!", "z!", "w!"]


async def run(engine: AsyncEngine, *statements: str) -> None:
    async with engine.begin() as conn:
        for statement in statements:
            await conn.execute(text(statement))


async def test_after_an_error_the_connection_goes_on(sqlite_engine: AsyncEngine) -> None:
    async with sqlite_engine.begin() as conn:
        await conn.execute(text("create table t (a text unique)"))
        await conn.execute(text("insert into t values ('x')"))
    with pytest.raises(IntegrityError):
        await run(sqlite_engine, "insert into t values ('y')", "insert into t values ('x')")
    with pytest.raises(OperationalError):
        await run(sqlite_engine, "select nothing")

    async with sqlite_engine.begin() as conn:
        assert (await conn.execute(text("select count(*) from t"))).scalar_one() == 1
