"""What a dialogue is made of: steps that read an answer and say what comes next.

A step is a plain function; it keeps nothing in memory. Where a conversation stands is a row:
the name of the step that waits, what was told so far, the question as it was shown, and the
questions before it, so that "0" can go back to any of them.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.services import Services
from bot.texts import Words, fold
from bot.types import Incoming, Media, Place
from storage.chats import Address, Chat, Person, find_addresses
from storage.outbox import Post, Priority

# Busy readers see pushed choices numbered from here, so that no number means two things.
PUSHED_NUMBERS_FROM = 11
# Buttons of announcements, which the outbox does not hold.
ANNOUNCED_NUMBERS_FROM = 21
MAX_CHOICES = 5
ACTION_BYTES = (
    64  # Telegram's callback_data: https://core.telegram.org/bots/api#inlinekeyboardbutton
)


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer to the question that is being asked; `value` is what the step reads."""

    label: Words
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A way to somewhere else, good at any time: `action` is "name:argument:argument"."""

    label: Words
    action: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a question; `then` gets the answer. At most five choices are shown."""

    words: Words
    choices: Sequence[Choice] = ()
    then: "Step | None" = None
    links: Sequence[Link] = ()
    media: Media | None = None
    ask_place: bool = False
    ask_contact: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """Say something and be at rest. Without links the way to the menu is shown."""

    words: Words
    links: Sequence[Link] = ()
    media: Media | None = None
    # Shown on the map by channels that have one; the words should say it as well.
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Stay:
    """Say something, if anything, and leave the conversation where it was."""

    words: Words = ""
    links: Sequence[Link] = ()
    # No buttons at all: those shown before still stand, and repeating them would be noise.
    quiet: bool = False


class AskAgain(Exception):
    """The answer can't be used, and the reader can mend it: say how, and what else to try."""

    def __init__(self, words: Words, links: Sequence[Link] = ()) -> None:
        super().__init__(words)
        self.words = words
        self.links = links


class NotAllowed(Exception):
    """Somebody asked for what is not theirs to do. Says why, kindly."""

    def __init__(self, words: Words) -> None:
        super().__init__(words)
        self.words = words


Reply = Ask | Done | Stay
Step = Callable[["Turn"], Awaitable[Reply]]
Action = Callable[..., Awaitable[Reply]]


