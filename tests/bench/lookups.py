"""How long it takes to find the nearest team and to understand an address, in this process."""

import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.addresses import AddressBook
from bot.communes import Region, load_region
from bot.config import ROOT
from bot.demo_roster import make_demo_roster
from bot.types import Place
from storage.engine import open_engine
from storage.migrate import migrate
from storage.schema import teams
from storage.teams import nearest_teams
from tests.bench.load import percentile

NOW = datetime(2026, 12, 2, 2, 0, tzinfo=UTC)
# About 500 m either way: a denser city of the same shape.
SCATTER_DEGREES = 0.005
WITHIN_KM = 15.0
LIMIT = 3
ADDRESSES = ROOT / "tests" / "data" / "addresses.jsonl"


def load_city() -> tuple[Region, list[Place]]:
    """The region, and where the teams of the demo city meet."""
    region = load_region("danang")
    return region, [team.place for team in make_demo_roster(region, {}) if team.place]


async def city_of(url: str, places: Sequence[Place], count: int) -> AsyncEngine:
    """A database with so many teams, spread as the demo city's are."""
    engine = open_engine(url)
    await migrate(engine)
    rng = random.Random(1)
    rows = [_team(number, places[number % len(places)], rng) for number in range(count)]
    async with engine.begin() as conn:
        for start in range(0, count, 1000):
            await conn.execute(insert(teams), rows[start : start + 1000])
    return engine


def _team(number: int, place: Place, rng: random.Random) -> dict[str, Any]:
    return {
        "code": f"bench-{number}",
        "commune_code": "20500",
        "name": f"Tổ {number}",
        "folded_name": f"to {number}",
        "lat": place.lat + rng.uniform(-1, 1) * SCATTER_DEGREES,
        "lon": place.lon + rng.uniform(-1, 1) * SCATTER_DEGREES,
        "valid_from": NOW,
    }


async def time_nearest(
    engine: AsyncEngine, places: Sequence[Place], times: int
) -> tuple[float, float]:
    """Milliseconds, p50 and p99, of a lookup within an open transaction, as a turn does it."""
    rng = random.Random(2)
    took = []
    async with engine.begin() as conn:
        for _ in range(times):
            at = rng.choice(places)
            place = Place(at.lat + rng.gauss(0, 0.003), at.lon + rng.gauss(0, 0.003))
            began = time.perf_counter()
            await nearest_teams(conn, place, limit=LIMIT, within_km=WITHIN_KM, now=NOW)
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.5), percentile(took, 0.99)


def time_addresses(region: Region, times: int) -> tuple[float, float]:
    """Milliseconds, p50 and p99, of understanding one of the published addresses."""
    understand: Callable[[str], Any] = AddressBook(region).understand
    texts = [json.loads(line)["text"] for line in ADDRESSES.read_text().splitlines()]
    took = []
    for text in texts * times:
        began = time.perf_counter()
        understand(text)
        took.append((time.perf_counter() - began) * 1000)
    return percentile(took, 0.5), percentile(took, 0.99)
