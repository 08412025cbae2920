"""`run`: the bot itself."""

import asyncio
import contextlib
import logging
import signal
import sys
from argparse import ArgumentParser, Namespace

from bot.app import App, prepare
from bot.config import Settings
from bot.webserver import PortTaken, serving

NAME = "run"
HELP = "start the bot (what happens without a command)"


def configure(parser: ArgumentParser) -> None:
    """No options: everything is in the settings."""


async def run(args: Namespace, settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM, then finish what is in hand."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    app, officer_code = await prepare(settings)
    stopped = _stop_on_signals()
    try:
        await _work(app, officer_code, stopped)
    except PortTaken as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        await app.engine.dispose()
    print("Stopped.", file=sys.stderr)
    return 0


async def _work(app: App, officer_code: str | None, stopped: asyncio.Event) -> None:
    async with contextlib.AsyncExitStack() as stack:
        address = None
        await stack.enter_async_context(app.running())
        if app.settings.web.enabled:
            address = await stack.enter_async_context(serving(app.web_app(), app.settings.web))
        _greet(app.settings, address, officer_code)
        await stopped.wait()


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _greet(settings: Settings, address: str | None, officer_code: str | None) -> None:
    lines = []
    if address:
        lines.append(f"Web chat: {address}")
    if settings.is_demo:
        lines.append("Demo: a made-up city, five phones on one page. Nothing here is real.")
    if officer_code:
        lines.append(f"First city officer: type this code to the bot: {officer_code}")
    lines.append("Ctrl-C stops.")
    print("\n".join(lines), flush=True)
