"""Reads a phone number out of an answer."""

import re

from bot.dialogue import AskAgain, Turn
from bot.texts import _

# Mobile numbers of Việt Nam: ten digits from 0, the 0 also written as +84.
_PHONE = re.compile(r"^(?:0|\+?84)(\d{9})$")


def read_phone(turn: Turn) -> str:
    """The number that was typed or shared, as ten digits. Raises AskAgain when there is none."""
    match = _PHONE.match(re.sub(r"[ .()-]", "", turn.incoming.contact or turn.text))
    if match is None:
        raise AskAgain(
            _("That does not look like a phone number. It has ten digits, such as 0905 123 456.")
        )
    return f"0{match.group(1)}"
