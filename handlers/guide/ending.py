"""The end of a guide: done, not done, or to be reminded; and how it was."""

from datetime import datetime, timedelta

from bot.content.reading import Reading
from bot.dialogue import Ask, Choice, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import LOCAL_ZONE, Moment, _
from handlers.consent import consent_needed
from handlers.guide.base import dialogue, help_link, keep, reading_of
from handlers.times import read_time
from storage.guides import add_rating
from storage.reminders import add_reminder, cancel_reminder

RATINGS = (3, 2, 1)


def ask_whether_done(reading: Reading) -> Done:
    guide_id = reading.guide.id
    links = [
        Link(_("Yes, it is done"), f"gdone:{guide_id}"),
        Link(_("Not yet"), f"gnot:{guide_id}"),
        Link(_("Remind me later"), f"gremind:{guide_id}:{reading.steps}"),
        Link(_("Previous step"), f"gs:{guide_id}:{reading.steps}"),
    ]
    words = _("That was all of “%(title)s”. Is it done?", title=reading.guide.title)
    return Done(words, links)


@dialogue.action("gdone")
async def finish(turn: Turn, guide_id: str) -> Reply:
    """Well done; one tap tells how the guide was."""
    reading_of(turn, guide_id)
    await keep(turn, guide_id, status="done")
    links = [
        Link(_("Easy to follow"), f"grate:{guide_id}:3"),
        Link(_("So-so"), f"grate:{guide_id}:2"),
        Link(_("Hard to follow"), f"grate:{guide_id}:1"),
    ]
    return Done(_("Well done! How was this guide for you?"), links)


@dialogue.action("grate")
async def rate(turn: Turn, guide_id: str, rating: str) -> Reply:
    reading = reading_of(turn, guide_id)
    given = read_id(rating)
    if given not in RATINGS:
        raise NotAllowed(_("Please press one of the three answers."))
    await add_rating(turn.conn, guide_id, given, turn.now)
    library = turn.services.library
    related = [library.guides[slug] for slug in reading.guide.related if slug in library.guides]
    links = [Link(guide.title, f"g:{guide.id}") for guide in related[:3]]
    return Done(_("Thank you, that helps us to write better."), links)


@dialogue.action("gnot")
async def not_yet(turn: Turn, guide_id: str) -> Reply:
    """No harm: help, a reminder, or the steps once more."""
    reading = reading_of(turn, guide_id)
    await keep(turn, guide_id, step=reading.steps, status="reading")
    links = [
        help_link(guide_id, reading.steps),
        Link(_("Remind me later"), f"gremind:{guide_id}:{reading.steps}"),
        Link(_("See the steps"), f"gs:{guide_id}:1"),
    ]
    return Done(_("No hurry. What would help you most?"), links)


# --- remind me ----------------------------------------------------------------------------


@dialogue.action("gremind")
async def ask_when(turn: Turn, guide_id: str, step: str) -> Reply:
    missing = consent_needed(turn, f"gremind:{guide_id}:{step}")
    if missing is not None:
        return missing
    reading = reading_of(turn, guide_id)
    turn.data = {"guide": guide_id, "step": min(read_id(step) or 0, reading.steps)}
    choices = [
        Choice(_("Tomorrow morning"), "sáng mai"),
        Choice(_("Tomorrow evening"), "tối mai"),
        Choice(_("In a week"), "tuần"),
    ]
    words = _("When shall I remind you?\nYou can also write it: thứ 3 tới 8 giờ, or 20/11.")
    return Ask(words, choices, then=hear_when)


@dialogue.step
async def hear_when(turn: Turn) -> Reply:
    reading = reading_of(turn, turn.data["guide"])
    at = _by_day(turn, _understood(turn))
    await keep(turn, reading.guide.id, step=max(turn.data["step"], 1))
    await add_reminder(
        turn.conn, turn.person.id, at, turn.now, guide_id=reading.guide.id, step=turn.data["step"]
    )
    words = _(
        "I will remind you of “%(title)s” at %(time)s.",
        title=reading.guide.title,
        time=Moment(at),
    )
    return Done(
        words, [Link(_("Change the time"), f"gremind:{reading.guide.id}:{turn.data['step']}")]
    )


def _understood(turn: Turn) -> datetime:
    if turn.answer == "tuần":
        return _at_hour(turn.now + timedelta(days=7), 8)
    return read_time(turn)


def _by_day(turn: Turn, at: datetime) -> datetime:
    """Nobody is written to at night: too early waits for the morning, too late for the next."""
    hours = turn.services.settings.help
    local = at.astimezone(LOCAL_ZONE)
    if local.hour < hours.day_starts:
        return _at_hour(at, hours.day_starts)
    if local.hour >= hours.day_ends:
        return _at_hour(at + timedelta(days=1), hours.day_starts)
    return at


def _at_hour(at: datetime, hour: int) -> datetime:
    local = at.astimezone(LOCAL_ZONE).replace(hour=hour, minute=0, second=0, microsecond=0)
    return local.astimezone(at.tzinfo)


@dialogue.action("gforget")
async def forget(turn: Turn, reminder_id: str) -> Reply:
    """Take a promised reminder back."""
    known = read_id(reminder_id)
    gone = known is not None and await cancel_reminder(turn.conn, known, turn.person.id, turn.now)
    return Done(_("I won't remind you of it.") if gone else _("That reminder is over already."))
