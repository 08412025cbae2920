"""Roles: invitations, joining, duty hours, removing, leaving; each checked on the server."""

import re

import pytest
from sqlalchemy import select

from storage.members import Role, remove_membership
from storage.schema import audit, memberships
from tests.world import World


async def _code(text: str) -> str:
    match = re.search(r"Code to type: (\S+)", text)
    assert match, text
    return match.group(1)


async def _invitation(ward: World) -> str:
    await ward.binh.says("/to")
    await ward.binh.presses("People and invitations")
    await ward.binh.presses("Thôn Phú Sơn")
    await ward.binh.presses("Invite members")
    return await _code(await ward.binh.last_read())


async def test_a_leader_invites_with_a_link_a_code_and_a_picture(ward: World) -> None:
    ward.app.services.links.name_telegram("NgoSoBot")
    code = await _invitation(ward)

    shown = await ward.binh.messages()
    assert shown[-2].media is not None
    assert f"https://t.me/NgoSoBot?start={code}" in shown[-1].text


async def test_who_types_the_code_joins_and_is_asked_from_then_on(ward: World) -> None:
    code = await _invitation(ward)
    an = await ward.add_person("An")
    await an.says(code.lower().replace("-", " ").replace(" ", ""))
    await an.says("anh An")
    assert "Thank you, anh An" in await an.last_read()

    await ward.lan_asks()
    await ward.time_passes(minutes=16)  # three others were asked first

    assert await an.sees("Somebody near you needs help.")


async def test_the_link_of_an_invitation_does_the_same(ward: World) -> None:
    code = await _invitation(ward)
    an = await ward.add_person("An")

    await an.says(f"/start {code}")

    assert "You are invited as team member, Thôn Phú Sơn, xã Đại Lộc" in await an.last_read()


@pytest.mark.parametrize("days", [8, 100])
async def test_an_old_invitation_is_refused(ward: World, days: int) -> None:
    code = await _invitation(ward)
    an = await ward.add_person("An")
    ward.clock.forward(days=days)

    await an.says(f"/start {code}")

    assert "not good any more" in await an.last_read()


async def test_a_made_up_code_is_refused(ward: World) -> None:
    await ward.lan.says("/start AAAA-AAAA")

    assert "not good any more" in await ward.lan.last_read()


async def test_an_officers_invitation_is_for_one_person(ward: World) -> None:
    await ward.mai.presses_forged("invcity")
    code = await _code(await ward.mai.last_read())
    first, second = await ward.add_person("Một"), await ward.add_person("Hai")
    await first.says(f"/start {code}")

    await second.says(f"/start {code}")

    assert "not good any more" in await second.last_read()


async def test_a_ward_officer_is_invited_for_a_commune_that_is_named(ward: World) -> None:
    await ward.mai.presses_forged("invward")
    await ward.mai.says("xa ba na")
    code = await _code(await ward.mai.last_read())
    an = await ward.add_person("An")
    await an.says(f"/start {code}")
    await an.says("chị An")

    row = (await ward.execute(select(memberships).order_by(memberships.c.id.desc()).limit(1)))[0]
    assert (row.role, row.commune_code) == ("ward_officer", "20308")


FORBIDDEN = [
    ("lan", "people"),
    ("lan", "members:1"),
    ("tuan", "members:1"),
    ("tuan", "invteam:1:leader"),
    ("nam", "invteam:1:volunteer"),
    ("binh", "members:2"),
    ("binh", "invteam:1:city_officer"),
    ("binh", "invcity"),
    ("thu", "invcity"),
    ("thu", "invward:20308"),
    ("tuan", "drop:1"),
    ("binh", "drop:2"),
    ("lan", "findteam"),
]


@pytest.mark.parametrize(("who", "action"), FORBIDDEN)
async def test_a_forged_button_gives_no_power(ward: World, who: str, action: str) -> None:
    person = getattr(ward, who)

    await person.presses_forged(action)

    last = await person.last_read()
    assert last.startswith("Only"), last


async def test_a_removed_leader_has_no_power_left_in_old_buttons(ward: World) -> None:
    await ward.binh.says("/to")
    await ward.binh.presses("People and invitations")
    await ward.binh.presses("Thôn Phú Sơn")
    async with ward.app.engine.begin() as conn:
        await remove_membership(conn, ward.members["Bình"].id, ward.clock.now())

    await ward.binh.presses("Invite members")

    assert "Only this team's leaders" in await ward.binh.last_read()


async def test_a_leader_removes_a_member_who_is_told(ward: World) -> None:
    await ward.binh.presses_forged(f"drop:{ward.team}")
    await ward.binh.says("tuấn")
    await ward.binh.presses("Tuấn")

    assert "no longer in Thôn Phú Sơn" in await ward.tuan.last_read()
    await ward.lan_asks()
    assert not await ward.tuan.sees("needs help")


async def test_changes_of_roles_are_written_down(ward: World) -> None:
    await _invitation(ward)
    await ward.binh.presses_forged(f"drop:{ward.team}")
    await ward.binh.says("tuấn")
    await ward.binh.presses("Tuấn")

    actions = [row[0] for row in await ward.execute(select(audit.c.action))]
    assert actions == ["invited:volunteer", "removed"]


async def test_a_volunteer_on_a_break_is_not_asked(ward: World) -> None:
    await ward.tuan.says("/truc")
    await ward.tuan.presses("Pause, no requests for now")
    await ward.tuan.new()

    await ward.lan_asks()

    assert await ward.tuan.new() == []


async def test_a_volunteer_is_asked_in_their_hours_only(ward: World) -> None:
    await ward.tuan.says("/truc")
    await ward.tuan.presses("Evenings, 17:00 to 20:00")
    await ward.tuan.new()

    await ward.lan_asks()
    assert await ward.tuan.new() == []


async def test_one_can_leave_but_the_last_city_officer_can_not(ward: World) -> None:
    await ward.tuan.presses_forged("leave")
    await ward.tuan.says("1")
    assert "You have left." in await ward.tuan.last_read()

    await ward.mai.presses_forged("leave")
    await ward.mai.says("1")
    assert "the last city officer" in await ward.mai.last_read()


async def test_a_leader_sees_what_waits_in_the_team(ward: World) -> None:
    await ward.lan_asks()

    await ward.binh.presses_forged("waiting")
    await ward.nam.presses_forged("waiting")

    assert "1 request is waiting" in " ".join(await ward.binh.new())
    assert "No request is waiting." in await ward.nam.last_read()


async def test_an_officer_finds_a_team_by_its_name(ward: World) -> None:
    await ward.thu.presses_forged("findteam")
    await ward.thu.says("thôn Phú Sơn xã Đại Lộc")

    assert "Thôn Phú Sơn has 3 members" in await ward.thu.last_read()


async def test_a_role_has_its_name_on_screen(ward: World) -> None:
    await ward.add_member("Kha", Role.DEPUTY, ward.team)

    await ward.binh.presses_forged(f"members:{ward.team}")

    assert "Kha · deputy team leader" in await ward.binh.last_read()
