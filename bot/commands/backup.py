"""`backup`: a copy of the SQLite database, also while the bot is running."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bot.config import Settings
from storage.backup import BackupError, save_copy
from storage.engine import sqlite_path


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="the copy to write")
    parser.add_argument("--force", action="store_true", help="replace FILE if it exists")


async def run(args: Namespace, settings: Settings) -> int:
    """1 when nothing was written; PostgreSQL has its own tools for it."""
    database = sqlite_path(settings.database.url)
    if database is None:
        print("On PostgreSQL use pg_dump, for example pg_dump --format=custom.", file=sys.stderr)
        return 1
    try:
        await asyncio.to_thread(save_copy, database, args.file, overwrite=args.force)
    except (BackupError, OSError) as error:
        print(f"Nothing was written: {error}", file=sys.stderr)
        return 1
    print(f"{args.file} is a whole copy of {database}, personal data included: keep it safe.")
    return 0
