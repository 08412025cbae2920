"""`migrate`: bring the database up to this version without starting the bot."""

from argparse import ArgumentParser, Namespace

from bot.config import Settings
from storage.engine import open_engine
from storage.migrate import migrate


def configure(parser: ArgumentParser) -> None:
    """No options."""


async def run(args: Namespace, settings: Settings) -> int:
    """Run the migrations that are missing."""
    engine = open_engine(settings.database.url)
    await migrate(engine)
    await engine.dispose()
    print("The database is up to date.")
    return 0
