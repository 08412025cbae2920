"""Who is asking: session cookie, phones of a demo, Origin check and rates."""

import hashlib
import ipaddress
import re
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import HTTPConnection
from starlette.responses import Response

from bot.channels.web import words
from bot.channels.web.demo import DemoConsole, chat_key_of
from bot.clock import Clock
from bot.config import WebSettings
from bot.texts import Words
from storage import web_chats

COOKIE = "ngoso"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
# Beyond this many keys, those that have been quiet are forgotten.
_MAX_KEYS = 10_000


class Denied(Exception):
    """The request is refused; `reason` is shown to the person."""

    def __init__(self, status: int, reason: Words, *, retry_after_s: int = 0) -> None:
        super().__init__(status)
        self.status = status
        self.reason = reason
        self.retry_after_s = retry_after_s


class Rate:
    """At most so many events of a key in a sliding time; counts in this process."""

    def __init__(self, limit: int, per: timedelta) -> None:
        self._limit = limit
        self._per = per
        self._events: dict[str, deque[datetime]] = {}

    def wait_s(self, key: str, *, now: datetime) -> int:
        """0 and the event is counted, or the seconds to wait and it is not."""
        if len(self._events) > _MAX_KEYS:
            self._forget_quiet(now)
        events = self._events.setdefault(key, deque())
        while events and events[0] <= now - self._per:
            events.popleft()
        if len(events) < self._limit:
            events.append(now)
            return 0
        return max(1, ceil((events[0] + self._per - now).total_seconds()))

    def _forget_quiet(self, now: datetime) -> None:
        self._events = {k: e for k, e in self._events.items() if e and e[-1] > now - self._per}


class Sessions:
    """Decides for every request whose chat it is, and whether it may be served."""

    def __init__(
        self,
        *,
        engine: AsyncEngine,
        settings: WebSettings,
        clock: Clock,
        rng_token: Callable[[], str],
        demo: DemoConsole | None,
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._clock = clock
        self._rng_token = rng_token
        self._demo = demo
        minute = timedelta(minutes=1)
        self._messages = Rate(settings.messages_per_minute, minute)
        self._uploads = Rate(max(1, settings.messages_per_minute // 4), minute)
        self._new_chats = Rate(settings.new_chats_per_hour, timedelta(hours=1))

    def demo_for(self, conn: HTTPConnection) -> DemoConsole | None:
        """The console of the demo, for a browser on this very machine and nobody else.

        The Host header is checked too: a page elsewhere can point its own name at 127.0.0.1.
        """
        if self._demo is None or not _is_loopback(self._settings.host):
            return None
        if "x-forwarded-for" in conn.headers or "forwarded" in conn.headers:
            return None
        client = conn.client.host if conn.client else ""
        name = urlsplit(f"//{conn.headers.get('host', '')}").hostname or ""
        return self._demo if _is_loopback(client) and _is_loopback(name) else None

    def check_origin(self, conn: HTTPConnection) -> None:
        """Refuse what another site made this browser send. Raises Denied.

        Old browsers leave Origin out of requests to the own site, but send a Referer.
        """
        came_from = conn.headers.get("origin") or conn.headers.get("referer", "")
        ours = {conn.headers.get("host", ""), urlsplit(self._settings.public_url).netloc}
        if urlsplit(came_from).netloc not in ours - {""}:
            raise Denied(403, words.ELSEWHERE)

    async def chat_of(self, conn: HTTPConnection) -> str:
        """The chat key of the browser or of the demo phone. Raises Denied."""
        phone = conn.headers.get("x-phone") or conn.query_params.get("phone")
        if phone:
            return self._phone(conn, phone)
        chat_key = _chat_key(conn)
        if chat_key is not None:
            async with self._engine.begin() as db:
                if await self.is_open(db, chat_key):
                    return chat_key
        raise Denied(401, words.NO_SESSION)

    async def is_open(self, db: AsyncConnection, chat_key: str) -> bool:
        """Whether somebody can still read this chat."""
        if self._demo is not None and chat_key in map(
            chat_key_of, (persona.key for persona in self._demo.personas())
        ):
            return True
        since = self._clock.now() - timedelta(days=self._settings.session_days)
        return await web_chats.has_session(db, chat_key, seen_since=since)

    async def open(self, conn: HTTPConnection, response: Response) -> None:
        """Give the browser a session unless it has one, and its cookie new days. Raises Denied."""
        now = self._clock.now()
        token, chat_key = conn.cookies.get(COOKIE, ""), _chat_key(conn)
        async with self._engine.begin() as db:
            if chat_key is not None and await self.is_open(db, chat_key):
                await web_chats.touch_session(db, chat_key, now=now)
            else:
                self._count(self._new_chats, _network(conn), now, words.too_many_chats)
                token = self._rng_token()
                await web_chats.open_session(db, hash_token(token), now=now)
        response.set_cookie(
            COOKIE,
            token,
            max_age=self._settings.session_days * 86_400,
            httponly=True,
            samesite="lax",
            secure=self._settings.public_url.startswith("https:"),
        )

    def count_message(self, chat_key: str) -> None:
        """Raises Denied when the chat writes faster than the settings allow."""
        self._count(self._messages, chat_key, self._clock.now(), words.too_fast)

    def count_upload(self, chat_key: str) -> None:
        """Raises Denied when the chat uploads faster than a quarter of the message rate."""
        self._count(self._uploads, chat_key, self._clock.now(), words.too_fast)

    def _count(self, rate: Rate, key: str, now: datetime, reason: Callable[[int], Words]) -> None:
        wait_s = rate.wait_s(key, now=now)
        if wait_s:
            raise Denied(429, reason(wait_s), retry_after_s=wait_s)

    def _phone(self, conn: HTTPConnection, phone: str) -> str:
        demo = self.demo_for(conn)
        if demo is None or phone not in {persona.key for persona in demo.personas()}:
            raise Denied(404, words.NOT_HERE)
        return chat_key_of(phone)


def hash_token(token: str) -> str:
    """The chat key of a cookie: who reads the database can't become the resident."""
    return hashlib.sha256(token.encode()).hexdigest()


def _chat_key(conn: HTTPConnection) -> str | None:
    token = conn.cookies.get(COOKIE, "")
    return hash_token(token) if _TOKEN.fullmatch(token) else None


def _is_loopback(host: str) -> bool:
    host = host.strip("[]")
    return host in _LOOPBACK_NAMES or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def _network(conn: HTTPConnection) -> str:
    """The address that new chats are counted by; one IPv6 customer holds a whole /64."""
    host = conn.client.host if conn.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return host
