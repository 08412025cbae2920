"""`restore`: put a backup in the place of the SQLite database, while no bot is running."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Settings
from storage.backup import BackupError, copy_beside, put_in_place, remove
from storage.engine import open_engine, sqlite_path
from storage.lock import InUse, hold
from storage.migrate import migrate


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that `backup` wrote")


async def run(args: Namespace, settings: Settings) -> int:
    """1 when nothing was changed; PostgreSQL has its own tools for it."""
    database = sqlite_path(settings.database.url)
    if database is None:
        print("On PostgreSQL use pg_restore.", file=sys.stderr)
        return 1
    try:
        with hold(database):
            kept = await _restore(args.file, database.resolve())
    except (BackupError, InUse, OSError) as error:
        print(f"Nothing was changed: {error}", file=sys.stderr)
        return 1
    print(f"{database} now holds what {args.file} holds.")
    if kept is not None:
        print(f"What was there is kept as {kept}; delete it when you don't need it any more.")
    return 0


async def _restore(file: Path, database: Path) -> Path | None:
    """Everything that can fail is done on a copy: its check, and the migrations."""
    fresh = await asyncio.to_thread(_copy, file, database)
    try:
        engine = open_engine(f"sqlite:///{fresh}")
        await migrate(engine)
        await engine.dispose()
        return await asyncio.to_thread(put_in_place, fresh, database, datetime.now(UTC))
    finally:
        remove(fresh)


def _copy(file: Path, database: Path) -> Path:
    if not file.is_file():
        raise BackupError(f"there is no file {file}")
    if database.exists() and file.samefile(database):
        raise BackupError(f"{file} is the database itself")
    return copy_beside(file, database)
