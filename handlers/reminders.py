"""Keeps promises to remind: by day only, one message a person, however long the bot was away."""

from collections import defaultdict
from datetime import timedelta

from bot.content.reading import Reading
from bot.dialogue import Context, Dialogue, Done, Link, Reply, Turn
from bot.texts import LOCAL_ZONE, Moment, Words, _, join
from storage.outbox import Priority
from storage.reminders import Reminder, end_reminders, list_pending, lock_due_reminders

dialogue = Dialogue("reminders")

BATCH = 100
# Later than this it is said that the reminder comes late.
LATE = timedelta(hours=3)
SHOWN = 4


async def remind_due(ctx: Context) -> int:
    """Remind everybody whose time has come; returns how many reminders were dealt with."""
    hours = ctx.services.settings.help
    if not hours.day_starts <= ctx.now.astimezone(LOCAL_ZONE).hour < hours.day_ends:
        return 0
    due = await lock_due_reminders(ctx.conn, ctx.now, BATCH)
    by_person: dict[int, list[Reminder]] = defaultdict(list)
    for reminder in due:
        by_person[reminder.person_id].append(reminder)
    for person_id, theirs in by_person.items():
        await _remind(ctx, person_id, theirs)
    return len(due)


async def _remind(ctx: Context, person_id: int, due: list[Reminder]) -> None:
    """The newest is said; older ones that have piled up would only be noise."""
    *older, newest = due
    reached = await ctx.notify(
        [person_id], _words(ctx, newest), links=_links(ctx, newest), priority=Priority.REMINDER
    )
    await end_reminders(ctx.conn, [r.id for r in older], "missed", ctx.now)
    await end_reminders(ctx.conn, [newest.id], "sent" if reached else "unreachable", ctx.now)


def _reading(ctx: Context, reminder: Reminder) -> Reading | None:
    guide = ctx.services.library.guides.get(reminder.guide_id or "")
    return Reading(ctx.services.library, guide, ctx.now) if guide else None


def _words(ctx: Context, reminder: Reminder) -> Words:
    late = ctx.now - reminder.due_at > LATE
    return join(
        _("You asked me to remind you: %(what)s", what=_what(ctx, reminder)),
        _("(This comes late, I am sorry: it was for %(time)s.)", time=Moment(reminder.due_at))
        if late
        else "",
    )


def _what(ctx: Context, reminder: Reminder) -> Words:
    reading = _reading(ctx, reminder)
    if reading is None:
        return _("to go on")
    if 1 <= reminder.step <= reading.steps:
        return reading.step_head(reminder.step)
    return reading.guide.title


def _links(ctx: Context, reminder: Reminder) -> list[Link]:
    reading = _reading(ctx, reminder)
    if reading is None:
        return []
    guide_id = reading.guide.id
    step = min(max(reminder.step, 1), reading.steps)
    return [
        Link(_("Go on with step %(number)s", number=step), f"gs:{guide_id}:{step}"),
        Link(_("It is done already"), f"gdone:{guide_id}"),
        Link(_("Remind me later"), f"gremind:{guide_id}:{step}"),
    ]


@dialogue.command("nhac", _("What I remind you of"), phrases=["lời nhắc", "nhắc tôi"])
async def reminders_command(turn: Turn, _argument: str) -> Reply:
    return await reminders(turn)


@dialogue.action("reminders", browsing=True)
async def reminders(turn: Turn) -> Reply:
    """What is promised, each to be taken back with one press."""
    pending = await list_pending(turn.conn, turn.person.id)
    if not pending:
        return Done(_("I have nothing to remind you of."))
    lines = [_("• %(time)s: %(what)s", time=Moment(r.due_at), what=_what(turn, r)) for r in pending]
    links = [
        Link(_("Forget: %(what)s", what=_what(turn, r)), f"gforget:{r.id}") for r in pending[:SHOWN]
    ]
    return Done(join(_("I will remind you of:"), *lines, between="\n"), links)
