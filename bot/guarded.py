"""Database work that must go on when the database was away for a while."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

log = logging.getLogger(__name__)

AGAIN_S = 1.0

T = TypeVar("T")


async def guarded(what: str, work: Callable[[], Awaitable[T]]) -> T | None:
    """The result; or None a little later, when the database was away and that has been logged."""
    try:
        return await work()
    except Exception as error:
        # Its text may quote what a person wrote; the kind is enough to look it up.
        log.error("%s: %s", what, type(error).__name__)
        await asyncio.sleep(AGAIN_S)
        return None
