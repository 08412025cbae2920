"""Brings a database up to the schema of this version, and tells whether it is there."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

MIGRATIONS = Path(__file__).parent / "migrations"


async def migrate(engine: AsyncEngine) -> None:
    """Run every migration that this database lacks, in one transaction."""
    async with engine.begin() as conn:
        await conn.run_sync(_with_config(command.upgrade))


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the newest migration has run."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    async with engine.begin() as conn:
        return await conn.run_sync(_revision) == newest


def list_revisions() -> set[str]:
    """Every revision that this version knows how to go on from."""
    return {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _with_config(upgrade: Callable[[Config, str], None]) -> Callable[[Connection], None]:
    def run(conn: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = conn
        upgrade(config, "head")

    return run
