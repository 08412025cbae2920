"""Putting a meeting into the calendar: its codes, what will be said of it, and its next date."""

from datetime import datetime

from bot.class_times import due_times
from bot.dialogue import Context
from bot.repeats import next_slot
from storage.class_dues import Due, plan_dues
from storage.class_seats import carry_over
from storage.classes import Meeting, Plan, add_meeting, add_next

_CODE_LENGTH, _KEY_LENGTH = 5, 32


async def open_meeting(ctx: Context, plan: Plan, made_by: int) -> Meeting:
    """A new class; those invited will hear of it by day."""
    meeting = await add_meeting(
        ctx.conn,
        plan,
        made_by=made_by,
        wall_code=_wall_code(ctx),
        file_key=ctx.services.new_code(_KEY_LENGTH),
        now=ctx.now,
    )
    await _announce(ctx, meeting)
    return meeting


async def make_next(ctx: Context, meeting: Meeting) -> Meeting | None:
    """The next date of a weekly class, with the same people; None when it is not weekly.

    Whoever calls this has just ended the meeting, which only one caller can.
    """
    if not meeting.weekly:
        return None
    coming = await add_next(
        ctx.conn,
        meeting,
        slot_at=next_slot(meeting.slot_at, ctx.now),
        wall_code=_wall_code(ctx),
        file_key=ctx.services.new_code(_KEY_LENGTH),
        now=ctx.now,
    )
    await carry_over(ctx.conn, meeting, coming, ctx.now)
    await _announce(ctx, coming)
    return coming


async def _announce(ctx: Context, meeting: Meeting) -> None:
    invite = {Due.INVITE: ctx.services.calendar.next_daytime(ctx.now)}
    await plan_dues(ctx.conn, meeting.id, invite | times_of(ctx, meeting))


def times_of(ctx: Context, meeting: Meeting) -> dict[Due, datetime]:
    """What is still to be said about a meeting at its present time, the invitation apart."""
    return due_times(meeting.starts_at, meeting.ends_at, ctx.now, ctx.services.calendar)


def _wall_code(ctx: Context) -> str:
    """With a digit in it, so that it is no word: "lớp chưa" is not a code."""
    while True:
        code = ctx.services.new_code(_CODE_LENGTH)
        if any(sign.isdigit() for sign in code):
            return code
