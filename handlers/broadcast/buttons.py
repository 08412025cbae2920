"""Buttons of an announcement: "I have read it", guides to open, classes to sign up for."""

from bot.dialogue import Ask, AskAgain, Choice, Reply, Turn
from bot.texts import Words, _, join
from handlers.broadcast.base import Office, dialogue, own_draft
from handlers.broadcast.flow import go_on, question
from handlers.broadcast.message import (
    ACKNOWLEDGE,
    CLASS,
    GUIDE,
    Button,
    button_link,
    read_buttons,
    write_buttons,
)
from handlers.classes.base import title, when
from storage.broadcasts import change_draft
from storage.classes import list_hosted

MAX_BUTTONS = 3
OFFERED = 4


@question("buttons")
async def ask_buttons(turn: Turn) -> Reply:
    """What there is so far, and what may still be added."""
    draft, office = await own_draft(turn)
    buttons = read_buttons(draft.buttons)
    choices = [Choice(_("No more buttons") if buttons else _("Without buttons"), "done")]
    if len(buttons) < MAX_BUTTONS:
        if Button(ACKNOWLEDGE) not in buttons:
            choices.append(Choice(_("“I have read it”, to be counted"), ACKNOWLEDGE))
        choices.append(Choice(_("Open a guide"), GUIDE))
        if await _classes(turn, office):
            choices.append(Choice(_("Sign up for a class"), CLASS))
    if buttons:
        choices.append(Choice(_("Take the buttons away"), "clear"))
    words: Words = _("Which buttons shall it have?")
    if buttons:
        shown = [button_link(turn, button, "") for button in buttons]
        labels = [_("▫ %(label)s", label=link.label) for link in shown if link is not None]
        words = join(_("Its buttons:"), *labels, words, between="\n")
    return Ask(words, choices, then=hear_buttons)


async def _buttons(turn: Turn) -> list[Button]:
    draft, _office = await own_draft(turn)
    return read_buttons(draft.buttons)


@dialogue.step
async def hear_buttons(turn: Turn) -> Reply:
    allowed = ("done", ACKNOWLEDGE, GUIDE, CLASS, "clear")
    answer = turn.choice(allowed, otherwise=_("Please press one of these."))
    if answer == "done":
        return await go_on(turn, "buttons")
    if answer == GUIDE:
        return Ask(_("Which guide? Write what it is about."), then=hear_guide)
    if answer == CLASS:
        return await _ask_class(turn)
    if answer == "clear":
        await _keep(turn, [])
    else:
        await _add(turn, Button(ACKNOWLEDGE))
    return await ask_buttons(turn)


async def _classes(turn: Turn, office: Office) -> list[Choice]:
    """The next classes of this office's team or ward."""
    found = await list_hosted(
        turn.conn,
        team_ids=[office.team_id] if office.team_id is not None else [],
        commune_codes=[office.commune_code] if office.commune_code is not None else [],
        after=turn.now,
        limit=OFFERED,
    )
    return [Choice(join(title(turn, m), when(m), between=" · "), str(m.id)) for m in found]


async def _ask_class(turn: Turn) -> Reply:
    _draft, office = await own_draft(turn)
    choices = await _classes(turn, office)
    if not choices:
        raise AskAgain(_("No class is planned."))
    return Ask(_("Which class?"), choices, then=hear_class)


@dialogue.step
async def hear_class(turn: Turn) -> Reply:
    _draft, office = await own_draft(turn)
    planned = [choice.value for choice in await _classes(turn, office)]
    chosen = turn.choice(planned, otherwise=_("Please press one of these."))
    await _add(turn, Button(CLASS, chosen))
    return await ask_buttons(turn)


@dialogue.step
async def hear_guide(turn: Turn) -> Reply:
    """The guide itself when it was pressed; else those that the words may mean."""
    guides = turn.services.library.guides
    if turn.answer is not None and turn.answer in guides:
        await _add(turn, Button(GUIDE, turn.answer))
        return await ask_buttons(turn)
    choices = guide_choices(turn)
    return Ask(_("Which of them is meant?"), choices, then=hear_guide)


def guide_choices(turn: Turn) -> list[Choice]:
    """Up to four guides that the typed words may mean. Raises AskAgain when there is none."""
    guides = turn.services.library.guides
    hits = turn.services.finder.find(turn.text).hits if turn.text else ()
    found = [Choice(guides[hit.id].title, hit.id) for hit in hits if hit.id in guides]
    if not found:
        raise AskAgain(_("I have no guide about that. Please write it in other words."))
    return found[:OFFERED]


async def _add(turn: Turn, button: Button) -> None:
    buttons = await _buttons(turn)
    if button not in buttons and len(buttons) < MAX_BUTTONS:
        await _keep(turn, [*buttons, button])


async def _keep(turn: Turn, buttons: list[Button]) -> None:
    kept = write_buttons(buttons)
    await change_draft(turn.conn, turn.data["draft"], turn.person.id, buttons=kept)
