"""Something was wrong: the text is corrected for all who got it, or the announcement is void."""

from bot.dialogue import Ask, Choice, Done, Link, NotAllowed, Reply, Turn
from bot.texts import _
from handlers.broadcast.approval import ask_second_officer
from handlers.broadcast.base import dialogue, list_offices, office_for, steered
from handlers.broadcast.flow import ORDER, next_question
from handlers.broadcast.message import message_body
from handlers.broadcast.running import announce_start
from handlers.broadcast.words import CODE_CHARS
from handlers.broadcast.write import checked_text
from storage.broadcast_views import count_told, stop_recurrence_of
from storage.broadcasts import (
    UNDER_WAY,
    Broadcast,
    State,
    change_draft,
    confirm,
    create_draft,
    get_broadcast,
    withdraw,
)
from storage.members import record


async def _left(turn: Turn, broadcast_id: str) -> Broadcast:
    """An announcement that has left, in this person's own office. Raises NotAllowed."""
    found = await steered(turn, broadcast_id)
    if found.frozen_at is None:
        raise NotAllowed(_("This announcement has not been sent."))
    if found.status is State.WITHDRAWN:
        raise NotAllowed(_("This announcement has been withdrawn already."))
    return found


@dialogue.action("bfix")
async def ask_correction(turn: Turn, broadcast_id: str) -> Reply:
    found = await _left(turn, broadcast_id)
    if found.status in UNDER_WAY:
        raise NotAllowed(_("It is still being sent. Please stop it first, then correct it."))
    turn.data = {"fix": found.id}
    words = _("It says:\n%(text)s\n\nPlease write it as it should be, all of it.", text=found.text)
    return Ask(words, then=hear_correction)


@dialogue.dictation
async def hear_correction(turn: Turn) -> Reply:
    """A draft like any other, for those who got the first one; it is shown before it leaves."""
    found = await _left(turn, str(turn.data.get("fix", "")))
    text = checked_text(turn, turn.text)
    draft = await _draft(turn, found, text)
    turn.data = {"draft": draft.id, "answered": [*ORDER]}
    return await next_question(turn)


async def _draft(turn: Turn, found: Broadcast, text: str) -> Broadcast:
    """In the name of the first one's office, or of the city's when its officer corrects."""
    offices = await list_offices(turn, turn.person.id)
    own = office_for(offices, found)
    made = await create_draft(
        turn.conn,
        code=turn.services.new_code(CODE_CHARS),
        kind=found.kind,
        author_id=turn.person.id,
        commune_code=found.commune_code if own else None,
        team_id=found.team_id if own else None,
        now=turn.now,
        corrects=found.corrects or found.id,
    )
    kept = {"media": found.media, "buttons": found.buttons}
    await change_draft(turn.conn, made, turn.person.id, text=text, **kept)
    return await get_broadcast(turn.conn, made)


# --- withdrawing --------------------------------------------------------------------------


@dialogue.action("bvoid")
async def ask_withdraw(turn: Turn, broadcast_id: str) -> Reply:
    found = await _left(turn, broadcast_id)
    turn.data = {"void": found.id}
    words = _(
        "Withdraw it? Nobody else gets it, and whoever checks its code learns that it is void.\n"
        "The %(number)s who got it are told.",
        number=await count_told(turn.conn, found.id),
    )
    choices = [Choice(_("Yes, withdraw it"), "yes"), Choice(_("No, leave it"), "no")]
    return Ask(words, choices, then=hear_withdraw)


@dialogue.step
async def hear_withdraw(turn: Turn) -> Reply:
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    found = await _left(turn, str(turn.data.get("void", "")))
    report = Link(_("Report"), f"breport:{found.id}")
    if answer == "no":
        return Done(_("Good, it stays as it is."), [report])
    if not await withdraw(turn.conn, found.id, turn.now):
        raise NotAllowed(_("This announcement has been withdrawn already."))
    await record(turn.conn, turn.person.id, "withdrawn", f"broadcast:{found.id}", turn.now)
    await stop_recurrence_of(turn.conn, found.id, turn.now)
    if not await count_told(turn.conn, found.id):
        return Done(_("It is withdrawn. Nobody had got it."), [report])
    return await _tell(turn, found)


async def _tell(turn: Turn, found: Broadcast) -> Reply:
    """Void at once; that everybody is told of it may need the second officer, as always."""
    words = _("This announcement (%(code)s) is withdrawn. Please disregard it.", code=found.code)
    draft = await _draft(turn, found, turn.services.texts.render(words))
    await change_draft(turn.conn, draft.id, turn.person.id, media=None, buttons=[])
    draft = await get_broadcast(turn.conn, draft.id)
    if draft.needs_approval:
        turn.say(_("It is withdrawn."))
        return await ask_second_officer(turn, draft)
    await confirm(turn.conn, draft.id, turn.person.id, await message_body(turn, draft), turn.now)
    await announce_start(turn, draft.id)
    return Done(_("It is withdrawn, and those who got it are being told."))
