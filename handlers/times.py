"""A day and a time out of an answer, pressed or written."""

from datetime import datetime

from bot.dialogue import AskAgain, Turn
from bot.texts import _
from bot.when import understand_time


def read_time(turn: Turn) -> datetime:
    """The time that was meant, after now. Raises AskAgain when none is understood."""
    at = understand_time(turn.answer or turn.text, turn.now)
    if at is None:
        raise AskAgain(
            _(
                "I did not understand the time.\n"
                "Please write it like this: sáng mai, thứ bảy 9 giờ, 20/11 14 giờ."
            )
        )
    return at
