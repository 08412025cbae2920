"""How one announces with python-telegram-bot alone: gather over its own rate limiter.

`python -m tests.bench.gather_ptb BASE_URL TOKEN PER_SECOND`. It echoes commands; `/announce FIRST
COUNT` writes to that many chats with consecutive ids.
"""

import asyncio
import sys
from typing import Any

from telegram import Update
from telegram.ext import AIORateLimiter, Application, CommandHandler, MessageHandler, filters


async def echo(update: Update, _context: Any) -> None:
    if update.message and update.message.text:
        await update.message.reply_text(update.message.text)


async def announce(_update: Update, context: Any) -> None:
    first, count = (int(word) for word in context.args)
    chats = range(first, first + count)
    await asyncio.gather(*(context.bot.send_message(chat, "Announcement") for chat in chats))


def main(base_url: str, token: str, per_second: str) -> None:
    # Without retries each refusal would lose a message.
    limiter = AIORateLimiter(
        overall_max_rate=float(per_second), overall_time_period=1, max_retries=5
    )
    builder = Application.builder().token(token).base_url(base_url).rate_limiter(limiter)
    # Or a reply would wait until the one before it has left.
    app = builder.concurrent_updates(True).build()
    app.add_handler(CommandHandler("announce", announce))
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
