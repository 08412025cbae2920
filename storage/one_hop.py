"""aiosqlite with one trip to its thread for a statement, where its own cursor makes four."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import aiosqlite


class OneHopConnection(aiosqlite.Connection):
    """Opening, executing, fetching and closing a cursor happen together, in the thread."""

    def cursor(self) -> "Cursor":  # type: ignore[override]
        return Cursor(self)


class Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses; all rows are there after `execute`."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        await self._in_thread(self._run, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        await self._in_thread(self._run_many, sql, parameters)
        return self

    async def _in_thread(self, work: Callable[..., None], *arguments: Any) -> None:
        # What aiosqlite's own cursor calls; it has no public name.
        await self._connection._execute(work, *arguments)  # type: ignore[no-untyped-call]

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """Was closed in the thread when it had run."""

    def _run(self, sql: str, parameters: Any) -> None:
        self._keep(self._connection._conn.execute(sql, parameters))

    def _run_many(self, sql: str, parameters: Any) -> None:
        self._keep(self._connection._conn.executemany(sql, parameters))

    def _keep(self, cursor: sqlite3.Cursor) -> None:
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        if cursor.description:
            self._rows = cursor.fetchall()
        self.rowcount = cursor.rowcount
        cursor.close()


def connect(database: str, **options: Any) -> OneHopConnection:
    """What SQLAlchemy calls to open a connection."""

    def open_it() -> sqlite3.Connection:
        opened: sqlite3.Connection = sqlite3.connect(database, **options)
        return opened

    return OneHopConnection(open_it, iter_chunk_size=64)
