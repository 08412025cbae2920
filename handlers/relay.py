"""Resident and helper write to each other through the bot; neither sees the other's account."""

from bot.dialogue import Ask, AskAgain, Dialogue, Done, Link, NotAllowed, Reply, Stay, Turn
from bot.texts import Words, _, join
from handlers.accept_request import held_links, show_life
from handlers.phone import read_phone
from handlers.words import request_named, resident_name
from storage.chats import change_person
from storage.members import get_membership
from storage.requests import HelpRequest, RequestStatus, find_request, list_held_by, list_of_person

dialogue = Dialogue("relay")

MAX_TEXT = 2000


async def _other_side(turn: Turn, request: HelpRequest) -> tuple[int, Words, bool]:
    """Whom this person writes to about a claimed request: (person, sender's name, is helper).

    Raises NotAllowed for anyone who is neither the resident nor the helper, now.
    """
    if request.status is not RequestStatus.CLAIMED or request.claimed_by is None:
        raise NotAllowed(_("Nobody is helping with this request at the moment."))
    helper = await get_membership(turn.conn, request.claimed_by)
    if turn.person.id == request.person_id and helper.person_id is not None:
        return helper.person_id, resident_name(turn.person.display_name), False
    if turn.person.id == helper.person_id:
        return request.person_id, helper.display_name, True
    raise NotAllowed(_("This conversation is between the resident and the helper."))


@dialogue.action("talk")
async def talk(turn: Turn, request_id: str) -> Reply:
    """Open the line: from here on everything that is sent goes to the other side."""
    request = await request_named(turn, request_id)
    if request is None:
        raise NotAllowed(_("Nobody is helping with this request at the moment."))
    await _other_side(turn, request)
    turn.data = {"request": request.id}
    words = _(
        "Write, speak or send a photo: I pass it on (request %(code)s).\nType 0 when you are done.",
        code=request.code,
    )
    return _line(turn, request, words)


def _line(turn: Turn, request: HelpRequest, words: Words) -> Ask:
    links = [Link(_("Give my phone number"), f"mynumber:{request.id}")]
    if turn.person.id != request.person_id:
        links = [*held_links(request)[1:], *links]
    return Ask(words, then=hear_message, links=links)


@dialogue.step
async def hear_message(turn: Turn) -> Reply:
    request = await find_request(turn.conn, turn.data["request"])
    if request is None or request.status is not RequestStatus.CLAIMED:
        return Done(_("This request is no longer in anyone's hands, so I can't pass that on."))
    await _pass(turn, request)
    return Stay(_("Passed on."), quiet=True)


async def pass_on(turn: Turn) -> Reply | None:
    """A message outside any task, when exactly one helper or resident can be meant."""
    if not (turn.text or turn.media):
        return None
    mine = await list_of_person(turn.conn, turn.person.id, (RequestStatus.CLAIMED,))
    both = mine + await list_held_by(turn.conn, turn.person.id)
    if len(both) == 1:
        turn.data = {"request": both[0].id}
        await _pass(turn, both[0])
        return _line(
            turn, both[0], _("Passed on to the other side of request %(code)s.", code=both[0].code)
        )
    if len(both) > 1:
        links = [Link(_("Request %(code)s", code=r.code), f"talk:{r.id}") for r in both[:5]]
        return Done(_("Which request is this about?"), links)
    return None


async def _pass(turn: Turn, request: HelpRequest) -> None:
    person_id, name, is_helper = await _other_side(turn, request)
    if turn.place is not None:
        raise AskAgain(_("I don't pass places on. Please describe the way in words."))
    if turn.media is None and not turn.text:
        raise AskAgain(_("I can pass on words, voice messages and photos."))
    if len(turn.text) > MAX_TEXT:
        raise AskAgain(_("That is very long. Please send it in two or three parts."))
    said = join(_("%(name)s (%(code)s):", name=name, code=request.code), turn.text, between="\n")
    links = [Link(_("Answer"), f"talk:{request.id}")]
    reached = await turn.notify([person_id], said, links=links, media=turn.media, about=request.id)
    if not reached:
        raise AskAgain(
            _("The other side can't be reached just now. Please try a phone call, or type 9.")
        )
    if is_helper:
        await show_life(turn, request)


@dialogue.action("mynumber")
async def share_number(turn: Turn, request_id: str) -> Reply:
    """On purpose only: the other side gets the number once it is confirmed here."""
    request = await request_named(turn, request_id)
    if request is None:
        raise NotAllowed(_("Nobody is helping with this request at the moment."))
    await _other_side(turn, request)
    turn.data = {"request": request.id}
    words = _("Which phone number shall I give to the other side? Type 0 if you'd rather not.")
    return Ask(words, then=hear_number, ask_contact=True)


@dialogue.step
async def hear_number(turn: Turn) -> Reply:
    request = await find_request(turn.conn, turn.data["request"])
    if request is None:
        raise NotAllowed(_("Nobody is helping with this request at the moment."))
    person_id, name, _is_helper = await _other_side(turn, request)
    number = read_phone(turn)
    turn.chat.person = await change_person(turn.conn, turn.person, phone=number)
    words = _(
        "%(name)s (%(code)s) can be called at %(number)s.",
        name=name,
        code=request.code,
        number=number,
    )
    await turn.notify(
        [person_id], words, links=[Link(_("Answer"), f"talk:{request.id}")], about=request.id
    )
    return _line(turn, request, _("I have given your number to the other side."))
