"""`python -m bot`: the command line."""

import asyncio
import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter

from bot.commands import (
    Command,
    backup,
    check,
    demo_roster,
    import_boundaries,
    import_teams,
    migrate,
    nearest,
    restore,
    run,
    webhook,
)
from bot.config import SettingsError, load

COMMANDS: tuple[Command, ...] = (
    run,
    check,
    migrate,
    backup,
    restore,
    import_teams,
    import_boundaries,
    demo_roster,
    nearest,
    webhook,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; returns its exit code. Without a name the bot itself is run."""
    parser = ArgumentParser(
        prog="python -m bot",
        description="Ngõ Số, the chatbot of the community digital technology teams.",
        formatter_class=RawDescriptionHelpFormatter,
    )
    names = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in COMMANDS:
        own = names.add_parser(command.NAME, help=command.HELP, description=command.HELP)
        command.configure(own)
    arguments = sys.argv[1:] if argv is None else argv
    args = parser.parse_args(arguments or ["run"])
    chosen = next(command for command in COMMANDS if args.command == command.NAME)
    try:
        settings = load()
    except SettingsError as error:
        print(f"The settings are not right:\n{error}", file=sys.stderr)
        return 2
    return asyncio.run(chosen.run(args, settings))


if __name__ == "__main__":
    sys.exit(main())
