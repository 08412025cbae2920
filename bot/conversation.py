"""One turn: from what a person sent to what is said back and where the conversation stands.

Nothing here knows a platform or SQL; `bot.dispatcher` gives each turn its transaction.
"""

import inspect
import re
from collections.abc import Sequence
from typing import Any

from bot.dialogue import (
    ANNOUNCED_NUMBERS_FROM,
    Action,
    Ask,
    AskAgain,
    Done,
    Link,
    NotAllowed,
    Reply,
    Stay,
    Turn,
    checked,
    number,
)
from bot.registry import Registry
from bot.secrecy import COVER, Secret, mask
from bot.texts import Text, Words, _, clean, fold, join
from storage.broadcast_views import list_announced
from storage.outbox import Post, Priority, list_shown_buttons

BACK, PERSON, MENU = "nav:back", "nav:person", "nav:menu"
BACK_NUMBER, PERSON_NUMBER = "0", "9"
MAX_BACK = 12
# How far up a reader may look for the button that a typed number means.
SHOWN_MESSAGES = 12
ANNOUNCEMENTS = 3

_NUMBER = re.compile(r"(?:so|chon|bam|nhan|go|phim|muc)?\s*(\d{1,2})")
_BACK_WORDS = frozenset({"quay lai", "tro lai", "lui lai", "back"})
_MENU_WORDS = frozenset({"menu", "huy", "huy bo", "thoat", "thoi", "dung lai", "trang chu"})
_PERSON_WORDS = frozenset({"gap nguoi", "gap nguoi that", "noi chuyen voi nguoi", "gap can bo"})

_WARNINGS: dict[Secret, Text] = {
    Secret.OTP: _(
        "That looks like a one-time code. I have not kept it or passed it on.\n"
        "Please never give such a code to anyone, not even to us."
    ),
    Secret.PASSWORD: _(
        "That looks like a password. I have not kept it or passed it on.\n"
        "Please keep it to yourself: nobody who helps you needs it."
    ),
    Secret.CARD: _(
        "That looks like a card number. I have not kept it or passed it on.\n"
        "Please don't send card numbers in a chat."
    ),
    Secret.ID: _(
        "That looks like the number of a paper. I have not kept it or passed it on.\n"
        "Please show your papers only when you meet in person."
    ),
}


