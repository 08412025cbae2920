"""While it runs: one progress message that changes by itself; pause, go on, stop."""

from datetime import datetime, timedelta

from bot.dialogue import Ask, Choice, Context, Done, Link, Reply, Turn, number
from bot.texts import Moment, Words, _, join
from handlers.broadcast.base import dialogue, steered
from handlers.broadcast.words import progress, time_needed
from storage.broadcast_ledger import totals
from storage.broadcast_views import (
    PROGRESS,
    count_waiting,
    find_progress,
    list_ended,
    stop_recurrence_of,
)
from storage.broadcasts import (
    UNDER_WAY,
    Broadcast,
    State,
    get_broadcast,
    list_in_state,
    pause,
    resume,
    stop,
)
from storage.chats import Address, find_addresses
from storage.members import record
from storage.outbox import Post, Priority
from storage.subscriptions import Kind

# Platforms ask for patience with edits; nobody reads faster anyway. Counting a large audience
# keeps others waiting for a tenth of a second, so that it is done more rarely.
EVERY = timedelta(seconds=5)
COUNTED_PER_S = 5000
# How long what is already with a platform may still change the figures of what moves no more.
SETTLES_WITHIN = timedelta(minutes=1)
# Higher than an announcement's own buttons, so that no number means two things.
NUMBERS_FROM = 31


async def announce_start(ctx: Context, broadcast_id: int) -> None:
    """Tell the author that it has left, in the message that will show how far it is."""
    broadcast = await get_broadcast(ctx.conn, broadcast_id)
    address = await _author(ctx, broadcast)
    if address is not None:
        await _post(ctx, broadcast, address, await progress_words(ctx, broadcast))


async def _author(ctx: Context, broadcast: Broadcast) -> Address | None:
    if broadcast.author_id is None:
        return None
    found = await find_addresses(ctx.conn, [broadcast.author_id])
    return found.get(broadcast.author_id)


async def progress_words(ctx: Context, broadcast: Broadcast) -> Words:
    """How far it is, how long it still takes, and what it waits for."""
    sums = await totals(ctx.conn, broadcast.id)
    waiting = await count_waiting(ctx.conn, broadcast.id)
    running = broadcast.status is State.SENDING and not _sleeps(ctx, broadcast)
    left = time_needed(waiting, ctx.services.settings.sender) if running else None
    return join(progress(broadcast, sums, left), _waits_for(ctx, broadcast), between="\n")


def _waits_for(ctx: Context, broadcast: Broadcast) -> Words:
    if broadcast.status is State.SCHEDULED and broadcast.send_at is not None:
        return _("It begins at %(time)s.", time=Moment(broadcast.send_at))
    if _sleeps(ctx, broadcast):
        morning = ctx.services.calendar.next_daytime(ctx.now)
        return _("It is night: news waits until %(time)s.", time=Moment(morning))
    return ""


def controls(broadcast: Broadcast) -> list[Link]:
    """What can be done with it in this state."""
    stop_it = Link(_("Stop for good"), f"bstop:{broadcast.id}")
    if broadcast.status in (State.SCHEDULED, State.SENDING):
        return [Link(_("Pause"), f"bpause:{broadcast.id}"), stop_it]
    if broadcast.status is State.PAUSED:
        return [Link(_("Go on"), f"bresume:{broadcast.id}"), stop_it]
    return [Link(_("Report"), f"breport:{broadcast.id}")]


async def _post(
    ctx: Context, broadcast: Broadcast, to: Address, words: Words, edits: str | None = None
) -> None:
    buttons = number(ctx.services, controls(broadcast), NUMBERS_FROM)
    body = ctx.body(words, buttons) | {PROGRESS: broadcast.id}
    if edits is not None:
        body["edits"] = edits
    post = Post(to.chat_id, to.chat_key, to.channel, Priority.HELP, body, ctx.now)
    ctx.posts.append(post)


async def update_progress(ctx: Context) -> int:
    """Change the progress messages of what runs, or has just ended, as far as anything changed.

    Returns 0: there is nothing to be worked off at once, the next tick looks again.
    """
    shown = await list_in_state(ctx.conn, *UNDER_WAY)
    for ended in await list_ended(ctx.conn, ctx.now - SETTLES_WITHIN):
        shown.append(await get_broadcast(ctx.conn, ended))
    for broadcast in shown:
        await _update(ctx, broadcast)
    return 0


async def _update(ctx: Context, broadcast: Broadcast, *, at_once: bool = False) -> None:
    address = await _author(ctx, broadcast)
    last = await find_progress(ctx.conn, address.chat_id, broadcast.id) if address else None
    if address is None or last is None or last.message_id is None:
        return  # not shown yet, or the author writes from elsewhere now
    if not at_once and not _is_due(ctx, broadcast, last.at):
        return
    words = await progress_words(ctx, broadcast)
    if ctx.services.texts.render(words) != last.text:
        await _post(ctx, broadcast, address, words, edits=last.message_id)


def _is_due(ctx: Context, broadcast: Broadcast, last: datetime) -> bool:
    """Whether enough time has passed, and anything can have changed."""
    every = max(EVERY, timedelta(seconds=(broadcast.audience_count or 0) / COUNTED_PER_S))
    stands = broadcast.status in (State.SCHEDULED, State.PAUSED) or _sleeps(ctx, broadcast)
    return ctx.now - last >= every and (not stands or ctx.now - last < SETTLES_WITHIN)


def _sleeps(ctx: Context, broadcast: Broadcast) -> bool:
    """By night only emergencies are sent."""
    return (
        broadcast.status is State.SENDING
        and broadcast.kind is not Kind.EMERGENCY
        and not ctx.services.calendar.is_daytime(ctx.now)
    )


# --- steering -----------------------------------------------------------------------------


@dialogue.action("bpause")
async def pause_it(turn: Turn, broadcast_id: str) -> Reply:
    found = await steered(turn, broadcast_id)
    done = await pause(turn.conn, found.id)
    return await _steered(turn, found, "paused", done=done)


@dialogue.action("bresume")
async def resume_it(turn: Turn, broadcast_id: str) -> Reply:
    found = await steered(turn, broadcast_id)
    done = await resume(turn.conn, found.id, turn.now)
    return await _steered(turn, found, "resumed", done=done)


@dialogue.action("bstop")
async def ask_stop(turn: Turn, broadcast_id: str) -> Reply:
    """It can't be begun again, so it is asked once more."""
    found = await steered(turn, broadcast_id)
    if found.status not in UNDER_WAY:
        return await _steered(turn, found, "stopped", done=False)
    turn.data = {"stop": found.id}
    choices = [Choice(_("Yes, stop it"), "yes"), Choice(_("No, let it go on"), "no")]
    words = _("Stop it for good? Who has not got it by now won't get it.")
    return Ask(words, choices, then=hear_stop)


@dialogue.step
async def hear_stop(turn: Turn) -> Reply:
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    found = await steered(turn, str(turn.data.get("stop", "")))
    if answer == "no":
        return await _steered(turn, found, "kept", done=False)
    done = await stop(turn.conn, found.id, turn.now)
    if done:
        await stop_recurrence_of(turn.conn, found.id, turn.now)
    return await _steered(turn, found, "stopped", done=done)


async def _steered(turn: Turn, before: Broadcast, action: str, *, done: bool) -> Reply:
    """Where it stands now; the author sees it in the progress message, whoever steers."""
    now = await get_broadcast(turn.conn, before.id)
    if done:
        await record(turn.conn, turn.person.id, action, f"broadcast:{before.id}", turn.now)
        await _update(turn, now, at_once=True)
    return Done(await progress_words(turn, now), controls(now))
