"""The only place that builds everything and connects it."""

import asyncio
import logging
import random
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import cache

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.addresses import AddressBook
from bot.announcement_checks import AnnouncementChecks
from bot.channels.base import Channel
from bot.channels.web import WebChannel
from bot.clock import Clock, DemoClock, SystemClock
from bot.communes import Region, load_region
from bot.config import Settings
from bot.content.library import Library
from bot.conversation import Conversation
from bot.demo import Demo, prepare_demo
from bot.dispatcher import Dispatcher
from bot.links import StartLinks
from bot.operations import Operations
from bot.registry import Registry
from bot.scheduler import Scheduler
from bot.search import GuideFinder
from bot.secrecy import mask
from bot.sender import Sender
from bot.services import Services
from bot.texts import LOCALES, Texts, _
from bot.types import Media
from bot.worktime import WorkCalendar
from handlers import DIALOGUES, DUE_JOBS
from storage.chats import find_chat, move_chat, stop_chat
from storage.engine import open_engine
from storage.media import STORE, get_media
from storage.members import Role, add_invite, has_officer
from storage.migrate import migrate
from storage.outbox import skip_chat

log = logging.getLogger(__name__)

OFFICER_CODE_VALID = timedelta(days=7)


def build_services(
    settings: Settings, texts: Texts | None = None, rng: random.Random | None = None
) -> Services:
    """What dialogues may use, from the settings; tests give their own texts and generator."""
    region, addresses = load_city(settings.region.data)
    library, finder = load_guides()
    return Services(
        settings=settings,
        texts=texts or Texts.load(),
        rng=rng or random.SystemRandom(),
        region=region,
        addresses=addresses,
        calendar=WorkCalendar(settings.help.day_starts, settings.help.day_ends),
        library=library,
        finder=finder,
        announcement_checks=AnnouncementChecks.load(LOCALES / "vi" / "announcements.toml"),
        links=StartLinks(
            web_url=settings.web.public_url if settings.web.enabled else "",
            telegram_name=settings.telegram.username,
        ),
    )


@cache
def load_city(name: str) -> tuple[Region, AddressBook]:
    """The region's data, which never changes while the bot runs and takes a moment to read."""
    region = load_region(name)
    return region, AddressBook(region)


@cache
def load_guides(locale: str = "vi") -> tuple[Library, GuideFinder]:
    """The guides of a language and what finds them; both never change while the bot runs."""
    library = Library.load(LOCALES / locale)
    return library, GuideFinder.load(library, LOCALES / locale)


