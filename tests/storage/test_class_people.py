"""Whom a class invites, what is due, and that two workers never do the same."""

import asyncio
import itertools
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.class_dues import Due, cancel_dues, count_dues, end_due, lock_dues, plan_dues
from storage.class_people import (
    add_invites,
    add_suggestions,
    decline,
    list_joinable,
    list_uninvited,
    list_unreminded_leaders,
    resume_invitations,
    stop_invitations,
    wants_no_invitations,
)
from storage.class_seats import sign_up
from storage.classes import Audience, Meeting
from storage.members import Role, add_membership
from storage.schema import chats, teams
from tests.storage.class_people import COMMUNE, add_class, add_persons

DAY = date(2026, 10, 10)


async def uninvited(engine: AsyncEngine, meeting: Meeting) -> list[int]:
    async with engine.begin() as conn:
        return await list_uninvited(conn, meeting, 50)


async def add_team(engine: AsyncEngine, now: datetime) -> int:
    values = {
        "code": "T", "commune_code": COMMUNE, "name": "T", "folded_name": "t", "valid_from": now,
    }  # fmt: skip
    async with engine.begin() as conn:
        made = await conn.execute(insert(teams).values(values).returning(teams.c.id))
        return int(made.scalar_one())


async def test_a_class_of_the_ward_invites_its_residents_once(
    engine: AsyncEngine, now: datetime
) -> None:
    own = await add_persons(engine, 3, now)
    await add_persons(engine, 1, now, commune_code="20308")
    meeting = await add_class(engine, now)
    assert await uninvited(engine, meeting) == own

    async with engine.begin() as conn:
        await add_invites(conn, meeting.class_id, own[:2], now)
        await add_invites(conn, meeting.class_id, own[:2], now)

    assert await uninvited(engine, meeting) == own[2:]


async def test_a_class_of_a_team_invites_its_residents_only(
    engine: AsyncEngine, now: datetime
) -> None:
    team = await add_team(engine, now)
    await add_persons(engine, 1, now)
    own = await add_persons(engine, 2, now, team_id=team)

    meeting = await add_class(engine, now, team_id=team, audience=Audience.TEAM)

    assert await uninvited(engine, meeting) == own


async def test_who_declined_said_stop_comes_anyway_or_never_agreed_is_not_invited(
    engine: AsyncEngine, now: datetime
) -> None:
    declined, quiet, comes, fine = await add_persons(engine, 4, now)
    await add_persons(engine, 1, now, consent_version=None)
    meeting = await add_class(engine, now)
    async with engine.begin() as conn:
        await decline(conn, meeting.class_id, declined, now)
        await stop_invitations(conn, quiet, now)
        await stop_invitations(conn, quiet, now)
        await sign_up(conn, meeting.id, comes, now)
        assert await wants_no_invitations(conn, quiet)

    assert await uninvited(engine, meeting) == [fine]
    async with engine.begin() as conn:
        await resume_invitations(conn, quiet)
    assert await uninvited(engine, meeting) == [quiet, fine]


async def test_who_blocked_the_bot_is_not_counted_as_invited(
    engine: AsyncEngine, now: datetime
) -> None:
    gone, there = await add_persons(engine, 2, now)
    async with engine.begin() as conn:
        await conn.execute(chats.update().where(chats.c.person_id == gone).values(status="stopped"))

    assert await uninvited(engine, await add_class(engine, now)) == [there]


async def test_a_class_for_learners_of_a_course_invites_nobody_else(
    engine: AsyncEngine, now: datetime
) -> None:
    await add_persons(engine, 2, now)

    meeting = await add_class(engine, now, audience=Audience.COURSE, course_id="zalo")

    assert await uninvited(engine, meeting) == []


async def test_one_finds_the_classes_that_one_may_still_join(
    engine: AsyncEngine, now: datetime
) -> None:
    (person,) = await add_persons(engine, 1, now)
    joined, open_to_all = await add_class(engine, now), await add_class(engine, now)
    await add_class(engine, now, commune_code="20308")
    await add_class(engine, now, audience=Audience.TEAM)
    async with engine.begin() as conn:
        await sign_up(conn, joined.id, person, now)

        found = await list_joinable(conn, person, now, 5)

    assert [meeting.id for meeting in found] == [open_to_all.id]


# --- what is due --------------------------------------------------------------------------


async def test_two_workers_at_once_never_do_the_same(engine: AsyncEngine, now: datetime) -> None:
    for _ in range(6):
        meeting = await add_class(engine, now)
        async with engine.begin() as conn:
            await plan_dues(conn, meeting.id, {Due.DAY_BEFORE: now, Due.THANKS: now})

    async def works() -> list[int]:
        async with engine.begin() as conn:
            found = await lock_dues(conn, now, 4)
            await asyncio.sleep(0.05)
            for row in found:
                await end_due(conn, row.id, "sent", now)
        return [row.id for row in found]

    done: list[int] = []
    for _ in range(4):
        done += itertools.chain(*await asyncio.gather(works(), works()))

    assert sorted(done) == sorted(set(done))
    async with engine.begin() as conn:
        assert await count_dues(conn) == {("day_before", "sent"): 6, ("thanks", "sent"): 6}


async def test_a_new_time_makes_what_was_said_due_again(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now)
    async with engine.begin() as conn:
        await plan_dues(conn, meeting.id, {Due.DAY_BEFORE: now, Due.HOUR_BEFORE: now})
        for row in await lock_dues(conn, now, 9):
            await end_due(conn, row.id, "sent", now)
        later = now + timedelta(days=7)

        await plan_dues(conn, meeting.id, {Due.DAY_BEFORE: later})

        assert await lock_dues(conn, now, 9) == []
        assert [row.kind for row in await lock_dues(conn, later, 9)] == [Due.DAY_BEFORE]


async def test_what_is_cancelled_is_not_due_any_more(engine: AsyncEngine, now: datetime) -> None:
    meeting = await add_class(engine, now)
    async with engine.begin() as conn:
        await plan_dues(conn, meeting.id, dict.fromkeys((Due.INVITE, Due.THANKS), now))

        await cancel_dues(conn, meeting.id, now, but=(Due.INVITE,))

        assert [row.kind for row in await lock_dues(conn, now, 9)] == [Due.INVITE]


async def test_a_day_is_suggested_to_each_leader_once_by_one_of_two_workers(
    engine: AsyncEngine, now: datetime
) -> None:
    team = await add_team(engine, now)
    people = await add_persons(engine, 4, now)
    roles = (Role.LEADER, Role.DEPUTY, Role.VOLUNTEER, Role.WARD_OFFICER)
    async with engine.begin() as conn:
        for person, role in zip(people, roles, strict=True):
            await add_membership(
                conn, role=role, person_id=person, display_name="x", team_id=team,
                commune_code=None, granted_by=None, now=now,
            )  # fmt: skip

    async def suggests() -> set[int]:
        async with engine.begin() as conn:
            found = await list_unreminded_leaders(conn, DAY, 50)
            return await add_suggestions(conn, DAY, found)

    told = await asyncio.gather(suggests(), suggests())

    assert sorted(p for group in told for p in group) == people[:2]
    assert await suggests() == set()
