"""`python -m bot webhook`: tell Telegram where to deliver, see how it goes, or go back to polls."""

from argparse import ArgumentParser, Namespace

from telegram import Bot, WebhookInfo
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.client import open_bot
from bot.channels.telegram.parse import ALLOWED_UPDATES
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import WEBHOOK_PATH
from bot.config import Settings


class _Refused(Exception):
    """Why nothing was done, for the person at the shell."""


def configure(parser: ArgumentParser) -> None:
    parser.add_argument("action", choices=("set", "status", "remove"))


async def run(args: Namespace, settings: Settings) -> int:
    if settings.telegram.token is None:
        print("No Telegram token: set NGOSO_TELEGRAM__TOKEN.")
        return 1
    request = AiohttpRequest(proxy=settings.telegram.proxy)
    await request.initialize()
    try:
        print(await _do(args.action, open_bot(settings.telegram, request), settings))
    except _Refused as refused:
        print(refused)
        return 1
    except TelegramError as error:
        print(f"Telegram said no: {_reason(error)}")
        return 1
    finally:
        await request.shutdown()
    return 0


async def _do(action: str, bot: Bot, settings: Settings) -> str:
    if action == "set":
        return await _set(bot, settings)
    if action == "remove":
        await bot.delete_webhook()
        return "The webhook is removed; waiting messages are kept for the next poll."
    return _describe(await bot.get_webhook_info(), address(settings))


def address(settings: Settings) -> str:
    """The webhook's full address, from web.public_url."""
    return settings.web.public_url.rstrip("/") + WEBHOOK_PATH


async def _set(bot: Bot, settings: Settings) -> str:
    secret = settings.telegram.webhook_secret
    if secret is None:
        raise _Refused("Set NGOSO_TELEGRAM__WEBHOOK_SECRET first (16 to 256 of A-Za-z0-9_-).")
    own = settings.telegram.base_url.startswith("http://127.0.0.1")
    if not address(settings).startswith("https://") and not own:
        raise _Refused("web.public_url must begin with https://, or Telegram won't deliver.")
    await bot.set_webhook(
        address(settings),
        secret_token=secret.get_secret_value(),
        allowed_updates=ALLOWED_UPDATES,
    )
    told = f"Telegram now delivers to {address(settings)}."
    if settings.telegram.mode != "webhook":
        told += '\nSet telegram.mode = "webhook" too, or polling will be refused.'
    return told


def _describe(info: WebhookInfo, wanted: str) -> str:
    lines = [f"Address: {info.url or 'none (polling)'}", f"Waiting: {info.pending_update_count}"]
    if info.url and info.url != wanted:
        lines.append(f"This is not ours, which would be {wanted}")
    if info.last_error_message:
        when = f" ({info.last_error_date:%Y-%m-%d %H:%M} UTC)" if info.last_error_date else ""
        lines.append(f"Last error: {info.last_error_message}{when}")
    return "\n".join(lines)


def _reason(error: TelegramError) -> str:
    """Only a plain refusal is quoted: other errors may hold the token."""
    return error.message if isinstance(error, BadRequest) else type(error).__name__
