"""Updates on their way to the bot: the queue, long polls and the webhook."""

import asyncio
import contextlib
import json
from collections import defaultdict, deque
from typing import Any

import aiohttp

from tests.telegram_emulator.faults import Faults
from tests.telegram_emulator.model import Json, Refusal, bad

DEFAULT_KINDS = frozenset({"message", "edited_message", "callback_query", "my_chat_member"})
# The real one waits longer and longer; here nobody has the time.
RETRY_S = 0.05

WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Updates:
    """One bot's updates. Confirmed by the next poll's offset, or by a webhook's 2xx."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._queue: deque[tuple[int, str]] = deque()
        self._next_id = 100_001
        self._waiting: asyncio.Future[bool] | None = None
        self.kinds: frozenset[str] = DEFAULT_KINDS
        # The offset of the last poll: everything below is confirmed.
        self.confirmed = 0
        self.polls = 0
        self._changed = asyncio.Condition()
        self.webhook: Json = {"url": ""}
        self._session: aiohttp.ClientSession | None = None
        self._deliveries: set[asyncio.Task[None]] = set()
        self._chat_locks: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    @property
    def last_id(self) -> int:
        """The id of the newest update there is."""
        return self._next_id - 1

    def put(self, update: Json) -> None:
        """Queue one update, spoilt as the faults say. Kinds nobody asked for are dropped."""
        kind = next((name for name in update if name != "update_id"), "")
        if kind in DEFAULT_KINDS and kind not in self.kinds:
            return
        for spoilt in self._faults.spoil(update):
            self.put_raw(spoilt)

    def put_raw(self, update: Any) -> None:
        """Queue anything, however malformed, as it is."""
        update_id = update.get("update_id", 0) if isinstance(update, dict) else 0
        self._queue.append((update_id, json.dumps(update)))
        if self.webhook["url"]:
            self._deliver_all()
        elif self._waiting and not self._waiting.done():
            self._waiting.set_result(True)

    def pending(self) -> int:
        return len(self._queue)

    async def wait_confirmed(self, update_id: int, timeout_s: float = 5.0) -> None:
        """Return when the bot has confirmed everything up to this update."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: self.confirmed > update_id)

    async def wait_polls(self, count: int, timeout_s: float = 5.0) -> None:
        """Return when the bot has polled that many times."""
        async with asyncio.timeout(timeout_s), self._changed:
            await self._changed.wait_for(lambda: self.polls >= count)

    # --- polling ---------------------------------------------------------------------------

    async def poll(self, offset: int, limit: int, timeout_s: float) -> str:
        """The JSON list of what waits. A later poll ends an earlier one with a 409."""
        if self.webhook["url"]:
            raise Refusal(409, WEBHOOK_IS_SET)
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(False)
        await self._note_poll(offset)
        if not self._queue and timeout_s > 0:
            await self._wait(timeout_s)
        batch = [self._queue[i] for i in range(min(len(self._queue), max(1, min(limit, 100))))]
        self._faults.shuffle(batch)
        return f"[{','.join(text for _id, text in batch)}]"

    async def _note_poll(self, offset: int) -> None:
        while offset < 0 and len(self._queue) > -offset:
            self._queue.popleft()
        while self._queue and offset > 0 and self._queue[0][0] < offset:
            self._queue.popleft()
        async with self._changed:
            self.confirmed = max(self.confirmed, offset)
            self.polls += 1
            self._changed.notify_all()

    async def _wait(self, timeout_s: float) -> None:
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting = waiting
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                if not await waiting:
                    raise Refusal(409, OTHER_POLLER)

    # --- webhook ---------------------------------------------------------------------------

    def set_webhook(self, webhook: Json) -> None:
        if webhook["url"] and not webhook["url"].startswith(("https://", "http://127.0.0.1")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = webhook
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(False)
        if webhook["url"]:
            self._deliver_all()

    def drop_pending(self) -> None:
        self._queue.clear()

    async def stop(self) -> None:
        for task in list(self._deliveries):
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        if self._waiting and not self._waiting.done():
            self._waiting.cancel()
        if self._session:
            await self._session.close()

    def _deliver_all(self) -> None:
        while self._queue:
            update_id, text = self._queue.popleft()
            task = asyncio.create_task(self._deliver(update_id, text))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, update_id: int, text: str) -> None:
        async with self._chat_locks[_chat_of(text)]:
            while True:
                if not self.webhook["url"]:
                    self._queue.append((update_id, text))
                    return
                if await self._post(text):
                    break
                await asyncio.sleep(RETRY_S)
        async with self._changed:
            self.confirmed = max(self.confirmed, update_id + 1)
            self._changed.notify_all()

    async def _post(self, text: str) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession()
        headers = {"Content-Type": "application/json"}
        if secret := self.webhook.get("secret_token"):
            headers[SECRET_HEADER] = secret
        try:
            async with self._session.post(
                self.webhook["url"], data=text.encode(), headers=headers
            ) as answer:
                if 200 <= answer.status < 300:
                    return True
                self.webhook["last_error_message"] = (
                    f"Wrong response from the webhook: {answer.status} {answer.reason}"
                )
        except aiohttp.ClientError:
            self.webhook["last_error_message"] = "Connection refused"
        return False


def _chat_of(text: str) -> int:
    update = json.loads(text)
    for body in update.values() if isinstance(update, dict) else ():
        if isinstance(body, dict):
            chat = body.get("chat") or body.get("message", {}).get("chat") or {}
            return int(chat.get("id", 0))
    return 0
