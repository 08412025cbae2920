"""Telegram. The only place that knows the Bot API; python-telegram-bot is its client."""

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.render import Labels
from bot.channels.telegram.webhook import WEBHOOK_PATH

__all__ = ["WEBHOOK_PATH", "Labels", "TelegramChannel"]