class Conversation:
    """Runs turns with one set of dialogues."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    async def take(self, turn: Turn) -> None:
        """Answer one update: changes `turn.chat`, fills `turn.posts`."""
        state = turn.chat.state
        if state is not None:
            turn.data = dict(state["data"])
        try:
            reply = await self._find_reply(turn)
        except (AskAgain, NotAllowed) as fault:
            turn.chat.misses += 1
            links = fault.links if isinstance(fault, AskAgain) else ()
            self._post(turn, self._repeat(turn, _hint(turn, fault.words), links))
            return
        turn.chat.misses = 0
        self._apply(turn, reply)

    def apologise(self, turn: Turn) -> None:
        """Say that something went wrong on our side, and how to reach a person."""
        hotline = turn.services.settings.contacts.hotline
        words = _(
            "Sorry, something went wrong on our side.\n"
            "Please try again in a moment, or call %(hotline)s to talk to a person.",
            hotline=hotline,
        )
        turn.said.clear()
        self._post(turn, turn.body(words))

    # --- what did they send? ---------------------------------------------------------------

    async def _find_reply(self, turn: Turn) -> Reply:
        incoming = turn.incoming
        if incoming.button is not None:
            return await self._press(turn, incoming.button)
        if incoming.text.startswith("/"):
            return await self._command(turn, incoming.text)
        if not incoming.private:
            return Stay()  # people of a group talk to each other
        turn.text = self._without_secrets(turn, clean(incoming.text))
        if turn.said and not turn.text:
            return Stay()  # there was nothing in it but a secret, and that has been said
        if turn.text:
            action = await self._named_action(turn)
            if action is not None:
                return await self._press(turn, action)
        return await self._free(turn)

    def _without_secrets(self, turn: Turn, text: str) -> str:
        """The text as it may be kept; empty when there was nothing else in it."""
        masked = mask(text)
        for kind in sorted(masked.found):
            turn.say(_WARNINGS[kind])
        return masked.text if masked.text.strip(f"{COVER} .,") else ""

    async def _command(self, turn: Turn, line: str) -> Reply:
        name, _space, argument = line[1:].partition(" ")
        begin = self._registry.command(name)
        if begin is None:
            raise AskAgain(_("I don't know that command. Type 0 to see what I can do."))
        turn.data = {}
        return await begin(turn, argument.strip())

    async def _named_action(self, turn: Turn) -> str | None:
        """The action that the typed text names: a number, a word of ours, or a label in full."""
        folded = fold(turn.text)
        if match := _NUMBER.fullmatch(folded):
            return await self._numbered(turn, match.group(1))
        if folded in _BACK_WORDS:
            return BACK
        if folded in _MENU_WORDS:
            return MENU
        if folded in _PERSON_WORDS:
            return PERSON
        labels = (b for b in _question_buttons(turn) if fold(b[1]) == folded)
        found = next(labels, None)
        return found[2] if found else None

    async def _numbered(self, turn: Turn, digits: str) -> str | None:
        typed = str(int(digits))
        for button_number, _label, action in _question_buttons(turn):
            if button_number == typed:
                return action
        for buttons in await self._shown(turn, int(typed)):
            for button_number, _label, action in buttons:
                if button_number == typed:
                    return action
            if turn.chat.state and any(action.startswith("a:") for _n, _l, action in buttons):
                break  # older than the question that waits
        if typed == BACK_NUMBER:
            return MENU
        return PERSON if typed == PERSON_NUMBER else None

    async def _shown(self, turn: Turn, typed: int) -> list[list[list[str]]]:
        announced: list[list[list[str]]] = []
        if typed >= ANNOUNCED_NUMBERS_FROM:
            announced = await list_announced(turn.conn, turn.chat.id, ANNOUNCEMENTS)
        fresh = [p.body.get("buttons", []) for p in turn.posts if p.chat_id == turn.chat.id]
        kept = await list_shown_buttons(turn.conn, turn.chat.id, SHOWN_MESSAGES)
        return announced + fresh[::-1] + kept

    async def _free(self, turn: Turn) -> Reply:
        """Not a button, a number or a command: an answer, a code, a phrase, or a question."""
        state = turn.chat.state
        step = self._registry.step(state["step"]) if state else None
        dictated = step is not None and self._registry.is_for_others(step)
        warning = None if dictated else await self._warning(turn)
        if warning is not None and step is None:
            return warning
        if warning is not None:
            # Said first; but the task goes on, and what was written is not lost.
            turn.say(warning.words, links=warning.links)
        if step is not None:
            return await step(turn)
        begin = self._registry.pattern(turn.text) or self._registry.phrase(turn.text)
        if begin is not None and turn.text:
            return await begin(turn, turn.text)
        return await self._do(turn, "free")

    async def _warning(self, turn: Turn) -> Reply | None:
        """What to do first when the text tells of danger; None in peace."""
        danger = turn.services.finder.find_danger(turn.text) if turn.text else None
        return await self._do(turn, "danger", danger) if danger is not None else None

    # --- buttons ---------------------------------------------------------------------------

    async def _press(self, turn: Turn, action: str) -> Reply:
        if action == BACK:
            return await self._back(turn)
        if action == MENU:
            return await self._do(turn, "menu")
        if action == PERSON:
            return await self._do(turn, "person")
        name, *arguments = action.split(":")
        if name == "a":
            return await self._answer(turn, arguments)
        known = self._registry.action(name)
        if known is None or not _takes(known, len(arguments)):
            raise AskAgain(_("That button does not belong to me. Type 0 to see what I can do."))
        return await self._do(turn, name, *arguments)

    async def _answer(self, turn: Turn, arguments: list[str]) -> Reply:
        state = turn.chat.state
        if state is None or len(arguments) != 2 or arguments[0] != str(state["q"]):
            raise AskAgain(_("That button belongs to an older question."))
        step = self._registry.step(state["step"])
        if step is None or arguments[1] not in (value for _label, value in state["ask"]["choices"]):
            raise AskAgain(_("That is not one of the choices."))
        turn.answer, turn.text = arguments[1], ""
        return await step(turn)

    async def _do(self, turn: Turn, name: str, *arguments: str) -> Reply:
        action: Action | None = self._registry.action(name)
        if action is None:
            raise LookupError(f"no dialogue has an action {name!r}")
        return await action(turn, *arguments)

    async def _back(self, turn: Turn) -> Reply:
        state = turn.chat.state
        if state is None or not state["back"]:
            return await self._do(turn, "menu")
        earlier = dict(state["back"][-1])
        turn.chat.questions += 1
        turn.chat.state = {**earlier, "q": turn.chat.questions, "back": state["back"][:-1]}
        self._post(turn, _question(turn))
        return Stay()

    # --- what is said back -----------------------------------------------------------------

    def _apply(self, turn: Turn, reply: Reply) -> None:
        if isinstance(reply, Ask):
            self._ask(turn, reply)
            self._post(turn, _question(turn))
        elif isinstance(reply, Done):
            turn.chat.state = None
            buttons = [*number(turn.services, reply.links), _menu_button(turn)]
            more = {"place": [reply.place.lat, reply.place.lon]} if reply.place else {}
            self._post(turn, turn.body(reply.words, buttons, media=reply.media, **more))
        elif reply.words:
            buttons = number(turn.services, reply.links) or _question_buttons(turn)
            buttons = [] if reply.quiet else buttons
            self._post(turn, turn.body(reply.words, buttons))
        else:
            self._flush_said(turn)

    def _ask(self, turn: Turn, ask: Ask) -> None:
        if ask.then is None:
            raise ValueError("a question needs a step that gets its answer")
        texts = turn.services.texts
        step = self._registry.name_of(ask.then)
        body = turn.body(ask.words, media=ask.media)
        body["choices"] = [[texts.render(c.label), c.value] for c in ask.choices]
        body["links"] = [[texts.render(link.label), checked(link.action)] for link in ask.links]
        body |= {key: True for key in ("ask_place", "ask_contact") if getattr(ask, key)}
        turn.chat.questions += 1
        before = turn.chat.state
        turn.chat.state = {
            "step": step,
            "q": turn.chat.questions,
            "data": turn.data,
            "ask": body,
            "back": _history(before, step),
        }

    def _repeat(self, turn: Turn, words: Words, links: Sequence[Link]) -> dict[str, Any]:
        """A hint with the buttons of the question that still waits, or the way to the menu."""
        ways = [*number(turn.services, links), _menu_button(turn), _person_button(turn)]
        return turn.body(words, _question_buttons(turn) or ways)

    def _post(self, turn: Turn, body: dict[str, Any]) -> None:
        incoming = turn.incoming
        alone = incoming.private and not turn.said and "media" not in body
        if incoming.message_id and alone and self._registry.is_browsing(incoming.button):
            body["menu_of"] = incoming.message_id
        self._flush_said(turn)
        turn.posts.append(_reply_post(turn, body))

    def _flush_said(self, turn: Turn) -> None:
        turn.posts += [_reply_post(turn, body) for body in turn.said]
        turn.said.clear()


def _takes(action: Action, arguments: int) -> bool:
    """Whether an action can be called with so many arguments besides the turn."""
    try:
        inspect.signature(action).bind(None, *[""] * arguments)
    except TypeError:
        return False
    return True


def _reply_post(turn: Turn, body: dict[str, Any]) -> Post:
    chat = turn.chat
    post = Post(chat.id, chat.chat_key, chat.channel, Priority.REPLY, body, turn.now)
    post.request_id = turn.about
    return post


def _history(before: dict[str, Any] | None, step: str) -> list[dict[str, Any]]:
    """The questions that "back" leads to. A task asked anew begins without any."""
    if before is None or before["step"].split(".")[0] != step.split(".")[0]:
        return []
    kept = {key: before[key] for key in ("step", "data", "ask")}
    return [*before["back"], kept][-MAX_BACK:]


def _question(turn: Turn) -> dict[str, Any]:
    """The question that waits, as a message."""
    assert turn.chat.state is not None  # noqa: S101 - only called right after it was set
    ask = turn.chat.state["ask"]
    body = {key: value for key, value in ask.items() if key not in ("choices", "links")}
    return body | {"buttons": _question_buttons(turn)}


def _question_buttons(turn: Turn) -> list[list[str]]:
    """The buttons of the question that waits: answers, other ways, back, a person."""
    state = turn.chat.state
    if state is None:
        return []
    ask = state["ask"]
    actions = [(label, f"a:{state['q']}:{value}") for label, value in ask["choices"]]
    actions += [(label, action) for label, action in ask["links"]]
    # Nine reaches a person and zero goes back wherever one is; the choices count around them.
    numbers = [n for n in range(1, 20) if n != int(PERSON_NUMBER)]
    buttons = [
        [str(n), label, action] for n, (label, action) in zip(numbers, actions, strict=False)
    ]
    back = [BACK_NUMBER, turn.services.texts.render(_("Back")), BACK]
    return [*buttons, back, _person_button(turn)]


def _person_button(turn: Turn) -> list[str]:
    return [PERSON_NUMBER, turn.services.texts.render(_("Reach a person")), PERSON]


def _menu_button(turn: Turn) -> list[str]:
    return [BACK_NUMBER, turn.services.texts.render(_("Menu")), MENU]


def _hint(turn: Turn, words: Words) -> Words:
    """The hint itself at the first miss; then other words each time, and always a person."""
    hotline = turn.services.settings.contacts.hotline
    misses = turn.chat.misses
    if misses < 2:
        return words
    variants = (
        _("Shall we do it together? Type 9 to reach a person, or call %(hotline)s.",
          hotline=hotline),
        _("I am only a machine and still learning. A person can help: type 9."),
        _("No hurry. Type the number of a choice, or 9 to reach a person."),
    )  # fmt: skip
    return join(words, variants[misses % len(variants)]) if misses == 2 else variants[misses % 3]
