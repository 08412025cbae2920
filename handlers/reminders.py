"""Keeps promises to remind: by day only, one message a person, however long the bot was away."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from bot.content.reading import Reading
from bot.dialogue import Context, Dialogue, Done, Link, Reply, Turn, read_id
from bot.texts import LOCAL_ZONE, Date, Moment, Words, _, join
from handlers.deadlines import deadline_links, deadline_words, say_what
from handlers.lists import page_of
from storage.deadlines import Deadline, find_deadlines, list_deadlines
from storage.outbox import Priority
from storage.reminders import Reminder, end_reminders, list_pending, lock_due_reminders

dialogue = Dialogue("reminders")

BATCH = 100
# Later than this it is said that the reminder comes late.
LATE = timedelta(hours=3)
LISTED = 30
# So few are deleted by a button of their own.
DELETED_AT_ONCE = 2


async def remind_due(ctx: Context) -> int:
    """Remind everybody whose time has come; returns how many reminders were dealt with."""
    if not ctx.services.calendar.is_daytime(ctx.now):
        return 0
    due = await lock_due_reminders(ctx.conn, ctx.now, BATCH)
    deadlines = await find_deadlines(ctx.conn, [r.deadline_id for r in due if r.deadline_id])
    by_subject: dict[tuple[int, str | int | None], list[Reminder]] = defaultdict(list)
    for reminder in due:
        by_subject[reminder.person_id, reminder.deadline_id or reminder.guide_id].append(reminder)
    for theirs in by_subject.values():
        await _remind(ctx, theirs, deadlines)
    return len(due)


async def _remind(ctx: Context, due: list[Reminder], deadlines: Mapping[int, Deadline]) -> None:
    """The newest is said; older ones about the same have piled up and would only be noise."""
    *older, newest = due
    deadline = deadlines.get(newest.deadline_id or 0)
    if deadline is not None:
        today = ctx.now.astimezone(LOCAL_ZONE).date()
        words: Words = join(deadline_words(deadline, today), _lateness(ctx, newest, deadline))
        links = deadline_links(ctx, deadline)
    else:
        words = join(
            _("You asked me to remind you: %(what)s", what=_what(ctx, newest)),
            _lateness(ctx, newest, None),
        )
        links = _links(ctx, newest)
    reached = await ctx.notify([newest.person_id], words, links=links, priority=Priority.REMINDER)
    await end_reminders(ctx.conn, [r.id for r in older], "missed", ctx.now)
    await end_reminders(ctx.conn, [newest.id], "sent" if reached else "unreachable", ctx.now)


def _lateness(ctx: Context, reminder: Reminder, deadline: Deadline | None) -> Words:
    """That it comes late, where that matters: a paper's message says itself how much is left."""
    if ctx.now - reminder.due_at <= LATE or (deadline and deadline.paper):
        return ""
    return _("(This comes late, I am sorry: it was for %(time)s.)", time=Moment(reminder.due_at))


def _reading(ctx: Context, reminder: Reminder) -> Reading | None:
    guide = ctx.services.library.guides.get(reminder.guide_id or "")
    return Reading(ctx.services.library, guide, ctx.now) if guide else None


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


async def stoppable(turn: Turn) -> list[Link]:
    """What of this a person can stop: the reminders that are still to come."""
    return [link for _line, link in await _promises(turn)]


@dialogue.command("nhac", _("What I remind you of"), phrases=["lời nhắc", "nhắc tôi"])
async def reminders_command(turn: Turn, _argument: str) -> Reply:
    return await reminders(turn)


@dialogue.action("reminders", browsing=True)
async def reminders(turn: Turn) -> Reply:
    """What is promised, and the ways to more of it or to less."""
    promises = await _promises(turn)
    lines = [line for line, _link in promises]
    links = [
        Link(_("Papers that expire"), "dnew"),
        Link(_("Something else"), "dfree"),
        Link(_("My lessons"), "learn"),
    ]
    if not lines:
        words = join(
            _("I have nothing to remind you of."), _("Shall I remind you of something?"),
            between="\n",
        )  # fmt: skip
        return Done(words, links)
    few = [link for _line, link in promises[:DELETED_AT_ONCE]]
    many = len(promises) > DELETED_AT_ONCE
    links = [Link(_("Delete one"), "rdel"), *links] if many else [*few, *links]
    return Done(join(_("I will remind you of:"), *lines[:LISTED], between="\n"), links)


@dialogue.action("rdel", browsing=True)
async def choose_to_delete(turn: Turn, page: str = "0") -> Reply:
    links = [link for _line, link in await _promises(turn)]
    if not links:
        return Done(_("I have nothing to remind you of."))
    return Done(_("Which one shall I forget?"), page_of(links, read_id(page) or 0, "rdel"))


async def _promises(turn: Turn) -> list[tuple[Words, Link]]:
    """Each promise as a line and as a button that takes it back."""
    found: list[tuple[Words, Link]] = []
    pending = [r for r in await list_pending(turn.conn, turn.person.id) if r.deadline_id is None]
    for reminder in pending:
        what = _what(turn, reminder)
        line = _("• %(time)s: %(what)s", time=Moment(reminder.due_at), what=what)
        found.append((line, Link(_("Forget: %(what)s", what=what), f"gforget:{reminder.id}")))
    for deadline in await list_deadlines(turn.conn, turn.person.id):
        what = say_what(deadline)
        line = _("• %(day)s: %(what)s", day=Date(deadline.on_day), what=what)
        found.append((line, Link(_("Forget: %(what)s", what=what), f"ddone:{deadline.id}")))
    return found
