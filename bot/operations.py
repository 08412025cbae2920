"""What the people who run the bot can ask it: /health for a watchdog, /metrics for Prometheus.

Neither holds personal data. Details are for this machine and for who has the operations token;
everybody else learns only whether the bot is well.
"""

import asyncio
import hmac
import ipaddress
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Protocol

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import Receive
from bot.clock import Clock
from bot.logs import describe
from bot.metrics import Metrics, Tally
from storage.class_dues import count_dues
from storage.engine import open_reader
from storage.health import (
    count_messages,
    count_nudges,
    count_requests,
    find_lateness,
    find_waiting,
)

log = logging.getLogger(__name__)

# A message that is due longer than this is not on its way any more.
UNSENT_LIMIT_S = 120
# Telegram answers a poll at least every 50 seconds.
POLL_LIMIT_S = 120
DATABASE_PATIENCE_S = 5.0
# What figures about a day look back at.
LATELY = timedelta(days=1)
# Put on by a reverse proxy: then the request only seems to come from this machine.
_FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")


class Polled(Protocol):
    """A channel that asks its platform for news."""

    @property
    def last_poll_at(self) -> datetime | None: ...

    @property
    def restarts(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Health:
    """How the bot does. Seconds are null when nothing waits, and without polling."""

    database: bool
    oldest_unsent_s: float | None = None
    oldest_broadcast_s: float | None = None
    oldest_unclaimed_s: float | None = None
    last_poll_s: float | None = None
    problems: tuple[str, ...] = ()


class Operations:
    """Answers /health and /metrics, and counts what is handed in."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        token: SecretStr | None,
        failed: Mapping[str, int],
    ) -> None:
        """`failed`: updates that got no proper answer, by channel, since the start."""
        self._reader = open_reader(engine)
        self._clock = clock
        self._token = token.get_secret_value() if token else ""
        self._started_at = clock.now()
        self._polled: Polled | None = None
        self._metrics = Metrics(failed)
        self._looking: asyncio.Task[Health] | None = None

    def watch(self, channel: Polled) -> None:
        """From now on it counts when this channel falls silent."""
        self._polled = channel

    def counted(self, receive: Receive) -> Receive:
        """The same `receive`, with every update counted and timed."""
        return self._metrics.counted(receive)

    def routes(self) -> list[BaseRoute]:
        return [Route("/health", self._health), Route("/metrics", self._show_metrics)]

    async def _health(self, request: Request) -> Response:
        health = await self.look()
        content: dict[str, object] = {"status": "degraded" if health.problems else "ok"}
        if self._may_see(request):
            content |= asdict(health)
        status = 503 if health.problems else 200
        return JSONResponse(content, status, {"Cache-Control": "no-store"})

    async def _show_metrics(self, request: Request) -> Response:
        if not self._may_see(request):
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        body = generate_latest(self._metrics.registry_with(await self._tally()))
        headers = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}
        return Response(body, headers=headers)

    def _may_see(self, request: Request) -> bool:
        kind, _, given = request.headers.get("authorization", "").partition(" ")
        if self._token and kind.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), self._token.encode())
        return _is_local(request)

    async def look(self) -> Health:
        """How the bot does now. Whoever asks meanwhile shares one look at the database."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        return await asyncio.shield(self._looking)

    async def _look(self) -> Health:
        now = self._clock.now()
        poll_s = self._last_poll_s(now)
        silent = self._polled is not None and self._silence_s(now) > POLL_LIMIT_S
        problems = ["telegram has not answered a poll for too long"] if silent else []
        try:
            async with asyncio.timeout(DATABASE_PATIENCE_S), self._reader.connect() as conn:
                waiting = await find_waiting(conn, now)
        except Exception as error:
            log.warning("health: the database did not answer: %s", describe(error))
            return Health(False, last_poll_s=poll_s, problems=("database is away", *problems))
        unsent_s = _age_s(waiting.unsent_since, now)
        if unsent_s is not None and unsent_s > UNSENT_LIMIT_S:
            problems.insert(0, "a message that is due has not been sent for too long")
        return Health(
            database=True,
            oldest_unsent_s=unsent_s,
            oldest_broadcast_s=_age_s(waiting.broadcast_since, now),
            oldest_unclaimed_s=_age_s(waiting.unclaimed_since, now),
            last_poll_s=poll_s,
            problems=tuple(problems),
        )

    def _last_poll_s(self, now: datetime) -> float | None:
        return _age_s(self._polled.last_poll_at, now) if self._polled else None

    def _silence_s(self, now: datetime) -> float:
        """Seconds without an answer from Telegram: since the last one, or since the start."""
        last_poll_s = self._last_poll_s(now)
        return (now - self._started_at).total_seconds() if last_poll_s is None else last_poll_s

    async def _tally(self) -> Tally:
        health = await self.look()
        restarts = self._polled.restarts if self._polled else None
        tally = Tally(
            database=health.database,
            oldest_unsent_s=health.oldest_unsent_s,
            oldest_broadcast_s=health.oldest_broadcast_s,
            oldest_unclaimed_s=health.oldest_unclaimed_s,
            last_poll_s=health.last_poll_s,
            poll_restarts=restarts,
        )
        if not health.database:
            return tally
        try:
            async with self._reader.connect() as conn:
                tally.messages = await count_messages(conn)
                tally.requests = await count_requests(conn)
                tally.class_dues = await count_dues(conn)
                lately = self._clock.now() - LATELY
                tally.lessons = await count_nudges(conn, lately)
                tally.lateness = await find_lateness(conn, lately)
        except Exception as error:
            log.warning("metrics: the database did not answer: %s", describe(error))
            tally.database = False
        return tally


def _age_s(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, round((now - since).total_seconds(), 1))


def _is_local(request: Request) -> bool:
    """From this machine, not passed on by a proxy, and not by a page that a browser shows here."""
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return _is_loopback(request.client.host) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
