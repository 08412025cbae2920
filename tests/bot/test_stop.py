"""A bot that is told to stop finishes what is in hand, begins nothing, and gives back the rest."""

import asyncio
import signal
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.types import Outgoing
from tests.bot.test_sender import Platform, PostOffice
from tests.running import RunningBot


class SlowPlatform(Platform):
    """Takes a message only when the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.began = asyncio.Event()
        self.gate = asyncio.Event()

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        self.began.set()
        await self.gate.wait()
        return await super().send(chat_key, message, message_id=message_id)


async def test_what_is_being_sent_is_sent_and_marked_and_the_rest_waits(
    engine: AsyncEngine,
) -> None:
    platform = SlowPlatform()
    office = PostOffice(engine, platform)
    await office.open_chats(1)
    work = asyncio.create_task(office.sender.run())
    await office.write((1, "first"), (1, "second"))
    await platform.began.wait()

    stopping = asyncio.create_task(office.sender.stop())
    asyncio.get_running_loop().call_soon(platform.gate.set)
    await stopping
    work.cancel()

    assert platform.taken == [("c1", "first")]
    assert await office.states() == {"sent": 1, "pending": 1}


async def test_nothing_is_begun_after_the_stop(engine: AsyncEngine) -> None:
    platform = Platform(per_second=30)
    office = PostOffice(engine, platform)
    await office.open_chats(1)
    work = asyncio.create_task(office.sender.run())
    await office.write(*((1, str(n)) for n in range(20)))
    await office.until(lambda states: states.get("sent", 0) > 3)

    await office.sender.stop()  # the next one waits for its turn at this moment
    sent = len(platform.taken)
    await asyncio.wait([work], timeout=0.3)
    work.cancel()

    assert len(platform.taken) == sent
    assert await office.states() == {"sent": sent, "pending": 20 - sent}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_both_signals_end_it_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    bot = RunningBot(tmp_path, DEMO="false")
    await bot.start()

    code = await bot.stop(number)

    assert (code, bot.printed[-1]) == (0, "Stopped.")
