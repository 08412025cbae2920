"""Log lines: one each, key=value or JSON, and nothing that people wrote.

What an exception says may quote a person (a database error quotes the row), so only its kind,
its code and its place are written. Libraries get one line, and only for warnings and errors: at
other levels some of them tell what goes over the wire.
"""

import errno
import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from traceback import walk_tb
from types import TracebackType
from typing import Any

from sqlalchemy.exc import DBAPIError

from bot.config import LogSettings

OWN = ("bot", "handlers", "storage")
PLACES = 4
# https://core.telegram.org/bots/api#authorizing-your-bot; addresses of the Bot API hold it.
_BOT_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}")
_PLAIN = re.compile(r"[^\s\"=]+")


def set_up_logs(settings: LogSettings) -> None:
    """Log to standard error from now on, uncaught exceptions and warnings of Python as well."""
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(as_json=settings.format == "json"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in OWN:
        logging.getLogger(name).setLevel(settings.level.upper())
    logging.captureWarnings(True)
    sys.excepthook = _log_the_end


class LineFormatter(logging.Formatter):
    """A record as one line: time, level, logger, message; error and place if there is one."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        fields = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _BOT_TOKEN.sub("[token]", _message(record)),
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            fields |= {"error": describe(error), "at": place_of(error)}
        if self._as_json:
            return json.dumps(fields, ensure_ascii=False)
        return " ".join(f"{key}={_quoted(value)}" for key, value in fields.items())


def describe(error: BaseException) -> str:
    """The kind of an error and its code, such as `OperationalError SQLITE_BUSY`; never its text."""
    kind = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        return f"{kind} of {', '.join(describe(inner) for inner in error.exceptions)}"
    code = _code(error)
    return f"{kind} {code}" if code else kind


def _code(error: BaseException) -> str:
    if isinstance(error, DBAPIError) and error.orig is not None:
        return _code(error.orig) or type(error.orig).__name__
    if isinstance(error, OSError):
        return errno.errorcode.get(error.errno or 0, "")
    # asyncpg and sqlite3
    return str(getattr(error, "sqlstate", None) or getattr(error, "sqlite_errorname", None) or "")


def place_of(error: BaseException) -> str:
    """The innermost functions that it came through, the last one first, with line numbers."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = [
        f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname}:{line}"
        for frame, line in walk_tb(error.__traceback__)
    ]
    ours = [place for place in frames if place.startswith(OWN)]
    chosen = list(dict.fromkeys([*frames[-1:], *reversed(ours[-PLACES:])]))
    return " < ".join(chosen) or "?"


def _message(record: logging.LogRecord) -> str:
    words, args = _safe(record.msg), record.args
    try:
        if isinstance(args, Mapping):
            text = str(words) % {key: _safe(value) for key, value in args.items()}
        else:
            text = str(words) % tuple(_safe(value) for value in args) if args else str(words)
    except (TypeError, ValueError, KeyError):
        text = str(words)
    if record.name.partition(".")[0] in OWN:
        return text.strip()
    # asyncio goes on with the task, and that with the exception; others go on with a traceback.
    return text.strip().partition("\n")[0]


def _safe(value: Any) -> Any:
    return describe(value) if isinstance(value, BaseException) else value


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


def _log_the_end(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("bot").critical("the bot ended", exc_info=(kind, error, trace))
