"""Starting as an operator does: the first officer, the demo, mistakes, and a clean stop."""

import re
import sqlite3
from pathlib import Path

import httpx
import pytest

from tests.running import RunningBot


async def says(address: str, client: httpx.AsyncClient, text: str, number: int) -> str:
    """Type something into the web chat; everything that the bot has said so far."""
    body = {"id": f"m{number}", "text": text}
    (await client.post(f"{address}/api/messages", json=body)).raise_for_status()
    rows = (await client.get(f"{address}/api/messages", params={"after": 0, "wait": 5})).json()
    return "\n".join(row["body"]["text"] for row in rows["rows"] if not row["own"])


async def test_the_code_of_the_first_start_makes_the_first_city_officer(tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, DEMO="false")
    await bot.start()
    code = re.search(r"type this code to the bot: (\S+)", "\n".join(bot.printed))
    assert code
    async with httpx.AsyncClient(headers={"Origin": bot.address}, timeout=20) as client:
        await client.post(f"{bot.address}/api/session")
        await says(bot.address, client, f"/start {code.group(1)}", 1)
        said = await says(bot.address, client, "chị Mai", 2)
    assert await bot.stop() == 0

    assert "cán bộ thành phố" in said
    again = RunningBot(tmp_path, DEMO="false")
    await again.start()
    await again.stop()
    assert not any("type this code" in line for line in again.printed)


async def test_a_bot_that_is_no_demo_has_no_demo_data_and_no_demo_phones(tmp_path: Path) -> None:
    bot = RunningBot(tmp_path, DEMO="false")
    await bot.start()
    async with httpx.AsyncClient() as client:
        page = await client.get(f"{bot.address}/phone?as=resident")
        console = await client.get(f"{bot.address}/api/demo")
    await bot.stop()

    assert (page.status_code, console.status_code) == (404, 404)
    with sqlite3.connect(tmp_path / "ngoso.db") as database:
        assert database.execute("SELECT count(*) FROM teams").fetchone() == (0,)


async def test_the_demo_has_a_city_of_teams(tmp_path: Path) -> None:
    bot = RunningBot(tmp_path)
    await bot.start()
    await bot.stop()

    with sqlite3.connect(tmp_path / "ngoso.db") as database:
        count = database.execute("SELECT count(*), count(DISTINCT commune_code) FROM teams")
        assert count.fetchone() == (3766, 93)


MISTAKES = [
    ({"WEB__PORT": "many"}, "web.port"),
    ({"WEB__PROT": "1"}, "NGOSO_WEB__PROT: no such setting"),
]


@pytest.mark.parametrize(("settings", "told"), MISTAKES)
async def test_a_mistake_in_the_settings_stops_the_start(
    tmp_path: Path, settings: dict[str, str], told: str
) -> None:
    bot = RunningBot(tmp_path, **settings)

    with pytest.raises(AssertionError):
        await bot.start()
    assert any(told in line for line in bot.printed)
