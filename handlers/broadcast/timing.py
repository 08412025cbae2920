"""When it is sent, until when, and whether it comes again."""

from datetime import datetime, timedelta

from bot.dialogue import Ask, AskAgain, Choice, Reply, Turn
from bot.texts import LOCAL_ZONE, Moment, Text, _
from bot.when import means_now, understand_end
from handlers.broadcast.base import dialogue, own_draft
from handlers.broadcast.flow import go_on, question
from handlers.broadcast.recurring import next_time
from handlers.broadcast.words import EVERY
from handlers.times import read_time
from storage.broadcast_views import set_recurrence
from storage.broadcasts import Broadcast, change_draft
from storage.subscriptions import Kind

NOW = "now"
# A reasonable end to press; any other can be written.
ENDS: dict[str, Text] = {"day": _("the end of that day"), "two": _("two days"), "week": _("a week")}


@question("time")
async def ask_time(turn: Turn) -> Reply:
    await own_draft(turn)
    turn.data.pop("every", None)
    choices = [
        Choice(_("Now"), NOW),
        Choice(_("Tomorrow morning"), "sáng mai"),
        Choice(_("Every week"), "weekly"),
        Choice(_("Every month"), "monthly"),
    ]
    words = _("When shall it be sent? Press, or write it: 17 giờ 30 chiều nay, thứ hai 8 giờ.")
    return Ask(words, choices, then=hear_time)


@dialogue.step
async def hear_time(turn: Turn) -> Reply:
    if turn.answer in EVERY:
        turn.data["every"] = turn.answer
        words = _("When for the first time? For example: thứ hai 8 giờ.")
        return Ask(words, then=hear_time)
    draft, _office = await own_draft(turn)
    at = None
    if turn.answer != NOW and not means_now(turn.text):
        at = _by_day(turn, draft, read_time(turn))
    await change_draft(turn.conn, draft.id, turn.person.id, send_at=at)
    every = turn.data.pop("every", None)
    again_at = next_time(every, at or turn.now) if every else turn.now
    await set_recurrence(turn.conn, draft.id, every, again_at, turn.now)
    return await go_on(turn, "time")


def _by_day(turn: Turn, draft: Broadcast, at: datetime) -> datetime:
    """By night only emergencies are sent; others wait for the morning, and that is said."""
    morning = turn.services.calendar.next_daytime(at)
    if draft.kind is Kind.EMERGENCY or morning == at:
        return at
    turn.say(_("Nobody is woken for news, so it begins at %(time)s.", time=Moment(morning)))
    return morning


@question("end")
async def ask_end(turn: Turn) -> Reply:
    draft, _office = await own_draft(turn)
    choices = [Choice(label, name) for name, label in ENDS.items()]
    words = _(
        "It begins at %(time)s. Until when may it still be sent?\n"
        "Press, or write it: không gửi nữa sau 18 giờ.",
        time=Moment(begins(turn, draft)),
    )
    return Ask(words, choices, then=hear_end)


def begins(turn: Turn, draft: Broadcast) -> datetime:
    """When the first one leaves, if it were sent off now."""
    at = max(draft.send_at or turn.now, turn.now)
    return at if draft.kind is Kind.EMERGENCY else turn.services.calendar.next_daytime(at)


@dialogue.step
async def hear_end(turn: Turn) -> Reply:
    draft, _office = await own_draft(turn)
    start = begins(turn, draft)
    end = _end(turn, start)
    if end is None:
        raise AskAgain(
            _("I did not understand until when. Please write: không gửi nữa sau 18 giờ.")
        )
    if end <= start:
        raise AskAgain(_("That is before it begins. Until when may it still be sent?"))
    await change_draft(turn.conn, draft.id, turn.person.id, expires_at=end)
    return await go_on(turn, "end")


def _end(turn: Turn, start: datetime) -> datetime | None:
    if turn.answer == "day":
        local = start.astimezone(LOCAL_ZONE)
        return local.replace(hour=23, minute=59).astimezone(start.tzinfo)
    if turn.answer == "two":
        return start + timedelta(days=2)
    if turn.answer == "week":
        return start + timedelta(days=7)
    said = understand_end(turn.text, turn.now)
    # "18 giờ" is that of the day on which it begins.
    return said if said is None or said > start else understand_end(turn.text, start)
