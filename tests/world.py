"""People who talk to the bot, so that a test reads as what they say and what they read.

The bot is real: dispatcher, conversation, storage. By which platform people reach it is said by
`tests.platforms`; the same conversations run on each.
"""

import contextlib
import itertools
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import App, build_services
from bot.config import Settings
from bot.texts import Texts, fold
from bot.types import Incoming, Media, Place
from storage.chats import Chat, change_person, give_consent, lock_chats
from storage.members import Membership, Role, add_membership
from storage.schema import metadata, teams
from tests.platforms import Core, Platform, Shown, drained

DAI_LOC = "20500"
HOME = Place(15.8990, 108.1030)
VNEID = "VNeID, electronic identity"


class TestClock:
    """Stands still until a test moves it."""

    __test__ = False

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def forward(self, **step: float) -> None:
        self._now += timedelta(**step)

    def set(self, now: datetime) -> None:
        self._now = now


class Person:
    """Somebody with a phone."""

    def __init__(self, world: "World", name: str, chat_key: str) -> None:
        self.name = name
        self.chat_key = chat_key
        self._world = world
        self._read = 0

    async def says(self, text: str) -> None:
        """Type a message, and see what comes back."""
        await self._send(text=text)

    async def presses(self, label: str) -> None:
        """Press the newest button that is called so; a button that is not there fails the test."""
        for message in reversed(await self.messages()):
            action = message.action(label)
            if action is not None:
                await self._send(button=action)
                return
        raise AssertionError(f"{self.name} sees no button “{label}”:\n{await self.screen()}")

    async def presses_forged(self, action: str) -> None:
        """Send a button that nobody showed."""
        await self._send(button=action)

    async def shares(self, lat: float, lon: float) -> None:
        await self._send(place=Place(lat, lon))

    async def sends_photo(self, ref: str = "store:photo", *, caption: str = "") -> None:
        await self._send(media=Media("photo", ref, "image/jpeg"), text=caption)

    async def sends_voice(self, ref: str = "store:voice") -> None:
        await self._send(media=Media("voice", ref, "audio/ogg"))

    async def sends_sticker(self) -> None:
        await self._send(other=True)

    async def messages(self) -> list[Shown]:
        return await self._world.platform.shown(self.chat_key)

    async def new(self) -> list[str]:
        """Texts that came since the last look."""
        found = await self.messages()
        fresh, self._read = found[self._read :], len(found)
        return [message.text for message in fresh]

    async def last_read(self) -> str:
        found = await self.messages()
        self._read = len(found)
        return found[-1].text if found else ""

    async def sees(self, words: str) -> bool:
        """Whether these words stand in any message since the last look."""
        return any(words in text for text in await self.new())

    async def choices(self) -> list[str]:
        """Labels of the last message's buttons."""
        found = await self.messages()
        return [label for _number, label, _action in found[-1].buttons]

    async def screen(self) -> str:
        return "\n---\n".join(f"{m.text}\n{m.buttons}" for m in (await self.messages())[-6:])

    async def _send(self, **what: Any) -> None:
        update_id = f"u{next(self._world.update_ids)}"
        incoming = Incoming(self._world.platform.name, update_id, self.chat_key, **what)
        await self._world.platform.deliver(incoming)


