"""Reading teams, and finding the nearest ones, on both engines."""

import random
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.geo import distance_km, moved
from bot.types import Place
from storage.boundaries import load_boundaries, replace_boundaries
from storage.rosters import RosterTeam, replace_roster
from storage.schema import teams
from storage.teams import find_heir, find_team, get_team, list_teams, nearest_teams

CENTER = Place(16.05, 108.2)


def scattered(count: int, spread_km: float) -> list[RosterTeam]:
    rng = random.Random(1)
    return [
        RosterTeam(
            f"c{number}",
            "20314",
            f"Tổ {number}",
            place=moved(CENTER, rng.gauss(0, spread_km), rng.gauss(0, spread_km)),
        )
        for number in range(count)
    ]


async def test_the_nearest_teams_come_first_with_their_distance(
    engine: AsyncEngine, now: datetime
) -> None:
    roster = scattered(300, 20)
    async with engine.begin() as conn:
        await replace_roster(conn, roster, now=now)

        found = await nearest_teams(conn, CENTER, limit=5, within_km=60, now=now)

    ranked = sorted(distance_km(CENTER, team.place) for team in roster if team.place)
    assert [round(km, 6) for _team, km in found] == [round(km, 6) for km in ranked[:5]]


async def test_no_team_farther_than_asked_for_is_found(engine: AsyncEngine, now: datetime) -> None:
    roster = scattered(50, 10)
    async with engine.begin() as conn:
        await replace_roster(conn, roster, now=now)

        found = await nearest_teams(conn, CENTER, limit=100, within_km=4, now=now)

    near = [team for team in roster if team.place and distance_km(CENTER, team.place) <= 4]
    assert {team.code for team, _km in found} == {team.code for team in near}


async def test_teams_that_ended_or_have_no_place_are_not_near(
    engine: AsyncEngine, now: datetime
) -> None:
    roster = [*scattered(20, 0.1), RosterTeam("far", "20314", "Tổ xa", place=Place(16.2, 108.2))]
    async with engine.begin() as conn:
        await replace_roster(conn, [*roster, RosterTeam("none", "20314", "Tổ không")], now=now)
        ended = teams.c.code.like("c%")
        await conn.execute(update(teams).where(ended).values(valid_to=now))

        found = await nearest_teams(conn, CENTER, limit=2, within_km=60, now=now)

    assert [team.code for team, _km in found] == ["far"]


async def test_nearest_is_found_from_a_fresh_connection_too(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, scattered(5, 1), now=now)

    async with engine.begin() as conn:
        assert len(await nearest_teams(conn, CENTER, limit=3, within_km=15, now=now)) == 3


async def test_a_commune_lists_its_present_teams_with_their_former_names(
    engine: AsyncEngine, now: datetime
) -> None:
    roster = [
        RosterTeam("a", "20314", "Tổ 1", ("Tổ 58", "Tổ 59")),
        RosterTeam("b", "20242", "Tổ 1"),
    ]
    async with engine.begin() as conn:
        await replace_roster(conn, roster, now=now)

        (found,) = await list_teams(conn, "20314", now)
        before = await list_teams(conn, "20314", now - timedelta(days=1))

    assert (found.code, found.former_names, found.place) == ("a", ("Tổ 58", "Tổ 59"), None)
    assert before == []


async def test_a_team_is_found_by_its_id_and_leads_to_its_heir(
    engine: AsyncEngine, now: datetime
) -> None:
    async with engine.begin() as conn:
        await replace_roster(conn, [RosterTeam("a", "20314", "Tổ 1")], now=now)
        (old,) = await list_teams(conn, "20314", now)
        await replace_roster(conn, [RosterTeam("b", "20314", "Tổ 9", ("Tổ 1",))], now=now)
        (new,) = await list_teams(conn, "20314", now)

        assert await find_heir(conn, old.id) == new.id
        assert (await get_team(conn, old.id)).name == "Tổ 1"
        assert await find_team(conn, 987654) is None


async def test_boundaries_are_replaced_as_a_whole(engine: AsyncEngine) -> None:
    triangle = [[[108.0, 16.0], [109.0, 16.0], [108.0, 17.0], [108.0, 16.0]]]
    async with engine.begin() as conn:
        await replace_boundaries(conn, {"20314": [triangle], "20242": [triangle]})
        await replace_boundaries(conn, {"20314": [triangle]})

        areas = await load_boundaries(conn)

    assert list(areas) == ["20314"]
    assert areas["20314"].contains(Place(16.1, 108.1))
