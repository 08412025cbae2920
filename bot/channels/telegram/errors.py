"""What can go wrong with a call to Telegram, and what each means for a message.

No text of these errors holds the address of a call, because the token is part of it.
"""

import json
from datetime import timedelta
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.channels.base import (
    ChatGone,
    ChatMoved,
    Rejected,
    Retry,
    SendError,
    Uncertain,
    Unreachable,
)

# A token that is refused is not the message's fault: nothing is lost while somebody mends it.
BAD_TOKEN_WAIT_S = 60.0
_GONE = ("chat not found", "user is deactivated", "bot was kicked", "have no rights to send")
_UNEDITABLE = (
    "message can't be edited",
    "message to edit not found",
    "no text in the message",
    "message_id_invalid",
    "message identifier is not specified",
)
_WRONG_FILE = ("wrong file", "can't use file of type", "wrong type of", "invalid file")


class NotSent(NetworkError):
    """No connection: Telegram has not seen the call."""


class Broken(NetworkError):
    """The connection ended after the call had left: Telegram may have taken it."""


class Refused(TelegramError):
    """Telegram's answer was no; all that it said about it."""

    def __init__(
        self, code: int, description: str, *, retry_after_s: float = 0.0, moved_to: int = 0
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description.lower()
        self.retry_after_s = retry_after_s
        self.moved_to = moved_to


def refusal(status: int, payload: bytes) -> Refused:
    """Read an answer that is not ok; a proxy's HTML page is one too."""
    try:
        answer: Any = json.loads(payload)
        parameters = answer.get("parameters") or {}
        return Refused(
            int(answer.get("error_code", status)),
            str(answer.get("description", "")),
            retry_after_s=float(parameters.get("retry_after", 0)),
            moved_to=int(parameters.get("migrate_to_chat_id", 0)),
        )
    except (ValueError, AttributeError, TypeError):
        # Success without JSON is some box on the way, not Telegram.
        return Refused(status if status >= 300 else 502, "no JSON in the answer")


def as_refused(error: TelegramError) -> Refused:
    """The library's own error as ours. What it knows no code for counts as a 5xx."""
    text = error.message
    if isinstance(error, Refused):
        return error
    if isinstance(error, RetryAfter):
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
        return Refused(429, text, retry_after_s=seconds)
    if isinstance(error, ChatMigrated):
        return Refused(400, text, moved_to=error.new_chat_id)
    codes = ((Forbidden, 403), (BadRequest, 400), (InvalidToken, 401), (Conflict, 409))
    code = next((code for kind, code in codes if isinstance(error, kind)), 502)
    # An InvalidToken may quote the token.
    return Refused(code, "unauthorized" if code == 401 else text)


def to_send_error(error: TelegramError) -> SendError:
    """What a failed call means for the message that it carried."""
    if isinstance(error, NotSent):
        return Unreachable("no connection")
    if isinstance(error, (Broken, TimedOut)):
        return Uncertain("the connection broke before the answer")
    refused = as_refused(error)
    if refused.moved_to:
        return ChatMoved(str(refused.moved_to))
    if refused.code == 429:
        after_s = refused.retry_after_s or 1.0
        return Retry("too many requests", after_s=after_s, whole_channel=True)
    if refused.code in (401, 404):
        return Retry("token refused", after_s=BAD_TOKEN_WAIT_S, whole_channel=True)
    if refused.code == 403 or any(reason in refused.description for reason in _GONE):
        return ChatGone(refused.description)
    if refused.code >= 500:
        return Retry(f"server error {refused.code}")
    return Rejected(refused.description)


def is_unchanged(error: Refused) -> bool:
    """The edit asked for what already stands there, so it is done."""
    return "message is not modified" in error.description


def is_uneditable(error: Refused) -> bool:
    """The message that should change is gone, too old or of another kind."""
    return any(reason in error.description for reason in _UNEDITABLE)


def is_wrong_file(error: Refused) -> bool:
    """A file's reference is stale, or may not be sent as this kind of file."""
    return any(reason in error.description for reason in _WRONG_FILE)
