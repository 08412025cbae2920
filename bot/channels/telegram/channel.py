"""Telegram as a channel: starts polling or takes webhooks, sends, answers presses, fetches."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from starlette.routing import BaseRoute
from telegram import Bot
from telegram.error import TelegramError, TimedOut
from yarl import URL

from bot.channels.base import FetchMedia, Limits, Receive
from bot.channels.telegram.client import CHANNEL, fetch_file, open_bot
from bot.channels.telegram.delivery import Delivery
from bot.channels.telegram.errors import Broken, NotSent, as_refused
from bot.channels.telegram.parse import (
    ALLOWED_UPDATES,
    Notice,
    callback_id_of,
    find_notice,
    parse,
    salvage,
)
from bot.channels.telegram.poller import TAKE_BACKOFF_S, Poller
from bot.channels.telegram.render import Labels
from bot.channels.telegram.request import TIMEOUT_S, AiohttpRequest
from bot.channels.telegram.split import TEXT_UNITS
from bot.channels.telegram.webhook import webhook_route
from bot.clock import Clock
from bot.config import TelegramSettings
from bot.types import Incoming, Media, Outgoing

log = logging.getLogger(__name__)

POLL_LIMIT = 100
INTRODUCE_BACKOFF_S = (1.0, 5.0, 30.0, 120.0)
# Telegram may deliver a press twice, and takes one answer.
REMEMBERED_PRESSES = 2000

OnGone = Callable[[str], Awaitable[None]]
OnMoved = Callable[[str, str], Awaitable[None]]


class TelegramChannel:
    """One bot. `fetch_media` is set once the other channels exist.

    `on_named(username)` is called once Telegram has said what the bot is called.
    `on_gone(chat_key)` is called when somebody blocks the bot or a group throws it out,
    `on_moved(old_key, new_key)` when a group became a supergroup; both before the update counts
    as taken.
    """

    name = CHANNEL

    def __init__(
        self,
        *,
        settings: TelegramSettings,
        clock: Clock,
        labels: Labels,
        commands: Sequence[tuple[str, str]] = (),
        fetch_media: FetchMedia | None = None,
        per_second: float = 30.0,
        per_chat_per_second: float = 1.0,
        per_group_per_minute: float = 20.0,
        on_named: Callable[[str], None] | None = None,
        on_gone: OnGone | None = None,
        on_moved: OnMoved | None = None,
        timeout_s: float = TIMEOUT_S,
        take_backoff_s: Sequence[float] = TAKE_BACKOFF_S,
    ) -> None:
        self.limits = Limits(
            # https://core.telegram.org/bots/api#sendmessage; longer ones are split.
            text_chars=TEXT_UNITS,
            # https://limits.tginfo.me/en: 100 a keyboard.
            buttons=100,
            # No limit is published; more than this is cut on a small phone.
            button_label_chars=60,
            # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
            per_second=per_second,
            per_chat_per_second=per_chat_per_second,
            per_group_per_minute=per_group_per_minute,
            can_edit=True,
            edits_menus=True,
        )
        self.username = settings.username
        self._settings = settings
        self._clock = clock
        self._labels = labels
        self._commands = commands
        self._on_named = on_named
        self._on_gone = on_gone
        self._on_moved = on_moved
        self._take_backoff_s = take_backoff_s
        self._request = AiohttpRequest(proxy=settings.proxy, timeout_s=timeout_s)
        self._bot: Bot = open_bot(settings, self._request)
        self._source = _Source(self._bot, settings)
        self._delivery = Delivery(self._bot, self._call, labels, fetch_media)
        self._urls: dict[str, URL] = {}
        self._receive: Receive | None = None
        self._poller: Poller | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._in_hand: set[asyncio.Task[None]] = set()
        self._pressed: OrderedDict[str, None] = OrderedDict()

    @property
    def fetch_media(self) -> FetchMedia | None:
        return self._delivery.fetch_media

    @fetch_media.setter
    def fetch_media(self, fetch: FetchMedia | None) -> None:
        self._delivery.fetch_media = fetch

    @property
    def last_poll_at(self) -> datetime | None:
        """When Telegram last answered a poll; None before that, and in webhook mode."""
        return self._poller.last_poll_at if self._poller else None

    @property
    def restarts(self) -> int:
        """How often polling fell silent and was started anew."""
        return self._poller.restarts if self._poller else 0

    def routes(self) -> list[BaseRoute]:
        """What to serve: the webhook in webhook mode, else nothing."""
        if self._settings.mode != "webhook":
            return []
        secret = self._settings.webhook_secret
        return [webhook_route(secret.get_secret_value() if secret else "", self._take)]

    async def start(self, receive: Receive) -> None:
        """Returns at once; Telegram out of reach is tried again in the background."""
        await self._request.initialize()
        self._receive = receive
        self._tasks = [asyncio.create_task(self._introduce())]
        if self._settings.mode == "polling":
            await self._source.request.initialize()
            self._poller = Poller(
                self._source,
                self._take,
                self._clock,
                silence_s=self._settings.poll_timeout_s + self._settings.poll_silence_s,
                take_backoff_s=self._take_backoff_s,
            )
            self._tasks.append(asyncio.create_task(self._poller.run()))

    async def stop(self) -> None:
        if self._tasks:
            self._tasks[0].cancel()  # the introduction; polling ends by itself, in good order
        if self._poller:
            self._poller.stop()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._receive = None
        if self._in_hand:
            await asyncio.wait(self._in_hand)
        await self._source.request.shutdown()
        await self._request.shutdown()

    async def send(self, chat_key: str, message: Outgoing, *, message_id: str) -> str:
        return await self._delivery.send(chat_key, message)

    async def fetch(self, media: Media) -> tuple[bytes, str]:
        """Raises LookupError when Telegram no longer has it, Retry when it is out of reach."""
        return await fetch_file(self._bot, media)

    # --- in --------------------------------------------------------------------------------

    async def _take(self, raw: Any) -> None:
        """Deal with one raw update; returns when it is committed."""
        receive = self._receive
        if receive is None:
            raise RuntimeError("not started")
        incoming, notice = self._understand(raw)
        if notice is not None:
            await self._heed(notice)
        if incoming is not None:
            await receive(incoming)
        if press := callback_id_of(raw):
            private = incoming is None or incoming.private
            self._answer_once(press, "" if private else self._labels.in_private)

    def _understand(self, raw: Any) -> tuple[Incoming | None, Notice | None]:
        try:
            return parse(raw, self.username), find_notice(raw)
        except Exception as error:
            update_id = raw.get("update_id") if isinstance(raw, Mapping) else None
            log.warning("telegram: update %s not understood: %s", update_id, type(error).__name__)
            return salvage(raw), None

    async def _heed(self, notice: Notice) -> None:
        if notice.kind == "gone" and self._on_gone:
            await self._on_gone(notice.chat_key)
        if notice.kind == "moved" and self._on_moved:
            await self._on_moved(notice.chat_key, notice.moved_to)

    def _answer_once(self, press: str, words: str) -> None:
        """Stop the little clock on the button; nobody waits for it, and it may fail.

        `words` pop up for a moment: in a group, the answer itself comes in private, where
        somebody who never opened a private chat would see nothing at all.
        """
        if press in self._pressed:
            return
        self._pressed[press] = None
        if len(self._pressed) > REMEMBERED_PRESSES:
            self._pressed.popitem(last=False)
        task = asyncio.create_task(self._answer(press, words))
        self._in_hand.add(task)
        task.add_done_callback(self._in_hand.discard)

    async def _answer(self, press: str, words: str) -> None:
        params = {"callback_query_id": press} | ({"text": words} if words else {})
        try:
            await self._call("answerCallbackQuery", params)
        except TelegramError as error:
            # "query is too old" after a while of being away; never worth more than a line.
            log.info("telegram: a press was not answered: %s", type(error).__name__)

    # --- out -------------------------------------------------------------------------------

    async def _call(self, method: str, params: Mapping[str, Any]) -> Any:
        url = self._urls.get(method)
        if url is None:
            url = self._urls[method] = URL(f"{self._bot.base_url}/{method}", encoded=True)
        return await self._request.call(url, params)

    async def _introduce(self) -> None:
        """Learn our own name and register the commands, however long it takes."""
        for attempt in range(1_000_000):
            try:
                await self._introduce_once()
            except TelegramError as error:
                log.warning("telegram: not reached yet: %s", _why(error))
                last = len(INTRODUCE_BACKOFF_S) - 1
                await asyncio.sleep(INTRODUCE_BACKOFF_S[min(attempt, last)])
            else:
                return

    async def _introduce_once(self) -> None:
        me = await self._bot.get_me()
        self.username = me.username or self.username
        if self._on_named:
            self._on_named(self.username)
        if self._commands:
            await self._bot.set_my_commands(self._commands)
        if self._settings.mode == "webhook" and not (await self._bot.get_webhook_info()).url:
            log.warning("telegram: no webhook is set; run `python -m bot webhook set`")


def _why(error: TelegramError) -> str:
    """Never the library's own words: some of them quote the token."""
    if isinstance(error, (NotSent, Broken, TimedOut)):
        return type(error).__name__
    return f"answer {as_refused(error).code}"


class _Source:
    """getUpdates over a connection of its own, so that a restart touches nothing else."""

    def __init__(self, bot: Bot, settings: TelegramSettings) -> None:
        self.request = AiohttpRequest(proxy=settings.proxy)
        self._url = URL(f"{bot.base_url}/getUpdates", encoded=True)
        self._timeout_s = settings.poll_timeout_s
        self._patience_s = settings.poll_timeout_s + settings.poll_silence_s

    async def poll(self, offset: int) -> list[Any]:
        result = await self._get(offset, self._timeout_s, POLL_LIMIT)
        return result if isinstance(result, list) else []

    async def confirm(self, offset: int) -> None:
        await self._get(offset, 0, 1)

    async def restart(self) -> None:
        await self.request.restart()

    async def _get(self, offset: int, timeout_s: float, limit: int) -> Any:
        params: dict[str, Any] = {
            "timeout": int(timeout_s),
            "limit": limit,
            "allowed_updates": ALLOWED_UPDATES,
        }
        if offset:
            params["offset"] = offset
        # A little longer than the poller's own patience, which is what counts.
        return await self.request.call(self._url, params, self._patience_s + 1)
