"""`import-teams`: take in the real roster of one or more wards."""

import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.addresses import AddressBook
from bot.communes import load_region
from bot.config import Settings
from bot.roster import HEADINGS, BadRow, RosterError, build_roster, read_rows
from storage.engine import open_engine
from storage.migrate import migrate
from storage.rosters import Changes, RosterTeam, find_strangers, replace_roster

DETAILS = f"""\
The first row holds these headings, in any order, with or without diacritics:

  {", ".join(HEADINGS.values())}

One row a member; a team without members is one row with an empty Họ tên. Needed are only
Phường/xã (today's name or its official code) and Tên tổ. Mã tổ is the ward's own stable code of
the team: with it a team can be renamed. Tên cũ: former names, separated by ; - a team of the ward
that the file no longer has but names there is taken as merged into it. Vai trò is Tổ trưởng,
Tổ phó or Thành viên (also when empty). Vĩ độ and Kinh độ in degrees (16.0542 108.2022).
CSV is UTF-8, separated by , or ;.

A file speaks for the wards that it names: their teams and members that it lacks are ended, other
wards stay as they are. One bad row, and nothing is imported."""


def configure(parser: ArgumentParser) -> None:
    parser.epilog = DETAILS
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.add_argument("file", type=Path, metavar="FILE", help="a .csv or .xlsx file")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what is wrong and what would change"
    )


async def run(args: Namespace, settings: Settings) -> int:
    """1 when a row is bad: then nothing is imported."""
    book = AddressBook(load_region(settings.region.data))
    try:
        roster, bad = build_roster(read_rows(args.file), book)
    except (RosterError, OSError) as error:
        reason = error if isinstance(error, RosterError) else error.strerror
        print(f"{args.file.name}: {reason}", file=sys.stderr)
        return 1
    engine = open_engine(settings.database.url)
    await migrate(engine)
    try:
        async with engine.connect() as conn:
            changes = await _import(conn, roster, bad)
            if changes is not None and not args.dry_run:
                await conn.commit()
    finally:
        await engine.dispose()
    return _tell(changes, roster, bad, dry_run=args.dry_run)


async def _import(
    conn: AsyncConnection, roster: Sequence[RosterTeam], bad: list[BadRow]
) -> Changes | None:
    """Not committed yet; None, with the reasons in `bad`, when a row is bad."""
    bad += [
        BadRow(team.row, f"the code {team.code} belongs to a team of another ward")
        for team in await find_strangers(conn, roster)
    ]
    return None if bad else await replace_roster(conn, roster, now=datetime.now(UTC))


def _tell(
    changes: Changes | None, roster: Sequence[RosterTeam], bad: Sequence[BadRow], *, dry_run: bool
) -> int:
    for row in sorted(bad, key=lambda row: row.number):
        print(f"row {row.number}: {row.reason}")
    if changes is None:
        print(f"{len(bad)} bad rows; nothing was imported.", file=sys.stderr)
        return 1
    wards = len({team.commune_code for team in roster})
    people = sum(len(team.members) for team in roster)
    print(f"{len(roster)} teams with {people} members in {wards} wards are fine.")
    would = "would be " if dry_run else ""
    for what, tally in (("teams", changes.teams), ("members", changes.members)):
        print(
            f"{what}: {tally.added} {would}added, {tally.changed} {would}changed, "
            f"{tally.ended} {would}ended"
        )
    if dry_run:
        print("This was a dry run; nothing was imported.")
    return 0
