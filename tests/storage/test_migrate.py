"""Migrations and schema say the same."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import open_engine
from storage.migrate import is_current, migrate
from storage.schema import metadata


async def test_the_migrations_lead_to_the_schema(engine: AsyncEngine) -> None:
    def compare(conn: Connection) -> list[object]:
        context = MigrationContext.configure(conn, opts={"compare_type": False})
        return list(compare_metadata(context, metadata))

    async with engine.begin() as conn:
        assert await conn.run_sync(compare) == []


async def test_migrating_twice_changes_nothing(engine: AsyncEngine) -> None:
    await migrate(engine)

    assert await is_current(engine)


async def test_an_empty_file_is_not_current(tmp_path: object) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/new.db")

    assert not await is_current(engine)
    await engine.dispose()
