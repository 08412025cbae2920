"""Whatever people do, in whatever order: one holder at most, and no request without a future.

Random stories of accepting, declining, silence, cancelling and restarts are told to the real bot
on a real database; after each step the promises of the design are looked up in the tables.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from storage.engine import open_engine
from storage.outbox import Status
from storage.schema import help_requests, memberships, offers, outbox
from tests.conftest import MORNING
from tests.world import Person, World, open_world

WHO = ("tuan", "hoa", "binh", "nam", "thu", "mai")
DEEDS = ("claim", "decline", "release", "finish", "reply")
STEPS = st.one_of(
    st.tuples(st.sampled_from(DEEDS), st.sampled_from(WHO), st.integers(1, 3)),
    st.tuples(st.sampled_from(("confirm", "reopen", "cancel")), st.just("lan"), st.integers(1, 3)),
    st.tuples(st.just("ask"), st.just("lan"), st.just(0)),
    st.tuples(st.just("wait"), st.just(""), st.sampled_from((5, 20, 60, 300, 1500, 5000))),
    st.tuples(st.just("block"), st.sampled_from(WHO), st.just(0)),
    st.tuples(st.just("restart"), st.just(""), st.just(0)),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=st.lists(STEPS, min_size=3, max_size=25))
def test_whatever_happens_no_request_has_two_holders_or_is_forgotten(
    sqlite_template: Path, story: list[tuple[str, str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ngoso.db"
        shutil.copy(sqlite_template, path)
        asyncio.run(_tell(path, story))


async def _tell(path: Path, story: list[tuple[str, str, int]]) -> None:
    engine = open_engine(f"sqlite:///{path}")
    async with open_world(engine, MORNING) as world:
        await world.lan_asks()
        for deed, who, number in story:
            await _DEEDS.get(deed, _press)(world, deed, who, number)
            await _check(world)
    await engine.dispose()


async def _press(world: World, deed: str, who: str, number: int) -> None:
    person: Person = getattr(world, who)
    await person.presses_forged(f"{deed}:{number}" if deed != "reply" else f"reply:{number}:1")
    if deed == "finish":
        await person.says("1")
    if deed == "cancel":
        await person.says("1")


async def _ask(world: World, _deed: str, _who: str, _number: int) -> None:
    await world.lan.says("/trogiup")
    for typed in ("1", "1", "1", "thôn Phú Sơn xã Đại Lộc", "3", "1", "khong", "1"):
        await world.lan.says(typed)


async def _wait(world: World, _deed: str, _who: str, minutes: int) -> None:
    await world.time_passes(minutes=minutes)


async def _block(world: World, _deed: str, who: str, _number: int) -> None:
    await world.everyone_blocks(getattr(world, who))


async def _restart(world: World, _deed: str, _who: str, _number: int) -> None:
    """A new process on the same database: all that was only in memory is gone."""
    await world.restart()


_DEEDS: dict[str, Callable[[World, str, str, int], Awaitable[None]]] = {
    "ask": _ask,
    "wait": _wait,
    "block": _block,
    "restart": _restart,
}


async def _check(world: World) -> None:
    for row in await world.execute(select(help_requests)):
        if row.status in ("open", "claimed", "done"):
            assert row.next_at is not None, row
        assert (row.claimed_by is not None) or row.status in ("open", "cancelled"), row
        if row.status == "claimed":
            holder = await world.execute(
                select(memberships.c.person_id).where(memberships.c.id == row.claimed_by)
            )
            assert holder[0][0] != row.person_id
        claimed = await world.execute(
            select(offers.c.id).where(offers.c.request_id == row.id, offers.c.status == "claimed")
        )
        assert len(claimed) <= 1, row
    apologies = [
        r for r in await world.execute(select(outbox.c.body)) if "went wrong" in r[0]["text"]
    ]
    assert not apologies
    await world.app.scheduler.run_due()
    late = select(help_requests.c.id).where(
        help_requests.c.status.in_(("open", "claimed", "done")),
        help_requests.c.next_at <= world.clock.now(),
    )
    assert not await world.execute(late)
    assert not await world.execute(select(outbox.c.id).where(outbox.c.status == Status.FAILED))
