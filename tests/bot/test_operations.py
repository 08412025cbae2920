"""/health and /metrics: what they say, when they raise the alarm, and to whom they say what."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from bot.operations import POLL_LIMIT_S, UNSENT_LIMIT_S, Operations
from bot.types import Incoming
from storage.chats import lock_chats
from storage.engine import open_engine
from storage.outbox import Post, Priority, add_posts
from tests.running import RunningBot
from tests.world import TestClock, World

NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
TOKEN = "operations-token-of-the-city"
OPERATIONS_TOKEN = SecretStr(TOKEN)
HERE = "127.0.0.1"
ELSEWHERE = "203.0.113.7"


class Poll:
    """A channel that polls, as far as operations see it."""

    last_poll_at: datetime | None = None
    restarts = 2


@dataclass
class Desk:
    """Operations on a database, and somebody who asks them."""

    engine: AsyncEngine
    clock: TestClock = field(default_factory=lambda: TestClock(NOW))
    failed: Counter[str] = field(default_factory=Counter)
    token: SecretStr | None = OPERATIONS_TOKEN

    def __post_init__(self) -> None:
        self.operations = Operations(self.engine, self.clock, self.token, self.failed)

    async def get(self, path: str, *, host: str = HERE, **headers: str) -> httpx.Response:
        pages = Starlette(routes=self.operations.routes())
        transport = httpx.ASGITransport(pages, client=(host, 40000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path, headers=headers)

    async def health(self) -> tuple[int, dict[str, Any]]:
        answer = await self.get("/health")
        return answer.status_code, answer.json()

    async def figures(self) -> list[str]:
        return (await self.get("/metrics")).text.splitlines()

    async def writes(self, priority: Priority) -> None:
        """A message that is due now, and sent by nobody."""
        async with self.engine.begin() as conn:
            chat = (await lock_chats(conn, [("web", "k")], NOW))["web", "k"]
            await add_posts(
                conn, [Post(chat.id, "k", "web", priority, {"text": "Bà Lan"}, NOW)], NOW
            )


@pytest.fixture
def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine)


@pytest.fixture
async def lost_desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """Its database can't be reached."""
    engine = open_engine(f"sqlite:///{tmp_path}/gone/ngoso.db")
    shutil.rmtree(tmp_path / "gone")
    yield Desk(engine)
    await engine.dispose()


# --- health -------------------------------------------------------------------------------


async def test_where_nothing_waits_all_is_well(desk: Desk) -> None:
    assert await desk.health() == (200, {
        "status": "ok", "database": True, "oldest_unsent_s": None, "oldest_broadcast_s": None,
        "oldest_unclaimed_s": None, "last_poll_s": None, "problems": [],
    })  # fmt: skip


async def test_a_message_that_is_not_sent_in_time_raises_the_alarm(desk: Desk) -> None:
    await desk.writes(Priority.REPLY)

    desk.clock.forward(seconds=UNSENT_LIMIT_S)
    in_time = await desk.health()
    desk.clock.forward(seconds=1)
    late = await desk.health()

    assert (in_time[0], in_time[1]["oldest_unsent_s"]) == (200, UNSENT_LIMIT_S)
    assert (late[0], late[1]["status"]) == (503, "degraded")
    assert "not been sent" in late[1]["problems"][0]


async def test_a_broadcast_may_take_hours(desk: Desk) -> None:
    await desk.writes(Priority.BROADCAST)

    desk.clock.forward(hours=2)
    status, told = await desk.health()

    assert (status, told["oldest_broadcast_s"], told["oldest_unsent_s"]) == (200, 7200, None)


async def test_a_request_that_nobody_has_is_told_and_is_no_alarm(
    ward_on_each_engine: World,
) -> None:
    world = ward_on_each_engine
    desk = Desk(world.app.engine, world.clock)
    await world.lan_asks()

    world.clock.forward(seconds=90)
    waiting = (await desk.health())[1]["oldest_unclaimed_s"]
    await world.tuan.presses("I will help")

    assert waiting == 90
    assert (await desk.health())[1]["oldest_unclaimed_s"] is None


async def test_telegram_that_falls_silent_raises_the_alarm(desk: Desk) -> None:
    poll = Poll()
    desk.operations.watch(poll)
    poll.last_poll_at = NOW

    desk.clock.forward(seconds=POLL_LIMIT_S)
    in_time = await desk.health()
    desk.clock.forward(seconds=1)

    assert (in_time[0], in_time[1]["last_poll_s"]) == (200, POLL_LIMIT_S)
    assert (await desk.health())[0] == 503


async def test_telegram_that_was_never_reached_raises_the_alarm_after_a_while(desk: Desk) -> None:
    desk.operations.watch(Poll())

    at_start = await desk.health()
    desk.clock.forward(seconds=POLL_LIMIT_S + 1)
    later = await desk.health()

    assert (at_start[0], later[0]) == (200, 503)
    assert later[1]["last_poll_s"] is None


async def test_a_database_that_is_away_raises_the_alarm(lost_desk: Desk, tmp_path: Path) -> None:
    status, told = await lost_desk.health()

    assert (status, told["database"], told["problems"]) == (503, False, ["database is away"])
    assert not (tmp_path / "gone").exists()


