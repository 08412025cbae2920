"""A strict stand-in for the Telegram Bot API, over real HTTP on the loopback interface."""

from tests.telegram_emulator.api import TOKEN, BotApi
from tests.telegram_emulator.faults import Faults
from tests.telegram_emulator.model import Call, Received
from tests.telegram_emulator.pace import PaceLimits
from tests.telegram_emulator.people import Group, User

__all__ = ["TOKEN", "BotApi", "Call", "Faults", "Group", "PaceLimits", "Received", "User"]
