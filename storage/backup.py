"""Copies of a SQLite database: made while it is in use, checked, and put in its place."""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from storage.lock import InUse
from storage.migrate import list_revisions

BUSY_TIMEOUT_S = 30
SIDECARS = ("-wal", "-shm")


class BackupError(Exception):
    """Why nothing was copied or put back, for the person at the shell."""


def save_copy(database: Path, target: Path, *, overwrite: bool) -> None:
    """Copy the database as it is at one moment; readable by its owner only.

    Works while a bot writes to it, and doesn't hold it up. `target` is there when it is whole, or
    not at all.
    """
    if not database.is_file():
        raise BackupError(f"there is no database {database}")
    if target.exists() and target.samefile(database):
        raise BackupError(f"{target} is the database itself")
    if target.is_dir():
        raise BackupError(f"{target} is a folder; name a file")
    if target.exists() and not overwrite:
        raise BackupError(f"{target} exists; add --force to replace it")
    fresh = copy_beside(database, target)
    os.replace(fresh, target)
    _sync_folder(target.parent)


def copy_beside(source: Path, target: Path) -> Path:
    """A whole and checked copy under a temporary name in the folder of `target`."""
    fresh = _new_file(target)
    try:
        _copy(source, fresh)
    except sqlite3.Error as error:
        remove(fresh)
        raise BackupError(f"{source} can't be copied: {error}") from error
    except BaseException:
        remove(fresh)
        raise
    return fresh


def _new_file(target: Path) -> Path:
    try:
        number, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)  # mode 600
    except OSError as error:
        raise BackupError(f"can't write to {target.parent} ({error.strerror})") from error
    os.close(number)
    return Path(name)


def _copy(source: Path, fresh: Path) -> None:
    with closing(_open(source, "ro")) as origin, closing(_open(fresh, "rw")) as copy:
        origin.backup(copy)
        # A copy in WAL mode would want two more files beside it wherever it is looked at.
        copy.execute("PRAGMA journal_mode=DELETE")
        _check(copy, source)
    with open(fresh, "rb+") as file:
        os.fsync(file)


def _check(copy: sqlite3.Connection, source: Path) -> None:
    found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{source} is damaged: {found}")
    try:
        row = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        row = None
    if row is None:
        raise BackupError(f"{source} is no database of Ngõ Số")
    if row[0] not in list_revisions():
        raise BackupError(f"{source} was written by a newer version of Ngõ Số ({row[0]})")


def put_in_place(fresh: Path, database: Path, now: datetime) -> Path | None:
    """Make `fresh` the database; returns where the replaced one is kept, None if there was none.

    Call it while holding the lock. At no moment is there no database: a bot that started then
    would begin with an empty one.
    """
    kept = None
    if database.exists():
        _fold(database)
        kept = database.with_name(f"{database.name}.replaced-{now:%Y%m%d-%H%M%S}")
        if kept.exists():
            raise BackupError(f"{kept} exists already; try again in a second")
        _take_after(fresh, database)
        _keep(database, kept)
    os.replace(fresh, database)
    _sync_folder(database.parent)
    return kept


def _fold(database: Path) -> None:
    """Take the WAL into the file. A damaged database stays as it is: it may be why we are here."""
    try:
        with closing(_open(database, "rw", timeout_s=0)) as conn:
            mode = conn.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite3.OperationalError as error:
        mode = "wal" if "locked" in str(error) else ""
    except sqlite3.DatabaseError:
        return
    if mode == "wal":
        raise InUse(f"{database} is open in another process; end that first")


def _take_after(fresh: Path, database: Path) -> None:
    """Whoever could open the old one can open the new one, even when root restores."""
    old = database.stat()
    with contextlib.suppress(PermissionError):
        os.chown(fresh, old.st_uid, old.st_gid)
    fresh.chmod(old.st_mode & 0o777)


def _keep(database: Path, kept: Path) -> None:
    try:
        os.link(database, kept)
    except OSError:
        shutil.copy2(database, kept)  # some file systems know no links
    for suffix in SIDECARS:
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{database}{suffix}", f"{kept}{suffix}")


def remove(fresh: Path) -> None:
    """Take away a temporary copy and what SQLite put beside it."""
    for suffix in ("", "-journal", *SIDECARS):
        Path(f"{fresh}{suffix}").unlink(missing_ok=True)


def _open(path: Path, mode: str, timeout_s: float = BUSY_TIMEOUT_S) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path.resolve()))}?mode={mode}", uri=True, timeout=timeout_s
    )


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
