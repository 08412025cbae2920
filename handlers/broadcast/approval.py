"""The second officer: asked with the message as people would get it; the first answer counts."""

import hashlib
from collections.abc import Iterable
from typing import Any

from bot.dialogue import Ask, Choice, Context, Done, Link, NotAllowed, Reply, Stay, Turn
from bot.texts import Moment, Words, _, join
from handlers.broadcast.base import (
    broadcast_named,
    dialogue,
    list_offices,
    need_offices,
    office_for,
)
from handlers.broadcast.message import message_body, scope_name, sender_name
from handlers.broadcast.parts import describe
from handlers.broadcast.running import announce_start
from handlers.broadcast.words import STATES, reach
from storage.broadcast_ledger import count_audience
from storage.broadcast_views import count_told
from storage.broadcasts import (
    Broadcast,
    State,
    approve,
    back_to_draft,
    get_broadcast,
    submit,
)
from storage.chats import find_addresses
from storage.members import Role, list_officers, record
from storage.outbox import Post, Priority

SEAL_CHARS = 12
_DECIDED = _("That has been decided already: %(state)s.")


async def ask_second_officer(turn: Turn, draft: Broadcast) -> Reply:
    """Put it to all city officers but the author; whoever answers first decides."""
    others = await find_addresses(turn.conn, await _second_officers(turn, draft))
    if not others:
        raise NotAllowed(
            _("There is no second city officer to agree. Please invite one first: /to")
        )
    if not await submit(turn.conn, draft.id, turn.person.id, turn.now):
        return await _already(turn, draft.id)
    await record(turn.conn, turn.person.id, "submitted", f"broadcast:{draft.id}", turn.now)
    await post_body(turn, others, await message_body(turn, draft))
    await turn.notify(others, await _question(turn, draft), links=_links(draft))
    words = _("A second officer has been asked. I will tell you what they say.")
    return Done(words, [Link(_("Take it back"), f"bback:{draft.id}")])


async def _second_officers(ctx: Context, draft: Broadcast) -> list[int]:
    officers = await list_officers(ctx.conn, Role.CITY_OFFICER)
    ids = {o.person_id for o in officers if o.person_id is not None}
    return sorted(ids - {draft.author_id})


async def post_body(ctx: Context, person_ids: Iterable[int], body: dict[str, Any]) -> None:
    """Show a message as people would get it, where each of these was last active."""
    for address in (await find_addresses(ctx.conn, person_ids)).values():
        ctx.posts.append(
            Post(address.chat_id, address.chat_key, address.channel, Priority.HELP, body, ctx.now)
        )


async def _question(ctx: Context, draft: Broadcast) -> Words:
    return join(
        _(
            "%(name)s asks you to agree to this announcement for %(area)s.",
            name=await sender_name(ctx, draft),
            area=await scope_name(ctx, draft),
        ),
        await _reach(ctx, draft),
        _("When: %(time)s", time=Moment(draft.send_at)) if draft.send_at else "",
        _("Not after: %(time)s", time=Moment(draft.expires_at)) if draft.expires_at else "",
        _("Please check it as if your own name stood under it."),
        between="\n",
    )


async def _reach(ctx: Context, draft: Broadcast) -> Words:
    if draft.corrects is not None:
        told = await count_told(ctx.conn, draft.corrects)
        return _("It corrects an earlier one, for the %(number)s who got it.", number=told)
    counted = await count_audience(
        ctx.conn,
        draft.readers,
        kind=draft.kind,
        commune_code=draft.commune_code,
        team_id=draft.team_id,
    )
    who = _("To: %(who)s", who=await describe(ctx, draft, draft.readers))
    return join(who, reach(counted, ctx.services.settings.sender), between="\n")


def _links(draft: Broadcast) -> list[Link]:
    return [
        Link(_("I agree, send it"), f"byes:{draft.id}:{_seal(draft)}"),
        Link(_("No, not like this"), f"bno:{draft.id}"),
    ]


def _seal(draft: Broadcast) -> str:
    """Stands for exactly what was shown, so that nobody agrees to what it was changed into."""
    shown = (
        draft.kind, draft.text, draft.media, draft.buttons, draft.audience, draft.send_at,
        draft.expires_at, draft.corrects,
    )  # fmt: skip
    return hashlib.sha256(repr(shown).encode()).hexdigest()[:SEAL_CHARS]


