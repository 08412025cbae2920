"""`run`: the bot itself."""

import asyncio
import contextlib
import signal
import sys
from argparse import ArgumentParser, Namespace

from bot.app import App, prepare
from bot.config import Settings
from bot.logs import set_up_logs
from bot.webserver import PortTaken, serving
from storage.engine import sqlite_path
from storage.lock import InUse, hold


def configure(parser: ArgumentParser) -> None:
    """No options: everything is in the settings."""


async def run(args: Namespace, settings: Settings) -> int:
    """Run until Ctrl-C or SIGTERM, then finish what is in hand."""
    set_up_logs(settings.log)
    try:
        with hold(sqlite_path(settings.database.url)):
            await _run(settings)
    except (InUse, PortTaken) as error:
        print(error, file=sys.stderr)
        return 1
    print("Stopped.", file=sys.stderr)
    return 0


async def _run(settings: Settings) -> None:
    app, officer_code = await prepare(settings)
    try:
        await _work(app, officer_code, _stop_on_signals())
    finally:
        await app.engine.dispose()


async def _work(app: App, officer_code: str | None, stopped: asyncio.Event) -> None:
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.running())
        address = await stack.enter_async_context(serving(app.web_app(), app.settings.web))
        _greet(app.settings, address, officer_code)
        await stopped.wait()


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped


def _greet(settings: Settings, address: str, officer_code: str | None) -> None:
    lines = [f"Web chat: {address}" if settings.web.enabled else f"Health: {address}/health"]
    if settings.is_demo:
        lines.append("Demo: a made-up city, six phones on one page. Nothing here is real.")
    if officer_code:
        lines.append(f"First city officer: type this code to the bot: {officer_code}")
    lines.append("Ctrl-C stops.")
    print("\n".join(lines), flush=True)
