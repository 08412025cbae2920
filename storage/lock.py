"""One bot a SQLite file: who runs on it holds a lock, which ends with the process in any case."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class InUse(Exception):
    """Somebody else runs on this database; the message says who and what to do."""


@contextmanager
def hold(database: Path | None) -> Iterator[None]:
    """Hold the file until the block ends; None (PostgreSQL) may have many users. Raises InUse."""
    if database is None:
        yield
        return
    # Never removed: whoever removes a lock file lets a third one in.
    path = database.resolve().with_name(database.resolve().name + ".lock")
    with _open(path) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(lock.fileno(), 20, 0).decode() or "?"
            raise InUse(f"{database} is in use by the process {holder}; stop that first") from None
        os.ftruncate(lock.fileno(), 0)
        os.pwrite(lock.fileno(), str(os.getpid()).encode(), 0)
        yield


def _open(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return open(path, "a+b")
    except OSError as error:
        raise InUse(f"can't lock {path} ({error.strerror})") from error
