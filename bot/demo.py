"""The demo: a made-up city, six phones of one neighbourhood, and a clock that can be moved.

Only for trying the bot out on one's own machine; `bot.app` builds it when the settings say so.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.web import Persona
from bot.channels.web.demo import chat_key_of
from bot.clock import DemoClock
from bot.config import Settings
from bot.demo_roster import load_demo_roster
from bot.texts import _
from storage.chats import change_person, give_consent, lock_chats
from storage.kept import find_kept, keep
from storage.members import Role, add_membership, change_membership
from storage.teams import Team, list_teams

# Xã Đại Lộc: where the journey of the demo takes place.
COMMUNE = "20500"
AHEAD = "demo_clock_ahead_s"
STEP = timedelta(minutes=15)
SENDING_S = 0.02

PERSONAS = (
    Persona("resident", _("Bà Sáu, 67"), _("A resident of xã Đại Lộc who needs help")),
    Persona("tuan", _("Anh Tuấn"), _("A volunteer of the nearest team")),
    Persona("hoa", _("Chị Hoa"), _("A volunteer of the same team")),
    Persona("leader", _("Chú Bình"), _("The leader of the team")),
    Persona("officer", _("Chị Mai"), _("An officer of the city")),
    Persona("second", _("Anh Quân"), _("A second officer, who agrees to announcements")),
)
_ROLES = {
    "tuan": ("Anh Tuấn (demo)", Role.VOLUNTEER),
    "hoa": ("Chị Hoa (demo)", Role.VOLUNTEER),
    "leader": ("Chú Bình (demo)", Role.LEADER),
    "officer": ("Chị Mai (demo)", Role.CITY_OFFICER),
    "second": ("Anh Quân (demo)", Role.CITY_OFFICER),
}


class Demo:
    """What the demo page may do: show the phones, tell the time, move it forward."""

    def __init__(
        self, engine: AsyncEngine, clock: DemoClock, run_due: Callable[[], Awaitable[None]]
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._run_due = run_due

    def personas(self) -> Sequence[Persona]:
        return PERSONAS

    def now(self) -> datetime:
        return self._clock.now()

    async def forward(self, minutes: int) -> None:
        """Let time pass, a little at a time, doing what becomes due; the next start goes on there.

        In one leap from evening to evening it would never be day, and nobody be reminded.
        """
        if minutes < 0:
            raise ValueError("the demo clock runs forward only")
        until = self._clock.ahead + timedelta(minutes=minutes)
        while self._clock.ahead < until:
            self._clock.forward(min(STEP, until - self._clock.ahead))
            async with self._engine.begin() as conn:
                await keep(conn, AHEAD, str(int(self._clock.ahead.total_seconds())))
            await self._run_due()
            # Reminders leave by day only: their sender gets its turn before the night falls.
            await asyncio.sleep(SENDING_S)


async def prepare_demo(engine: AsyncEngine, clock: DemoClock, settings: Settings) -> None:
    """Make the city and the six persons, unless they are there; set the clock where it was."""
    async with engine.begin() as conn:
        clock.ahead = timedelta(seconds=int(await find_kept(conn, AHEAD) or 0))
    await load_demo_roster(engine, settings, clock.now())
    async with engine.begin() as conn:
        teams = await list_teams(conn, COMMUNE, clock.now())
        for key in _ROLES:
            await _prepare_persona(conn, key, teams[0], settings, clock.now())


async def _prepare_persona(
    conn: AsyncConnection, key: str, team: Team, settings: Settings, now: datetime
) -> None:
    chat_key = ("web", chat_key_of(key))
    person = (await lock_chats(conn, [chat_key], now))[chat_key].person
    if person.display_name:
        return
    name, role = _ROLES[key]
    person = await change_person(conn, person, display_name=name)
    await give_consent(conn, person, settings.privacy.consent_version, now)
    member = await add_membership(
        conn,
        role=role,
        person_id=person.id,
        display_name=name,
        team_id=None if role is Role.CITY_OFFICER else team.id,
        commune_code=None,
        granted_by=None,
        now=now,
    )
    await change_membership(conn, member.id, display_name=name)
