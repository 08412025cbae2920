"""Taking in rosters again and again, on both engines."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.types import Place
from storage.roster_members import RosterMember, Tally
from storage.rosters import RosterTeam, find_strangers, replace_roster
from storage.schema import memberships, persons, teams
from storage.teams import list_teams

LAN = RosterMember("Trần Thị Lan", "leader", "0905000001")
TUAN = RosterMember("Lê Tuấn", "volunteer", "0905000002")
HOA = RosterMember("Võ Thị Hoa", "volunteer", None)


def team(code: str, name: str, *members: RosterMember, commune: str = "20314") -> RosterTeam:
    return RosterTeam(code, commune, name, members=members)


async def roster_of(conn: AsyncConnection, code: str) -> list[tuple[str, str, str | None]]:
    query = (
        select(memberships.c.display_name, memberships.c.role, memberships.c.phone)
        .join(teams, teams.c.id == memberships.c.team_id)
        .where(teams.c.code == code, memberships.c.removed_at.is_(None))
        .order_by(memberships.c.display_name)
    )
    return [(row[0], row[1], row[2]) for row in await conn.execute(query)]


async def join(conn: AsyncConnection, name: str, now: datetime) -> None:
    """The person on the roster comes to the bot."""
    made = insert(persons).values(created_at=now).returning(persons.c.id)
    person_id = (await conn.execute(made)).scalar_one()
    who = memberships.c.display_name == name
    await conn.execute(update(memberships).where(who).values(person_id=person_id))


async def invite(conn: AsyncConnection, code: str, name: str, now: datetime) -> None:
    """Somebody joins whom no roster lists."""
    team_id = (await conn.execute(select(teams.c.id).where(teams.c.code == code))).scalar_one()
    made = insert(memberships).values(
        role="volunteer", team_id=team_id, display_name=name, created_at=now
    )
    await conn.execute(made)


async def test_the_same_roster_twice_changes_nothing(engine: AsyncEngine, now: datetime) -> None:
    roster = [
        RosterTeam("a", "20314", "Tổ 1", ("Tổ 9",), Place(16.0, 108.2), (LAN, TUAN, HOA)),
        team("b", "Tổ 2"),
    ]
    async with engine.begin() as conn:
        first = await replace_roster(conn, roster, now=now)
        second = await replace_roster(conn, roster, now=now + timedelta(days=1))

    assert (first.teams, first.members) == (Tally(added=2), Tally(added=3))
    assert second.none


async def test_a_later_roster_of_one_ward_leaves_the_others_alone(
    engine: AsyncEngine, now: datetime
) -> None:
    other = team("x", "Tổ 1", HOA, commune="20242")
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1", LAN), team("b", "Tổ 2"), other], now=now)
        changes = await replace_roster(conn, [team("a", "Tổ 1", LAN, TUAN)], now=now)

        assert (changes.teams, changes.members) == (Tally(ended=1), Tally(added=1))
        assert await roster_of(conn, "x") == [("Võ Thị Hoa", "volunteer", None)]
        assert [found.code for found in await list_teams(conn, "20314", now)] == ["a"]


async def test_a_renamed_team_keeps_its_old_name_and_its_place(
    engine: AsyncEngine, now: datetime
) -> None:
    placed = RosterTeam("a", "20314", "Tổ 59", place=Place(16.0, 108.2))
    async with engine.begin() as conn:
        await replace_roster(conn, [placed], now=now)
        await replace_roster(conn, [team("a", "Tổ 12")], now=now)
        (found,) = await list_teams(conn, "20314", now)

    assert (found.name, found.former_names) == ("Tổ 12", ("Tổ 59",))
    assert found.place == Place(16.0, 108.2)


async def test_a_team_that_comes_back_is_the_same_team(engine: AsyncEngine, now: datetime) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1"), team("b", "Tổ 2")], now=now)
        (first, _b) = await list_teams(conn, "20314", now)
        await replace_roster(conn, [team("b", "Tổ 2")], now=now)
        await replace_roster(conn, [team("a", "Tổ 1"), team("b", "Tổ 2")], now=now)

        assert first.id in {found.id for found in await list_teams(conn, "20314", now)}


@pytest.mark.parametrize(
    "corrected",
    [
        RosterMember("Trần Thị Lan", "deputy", "0905999999"),
        RosterMember("Trần Thị Ngọc Lan", "leader", "0905000001"),
    ],
)
async def test_a_joined_member_stays_joined_when_name_phone_or_role_is_corrected(
    engine: AsyncEngine, now: datetime, corrected: RosterMember
) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1", LAN, TUAN)], now=now)
        await join(conn, LAN.name, now)
        changes = await replace_roster(conn, [team("a", "Tổ 1", corrected, TUAN)], now=now)

        assert changes.members == Tally(changed=1)
        kept = select(memberships.c.display_name).where(memberships.c.person_id.is_not(None))
        assert (await conn.execute(kept)).scalar_one() == corrected.name


async def test_another_person_with_the_same_phone_does_not_inherit_a_membership(
    engine: AsyncEngine, now: datetime
) -> None:
    successor = RosterMember("Phạm Bình", "leader", LAN.phone)
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1", LAN)], now=now)
        changes = await replace_roster(conn, [team("a", "Tổ 1", successor)], now=now)

    assert changes.members == Tally(added=1, ended=1)


async def test_who_left_the_roster_is_removed_but_not_who_came_by_invite(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1", LAN, TUAN)], now=now)
        await invite(conn, "a", "Chị Mai", now)
        await replace_roster(conn, [team("a", "Tổ 1", LAN)], now=now)

        names = [name for name, _role, _phone in await roster_of(conn, "a")]

    assert names == ["Chị Mai", "Trần Thị Lan"]


async def test_in_a_merger_people_follow_into_the_new_team(
    engine: AsyncEngine, now: datetime
) -> None:
    merged = RosterTeam("c", "20314", "Tổ 1 mới", ("Tổ 1", "Tổ 2"), members=(LAN, TUAN))
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1", LAN), team("b", "Tổ 2", TUAN)], now=now)
        await join(conn, TUAN.name, now)
        await invite(conn, "b", "Chị Mai", now)
        changes = await replace_roster(conn, [merged], now=now)

        names = [name for name, _role, _phone in await roster_of(conn, "c")]

    assert changes.members.added == 0
    assert names == ["Chị Mai", "Lê Tuấn", "Trần Thị Lan"]


async def test_residents_follow_a_merged_team(engine: AsyncEngine, now: datetime) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1")], now=now)
        (old,) = await list_teams(conn, "20314", now)
        await conn.execute(insert(persons).values(team_id=old.id, created_at=now))
        await replace_roster(conn, [RosterTeam("c", "20314", "Tổ 3", ("Tổ 1",))], now=now)

        (new,) = await list_teams(conn, "20314", now)
        assert (await conn.execute(select(persons.c.team_id))).scalar_one() == new.id


async def test_a_code_of_another_ward_is_noticed(engine: AsyncEngine, now: datetime) -> None:
    roster: Sequence[RosterTeam] = [team("a", "Tổ 1", commune="20242")]
    async with engine.begin() as conn:
        await replace_roster(conn, [team("a", "Tổ 1")], now=now)

        assert await find_strangers(conn, roster) == list(roster)
        assert await find_strangers(conn, [team("a", "Tổ 1")]) == []
