"""`nearest`: which commune and team are meant by addresses or places, one JSON line each."""

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.addresses import AddressBook
from bot.communes import load_region
from bot.config import Settings
from bot.demo_roster import load_demo_roster
from bot.geo import Area, distance_km
from bot.types import Place
from bot.whereabouts import Location, locate_place, locate_text
from storage.boundaries import load_boundaries
from storage.engine import open_engine
from storage.migrate import migrate
from storage.teams import Team, list_teams

DETAILS = """\
Each line is {"text": "..."} or {"lat": .., "lon": ..}; each answer is
{"commune_code", "commune", "team", "distance_km", "candidates": [{"commune_code", "commune"}],
"sure"}. commune is the best reading, right only when sure is true; else ask, with the candidates
(at most five). No network is used.

A text: team is the one that it names, else the one nearest to the middle of a sure commune; null
when it names one that the roster doesn't have or that isn't clear.
A place: with imported boundaries they decide; without, sure is always false, since the nearest
centre is right for four places of five only. team is the nearest one, of the commune if that is
sure, and distance_km the great-circle distance to it. Outside the region all is null.
A line that can't be read is answered with {"error": "..."}.
In demo mode an empty database gets the demo roster first."""


class BadLine(Exception):
    """A line that can't be answered; the message is the answer."""


@dataclass(frozen=True, slots=True)
class _Finder:
    engine: AsyncEngine
    book: AddressBook
    boundaries: Mapping[str, Area]
    now: datetime

    async def answer(self, line: str) -> dict[str, Any]:
        try:
            asked = _parse(line)
        except BadLine as error:
            return {"error": str(error)}
        # A transaction each: a bot that runs on the same file needs its turn.
        async with self.engine.begin() as conn:
            if isinstance(asked, Place):
                region = self.book.region
                found = await locate_place(conn, region, self.boundaries, asked, self.now)
                return _answer(found, found.team)
            found = await locate_text(conn, self.book, asked, self.now)
            return _answer(found, await self._team(conn, found))

    async def _team(self, conn: AsyncConnection, found: Location) -> Team | None:
        """The team that was named, or the middlemost when none was."""
        if found.team or found.team_named or not found.sure or found.commune is None:
            return found.team
        teams = await list_teams(conn, found.commune.code, self.now)
        center = found.commune.place
        placed = [(distance_km(center, t.place), t.id, t) for t in teams if t.place]
        return min(placed)[2] if placed else next(iter(teams), None)


def configure(parser: ArgumentParser) -> None:
    parser.epilog = DETAILS
    parser.formatter_class = RawDescriptionHelpFormatter


async def run(args: Namespace, settings: Settings) -> int:
    """One answer a line, in order, until standard input ends."""
    now = datetime.now(UTC)
    engine = open_engine(settings.database.url)
    await migrate(engine)
    try:
        if settings.is_demo:
            await load_demo_roster(engine, settings, now)
        async with engine.begin() as conn:
            boundaries = await load_boundaries(conn)
        book = AddressBook(load_region(settings.region.data))
        finder = _Finder(engine, book, boundaries, now)
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip():
                print(json.dumps(await finder.answer(line), ensure_ascii=False), flush=True)
    finally:
        await engine.dispose()
    return 0


def _parse(line: str) -> Place | str:
    try:
        asked = json.loads(line)
    except ValueError:
        raise BadLine("this line is no JSON") from None
    if not isinstance(asked, dict):
        raise BadLine('write {"text": "..."} or {"lat": .., "lon": ..}')
    if isinstance(asked.get("text"), str):
        return str(asked["text"])
    lat, lon = _degrees(asked.get("lat"), 90), _degrees(asked.get("lon"), 180)
    if lat is None or lon is None:
        raise BadLine('write {"text": "..."} or {"lat": .., "lon": ..} in degrees')
    return Place(lat, lon)


def _degrees(value: Any, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if -most <= value <= most else None


def _answer(found: Location, team: Team | None) -> dict[str, Any]:
    km = found.distance_km
    return {
        "commune_code": found.commune.code if found.commune else None,
        "commune": found.commune.title if found.commune else None,
        "team": team.name if team else None,
        "distance_km": round(km, 3) if km is not None else None,
        "candidates": [
            {"commune_code": commune.code, "commune": commune.title} for commune in found.communes
        ],
        "sure": found.sure,
    }
