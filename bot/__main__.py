"""`python -m bot`: the command line."""

import asyncio
import importlib
import sys
from argparse import ArgumentParser

from bot.commands import Command
from bot.config import SettingsError, load

# What each command is for; its module is loaded only when it is called, since some of them need
# packages that take half a second to load.
COMMANDS = {
    "run": "start the bot (what happens without a command)",
    "check": "the doctor: settings, database, wording, roster, channels; ok or what to do",
    "migrate": "bring the database up to this version (also happens at every start)",
    "backup": "copy the database into a file, also while the bot is running",
    "restore": "put a backup in the place of the database; the bot must be stopped",
    "import-teams": "take in a roster of teams and members from a .csv or .xlsx file",
    "import-boundaries": "take in commune boundaries (GeoJSON), which decide shared locations",
    "demo-roster": "fill the database with a made-up city of teams, for trying the bot out",
    "nearest": "read addresses or places as JSON lines from standard input, say commune and team",
    "ask": "which guide is meant by a message; JSON lines from standard input, or a text",
    "questions": "what people asked in vain most often, to write the next guide from",
    "webhook": "set, show or remove the address that Telegram delivers messages to",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Without a name the bot itself is run."""
    arguments = (sys.argv[1:] if argv is None else argv) or ["run"]
    parser = ArgumentParser(
        prog="python -m bot",
        description="Ngõ Số, the chatbot of the community digital technology teams.",
    )
    names = parser.add_subparsers(metavar="COMMAND", required=True)
    chosen = _load(arguments[0]) if arguments[0] in COMMANDS else None
    for name, about in COMMANDS.items():
        own = names.add_parser(name, help=about, description=about)
        if chosen is not None and name == arguments[0]:
            chosen.configure(own)
    args = parser.parse_args(arguments)
    if chosen is None:
        raise AssertionError("argparse has ended the program already")
    try:
        settings = load()
    except SettingsError as error:
        print(f"The settings are not right:\n{error}", file=sys.stderr)
        return 2
    return asyncio.run(chosen.run(args, settings))


def _load(name: str) -> Command:
    command: Command = importlib.import_module(f"bot.commands.{name.replace('-', '_')}")
    return command


if __name__ == "__main__":
    sys.exit(main())
