"""What `python -m bot` can do: one module a command."""

from argparse import ArgumentParser, Namespace
from typing import Protocol

from bot.config import Settings


class Command(Protocol):
    """A module of this package. `run` returns the exit code."""

    def configure(self, parser: ArgumentParser) -> None: ...

    async def run(self, args: Namespace, settings: Settings) -> int: ...