# --- who may see what ---------------------------------------------------------------------

BEARER = {"Authorization": f"Bearer {TOKEN}"}
ASKERS: list[tuple[str, dict[str, str], bool]] = [
    (HERE, {}, True),
    ("::1", {}, True),
    ("::ffff:127.0.0.1", {}, True),
    (HERE, {"X-Forwarded-For": ELSEWHERE}, False),
    (HERE, {"Forwarded": f"for={ELSEWHERE}"}, False),
    (HERE, {"Host": "ngoso.example.vn"}, False),
    (ELSEWHERE, {}, False),
    (ELSEWHERE, {"Host": "localhost"}, False),
    (ELSEWHERE, BEARER, True),
    (ELSEWHERE, {"Authorization": "Bearer wrong"}, False),
    (ELSEWHERE, {"Authorization": f"Basic {TOKEN}"}, False),
    (HERE, {"Authorization": "Bearer wrong"}, False),
    (HERE, BEARER | {"X-Forwarded-For": ELSEWHERE}, True),
]


@pytest.mark.parametrize(("host", "headers", "trusted"), ASKERS)
async def test_details_are_for_this_machine_and_who_has_the_token(
    sqlite_engine: AsyncEngine, host: str, headers: dict[str, str], trusted: bool
) -> None:
    desk = Desk(sqlite_engine)

    health = await desk.get("/health", host=host, **headers)
    metrics = await desk.get("/metrics", host=host, **headers)

    assert ("database" in health.json()) is trusted
    assert health.json()["status"] == "ok"
    assert metrics.status_code == (200 if trusted else 401)


async def test_without_a_token_nobody_elsewhere_gets_in_with_an_empty_one(
    sqlite_engine: AsyncEngine,
) -> None:
    desk = Desk(sqlite_engine, token=None)

    answer = await desk.get("/metrics", host=ELSEWHERE, Authorization="Bearer ")

    assert answer.status_code == 401


# --- metrics ------------------------------------------------------------------------------


async def test_updates_are_counted_and_timed(desk: Desk) -> None:
    async def receive(_incoming: Incoming) -> None: ...

    await desk.operations.counted(receive)(Incoming("web", "u1", "k", text="Bà Lan"))
    desk.failed["telegram"] += 3

    figures = await desk.figures()
    assert 'ngoso_updates_handled_total{channel="web"} 1.0' in figures
    assert 'ngoso_updates_failed_total{channel="telegram"} 3.0' in figures
    assert 'ngoso_answer_seconds_count{channel="web"} 1.0' in figures


async def test_messages_and_requests_are_counted_by_state(ward_on_each_engine: World) -> None:
    world = ward_on_each_engine
    await world.tuan_accepts()

    figures = await Desk(world.app.engine, world.clock).figures()

    assert any(
        line.startswith('ngoso_messages{channel="web",status="pending"}') for line in figures
    )
    assert 'ngoso_requests{status="claimed"} 1.0' in figures
    assert 'ngoso_requests{status="open"} 0.0' in figures


async def test_figures_hold_nothing_that_people_wrote(ward_on_each_engine: World) -> None:
    world = ward_on_each_engine
    await world.tuan_accepts()

    figures = "\n".join(await Desk(world.app.engine, world.clock).figures())

    for personal in ("Lan", "Tuấn", "Hùng Vương", world.lan.chat_key):
        assert personal not in figures


async def test_waiting_and_polling_are_told_in_seconds(desk: Desk) -> None:
    poll = Poll()
    poll.last_poll_at = NOW
    desk.operations.watch(poll)
    await desk.writes(Priority.HELP)
    desk.clock.forward(seconds=7)

    figures = await desk.figures()

    assert "ngoso_oldest_unsent_seconds 7.0" in figures
    assert "ngoso_telegram_last_poll_seconds 7.0" in figures
    assert "ngoso_telegram_poll_restarts_total 2.0" in figures


async def test_figures_are_told_even_when_the_database_is_away(lost_desk: Desk) -> None:
    assert "ngoso_database_up 0.0" in await lost_desk.figures()


async def test_two_bots_in_one_process_count_apart(sqlite_engine: AsyncEngine) -> None:
    async def receive(_incoming: Incoming) -> None: ...

    one, other = Desk(sqlite_engine), Desk(sqlite_engine)
    await one.operations.counted(receive)(Incoming("web", "u1", "k"))

    assert not any("handled_total{" in line for line in await other.figures())


# --- the whole bot ------------------------------------------------------------------------


async def test_an_update_that_fails_is_counted(core: World) -> None:
    await core.execute(text("DROP TABLE offers"))

    await core.tuan.says("/viec")

    assert core.app.dispatcher.failed == {"web": 1}


async def test_health_is_served_without_a_web_chat(tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, DEMO="false", WEB__ENABLED="false")
    await bot.start()
    async with httpx.AsyncClient() as client:
        answer = await client.get(bot.health)
        chat = await client.get(bot.health.replace("/health", "/"))

    assert await bot.stop() == 0
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert chat.status_code == 404
