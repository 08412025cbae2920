"""Everything once more, as people will receive it; then it leaves, or a second officer is asked."""

from bot.dialogue import Ask, AskAgain, Choice, Done, Link, Reply, Turn
from bot.texts import Moment, Words, _, join
from handlers.broadcast.approval import ask_second_officer
from handlers.broadcast.base import dialogue, own_draft
from handlers.broadcast.flow import ask_again, question
from handlers.broadcast.message import message_body
from handlers.broadcast.parts import describe
from handlers.broadcast.readers import count
from handlers.broadcast.running import announce_start, controls
from handlers.broadcast.timing import begins
from handlers.broadcast.words import (
    EVERY,
    STATES,
    channel_name,
    how_long,
    people,
    reach,
    time_needed,
)
from storage.broadcast_ledger import AudienceCount
from storage.broadcast_views import count_told, find_recurrence, list_chats_of, set_recurrence
from storage.broadcasts import Broadcast, confirm, discard_draft, get_broadcast
from storage.members import record
from storage.outbox import Post, Priority


@question("review")
async def review(turn: Turn) -> Reply:
    """The message itself on each channel that the author has, then whom, how many, when."""
    draft, _office = await own_draft(turn)
    shown_on = await _show_as_received(turn, draft)
    words = join(
        _("This is how it arrives."),
        shown_on,
        await _facts(turn, draft),
        between="\n",
    )
    send = _("Ask a second officer") if draft.needs_approval else _("Send it")
    choices = [Choice(send, "send"), Choice(_("Change the text"), "text")]
    if draft.corrects is None:
        choices += [
            Choice(_("Change who gets it"), "audience"),
            Choice(_("Change when it is sent"), "time"),
        ]
    choices.append(Choice(_("Throw it away"), "discard"))
    return Ask(words, choices, then=hear_review)


async def _show_as_received(turn: Turn, draft: Broadcast) -> Words:
    """Through the channels themselves, so that it looks exactly as it will."""
    body = await message_body(turn, draft)
    turn.said.append(body)
    others = [
        c for c in await list_chats_of(turn.conn, turn.person.id) if c.chat_id != turn.chat.id
    ]
    for chat in others:
        turn.posts.append(
            Post(chat.chat_id, chat.chat_key, chat.channel, Priority.REPLY, body, turn.now)
        )
    if not others:
        return ""
    names = join(*(channel_name(chat.channel) for chat in others), between=", ")
    return _("You have it on %(channels)s too, to see how it looks there.", channels=names)


async def _facts(turn: Turn, draft: Broadcast) -> Words:
    if draft.corrects is not None:
        told = await count_told(turn.conn, draft.corrects)
        return _("It goes to everybody who got the earlier one: %(people)s.", people=people(told))
    counted = await count(turn, draft)
    return join(
        _("To: %(who)s", who=await describe(turn, draft, draft.readers)),
        reach(counted, turn.services.settings.sender),
        await _time_line(turn, draft),
        _too_slow(turn, draft, counted),
        between="\n",
    )


async def _time_line(turn: Turn, draft: Broadcast) -> Words:
    start = begins(turn, draft)
    again = await find_recurrence(turn.conn, draft.id)
    return join(
        _("When: now") if start <= turn.now else _("When: %(time)s", time=Moment(start)),
        _("again %(every)s", every=EVERY[again.every]) if again else "",
        _("not after %(time)s", time=Moment(draft.expires_at)) if draft.expires_at else "",
        between=", ",
    )


def _too_slow(turn: Turn, draft: Broadcast, counted: AudienceCount) -> Words:
    needed = time_needed(counted.by_channel, turn.services.settings.sender)
    if draft.expires_at is None or begins(turn, draft) + needed <= draft.expires_at:
        return ""
    return _(
        "⚠️ It needs %(time)s, so not everybody will get it before its end.", time=how_long(needed)
    )


@dialogue.step
async def hear_review(turn: Turn) -> Reply:
    draft, _office = await own_draft(turn)
    allowed = ("send", "text", "audience", "time", "discard")
    answer = turn.choice(allowed, otherwise=_("Please press one of these."))
    if answer == "send":
        return await _send(turn, draft)
    if answer == "discard":
        await set_recurrence(turn.conn, draft.id, None, turn.now, turn.now)
        await discard_draft(turn.conn, draft.id, turn.person.id)
        return Done(_("The draft is thrown away."), [Link(_("Announcements"), "bhome")])
    return await ask_again(turn, *(("time", "end") if answer == "time" else (answer,)))


async def _send(turn: Turn, draft: Broadcast) -> Reply:
    """The second of two presses finds no draft any more, and sends nothing."""
    if draft.expires_at is not None and draft.expires_at <= begins(turn, draft):
        raise AskAgain(_("Its end has passed already. Please change the time."))
    if draft.needs_approval:
        return await ask_second_officer(turn, draft)
    body = await message_body(turn, draft)
    sent = await confirm(turn.conn, draft.id, turn.person.id, body, turn.now)
    now = await get_broadcast(turn.conn, draft.id)
    if not sent:
        return Done(_("It has left already: %(state)s.", state=STATES[now.status]), controls(now))
    await record(turn.conn, turn.person.id, "announced", f"broadcast:{draft.id}", turn.now)
    await announce_start(turn, draft.id)
    links = [
        Link(_("Keep it as a template"), f"bkeep:{draft.id}"),
        Link(_("Announcements"), "bhome"),
    ]
    return Done(
        _("It is on its way. One message, which changes by itself, shows how far it is."), links
    )
