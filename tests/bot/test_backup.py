"""Backup and restore on real files, and beside a bot that runs in its own process."""

import sqlite3
import stat
from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path

import pytest

from bot.commands import Command, backup, restore
from bot.config import DatabaseSettings
from tests.running import RunningBot
from tests.world import test_settings


class Shell:
    """Somebody who types commands in a folder with a database, and reads what they print."""

    def __init__(self, folder: Path, screen: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.database = folder / "ngoso.db"
        self.url = f"sqlite:///{self.database}"
        self._screen = screen

    async def types(self, command: Command, name: str, *options: str) -> tuple[int, str]:
        parser = ArgumentParser()
        command.configure(parser)
        args = parser.parse_args([*options, str(self.folder / name)])
        code = await command.run(args, test_settings(database=DatabaseSettings(url=self.url)))
        shown = self._screen.readouterr()
        return code, shown.out + shown.err

    def files(self, pattern: str) -> list[Path]:
        return sorted(self.folder.glob(pattern))

    def spoils(self, name: str, content: bytes, at: int = 0) -> None:
        """Write over a part of a file, or a new file."""
        path = self.folder / name
        with path.open("rb+" if path.exists() else "wb") as file:
            file.seek(at)
            file.write(content)


def write(database: Path, key: str) -> None:
    """Leave a mark in a database by which a copy of it can be known."""
    with closing(sqlite3.connect(database, timeout=30)) as conn, conn:
        conn.execute("INSERT INTO settings_kept (key, value) VALUES (?, 'x')", (key,))


def marks(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as conn:
        rows = conn.execute("SELECT key FROM settings_kept WHERE value = 'x'").fetchall()
    return {key for (key,) in rows}


@pytest.fixture
def empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """A folder with nothing in it."""
    return Shell(tmp_path, capsys)


@pytest.fixture
def shell(empty: Shell, sqlite_template: Path) -> Shell:
    """A folder with a database at rest that holds the mark `before`."""
    empty.spoils("ngoso.db", sqlite_template.read_bytes())
    write(empty.database, "before")
    return empty


# --- backup -------------------------------------------------------------------------------


async def test_a_backup_is_one_file_for_its_owner_only(shell: Shell) -> None:
    code, printed = await shell.types(backup, "copy.db")

    (copy,) = shell.files("*copy.db*")
    assert code == 0, printed
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert marks(copy) == {"before"}


async def test_a_backup_replaces_a_file_only_when_told_to(shell: Shell) -> None:
    write(shell.database, "after")
    shell.spoils("copy.db", b"mine")

    refused = await shell.types(backup, "copy.db")
    forced = await shell.types(backup, "copy.db", "--force")

    assert (refused[0], forced[0]) == (1, 0)
    assert "--force" in refused[1]
    assert marks(shell.folder / "copy.db") == {"before", "after"}


async def test_a_backup_never_replaces_the_database_itself(shell: Shell) -> None:
    code, printed = await shell.types(backup, "ngoso.db", "--force")

    assert (code, marks(shell.database)) == (1, {"before"})
    assert "is the database itself" in printed


async def test_a_backup_of_nothing_makes_nothing(empty: Shell) -> None:
    code, printed = await empty.types(backup, "copy.db")

    assert (code, empty.files("*")) == (1, [])
    assert "there is no database" in printed


async def test_a_backup_into_no_folder_says_so(shell: Shell) -> None:
    code, printed = await shell.types(backup, "nowhere/copy.db")

    assert code == 1
    assert "can't write to" in printed


async def test_a_damaged_database_is_not_passed_off_as_a_backup(shell: Shell) -> None:
    shell.spoils("ngoso.db", b"\xff" * 4096 * 8, at=4096 * 2)

    code, printed = await shell.types(backup, "copy.db")

    assert (code, shell.files("*copy.db*")) == (1, []), printed


# --- restore ------------------------------------------------------------------------------


async def test_restore_brings_back_what_was_and_keeps_what_is(shell: Shell) -> None:
    await shell.types(backup, "copy.db")
    write(shell.database, "after")

    code, printed = await shell.types(restore, "copy.db")

    (kept,) = shell.files("ngoso.db.replaced-*")
    assert code == 0, printed
    assert str(kept) in printed
    assert marks(shell.database) == {"before"}
    assert marks(kept) == {"before", "after"}


async def test_restore_leaves_nothing_else_behind(shell: Shell) -> None:
    await shell.types(backup, "copy.db")

    await shell.types(restore, "copy.db")

    names = [path.name.partition(".replaced-")[0] for path in shell.files("*")]
    assert names == ["copy.db", "ngoso.db", "ngoso.db.lock", "ngoso.db"]


async def test_restore_is_refused_while_anybody_has_the_database_open(shell: Shell) -> None:
    await shell.types(backup, "copy.db")
    write(shell.database, "after")
    with closing(sqlite3.connect(shell.database)) as conn:
        conn.execute("SELECT * FROM settings_kept").fetchall()

        code, printed = await shell.types(restore, "copy.db")

    assert (code, marks(shell.database)) == (1, {"before", "after"})
    assert "open in another process" in printed


async def test_restore_takes_the_place_of_a_damaged_database(shell: Shell) -> None:
    await shell.types(backup, "copy.db")
    shell.spoils("ngoso.db", b"no database at all" * 1000)

    code, printed = await shell.types(restore, "copy.db")

    assert code == 0, printed
    assert marks(shell.database) == {"before"}
    assert shell.files("ngoso.db.replaced-*")[0].read_bytes().startswith(b"no database")


async def test_restore_onto_a_new_machine_needs_no_database(shell: Shell) -> None:
    await shell.types(backup, "copy.db")
    for path in shell.files("ngoso.db*"):
        path.unlink()

    code, printed = await shell.types(restore, "copy.db")

    assert code == 0, printed
    assert marks(shell.database) == {"before"}


OTHER_FILES = [(b"", "is no database of Ngõ Số"), (b"some text\n" * 1000, "can't be copied")]


@pytest.mark.parametrize(("content", "told"), OTHER_FILES)
async def test_restore_of_another_file_changes_nothing(
    shell: Shell, content: bytes, told: str
) -> None:
    shell.spoils("other.db", content)

    code, printed = await shell.types(restore, "other.db")

    assert (code, marks(shell.database)) == (1, {"before"})
    assert told in printed
    assert shell.files("*.part*") == shell.files(".*.part*") == []


async def test_a_backup_of_a_newer_version_is_refused(shell: Shell) -> None:
    await shell.types(backup, "copy.db")
    with closing(sqlite3.connect(shell.folder / "copy.db")) as conn, conn:
        conn.execute("UPDATE alembic_version SET version_num = '9999'")

    code, printed = await shell.types(restore, "copy.db")

    assert code == 1
    assert "newer version" in printed


@pytest.mark.parametrize("command", [backup, restore])
async def test_on_postgresql_its_own_tools_are_named(empty: Shell, command: Command) -> None:
    empty.url = "postgresql://localhost/ngoso"

    code, printed = await empty.types(command, "copy.db")

    assert code == 1
    assert "use pg_" in printed


# --- beside a running bot -----------------------------------------------------------------


async def test_a_running_bot_can_be_backed_up_but_not_restored(shell: Shell) -> None:
    bot = RunningBot(shell.folder, DEMO="false")
    await bot.start()
    try:
        write(shell.database, "while running")
        saved = await shell.types(backup, "copy.db")
        refused = await shell.types(restore, "copy.db")
    finally:
        await bot.kill()

    assert (saved[0], refused[0]) == (0, 1)
    assert marks(shell.folder / "copy.db") == {"before", "while running"}
    assert "is in use by the process" in refused[1]


async def test_a_second_bot_on_the_same_file_is_refused_and_the_first_goes_on(
    shell: Shell,
) -> None:
    bot = RunningBot(shell.folder, DEMO="false")
    await bot.start()

    code, printed = await RunningBot(shell.folder, DEMO="false").command("run")

    assert code == 1
    assert "is in use by the process" in printed
    assert await bot.stop() == 0


async def test_a_bot_that_was_killed_keeps_nobody_out_of_its_file(shell: Shell) -> None:
    bot = RunningBot(shell.folder, DEMO="false")
    await bot.start()
    await shell.types(backup, "copy.db")
    await bot.kill()

    code, printed = await shell.types(restore, "copy.db")
    await bot.start()

    assert code == 0, printed
    assert await bot.stop() == 0
