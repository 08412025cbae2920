"""python-telegram-bot's client, set up for us, and what is done with it outside the hot path."""

import logging
import mimetypes

from telegram import Bot
from telegram.error import TelegramError

from bot.channels.base import Retry
from bot.channels.telegram.errors import NotSent, as_refused
from bot.channels.telegram.request import AiohttpRequest
from bot.config import TelegramSettings
from bot.types import Media

CHANNEL = "telegram"
_PREFIX = "telegram:"


def open_bot(settings: TelegramSettings, request: AiohttpRequest) -> Bot:
    """A client that opens and closes nothing by itself; `request` is the caller's."""
    # At DEBUG the library logs the address, which holds the token, and every message.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    token = settings.token.get_secret_value() if settings.token else ""
    return Bot(
        token,
        base_url=settings.base_url,
        base_file_url=settings.base_file_url,
        request=request,
        get_updates_request=request,
    )


async def fetch_file(bot: Bot, media: Media) -> tuple[bytes, str]:
    """Content and MIME type. Raises LookupError when Telegram no longer has it, else Retry."""
    try:
        file = await bot.get_file(media.ref.removeprefix(_PREFIX))
        content = bytes(await file.download_as_bytearray())
    except TelegramError as error:
        refused = as_refused(error)
        if isinstance(error, NotSent) or refused.code == 429 or refused.code >= 500:
            raise Retry("the file is out of reach", after_s=refused.retry_after_s) from None
        raise LookupError("telegram has no such file any more") from None
    guessed = mimetypes.guess_type(file.file_path or "")[0]
    return content, media.mime or guessed or "application/octet-stream"
