"""The bare aiogram echo bot that ours is measured against, with a Python of its own.

`.venv/bench/bin/python -m tests.bench.echo_aiogram BASE_URL TOKEN`; imports nothing of ours.
"""

import asyncio
import sys

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import Message


async def echo(message: Message) -> None:
    if message.text:
        await message.answer(message.text)


async def main(base_url: str, token: str) -> None:
    server = TelegramAPIServer(base=base_url + "{token}/{method}", file=base_url)
    dispatcher = Dispatcher()
    dispatcher.message.register(echo)
    await dispatcher.start_polling(Bot(token, session=AiohttpSession(api=server)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
