"""The bare python-telegram-bot echo bot that ours is measured against.

`python -m tests.bench.echo_ptb BASE_URL TOKEN`, as the library's own examples show it.
"""

import sys

from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message and update.message.text:
        await update.message.reply_text(update.message.text)


def main(base_url: str, token: str) -> None:
    app = Application.builder().token(token).base_url(base_url).build()
    app.add_handler(MessageHandler(filters.TEXT, echo))
    app.run_polling()


if __name__ == "__main__":
    main(*sys.argv[1:])
