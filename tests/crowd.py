"""Residents and volunteers by the hundred, who do with Telegram what people do.

They write, wait for the answer, and go on from the newest message. When no answer comes for long
they do the same thing once more. They know nothing of the bot but what stands on their screens:
a choice is told by the action on its button, so that no wording is repeated here.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.texts import Texts, _, fold
from storage.chats import Chat, change_person, give_consent, lock_chats
from storage.members import Role, add_membership, change_membership
from storage.schema import teams
from tests.telegram_emulator import BotApi, Received, User

DAI_LOC = "20500"
VOLUNTEERS_PER_TEAM = 4
RESIDENTS_PER_TEAM = 8
FIRST_RESIDENT, FIRST_VOLUNTEER, OFFICER = 1_000, 5_000, 9_000
# How long people look at a message before they press something.
THINKING_S = (0.05, 0.25)
# After so many tries somebody would give up and call the hotline.
TRIES = 12
_TEXTS = Texts.load()
THANKS = _TEXTS.render(_("Thank you! I have asked the resident whether all is well."))
NO_JOBS = _TEXTS.render(_("Nothing is waiting for you. Thank you for being there."))
GONE = (
    _TEXTS.render(_("It is marked as done already. The resident has been asked.")),
    _TEXTS.render(_("It is finished already. Thank you!")),
    _TEXTS.render(_("The resident does not need this any more. Thank you all the same.")),
    _TEXTS.render(_("You don't have this request.")),
)

Act = Callable[[], int]
Accept = Callable[[Received], bool]


class Ending(StrEnum):
    """How a resident's story ends; the value is the state that the request must have then."""

    CONFIRMS = "closed"
    KEEPS_SILENT = "done"
    CANCELS = "cancelled"
    DOES_NOT_SEND = "none"


ENDINGS = (Ending.CONFIRMS,) * 7 + (Ending.KEEPS_SILENT, Ending.CANCELS, Ending.DOES_NOT_SEND)


def actions_of(message: Received) -> list[str]:
    """What the buttons below a message do."""
    return [str(button["callback_data"]) for row in message.inline for button in row]


def find_action(message: Received, name: str, value: str = "") -> str | None:
    """The button `name:...`, or for "a" the answer with this value to whichever question."""
    for action in actions_of(message):
        parts = action.split(":")
        if parts[0] == name and (not value or parts[-1] == value):
            return action
    return None


def is_reply(message: Received) -> bool:
    """Whether it answers something; what comes unasked has no way back or to the menu."""
    return find_action(message, "nav") is not None


class Phone:
    """Somebody's Telegram: what arrived, and one thing done at a time."""

    def __init__(self, user: User, rng: random.Random, patience_s: float) -> None:
        self.user = user
        self.repeated = 0
        self._rng = rng
        self._patience_s = patience_s
        self._replies: asyncio.Queue[Received] = asyncio.Queue()
        user.on_message = self._arrived

    def _arrived(self, message: Received) -> None:
        self._notice(message)
        if self._is_worth_reading(message):
            self._replies.put_nowait(message)

    def _notice(self, message: Received) -> None:
        """Look at anything that arrives, asked for or not."""

    def _is_worth_reading(self, message: Received) -> bool:
        return is_reply(message)

    async def _does(self, act: Act, accept: Accept = is_reply) -> Received:
        """Say or press something and wait for the answer; once more when none comes for long."""
        await asyncio.sleep(self._rng.uniform(*THINKING_S))
        for attempt in range(TRIES):
            while not self._replies.empty():
                self._replies.get_nowait()
            self.repeated += attempt > 0
            act()
            try:
                return await asyncio.wait_for(self._answer(accept), self._patience_s)
            except TimeoutError:
                continue
        raise AssertionError(f"{self.user.first_name} was never answered")

    async def _answer(self, accept: Accept) -> Received:
        while True:
            message = await self._replies.get()
            if accept(message):
                return message

    def _says(self, text: str) -> Act:
        body: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        return lambda: self.user.sends(None, **body)

    def _presses(self, action: str) -> Act:
        """Press a button; the message that it stands on may be any that the bot has sent."""
        return lambda: int(self.user.presses_data(action, self.user.read[-1]).id)