@dataclass(slots=True)
class Context:
    """What dialogues and due jobs share: the transaction, the time, and a place for messages."""

    conn: AsyncConnection
    now: datetime
    services: Services
    posts: list[Post] = field(default_factory=list)

    async def notify(
        self,
        person_ids: Iterable[int],
        words: Words,
        *,
        links: Sequence[Link] = (),
        media: Media | None = None,
        priority: Priority = Priority.HELP,
        about: int | None = None,
        not_before: datetime | None = None,
    ) -> set[int]:
        """Write to these persons where each was last active; returns those reached.

        Goes into the outbox with the transaction: either all of it happens or nothing. `about`
        is the request whose contents the message repeats; it is forgotten with it. It leaves
        at once, or at `not_before`.
        """
        addresses = await find_addresses(self.conn, person_ids)
        for address in addresses.values():
            body = self.push_body(address, words, links, media=media)
            self.post(address, body, priority, not_before or self.now, about=about)
        return set(addresses)

    def push_body(
        self, address: Address, words: Words, links: Sequence[Link], *, media: Media | None = None
    ) -> dict[str, Any]:
        """A message that its reader did not just ask for; its numbers mean nothing else there."""
        first = 1 if address.at_rest else PUSHED_NUMBERS_FROM
        return self.body(words, number(self.services, links, first), media=media)

    def post(
        self,
        address: Address,
        body: dict[str, Any],
        priority: Priority,
        promised: datetime,
        *,
        about: int | None = None,
    ) -> None:
        """Put one message in line; `promised` is when it was to go, by which lateness counts."""
        key, channel = address.chat_key, address.channel
        self.posts.append(
            Post(address.chat_id, key, channel, priority, body, promised, request_id=about)
        )

    def body(
        self,
        words: Words,
        buttons: Sequence[Sequence[str]] = (),
        *,
        media: Media | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """A message as the outbox keeps it, its words in the reader's language."""
        body: dict[str, Any] = {"text": self.services.texts.render(words), **more}
        if buttons:
            body["buttons"] = [list(button) for button in buttons]
        if media:
            body["media"] = [media.kind, media.ref, media.mime]
        return body


def number(services: Services, links: Sequence[Link], first: int = 1) -> list[list[str]]:
    """Links as buttons: [number, label, action]."""
    return [
        [str(first + index), services.texts.render(link.label), checked(link.action)]
        for index, link in enumerate(links)
    ]


def read_id(text: str) -> int | None:
    """An id out of a button's action, which anybody may have made up; None = no id at all."""
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None


def checked(action: str) -> str:
    """The action itself. Raises ValueError when Telegram could not carry it."""
    if len(action.encode()) > ACTION_BYTES:
        raise ValueError(f"the action {action!r} is longer than {ACTION_BYTES} bytes")
    return action


@dataclass(slots=True)
class Turn(Context):
    """One update of one person, inside its transaction."""

    chat: Chat = field(kw_only=True)
    incoming: Incoming = field(kw_only=True)
    # The message without what looks like a secret; this, and only this, may be kept.
    text: str = ""
    # The value of the pressed or typed choice, when it belongs to the question that waits.
    answer: str | None = None
    # What the dialogue has gathered; kept with the state.
    data: dict[str, Any] = field(default_factory=dict)
    # The request whose contents are being told, which are forgotten with it.
    about: int | None = None
    # Said before the reply itself.
    said: list[dict[str, Any]] = field(default_factory=list)

    @property
    def person(self) -> Person:
        return self.chat.person

    @property
    def place(self) -> Place | None:
        return self.incoming.place

    @property
    def media(self) -> Media | None:
        return self.incoming.media

    def say(self, words: Words, *, media: Media | None = None, links: Sequence[Link] = ()) -> None:
        """A message of its own ahead of the reply: one idea, one message.

        Its links are numbered so that they are not taken for those of the reply.
        """
        buttons = number(self.services, links, PUSHED_NUMBERS_FROM)
        self.said.append(self.body(words, buttons, media=media))

    def choice(self, allowed: Collection[str], *, otherwise: Words) -> str:
        """The chosen value. Raises AskAgain(otherwise) when none of these was chosen."""
        if self.answer is None or self.answer not in allowed:
            raise AskAgain(otherwise)
        return self.answer

    def words(self, *, at_most: int, otherwise: Words) -> str:
        """What was typed. Raises AskAgain(otherwise) when nothing was, or far too much."""
        if not self.text or len(self.text) > at_most:
            raise AskAgain(otherwise)
        return self.text


class Dialogue:
    """A conversation about one thing: how it begins, its steps, and its buttons."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.commands: dict[str, tuple[Action, Words | None]] = {}
        self.steps: dict[str, Step] = {}
        self.actions: dict[str, Action] = {}
        self.browsing: set[str] = set()
        self.for_others: set[Step] = set()
        self.patterns: list[tuple[re.Pattern[str], Action]] = []
        self.phrases: dict[str, Action] = {}

    def command(
        self, name: str, about: Words | None = None, *, phrases: Iterable[str] = ()
    ) -> Callable[[Action], Action]:
        """Begin when somebody writes `/name` (the rest of the line is the argument) or a phrase.

        `about` is its description in the platform's command list; None keeps it out of there.
        """

        def register(function: Action) -> Action:
            self.commands[name] = (function, about)
            self.phrases |= {fold(phrase): function for phrase in phrases}
            return function

        return register

    def step(self, function: Step) -> Step:
        """Make a function one that can wait for an answer. Raises ValueError for a name twice."""
        name = self.name_of(function)
        if name in self.steps:
            raise ValueError(f"two steps are called {name!r}; an answer would reach the wrong one")
        self.steps[name] = function
        return function

    def dictation(self, function: Step) -> Step:
        """A step whose answer is said to others: that it tells of danger is no call for help."""
        self.for_others.add(function)
        return self.step(function)

    def action(self, name: str, *, browsing: bool = False) -> Callable[[Action], Action]:
        """Answer the buttons whose action begins with `name:`. Each checks who presses it.

        `browsing`: it only shows something, so the pressed menu may change into the answer.
        """

        def register(function: Action) -> Action:
            self.actions[name] = function
            if browsing:
                self.browsing.add(name)
            return function

        return register

    def pattern(self, expression: str) -> Callable[[Action], Action]:
        """Answer, anywhere outside a task, a message that is exactly this (such as a code)."""

        def register(function: Action) -> Action:
            self.patterns.append((re.compile(expression, re.IGNORECASE), function))
            return function

        return register

    def name_of(self, function: Step) -> str:
        """How a step is called in the database: stable as long as its function's name is."""
        return f"{self.name}.{function.__name__}"
