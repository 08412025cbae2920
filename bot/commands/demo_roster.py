"""`demo-roster`: fill the database with a made-up city of teams."""

import sys
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime

from sqlalchemy import select

from bot.communes import load_region
from bot.config import Settings
from bot.demo_roster import SEED, TEAMS, make_demo_roster
from storage.boundaries import load_boundaries
from storage.engine import open_engine
from storage.migrate import migrate
from storage.rosters import replace_roster
from storage.schema import teams


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("--seed", type=int, default=SEED, help="another number, another city")
    parser.add_argument(
        "--teams", type=int, default=TEAMS, help=f"how many teams (default {TEAMS})"
    )


async def run(args: Namespace, settings: Settings) -> int:
    """Run twice with one seed, nothing changes. 1 when the database has real teams."""
    engine = open_engine(settings.database.url)
    await migrate(engine)
    try:
        async with engine.begin() as conn:
            real = select(teams.c.id).where(teams.c.demo.is_(False), teams.c.valid_to.is_(None))
            if (await conn.execute(real.limit(1))).first():
                print("The database has real teams; the demo would mix with them.", file=sys.stderr)
                return 1
            boundaries = await load_boundaries(conn)
            region = load_region(settings.region.data)
            roster = make_demo_roster(region, boundaries, seed=args.seed, teams=args.teams)
            changes = await replace_roster(conn, roster, now=datetime.now(UTC), demo=True)
    finally:
        await engine.dispose()
    print(
        f"{len(roster)} demo teams in {len({team.commune_code for team in roster})} communes: "
        f"{changes.teams.added} added, {changes.teams.changed} changed, "
        f"{changes.teams.ended} ended; members: {changes.members.added} added, "
        f"{changes.members.changed} changed, {changes.members.ended} removed."
    )
    return 0
