"""Announcements that are written often: kept with blanks, each of which is then asked for."""

import re

from bot.dialogue import Ask, AskAgain, Choice, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import _
from handlers.broadcast.base import (
    Office,
    dialogue,
    need_offices,
    steered,
)
from handlers.broadcast.write import checked_text, start_for, take_text
from storage.broadcast_templates import (
    Template,
    add_template,
    list_templates,
    remove_template,
)
from storage.members import record

SHOWN = 4
NAME_CHARS = 60
BLANK_CHARS = 200
_BLANK = re.compile(r"\[([^\[\]\n]{1,40})\]")


def find_blank(text: str) -> str | None:
    """What the first blank asks for: "giờ" of "[giờ]"; None when all are filled in."""
    match = _BLANK.search(text)
    return match.group(1) if match else None


def fill_blank(text: str, value: str) -> str:
    """The first blank filled in, and every other one that asks for the same."""
    name = find_blank(text)
    return text.replace(f"[{name}]", value) if name is not None else text


async def _usable(turn: Turn) -> list[tuple[Office, Template]]:
    """Templates of one's offices, and everybody's, each once."""
    found: dict[int, tuple[Office, Template]] = {}
    for office in await need_offices(turn):
        mine = await list_templates(
            turn.conn, commune_code=office.commune_code, team_id=office.team_id
        )
        for template in mine:
            found.setdefault(template.id, (office, template))
    return list(found.values())


@dialogue.action("btemplates", browsing=True)
async def templates(turn: Turn, page: str = "0") -> Reply:
    usable = await _usable(turn)
    first = (read_id(page) or 0) * SHOWN
    shown = usable[first : first + SHOWN]
    links = [Link(template.name, f"btemplate:{template.id}") for _office, template in shown]
    if len(usable) > first + SHOWN:
        links.append(Link(_("More"), f"btemplates:{(read_id(page) or 0) + 1}"))
    if not links:
        words = _("There is no template yet. After sending an announcement you can keep it as one.")
        return Done(words, [Link(_("Announcements"), "bhome")])
    return Done(_("Which template?"), links)


async def _named(turn: Turn, template_id: str) -> tuple[Office, Template]:
    known = read_id(template_id)
    found = (pair for pair in await _usable(turn) if pair[1].id == known)
    usable = next(found, None)
    if usable is None:
        raise NotAllowed(_("There is no such template, or it is another office's."))
    return usable


@dialogue.action("btemplate", browsing=True)
async def template(turn: Turn, template_id: str) -> Reply:
    _office, chosen = await _named(turn, template_id)
    links = [
        Link(_("Use it"), f"buse:{chosen.id}"),
        Link(_("Remove it"), f"bunkeep:{chosen.id}"),
        Link(_("Templates"), "btemplates"),
    ]
    return Done(_("%(name)s:\n%(text)s", name=chosen.name, text=chosen.text), links)


@dialogue.action("bunkeep")
async def remove(turn: Turn, template_id: str) -> Reply:
    """Only of one's own office: who may use everybody's does not remove them for everybody."""
    _office, chosen = await _named(turn, template_id)
    own = {(o.commune_code, o.team_id) for o in await need_offices(turn)}
    if (chosen.commune_code, chosen.team_id) not in own:
        raise NotAllowed(_("There is no such template, or it is another office's."))
    await remove_template(turn.conn, chosen.id, turn.now)
    await record(turn.conn, turn.person.id, "no_template", f"template:{chosen.id}", turn.now)
    return Done(_("The template is removed."), [Link(_("Templates"), "btemplates")])


# --- using one ----------------------------------------------------------------------------


@dialogue.action("buse")
async def use(turn: Turn, template_id: str) -> Reply:
    office, chosen = await _named(turn, template_id)
    start_for(turn, office)
    turn.data |= {"text": chosen.text, "buttons": chosen.buttons}
    return await _next_blank(turn)


async def _next_blank(turn: Turn) -> Reply:
    name = find_blank(turn.data["text"])
    if name is not None:
        words = _("%(text)s\n\nWhat goes into [%(name)s]?", text=turn.data["text"], name=name)
        return Ask(words, then=hear_blank)
    text, buttons = turn.data.pop("text"), turn.data.pop("buttons")
    turn.data["answered"] = ["buttons"]
    return await take_text(turn, checked_text(turn, text), buttons=buttons)


@dialogue.dictation
async def hear_blank(turn: Turn) -> Reply:
    value = turn.words(
        at_most=BLANK_CHARS, otherwise=_("Please write what goes in there, shortly.")
    )
    if _BLANK.search(value):
        raise AskAgain(_("Please write it without square brackets."))
    turn.data["text"] = fill_blank(turn.data["text"], value)
    return await _next_blank(turn)


# --- keeping one --------------------------------------------------------------------------


@dialogue.action("bkeep")
async def keep(turn: Turn, broadcast_id: str) -> Reply:
    found = await steered(turn, broadcast_id)
    turn.data = {"keep": found.id}
    words = _(
        "%(text)s\n\nWrite it once more with [brackets] around what changes each time, "
        "for example [giờ], or keep it as it is.",
        text=found.text,
    )
    return Ask(words, [Choice(_("Keep it as it is"), "same")], then=hear_template)


@dialogue.dictation
async def hear_template(turn: Turn) -> Reply:
    found = await steered(turn, str(turn.data.get("keep", "")))
    turn.data["text"] = found.text if turn.answer else checked_text(turn, turn.text)
    return Ask(_("How shall the template be called?"), then=hear_name)


@dialogue.step
async def hear_name(turn: Turn) -> Reply:
    found = await steered(turn, str(turn.data.get("keep", "")))
    name = turn.words(at_most=NAME_CHARS, otherwise=_("Please write a short name."))
    made = await add_template(
        turn.conn,
        turn.person.id,
        turn.now,
        name=name,
        text=turn.data["text"],
        buttons=found.buttons,
        commune_code=found.commune_code,
        team_id=found.team_id,
    )
    await record(turn.conn, turn.person.id, "template", f"template:{made}", turn.now)
    return Done(_("The template is kept."), [Link(_("Templates"), "btemplates")])