@dialogue.action("basked")
async def look_at(turn: Turn, broadcast_id: str) -> Reply:
    """The message and the question once more, for an officer who comes back to it."""
    asked = await _asked(turn, broadcast_id)
    if asked.status is not State.WAITING:
        return await _already(turn, asked.id)
    turn.said.append(await message_body(turn, asked))
    return Done(await _question(turn, asked), _links(asked))


@dialogue.action("byes")
async def agree(turn: Turn, broadcast_id: str, seal: str) -> Reply:
    """Freezes the audience. A second press, another officer's, or a replayed one does nothing."""
    asked = await _asked(turn, broadcast_id)
    if asked.status is not State.WAITING:
        return await _already(turn, asked.id)
    if seal != _seal(asked):
        turn.say(_("It was changed since you were asked. Please look at it as it is now:"))
        return await look_at(turn, broadcast_id)
    await _check_still_right(turn, asked)
    body = await message_body(turn, asked)
    if not await approve(turn.conn, asked.id, turn.person.id, body, turn.now):
        return await _already(turn, asked.id)
    await record(turn.conn, turn.person.id, "approved", f"broadcast:{asked.id}", turn.now)
    await announce_start(turn, asked.id)
    return Done(_("Thank you. It is on its way, and the author knows."))


async def _check_still_right(turn: Turn, asked: Broadcast) -> None:
    """Raises NotAllowed when the author lost the office meanwhile, or its time is over."""
    offices = await list_offices(turn, asked.author_id) if asked.author_id is not None else []
    if office_for(offices, asked) is None:
        raise NotAllowed(_("Who wrote it does not hold this office any more."))
    if asked.expires_at is not None and asked.expires_at <= turn.now:
        raise NotAllowed(_("It is too late: it was not to be sent after that time."))


async def _asked(turn: Turn, broadcast_id: str) -> Broadcast:
    """An announcement that this person may decide on. Raises NotAllowed."""
    offices = await need_offices(turn)
    if not any(office.whole_city for office in offices):
        raise NotAllowed(_("Only the city's officers can agree to this."))
    found = await broadcast_named(turn, broadcast_id)
    if found.author_id == turn.person.id:
        raise NotAllowed(_("Somebody else has to agree, not who wrote it."))
    if not found.needs_approval:
        raise NotAllowed(_("This announcement needs no second officer."))
    return found


async def _already(turn: Turn, broadcast_id: int) -> Reply:
    now = await get_broadcast(turn.conn, broadcast_id)
    return Stay(_(_DECIDED.msgid, state=STATES[now.status]))


@dialogue.action("bno")
async def disagree(turn: Turn, broadcast_id: str) -> Reply:
    asked = await _asked(turn, broadcast_id)
    if asked.status is not State.WAITING:
        return await _already(turn, asked.id)
    turn.data = {"asked": asked.id}
    words = _("What should be changed? The author gets your words.")
    return Ask(words, [Choice(_("Say nothing more"), "none")], then=hear_reason)


@dialogue.step
async def hear_reason(turn: Turn) -> Reply:
    asked = await _asked(turn, str(turn.data.get("asked", "")))
    reason = turn.text if turn.answer is None else ""
    if not await back_to_draft(turn.conn, asked.id):
        return await _already(turn, asked.id)
    await record(turn.conn, turn.person.id, "refused", f"broadcast:{asked.id}", turn.now)
    words = join(
        _("The second officer did not agree to announcement %(code)s.", code=asked.code),
        _("They say: %(reason)s", reason=reason[:500]) if reason else "",
        between="\n",
    )
    if asked.author_id is not None:
        await turn.notify([asked.author_id], words, links=[_to_draft(asked.id)])
    return Done(_("Good, it is not sent, and the author knows."))


def _to_draft(broadcast_id: int) -> Link:
    return Link(_("Change it"), f"bshow:{broadcast_id}")


@dialogue.action("bback")
async def take_back(turn: Turn, broadcast_id: str) -> Reply:
    """The author thinks again while nobody has decided."""
    await need_offices(turn)
    found = await broadcast_named(turn, broadcast_id)
    if found.author_id != turn.person.id:
        raise NotAllowed(_("Only who writes an announcement can change it."))
    if found.status is not State.WAITING or not await back_to_draft(turn.conn, found.id):
        return await _already(turn, found.id)
    return Done(_("It is a draft again. Nobody gets it."), [_to_draft(found.id)])