class App:
    """A running bot: channels, dispatcher, senders, scheduler, web server."""

    def __init__(
        self, settings: Settings, engine: AsyncEngine, clock: Clock, services: Services
    ) -> None:
        self.settings = settings
        self.engine = engine
        self.clock = clock
        self.services = services
        self.registry = Registry(DIALOGUES)
        self.senders: dict[str, Sender] = {}
        self.dispatcher = Dispatcher(
            engine, clock, services, Conversation(self.registry), self.senders
        )
        self.scheduler = Scheduler(engine, clock, services, DUE_JOBS, self.senders)
        self.channels: dict[str, Channel] = {}
        self.operations = Operations(
            engine, clock, settings.web.operations_token, self.dispatcher.failed
        )
        self.routes: list[BaseRoute] = self.operations.routes()
        if settings.web.enabled:
            self._add_web()
        if settings.telegram.token is not None:
            self._add_telegram()

    def _add_telegram(self) -> None:
        # Loading python-telegram-bot takes half a second, which a bot without a token saves.
        from bot.channels.telegram import Labels, TelegramChannel

        render = self.services.texts.render
        described = self.registry.described_commands()
        telegram = TelegramChannel(
            settings=self.settings.telegram,
            clock=self.clock,
            labels=Labels(
                share_place=render(_("Share my place")),
                share_contact=render(_("Share my phone number")),
                keyboard_hint=render(_("Or press here:")),
                in_private=render(_("The answer is in our private chat: open me and press Start.")),
            ),
            commands=[(name, render(about)) for name, about in described],
            fetch_media=self.fetch_media,
            per_second=self.settings.sender.telegram_per_second,
            per_chat_per_second=self.settings.sender.telegram_per_chat_per_second,
            per_group_per_minute=self.settings.sender.telegram_per_group_per_minute,
            on_named=self.services.links.name_telegram,
            on_gone=self._chat_is_gone,
            on_moved=self._chat_has_moved,
        )
        self.routes += telegram.routes()
        if self.settings.telegram.mode == "polling":
            self.operations.watch(telegram)
        self.add_channel(telegram)

    async def _chat_is_gone(self, chat_key: str) -> None:
        async with self.engine.begin() as conn:
            chat = await find_chat(conn, "telegram", chat_key)
            if chat is not None:
                await stop_chat(conn, chat.id)
                await skip_chat(conn, chat.id)

    async def _chat_has_moved(self, old: str, new: str) -> None:
        async with self.engine.begin() as conn:
            chat = await find_chat(conn, "telegram", old)
            if chat is not None:
                await move_chat(conn, chat.id, new)

    def _add_web(self) -> None:
        demo = None
        if self.settings.is_demo and isinstance(self.clock, DemoClock):
            demo = Demo(self.engine, self.clock, self.scheduler.run_due)
        web = WebChannel(
            engine=self.engine,
            settings=self.settings.web,
            clock=self.clock,
            texts=self.services.texts,
            mask=lambda text: mask(text).text,
            rng_token=lambda: secrets.token_urlsafe(24),
            fetch_media=self.fetch_media,
            demo=demo,
            hotline=self.settings.contacts.hotline,
            per_second=self.settings.sender.web_per_second,
        )
        self.routes += web.routes()
        self.add_channel(web)

    def add_channel(self, channel: Channel) -> None:
        """Connect one more channel; to be called before `running`."""
        self.channels[channel.name] = channel
        self.senders[channel.name] = Sender(
            self.engine,
            self.clock,
            channel,
            owner=secrets.token_hex(8),
            is_daytime=self.services.calendar.is_daytime,
            max_attempts=self.settings.sender.max_attempts,
        )

    async def fetch_media(self, media: Media) -> tuple[bytes, str]:
        """Content and type of something, wherever it is. Raises LookupError."""
        if media.ref.startswith(STORE):
            async with self.engine.begin() as conn:
                stored = await get_media(conn, media.ref)
            return stored.content, stored.mime
        name = media.ref.partition(":")[0]
        if name not in self.channels:
            raise LookupError(media.ref)
        return await self.channels[name].fetch(media)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything at work; at the end what is in hand is finished and nothing is lost."""
        await self._settle_what_was_held()
        async with AsyncExitStack() as stack:
            workers = [asyncio.create_task(self.dispatcher.run())]
            workers += [asyncio.create_task(sender.run()) for sender in self.senders.values()]
            stack.push_async_callback(_cancel, workers)
            for sender in self.senders.values():
                stack.push_async_callback(sender.stop)
            self.scheduler.start()
            stack.callback(self.scheduler.stop)
            for channel in self.channels.values():
                await channel.start(self.operations.counted(self.dispatcher.handle))
                stack.push_async_callback(channel.stop)
            yield

    async def _settle_what_was_held(self) -> None:
        """On SQLite there is one process: whatever an earlier one held, it holds no more."""
        if self.engine.dialect.name == "sqlite":
            for sender in self.senders.values():
                await sender.settle(at_once=True)

    def web_app(self) -> Starlette:
        """All pages: the web chat, what channels are called at, health and metrics."""
        return Starlette(routes=self.routes)


async def _cancel(workers: Sequence[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.cancel()
    for result in await asyncio.gather(*workers, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a worker ended with %s", type(result).__name__)


async def prepare(settings: Settings) -> tuple[App, str | None]:
    """Database, migrations, demo data; returns the app and the first officer's code, if any."""
    engine = open_engine(settings.database.url)
    await migrate(engine)
    clock: Clock = DemoClock() if settings.is_demo else SystemClock()
    if isinstance(clock, DemoClock):
        await prepare_demo(engine, clock, settings)
    services = build_services(settings)
    app = App(settings, engine, clock, services)
    return app, await _first_officer_code(app)


async def _first_officer_code(app: App) -> str | None:
    """While the city has no officer, whoever starts the bot gets the code that makes the first."""
    code = f"{app.services.new_code(4)}-{app.services.new_code(4)}"
    async with app.engine.begin() as conn:
        if await has_officer(conn, Role.CITY_OFFICER):
            return None
        await add_invite(
            conn,
            code=code,
            role=Role.CITY_OFFICER,
            team_id=None,
            commune_code=None,
            created_by=None,
            now=app.clock.now(),
            valid=OFFICER_CODE_VALID,
            uses=1,
        )
    return code
