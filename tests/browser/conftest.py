"""Debian's Chromium, driven by Playwright, against a bot in its own process."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.running import RunningBot

# The machine's network may be closed, so Chromium is told to look for nothing outside.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("TESTS_NEED_BROWSER"):
            pytest.fail("browser tests must run here, and there is no chromium")
        pytest.skip("browser tests need Debian's chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        await browser.close()


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[RunningBot]:
    """The bot as `make run` starts it."""
    bot = RunningBot(tmp_path)
    await bot.start()
    yield bot
    await bot.kill()