class Resident(Phone):
    """Asks for help once, by the whole form, and says at the end how it was."""

    def __init__(
        self, user: User, rng: random.Random, patience_s: float, team: str, ending: Ending
    ) -> None:
        super().__init__(user, rng, patience_s)
        self.ending = ending
        self._team = team
        self._asked: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._read: set[tuple[str, ...]] = set()
        last = "stop" if ending is Ending.DOES_NOT_SEND else "send"
        self._choices = ("vneid", "later", "me", "chat", "now", "none", last)

    async def lives(self) -> None:
        message = await self._does(self._says("/trogiup"))
        while act := self._next(message):
            message = await self._does(act)
        if self.ending is Ending.CANCELS:
            await self._cancels(message)
        elif self.ending is not Ending.DOES_NOT_SEND:
            await self._is_helped()

    def _notice(self, message: Received) -> None:
        if (action := find_action(message, "confirm")) and not self._asked.done():
            self._asked.set_result(action)

    def _is_worth_reading(self, message: Received) -> bool:
        """What came twice is answered once, as people do."""
        look = (message.text, *actions_of(message))
        is_new = look not in self._read
        self._read.add(look)
        return is_new and is_reply(message)

    def _next(self, message: Received) -> Act | None:
        for choice in self._choices:
            if action := find_action(message, "a", choice):
                return self._presses(action)
        if all(action in ("nav:back", "nav:person") for action in actions_of(message)):
            return self._says(self._team)  # the one question that has no choices: where?
        return None

    async def _cancels(self, message: Received) -> None:
        while (cancel := find_action(message, "cancel")) is None:
            message = await self._does(self._says("/yeucau"))
        while find_action(message, "nav", "person") or find_action(message, "cancel"):
            yes = find_action(message, "a", "yes")
            message = await self._does(self._presses(yes or cancel))

    async def _is_helped(self) -> None:
        while not self._asked.done():
            await asyncio.wait([self._asked], timeout=self._patience_s)
            if not self._asked.done():
                await self._does(self._says("/yeucau"))
        if self.ending is Ending.KEEPS_SILENT:
            return
        message = await self._does(self._presses(self._asked.result()), _asks_how_it_was)
        while very_good := find_action(message, "a", "5"):
            message = await self._does(self._presses(very_good))


def _asks_how_it_was(message: Received) -> bool:
    return find_action(message, "a", "5") is not None


class Volunteer(Phone):
    """Accepts whatever is offered, does it, and says so; one thing after the other."""

    def __init__(self, user: User, rng: random.Random, patience_s: float) -> None:
        super().__init__(user, rng, patience_s)
        self._known: set[str] = set()
        self._todo: deque[str] = deque()
        self._something = asyncio.Event()
        self.busy = False

    async def serves(self) -> None:
        while True:
            while self._todo:
                self.busy = True
                await self._works_on(self._todo.popleft())
            self.busy = False
            self._something.clear()
            await self._something.wait()

    def _notice(self, message: Received) -> None:
        for name in ("claim", "finish"):
            action = find_action(message, name)
            if action and action not in self._known:
                self._known.add(action)
                self._todo.append(action)
                self.busy = True
                self._something.set()

    async def _works_on(self, action: str) -> None:
        if action.startswith("claim:"):
            await self._does(self._presses(action))
            return
        ended = False
        while not ended:
            message = await self._does(self._presses(action), _is_outcome)
            while solved := find_action(message, "a", "solved"):
                message = await self._does(self._presses(solved))
            # Neither answer names a request, so it may be a late one about another.
            thanked = message.text == THANKS or message.text.startswith(GONE)
            ended = thanked and not await self._still_has(action)

    async def _still_has(self, action: str) -> bool:
        jobs = await self._does(self._says("/viec"), _lists_jobs)
        return find_action(jobs, "job", action.partition(":")[2]) is not None


def _lists_jobs(message: Received) -> bool:
    return message.text == NO_JOBS or find_action(message, "job") is not None


def _is_outcome(message: Received) -> bool:
    return bool(find_action(message, "a", "solved")) or message.text.startswith(GONE)


