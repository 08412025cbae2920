"""What comes again every week or month: the next one is made when its time has come."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue import Context, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import LOCAL_ZONE, Moment, _, join
from handlers.broadcast.base import dialogue, list_offices, need_offices, office_for
from handlers.broadcast.message import message_body
from handlers.broadcast.running import announce_start
from handlers.broadcast.words import CODE_CHARS, EVERY, excerpt
from storage.broadcast_templates import (
    Recurrence,
    list_recurrences,
    lock_due_recurrences,
    move_recurrence,
    repeat,
    stop_recurrence,
)
from storage.broadcasts import FROZEN, State, get_broadcast
from storage.members import record

BATCH = 20
SHOWN = 4
# A time that was missed by more than this, because nothing was running, is left out.
LATE = timedelta(hours=2)


def next_time(every: str, last: datetime) -> datetime:
    """A week later, or the same day of the next month at the same local time.

    The 31st is the last day of a shorter month, from which it then goes on.
    """
    if every == "weekly":
        return last + timedelta(weeks=1)
    local = last.astimezone(LOCAL_ZONE)
    year, month = divmod(local.year * 12 + local.month, 12)
    first = local.replace(year=year, month=month + 1, day=1)
    last_day = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(local.day, last_day.day)).astimezone(last.tzinfo)


async def repeat_due(ctx: Context) -> int:
    """Make what comes again; times that were missed are not made up for."""
    due = await lock_due_recurrences(ctx.conn, ctx.now, BATCH)
    for recurrence in due:
        await _repeat(ctx, recurrence)
    return len(due)


async def _repeat(ctx: Context, recurrence: Recurrence) -> None:
    model = await get_broadcast(ctx.conn, recurrence.broadcast_id)
    at = next_time(recurrence.every, recurrence.next_at)
    while at <= ctx.now:
        at = next_time(recurrence.every, at)
    await move_recurrence(ctx.conn, recurrence.id, at)
    late = ctx.now - recurrence.next_at > LATE
    if late or model.status not in FROZEN:
        return  # nothing was running, or it is still with the second officer
    offices = await list_offices(ctx, model.author_id) if model.author_id is not None else []
    if model.status is State.WITHDRAWN or office_for(offices, model) is None:
        # What is void, or whose author has no office any more, is in nobody's name.
        await stop_recurrence(ctx.conn, recurrence.id, ctx.now)
        return
    again = replace(model, code=ctx.services.new_code(CODE_CHARS))
    made = await repeat(
        ctx.conn,
        model,
        code=again.code,
        body=await message_body(ctx, again),
        send_at=recurrence.next_at,
        now=ctx.now,
    )
    await announce_start(ctx, made.id)


@dialogue.action("brepeats", browsing=True)
async def repeats(turn: Turn) -> Reply:
    """What one has announced to come again, each to be ended with one press."""
    await need_offices(turn)
    lines, links = [], []
    for recurrence in (await list_recurrences(turn.conn, turn.person.id))[:SHOWN]:
        model = await get_broadcast(turn.conn, recurrence.broadcast_id)
        lines.append(
            _(
                "• %(text)s: %(every)s, next %(time)s",
                text=excerpt(model.text),
                every=EVERY[recurrence.every],
                time=Moment(recurrence.next_at),
            )
        )
        label = _("No more: %(text)s", text=excerpt(model.text))
        links.append(Link(label, f"bnomore:{recurrence.id}"))
    if not lines:
        return Done(_("Nothing comes again."), [Link(_("Announcements"), "bhome")])
    return Done(join(_("These come again:"), *lines, between="\n"), links)


@dialogue.action("bnomore")
async def no_more(turn: Turn, recurrence_id: str) -> Reply:
    await need_offices(turn)
    known = read_id(recurrence_id)
    theirs = {r.id for r in await list_recurrences(turn.conn, turn.person.id)}
    if known is None or known not in theirs:
        raise NotAllowed(_("That does not come again, or it is another office's."))
    await stop_recurrence(turn.conn, known, turn.now)
    await record(turn.conn, turn.person.id, "no_more", f"recurrence:{known}", turn.now)
    return Done(_("Good, it does not come again."), [Link(_("Announcements"), "bhome")])
