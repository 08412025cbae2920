"""Opens the database: SQLite by default, PostgreSQL when the URL says so."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, NullPool, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import Table

from storage.one_hop import connect

BUSY_TIMEOUT_MS = 10_000


def open_engine(url: str) -> AsyncEngine:
    """An engine for `sqlite:///path` or `postgresql://...`; the folder of a file is made.

    SQLite: WAL, one connection (a second only waits for the first, and waits unfairly) and
    BEGIN IMMEDIATE, since a transaction that reads first and writes later loses updates.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_async_engine(
            parsed.set(drivername="postgresql+asyncpg"), pool_size=10, hide_parameters=True
        )
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        parsed.set(drivername="sqlite+aiosqlite"),
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        connect_args={"async_creator_fn": connect},
        # An error that gets into a log must not quote what people wrote.
        hide_parameters=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_immediate)
    return engine


def sqlite_path(url: str | URL) -> Path | None:
    """The file of a SQLite database; None on PostgreSQL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def open_reader(engine: AsyncEngine) -> AsyncEngine:
    """An engine for questions that may take long; never needs to be disposed of.

    On SQLite each connection is new, reads only and holds nobody up; on PostgreSQL it is `engine`.
    """
    path = sqlite_path(engine.url)
    if path is None:
        return engine
    url = f"sqlite+aiosqlite:///file:{quote(str(path.resolve()))}?mode=ro&uri=true"
    return create_async_engine(url, poolclass=NullPool, hide_parameters=True)


def insert_for(conn: AsyncConnection, table: Table) -> Any:
    """The dialect's own INSERT, which alone knows ON CONFLICT."""
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # NORMAL loses nothing on kill -9; after a power cut FULL keeps the last commits too.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_immediate(conn: Any) -> None:
    conn.exec_driver_sql("BEGIN IMMEDIATE")
