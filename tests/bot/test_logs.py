"""Log lines: readable by people and machines, and silent about what people wrote."""

import asyncio
import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.config import LogSettings
from bot.logs import describe, set_up_logs
from storage.schema import settings_kept

PHONE = "0905123456"


class Lines:
    """What has been logged so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def all(self) -> list[str]:
        return self._stream.getvalue().splitlines()

    def json(self) -> dict[str, Any]:
        (line,) = self.all()
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Logging is one for the whole process: put it back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hook = sys.excepthook
    yield
    root.handlers, root.level = handlers, level
    sys.excepthook = hook
    logging.captureWarnings(False)
    for name in ("bot", "handlers", "storage"):
        logging.getLogger(name).setLevel(logging.NOTSET)


def logging_to(monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Lines:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    set_up_logs(LogSettings(**settings))
    return Lines(stream)


def test_a_line_of_text_is_key_and_value(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch)

    logging.getLogger("bot.sender").warning("message %d given up", 5)

    (line,) = lines.all()
    time, rest = line.split(" ", 1)
    assert datetime.fromisoformat(time.removeprefix("time=")).utcoffset() is not None
    assert rest == 'level=warning logger=bot.sender message="message 5 given up"'


def test_a_line_of_json_has_the_same_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch, format="json")

    logging.getLogger("bot.sender").info('two\nlines and a "quote"')

    found = lines.json()
    assert list(found) == ["time", "level", "logger", "message"]
    assert found["message"] == 'two\nlines and a "quote"'


def test_two_lines_of_a_message_stay_one_line_of_log(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch)

    logging.getLogger("bot").info("one\ntwo")

    assert lines.all()[0].endswith(r'message="one\ntwo"')


def test_the_level_is_ours_and_libraries_only_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch, level="debug")

    logging.getLogger("bot").debug("ours")
    logging.getLogger("aiosqlite").debug("INSERT %s", PHONE)
    logging.getLogger("aiosqlite").warning("theirs")

    assert [line.rpartition("=")[2] for line in lines.all()] == ["ours", "theirs"]


async def test_an_exception_is_told_by_kind_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch, format="json")

    try:
        int(PHONE + "x")
    except ValueError as error:
        logging.getLogger("bot").exception("update %d failed: %s", 7, error)

    found = lines.json()
    assert (found["message"], found["error"]) == ("update 7 failed: ValueError", "ValueError")
    assert "test_an_exception_is_told_by_kind_and_place" in found["at"]
    assert PHONE not in str(found)


async def fail_with(engine: AsyncEngine) -> DBAPIError:
    """An error that quotes a phone number: the database's own words name the row."""
    row = insert(settings_kept).values(key=PHONE, value=PHONE)
    async with engine.connect() as conn:
        await conn.execute(row)
        with pytest.raises(DBAPIError) as caught:
            await conn.execute(row)
    return caught.value


async def test_an_error_of_the_database_never_quotes_a_row(
    monkeypatch: pytest.MonkeyPatch, engine: AsyncEngine
) -> None:
    lines = logging_to(monkeypatch)
    error = await fail_with(engine)

    logging.getLogger("bot").error("%s", error, exc_info=error)
    logging.getLogger("bot").error(error)
    logging.getLogger("bot").error("%(why)s", {"why": error})

    assert PHONE not in "\n".join(lines.all())
    assert all("IntegrityError" in line for line in lines.all())


async def test_an_error_of_the_database_is_told_with_its_code(engine: AsyncEngine) -> None:
    error = await fail_with(engine)

    codes = {"sqlite": "SQLITE_CONSTRAINT_PRIMARYKEY", "postgresql": "23505"}
    assert describe(error) == f"IntegrityError {codes[engine.dialect.name]}"


async def test_parameters_are_hidden_even_from_the_error_itself(engine: AsyncEngine) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with engine.begin() as conn:
            await conn.execute(text("INSERT INTO nowhere VALUES (:phone)"), {"phone": PHONE})

    assert PHONE not in str(caught.value)


async def test_a_task_that_nobody_waited_for_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = logging_to(monkeypatch)

    task = asyncio.create_task(fail())
    await asyncio.wait([task])
    del task

    assert PHONE not in "\n".join(lines.all())
    assert "Task exception was never retrieved" in lines.all()[0]


async def fail() -> None:
    raise LookupError(PHONE)


def test_an_uncaught_exception_is_a_line_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch, format="json")
    error = ExceptionGroup(PHONE, [OSError(2, PHONE), KeyError(PHONE)])

    sys.excepthook(type(error), error, None)

    assert lines.json()["level"] == "critical"
    assert lines.json()["error"] == "ExceptionGroup of FileNotFoundError ENOENT, KeyError"
    assert PHONE not in lines.all()[0]


def test_a_token_in_an_address_is_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch)
    token = "123456789:" + "A" * 35

    logging.getLogger("aiohttp").warning("can't reach https://api.telegram.org/bot%s/getMe", token)

    assert token not in lines.all()[0]
    assert "bot[token]/getMe" in lines.all()[0]


def test_a_wrong_placeholder_loses_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = logging_to(monkeypatch)

    logging.getLogger("bot").info("%d of %d", 1)

    assert "%d of %d" in lines.all()[0]