class World:
    """One neighbourhood: a resident, a team, a team next door, a ward officer, a city officer."""

    def __init__(self, app: App, clock: TestClock, platform: Platform) -> None:
        self.app = app
        self.clock = clock
        self.platform = platform
        self.update_ids = itertools.count(1)
        self.team = self.next_team = 0
        self.members: dict[str, Membership] = {}
        self.lan = self.tuan = self.hoa = self.binh = self.nam = self.thu = self.mai = Person(
            self, "nobody", ""
        )

    async def restart(self) -> None:
        """Another bot on the same database: what was only in memory is gone."""
        await self.platform.stop()
        self.app = _new_app(self.app.engine, self.clock, self.app.settings)
        await self.platform.start(self.app)

    async def settle_in(self) -> None:
        """Two teams and everybody in them."""
        self.team = await self.add_team("Thôn Phú Sơn", HOME)
        self.next_team = await self.add_team("Thôn Đông Lâm", Place(15.9070, 108.1110))
        self.lan = await self.add_person("Bà Lan")
        self.tuan = await self.add_member("Tuấn", Role.VOLUNTEER, self.team)
        self.hoa = await self.add_member("Hoa", Role.VOLUNTEER, self.team)
        self.binh = await self.add_member("Bình", Role.LEADER, self.team)
        self.nam = await self.add_member("Nam", Role.VOLUNTEER, self.next_team)
        self.thu = await self.add_member("Thu", Role.WARD_OFFICER, commune=DAI_LOC)
        self.mai = await self.add_member("Mai", Role.CITY_OFFICER)

    async def add_team(self, name: str, place: Place | None, commune: str = DAI_LOC) -> int:
        values = {
            "code": f"{commune}-{fold(name)}",
            "commune_code": commune,
            "name": name,
            "folded_name": fold(name),
            "lat": place.lat if place else None,
            "lon": place.lon if place else None,
            "valid_from": self.clock.now() - timedelta(days=1),
        }
        async with self.app.engine.begin() as conn:
            query = insert(teams).values(values).returning(teams.c.id)
            return int((await conn.execute(query)).scalar_one())

    async def add_person(self, name: str, *, consent: bool = True) -> Person:
        """Somebody whose chat exists; with consent unless a test is about it."""
        chat_key = await self.platform.open(name)
        chat = await self._chat(chat_key)
        if consent:
            version = self.app.settings.privacy.consent_version
            async with self.app.engine.begin() as conn:
                await give_consent(conn, chat.person, version, self.clock.now())
        return Person(self, name, chat_key)

    async def add_member(
        self, name: str, role: Role, team: int | None = None, commune: str | None = None
    ) -> Person:
        person = await self.add_person(name)
        chat = await self._chat(person.chat_key)
        async with self.app.engine.begin() as conn:
            await change_person(conn, chat.person, display_name=name)
            self.members[name] = await add_membership(
                conn,
                role=role,
                person_id=chat.person.id,
                display_name=name,
                team_id=team,
                commune_code=commune,
                granted_by=None,
                now=self.clock.now(),
            )
        return person

    async def _chat(self, chat_key: str) -> Chat:
        key = (self.platform.name, chat_key)
        async with self.app.engine.begin() as conn:
            return (await lock_chats(conn, [key], self.clock.now()))[key]

    async def person_id(self, person: Person) -> int:
        return (await self._chat(person.chat_key)).person.id

    async def time_passes(self, **step: float) -> None:
        """Move the clock and let everything happen that has become due."""
        self.clock.forward(**step)
        await self.app.scheduler.run_due()
        await self.settled()

    async def settled(self) -> None:
        """Everything that was written has been shown, where anything is shown at all."""
        if self.app.channels:
            await drained(self.app)

    async def is_kept(self, words: str) -> bool:
        """Whether these words stand anywhere in the database, decoded as the bot would."""
        for table in metadata.tables.values():
            if words in str(await self.execute(select(table))):
                return True
        return False

    async def execute(self, statement: Any) -> Any:
        async with self.app.engine.begin() as conn:
            result = await conn.execute(statement)
            return result.all() if result.returns_rows else None

    # --- what happens in most stories --------------------------------------------------------

    async def lan_asks(self, *, when: str = "As soon as possible", where: str = "phu son") -> None:
        """Bà Lan asks for help with VNeID at her house, the shortest way."""
        await self.lan.says("/trogiup")
        await self.lan.presses(VNEID)
        await self.lan.presses("I will tell the helper")
        await self.lan.presses("For myself")
        await self.lan.says(f"thôn {where}, xã Đại Lộc")
        await self.lan.presses("Come and help in person")
        await self.lan.says("12 đường Hùng Vương")
        await self.lan.presses(when)
        await self.lan.says("bà Lan")
        await self.lan.presses("Yes, send it")

    async def lan_asks_again(self) -> None:
        """Once more, now that the bot knows where she lives and what she is called."""
        await self.lan.says("/trogiup")
        for choice in (VNEID, "I will tell the helper", "For myself"):
            await self.lan.presses(choice)
        await self.lan.says("1")
        for choice in ("Help in this chat", "As soon as possible", "No name", "Yes, send it"):
            await self.lan.presses(choice)

    async def tuan_accepts(self) -> None:
        await self.lan_asks()
        await self.tuan.presses("I will help")

    async def everyone_blocks(self, *persons: Person) -> None:
        from storage.schema import chats

        keys = [person.chat_key for person in persons]
        await self.execute(update(chats).where(chats.c.chat_key.in_(keys)).values(status="stopped"))


def test_settings(**changes: Any) -> Settings:
    """Settings of a bot that is not a demo and needs no network."""
    base = Settings(_env_file=None, demo=False)  # type: ignore[call-arg]
    return base.model_copy(update=changes)


test_settings.__test__ = False  # type: ignore[attr-defined]


def _new_app(engine: AsyncEngine, clock: TestClock, settings: Settings) -> App:
    services = build_services(settings, Texts.untranslated(), random.Random(20261202))
    return App(settings, engine, clock, services)


@contextlib.asynccontextmanager
async def open_world(
    engine: AsyncEngine, now: datetime, platform: Platform | None = None
) -> AsyncIterator[World]:
    """The neighbourhood on one database, reached by one platform; by none unless given."""
    platform = platform or Core()
    clock = TestClock(now)
    app = _new_app(engine, clock, await platform.settings(test_settings()))
    world = World(app, clock, platform)
    await platform.start(app)
    try:
        await world.settle_in()
        yield world
    finally:
        await platform.stop()