@dataclass
class Crowd:
    """Everybody. `come` lets some more residents begin."""

    residents: Sequence[Resident]
    volunteers: Sequence[Volunteer]

    def __post_init__(self) -> None:
        self._waiting = deque(self.residents)
        self._here: list[asyncio.Task[None]] = []
        self._at_work = [asyncio.create_task(v.serves()) for v in self.volunteers]

    def come(self, count: int) -> None:
        for _one in range(min(count, len(self._waiting))):
            self._here.append(asyncio.create_task(self._waiting.popleft().lives()))

    @property
    def unfinished(self) -> int:
        """Residents in the middle of their journey now."""
        return sum(not task.done() for task in self._here)

    async def ends(self) -> None:
        """Return when every resident's story is over. Raises what went wrong for any of them."""
        self.come(len(self._waiting))
        await asyncio.gather(*self._here)

    def is_idle(self) -> bool:
        for task in self._at_work:
            if task.done():
                task.result()
        return not any(volunteer.busy for volunteer in self.volunteers)

    async def goes_home(self) -> None:
        for task in (*self._here, *self._at_work):
            task.cancel()
        await asyncio.gather(*self._here, *self._at_work, return_exceptions=True)

    @property
    def repeated(self) -> int:
        """How often anybody had to do something again because no answer came."""
        return sum(phone.repeated for phone in (*self.residents, *self.volunteers))


def gather_crowd(api: BotApi, size: int, seed: int, patience_s: float) -> Crowd:
    """`size` residents and the volunteers of their teams, every one with a chat of their own."""
    rng = random.Random(seed)

    def own() -> random.Random:
        return random.Random(rng.random())

    residents = [
        Resident(
            api.user(FIRST_RESIDENT + i, f"Resident {i}", started=True),
            own(),
            patience_s,
            f"tổ {1 + i // RESIDENTS_PER_TEAM} xã Đại Lộc",
            rng.choice(ENDINGS),
        )
        for i in range(size)
    ]
    helpers = [
        Volunteer(api.user(FIRST_VOLUNTEER + i, f"Volunteer {i}", started=True), own(), patience_s)
        for i in range(_teams_for(size) * VOLUNTEERS_PER_TEAM)
    ]
    return Crowd(residents, helpers)


def _teams_for(size: int) -> int:
    return -(-size // RESIDENTS_PER_TEAM)


# --- what the database knows of them ------------------------------------------------------


async def settle_crowd(engine: AsyncEngine, size: int, consent: str, now: datetime) -> None:
    """Teams with their volunteers, and residents who have agreed to be helped."""
    async with engine.begin() as conn:
        for i in range(size):
            chat = await _chat(conn, FIRST_RESIDENT + i, now)
            await give_consent(conn, chat.person, consent, now)
        for team in range(_teams_for(size)):
            await _add_team(conn, team, now)
        officer = await _chat(conn, OFFICER, now)
        await _join(conn, officer, Role.CITY_OFFICER, None, now)


async def _add_team(conn: AsyncConnection, number: int, now: datetime) -> None:
    name = f"Tổ dân phố {number + 1}"
    values = {
        "code": f"{DAI_LOC}-{number + 1}",
        "commune_code": DAI_LOC,
        "name": name,
        "folded_name": fold(name),
        "lat": 15.899 + number / 1000,
        "lon": 108.103,
        "valid_from": now - timedelta(days=1),
    }
    team_id = (await conn.execute(insert(teams).values(values).returning(teams.c.id))).scalar_one()
    first = FIRST_VOLUNTEER + number * VOLUNTEERS_PER_TEAM
    for key in range(first, first + VOLUNTEERS_PER_TEAM):
        await _join(conn, await _chat(conn, key, now), Role.VOLUNTEER, team_id, now)


async def _join(
    conn: AsyncConnection, chat: Chat, role: Role, team_id: int | None, now: datetime
) -> None:
    name = f"Helper {chat.chat_key}"
    await change_person(conn, chat.person, display_name=name)
    member = await add_membership(
        conn,
        role=role,
        person_id=chat.person.id,
        display_name=name,
        team_id=team_id,
        commune_code=None,
        granted_by=None,
        now=now,
    )
    # On duty all day, so that the test may run at any hour.
    await change_membership(conn, member.id, duty_from_min=0, duty_to_min=24 * 60)


async def _chat(conn: AsyncConnection, user_id: int, now: datetime) -> Chat:
    key = ("telegram", str(user_id))
    return (await lock_chats(conn, [key], now))[key]
