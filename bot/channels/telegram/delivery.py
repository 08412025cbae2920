"""Carries an Outgoing to Telegram, call by call, and says in our words what failed."""

import asyncio
import logging
import mimetypes
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from telegram import Bot, InputFile, Message
from telegram.error import TelegramError, TimedOut

from bot.channels.base import FetchMedia, Retry, Uncertain, Unreachable
from bot.channels.telegram.errors import (
    Broken,
    Refused,
    is_unchanged,
    is_uneditable,
    is_wrong_file,
    to_send_error,
)
from bot.channels.telegram.render import (
    MAX_PHOTO_BYTES,
    Call,
    Labels,
    as_document,
    render,
    render_edit,
)
from bot.types import Media, Outgoing

log = logging.getLogger(__name__)

# A file sent to many is uploaded once; Telegram's own reference is good for the bot for ever.
REMEMBERED_FILES = 256
# Pauses before a later part of a message is tried again, and the longest that Telegram may ask for.
PART_WAITS_S = (0.2, 0.8)
PART_PATIENCE_S = 5.0

V = TypeVar("V")
Post = Callable[[str, Mapping[str, Any]], Awaitable[Any]]


class Delivery:
    """`post` does one plain call; files go through the library's client."""

    def __init__(
        self, bot: Bot, post: Post, labels: Labels, fetch_media: FetchMedia | None
    ) -> None:
        self._bot = bot
        self._post = post
        self._labels = labels
        self.fetch_media = fetch_media
        self._file_ids: OrderedDict[str, str] = OrderedDict()

    async def send(self, chat_key: str, message: Outgoing) -> str:
        """The platform's id of the message that carries the buttons. Raises a SendError."""
        if message.edits and await self._edit(chat_key, message):
            return message.edits
        first, *rest = render(chat_key, message, self._labels)
        try:
            shown = await self._do(first)
        except TelegramError as error:
            raise to_send_error(error) from None
        for call in rest:
            part = await self._go_on(call)
            shown = part if call.main else shown
        return shown

    async def _go_on(self, call: Call) -> str:
        """Send a later part. It is tried again here, while the message is still held.

        Half a message must not go back to wait as if it had not been sent: the next process knows
        nothing of the first half and would show it again. So what can't be finished is in doubt.
        """
        for wait_s in (*PART_WAITS_S, None):
            try:
                return await self._do(call)
            except TelegramError as error:
                failure = to_send_error(error)
                if not isinstance(failure, (Retry, Unreachable)):
                    raise failure from None
                after_s = failure.after_s if isinstance(failure, Retry) else 0.0
                if wait_s is None or after_s > PART_PATIENCE_S:
                    break
                await asyncio.sleep(max(wait_s, after_s))
        raise Uncertain("only the first part has arrived")

    async def _edit(self, chat_key: str, message: Outgoing) -> bool:
        """False when the message can't be changed and a new one has to do."""
        call = render_edit(chat_key, message)
        if call is None:
            return False
        try:
            await self._post(call.method, call.params)
        except Refused as error:
            if is_uneditable(error):
                return False
            if not is_unchanged(error):
                raise to_send_error(error) from None
        except (Broken, TimedOut):
            # Unlike a new message, a change can be asked for twice.
            raise Retry("the connection broke while editing") from None
        except TelegramError as error:
            raise to_send_error(error) from None
        return True

    async def _do(self, call: Call) -> str:
        if call.upload is not None:
            return await self._upload(call, call.upload)
        try:
            return str((await self._post(call.method, call.params))["message_id"])
        except Refused as error:
            if not call.field or not is_wrong_file(error):
                raise
        # A file that came as one kind can't be passed on as another by its reference.
        reference = f"telegram:{call.params[call.field]}"
        media = Media("file", reference)
        return await self._upload(as_document(call, media), media)

    async def _upload(self, call: Call, media: Media) -> str:
        known = self._file_ids.get(media.ref)
        if known is not None and call.field in known:
            params = {**call.params, call.field: known.partition(":")[2]}
            return str((await self._post(call.method, params))["message_id"])
        content, mime = await self._content(media)
        if content is None:
            return await self._without_file(call)
        if call.method == "sendPhoto" and len(content) > MAX_PHOTO_BYTES:
            call = as_document(call, media)
        suffix = mimetypes.guess_extension(mime) or ""
        sent = await self._send_file(call, InputFile(content, filename=f"{media.kind}{suffix}"))
        if file_id := _file_id(sent):
            _remember(self._file_ids, media.ref, f"{call.field}:{file_id}", REMEMBERED_FILES)
        return str(sent.message_id)

    async def _content(self, media: Media) -> tuple[bytes | None, str]:
        try:
            if self.fetch_media is None:
                raise LookupError("nobody to fetch from")
            return await self.fetch_media(media)
        except LookupError:
            log.warning("telegram: media dropped, its channel no longer has it")
            return None, ""

    async def _without_file(self, call: Call) -> str:
        """The words of a message whose file is lost; without words there is nothing to send."""
        text = call.params.get("caption", "")
        if not text and "reply_markup" not in call.params:
            return ""
        params = {"chat_id": call.params["chat_id"], "text": text or "…"}
        if markup := call.params.get("reply_markup"):
            params["reply_markup"] = markup
        return str((await self._post("sendMessage", params))["message_id"])

    async def _send_file(self, call: Call, file: InputFile) -> Message:
        chat_id = call.params["chat_id"]
        more: dict[str, Any] = {k: v for k, v in call.params.items() if k != "chat_id"}
        if call.method == "sendPhoto":
            return await self._bot.send_photo(chat_id, file, api_kwargs=more)
        if call.method == "sendVoice":
            return await self._bot.send_voice(chat_id, file, api_kwargs=more)
        return await self._bot.send_document(chat_id, file, api_kwargs=more)


def _file_id(message: Message) -> str:
    if message.photo:
        return message.photo[-1].file_id
    file = message.voice or message.document
    return file.file_id if file else ""


def _remember(kept: OrderedDict[str, V], key: str, value: V, limit: int) -> None:
    kept[key] = value
    while len(kept) > limit:
        kept.popitem(last=False)
