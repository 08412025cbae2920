"""The whole journey and its end, once on SQLite and once on PostgreSQL."""

from sqlalchemy import select

from storage.schema import help_requests
from tests.world import World


async def test_a_resident_is_helped_and_forgotten_on_each_engine(
    ward_on_each_engine: World,
) -> None:
    ward = ward_on_each_engine
    await ward.tuan_accepts()
    await ward.lan.says("chừng nào cháu tới?")
    assert "chừng nào cháu tới?" in await ward.tuan.last_read()
    await ward.tuan.presses("It is done")
    await ward.tuan.presses("Done, it works")
    await ward.lan.presses("Yes, thank you")
    await ward.lan.presses("Very good")
    assert (await ward.execute(select(help_requests.c.status)))[0][0] == "closed"

    await ward.lan.presses_forged("erase")
    await ward.lan.presses("Yes, delete it all")

    assert not await ward.is_kept("Hùng Vương")


async def test_a_request_climbs_to_the_city_on_each_engine(ward_on_each_engine: World) -> None:
    ward = ward_on_each_engine
    await ward.lan_asks()

    for minutes in (16, 31, 46, 91):
        await ward.time_passes(minutes=minutes)

    assert await ward.mai.sees("Nobody in the neighbourhood")


async def test_an_invitation_is_taken_up_on_each_engine(ward_on_each_engine: World) -> None:
    ward = ward_on_each_engine
    await ward.binh.presses_forged(f"invteam:{ward.team}:deputy")
    code = (await ward.binh.last_read()).split("Code to type: ")[1].split("\n")[0]
    an = await ward.add_person("An")

    await an.says(f"/start {code}")
    await an.says("anh An")

    assert "Thank you, anh An" in await an.last_read()
