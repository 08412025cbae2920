"""A team's chat group: offers are seen there by all, private matters are not."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.schema import help_requests
from tests.conftest import MORNING
from tests.platforms import Telegram, drained
from tests.telegram_emulator import Group
from tests.world import Person, World, open_world


class Team:
    """The neighbourhood on Telegram, and the group of its team."""

    def __init__(self, ward: World, platform: Telegram) -> None:
        self.ward = ward
        self.platform = platform
        self.group: Group = platform.api.group(-100200, "Thôn Phú Sơn")

    async def says(self, person: Person, text: str) -> None:
        update_id = await self.platform.user(person.chat_key).says(text, self.group)
        await self._answered(update_id)

    async def presses(self, person: Person, label: str) -> None:
        await self.platform.user(person.chat_key).presses(label, self.group)
        await self._answered(self.platform.api.updates.last_id)

    async def _answered(self, update_id: int) -> None:
        await self.platform.api.updates.wait_confirmed(update_id, timeout_s=20)
        await drained(self.ward.app)


@pytest.fixture
async def team(sqlite_engine: AsyncEngine) -> AsyncIterator[Team]:
    platform = Telegram()
    async with open_world(sqlite_engine, MORNING, platform) as ward:
        yield Team(ward, platform)


async def test_a_leader_makes_a_group_the_teams_own_and_offers_come_there(team: Team) -> None:
    await team.says(team.ward.binh, "/nhom")

    await team.ward.lan_asks()

    assert "Somebody near you needs help." in team.group.texts[-1]
    assert "Hùng Vương" not in team.group.texts[-1]


async def test_a_member_accepts_in_the_group_and_learns_the_rest_in_private(team: Team) -> None:
    await team.says(team.ward.binh, "/nhom")
    await team.ward.lan_asks()

    await team.presses(team.ward.tuan, "I will help")

    assert "12 đường Hùng Vương" in await team.ward.tuan.last_read()
    assert all("Hùng Vương" not in text for text in team.group.texts)
    assert "Somebody else has accepted it." in team.group.texts[-1]


async def test_who_presses_in_the_group_is_told_at_once_where_the_answer_is(team: Team) -> None:
    await team.says(team.ward.binh, "/nhom")
    await team.ward.lan_asks()

    await team.presses(team.ward.tuan, "I will help")

    press = list(team.platform.api.world.presses.values())[-1]
    assert press.text == "The answer is in our private chat: open me and press Start."


async def test_somebody_else_in_the_group_can_not_accept(team: Team) -> None:
    await team.says(team.ward.binh, "/nhom")
    await team.ward.lan_asks()

    await team.presses(team.ward.nam, "I will help")

    assert (await team.ward.execute(select(help_requests.c.status)))[0][0] == "open"


async def test_only_a_leader_can_choose_the_group(team: Team) -> None:
    await team.says(team.ward.tuan, "/nhom")

    await team.ward.lan_asks()

    assert team.group.texts == []


async def test_a_request_that_comes_back_is_shown_again(team: Team) -> None:
    await team.says(team.ward.binh, "/nhom")
    await team.ward.lan_asks()
    await team.presses(team.ward.tuan, "I will help")

    await team.ward.tuan.presses("I can't, give it to others")

    assert "Somebody near you needs help." in team.group.texts[-1]


async def test_a_pressed_menu_changes_in_place_and_does_not_pile_up(team: Team) -> None:
    await team.ward.tuan.says("/menu")
    before = len(await team.ward.tuan.messages())

    await team.ward.tuan.presses("My team's work")
    await team.ward.tuan.presses("My duty hours")
    await team.ward.tuan.presses("Back")

    assert len(await team.ward.tuan.messages()) == before
