"""What is said of classes by itself: by day, once, and only while it is still of use."""

from bot.class_times import useful_until
from bot.dialogue import Context, Link
from bot.texts import Words, _, join
from handlers.classes.attending import thanks_links
from handlers.classes.base import (
    facts,
    host_name,
    host_persons,
    title,
    when,
)
from handlers.classes.dates import make_next
from handlers.classes.hosting import tally, wall_words
from handlers.classes.joining import invite_links, seat_links
from storage.class_attendance import count_figures, list_came
from storage.class_dues import Due, DueRow, end_due, lock_dues
from storage.class_people import add_invites, list_uninvited
from storage.class_seats import list_coming
from storage.classes import Meeting, MeetingStatus, end_meeting
from storage.outbox import Priority

BATCH = 20
INVITED_AT_ONCE = 200


async def run_due_classes(ctx: Context) -> int:
    """Say what is due; returns how much was dealt with. By night nothing is."""
    if not ctx.services.calendar.is_daytime(ctx.now):
        return 0
    due = await lock_dues(ctx.conn, ctx.now, BATCH)
    for row in due:
        await _deal_with(ctx, row)
    return len(due)


async def _deal_with(ctx: Context, row: DueRow) -> None:
    meeting = row.meeting
    late = ctx.now >= useful_until(row.kind, meeting.starts_at, meeting.ends_at)
    if row.kind is Due.INVITE and not late:
        if await _invite(ctx, meeting):
            return  # there are more; this stays due
    elif row.kind is Due.THANKS:
        # However late: a weekly class has to get its next date.
        await _close(ctx, meeting, said=not late)
    elif not late:
        await _SAY[row.kind](ctx, meeting)
    await end_due(ctx.conn, row.id, "missed" if late else "sent", ctx.now)


async def _invite(ctx: Context, meeting: Meeting) -> bool:
    """Invite the next few; True when there may be more of them."""
    people = await list_uninvited(ctx.conn, meeting, INVITED_AT_ONCE)
    words = join(
        _("%(who)s invites you to a class:", who=await host_name(ctx, meeting)),
        facts(ctx, meeting),
        _("It costs nothing, and nobody there asks for passwords or codes."),
    )
    await ctx.notify(people, words, links=invite_links(meeting), priority=Priority.BROADCAST)
    await add_invites(ctx.conn, meeting.class_id, people, ctx.now)
    return len(people) == INVITED_AT_ONCE


async def _day_before(ctx: Context, meeting: Meeting) -> None:
    await _remind(ctx, meeting, _("Your class is soon:"))


async def _hour_before(ctx: Context, meeting: Meeting) -> None:
    await _remind(ctx, meeting, _("Your class begins in a little while:"))


async def _remind(ctx: Context, meeting: Meeting, heading: Words) -> None:
    signed, _waiting = await list_coming(ctx.conn, meeting.id)
    words = join(
        heading,
        facts(ctx, meeting),
        _("Bring your phone and your glasses."),
        between="\n",
    )
    await ctx.notify(signed, words, links=seat_links(meeting), priority=Priority.REMINDER)


async def _begin(ctx: Context, meeting: Meeting) -> None:
    """The host needs the list and the code now."""
    figures = await count_figures(ctx.conn, meeting.id)
    words = join(
        _("Your class begins soon: “%(title)s”.", title=title(ctx, meeting)),
        tally(meeting, figures),
        _("The code for those who come: %(code)s", code=wall_words(meeting)),
        between="\n",
    )
    links = [
        Link(_("Tick who is here"), f"chere:{meeting.id}:0"),
        Link(_("The code for the wall"), f"cwall:{meeting.id}"),
    ]
    people = await host_persons(ctx, meeting)
    await ctx.notify(people, words, links=links, priority=Priority.REMINDER)


async def _close(ctx: Context, meeting: Meeting, *, said: bool) -> None:
    """The meeting is over: thanks to those who came, and the next date of a weekly class."""
    if await end_meeting(ctx.conn, meeting.id, MeetingStatus.OVER) is None:
        return
    coming = await make_next(ctx, meeting)
    if said:
        await _thank(ctx, meeting, coming)


async def _thank(ctx: Context, meeting: Meeting, coming: Meeting | None) -> None:
    """Whoever was noted as present; when nobody kept a list, all who had a seat."""
    signed, _waiting = await list_coming(ctx.conn, meeting.id)
    people = await list_came(ctx.conn, meeting.id) or signed
    words = join(
        _("Thank you for coming to “%(title)s”. How was it?", title=title(ctx, meeting)),
        _("The next date: %(when)s.", when=when(coming)) if coming else "",
        between="\n",
    )
    links = thanks_links(ctx, meeting)
    if coming is not None:
        links.append(Link(_("About the next date"), f"cshow:{coming.id}"))
    await ctx.notify(people, words, links=links, priority=Priority.REMINDER)


async def _summary(ctx: Context, meeting: Meeting) -> None:
    figures = await count_figures(ctx.conn, meeting.id)
    words = join(
        _("Your class “%(title)s” in figures:", title=title(ctx, meeting)),
        tally(meeting, figures),
        "" if figures.came else _("Nobody is ticked yet. You can still do it."),
        between="\n",
    )
    links = [
        Link(_("Tick who was there"), f"chere:{meeting.id}:0"),
        Link(_("Hold a new class"), "cnew"),
    ]
    people = await host_persons(ctx, meeting)
    await ctx.notify(people, words, links=links, priority=Priority.REMINDER)


_SAY = {
    Due.DAY_BEFORE: _day_before,
    Due.HOUR_BEFORE: _hour_before,
    Due.BEGIN: _begin,
    Due.SUMMARY: _summary,
}
