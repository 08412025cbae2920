"""The emulator as tests and benchmarks use it."""

import asyncio
from typing import Any, Self

from tests.telegram_emulator.control import Console
from tests.telegram_emulator.faults import Faults
from tests.telegram_emulator.model import Call, Json
from tests.telegram_emulator.pace import Pace, PaceLimits
from tests.telegram_emulator.people import Group, User
from tests.telegram_emulator.server import Server
from tests.telegram_emulator.updates import Updates
from tests.telegram_emulator.world import World

# Of the right shape, and nobody's.
TOKEN = "100100:EMULATED-TOKEN-of-nobody-at-all-00000"
STRICT = PaceLimits()


class BotApi:
    """One bot's Telegram. `async with BotApi() as api:` or start() and stop().

    `limits` None lets the bot write as fast as it can. `journal` False keeps no calls, for
    benchmarks.
    """

    def __init__(
        self,
        *,
        limits: PaceLimits | None = STRICT,
        faults: Faults | None = None,
        token: str = TOKEN,
        username: str = "NgoSoBot",
        journal: bool = True,
    ) -> None:
        self.token = token
        self.faults = faults or Faults()
        self.updates = Updates(self.faults)
        self.world = World(Pace(limits), self.faults, self.updates, username)
        self.calls: list[Call] = []
        self._server = Server(self.world, token, self._note if journal else lambda _call: None)
        self._users: dict[int, User] = {}
        self._called = asyncio.Event()
        self.port = 0

    async def start(self, port: int = 0) -> None:
        self._server.control = Console(self).run
        self.port = await self._server.start(port or self.port)

    async def stop(self) -> None:
        await self.updates.stop()
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.stop()

    @property
    def base_url(self) -> str:
        """What a bot takes as `base_url`; the token follows without a slash."""
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    def user(self, user_id: int, first_name: str = "Lan", *, started: bool = False) -> User:
        """A person, the same one for the same id. `started`: has written to the bot before."""
        if user_id not in self._users:
            self._users[user_id] = User(self.world, user_id, first_name, started=started)
        return self._users[user_id]

    def group(self, chat_id: int, title: str = "Tổ 12") -> Group:
        """A new group with the bot in it; group ids are negative."""
        return Group(self.world, chat_id, title)

    def calls_of(self, method: str) -> list[Json]:
        """Parameters of every call of a method, oldest first."""
        return [call.params for call in self.calls if call.method.lower() == method.lower()]

    def unanswered(self) -> list[str]:
        """Presses that the bot has not answered yet."""
        return [press.id for press in self.world.presses.values() if not press.answered]

    def put_raw(self, update: Any) -> None:
        """Deliver an update exactly as given, for poison."""
        self.updates.put_raw(update)

    async def wait_call(self, method: str, count: int = 1, timeout_s: float = 5.0) -> Call:
        """The call of that method with that number, once it has been made."""
        async with asyncio.timeout(timeout_s):
            while True:
                found = [c for c in self.calls if c.method.lower() == method.lower()]
                if len(found) >= count:
                    return found[count - 1]
                self._called.clear()
                await self._called.wait()

    def _note(self, call: Call) -> None:
        self.calls.append(call)
        self._called.set()
