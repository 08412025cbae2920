"""Another time, another place, more seats, or not at all: whoever signed up hears of it."""

from datetime import UTC, datetime

from bot.dialogue import Ask, AskAgain, Choice, Done, Link, NotAllowed, Reply, Turn
from bot.texts import Moment, Words, _, join, n_
from handlers.classes.base import (
    calendar_media,
    dialogue,
    facts,
    hosted,
    tell,
    title,
    when,
)
from handlers.classes.dates import make_next, times_of
from handlers.classes.joining import seat_links, tell_moved_up
from handlers.classes.making import ask_where, read_seats, read_slot, read_venue
from storage.class_dues import Due, cancel_dues, plan_dues
from storage.class_seats import count_signed, list_coming, move_up
from storage.classes import Meeting, MeetingStatus, change_meeting, end_meeting
from storage.members import record


async def _planned(turn: Turn, meeting_id: str) -> Meeting:
    """A meeting to come that this person holds. Raises NotAllowed."""
    meeting = await hosted(turn, meeting_id)
    if meeting.status is not MeetingStatus.PLANNED or meeting.starts_at <= turn.now:
        raise NotAllowed(_("This class has begun, or is over: it can't be changed any more."))
    return meeting


# --- what to change -----------------------------------------------------------------------


@dialogue.action("cedit")
async def edit(turn: Turn, meeting_id: str) -> Reply:
    meeting = await _planned(turn, meeting_id)
    turn.data = {"meeting": meeting.id}
    choices = [
        Choice(_("The time"), "time"),
        Choice(_("The place"), "place"),
        Choice(_("The number of seats"), "seats"),
    ]
    if meeting.weekly:
        choices.append(Choice(_("Let this be the last date"), "last"))
    return Ask(join(facts(turn, meeting), _("What changes?")), choices, then=hear_what)


@dialogue.step
async def hear_what(turn: Turn) -> Reply:
    meeting = await _planned(turn, str(turn.data["meeting"]))
    allowed = ("time", "place", "seats", *(("last",) if meeting.weekly else ()))
    what = turn.choice(allowed, otherwise=_("Please press what changes."))
    turn.data |= {"team": meeting.team_id, "commune": meeting.commune_code}
    if what == "time":
        words = _(
            "When instead? Write it as you would say it: thứ bảy 8 giờ đến 10 giờ.\n"
            "Of a weekly class only this date moves, unless you write: chủ nhật hằng tuần 8 giờ."
        )
        return Ask(words, then=hear_new_time)
    if what == "place":
        return await ask_where(turn, hear_new_place)
    if what == "seats":
        return Ask(_("How many seats? Write it, such as: 12 chỗ."), then=hear_new_seats)
    turn.data["change"] = {"weekly": False}
    return await _confirm(turn, _("The class ends with this date: %(when)s.", when=when(meeting)))


@dialogue.step
async def hear_new_time(turn: Turn) -> Reply:
    slot = read_slot(turn)
    meeting = await _planned(turn, str(turn.data["meeting"]))
    at = slot.starts_at.timestamp()
    change = {"starts_at": at, "minutes": slot.minutes or meeting.minutes}
    if slot.weekly or not meeting.weekly:
        change |= {"slot_at": at, "weekly": slot.weekly}
    turn.data["change"] = change
    return await _confirm(turn, _("New time: %(time)s.", time=Moment(slot.starts_at)))


@dialogue.step
async def hear_new_place(turn: Turn) -> Reply:
    venue, place = await read_venue(turn)
    point = (place.lat, place.lon) if place else (None, None)
    turn.data["change"] = {"venue": venue, "lat": point[0], "lon": point[1]}
    return await _confirm(
        turn, _("New place: %(where)s.", where=venue or _("the place on the map"))
    )


@dialogue.step
async def hear_new_seats(turn: Turn) -> Reply:
    """Nobody who has a seat loses it."""
    seats = read_seats(turn)
    meeting = await _planned(turn, str(turn.data["meeting"]))
    taken = await count_signed(turn.conn, meeting.id)
    if seats < taken:
        raise AskAgain(
            _(
                "%(number)s people have a seat already. Please write that number or more.",
                number=taken,
            )
        )
    turn.data["change"] = {"seats": seats}
    return await _confirm(turn, _("New number of seats: %(number)s.", number=seats))


# --- one press ----------------------------------------------------------------------------


async def _confirm(turn: Turn, words: Words) -> Ask:
    signed, waiting = await list_coming(turn.conn, turn.data["meeting"])
    heard = n_(
        "%(count)s person will hear of it.",
        "%(count)s people will hear of it.",
        count=len(signed) + len(waiting),
    )
    told = "seats" not in turn.data["change"]
    choices = [Choice(_("Yes, change it"), "yes"), Choice(_("No, leave it"), "no")]
    return Ask(join(words, heard if told else "", between="\n"), choices, then=hear_confirmed)


@dialogue.step
async def hear_confirmed(turn: Turn) -> Reply:
    meeting = await _planned(turn, str(turn.data["meeting"]))
    said = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    back = [Link(_("See the class"), f"chost:{meeting.id}")]
    if said == "no":
        return Done(_("Good, nothing changes."), back)
    await _apply(turn, meeting)
    return Done(_("It is changed."), back)


async def _apply(turn: Turn, old: Meeting) -> None:
    changed = await change_meeting(turn.conn, old.id, **_values(turn.data["change"]))
    if changed is None:
        raise NotAllowed(_("This class has begun, or is over: it can't be changed any more."))
    await record(turn.conn, turn.person.id, "class:changed", f"meeting:{old.id}", turn.now)
    if changed.ends_at != old.ends_at or changed.starts_at != old.starts_at:
        await cancel_dues(turn.conn, changed.id, turn.now, but=(Due.INVITE,))
        await plan_dues(turn.conn, changed.id, times_of(turn, changed))
    if changed.seats != old.seats:
        await tell_moved_up(turn, changed, await move_up(turn.conn, changed))
        return
    await _tell_changed(turn, changed)


def _values(change: dict[str, object]) -> dict[str, object]:
    """Times travel through the conversation as seconds."""
    return {
        name: datetime.fromtimestamp(float(str(value)), UTC) if name.endswith("_at") else value
        for name, value in change.items()
    }


async def _tell_changed(turn: Turn, meeting: Meeting) -> None:
    """Everyone who signed up or waits; those with a seat get the calendar file again."""
    signed, waiting = await list_coming(turn.conn, meeting.id)
    words = join(_("Something about your class has changed. It is now:"), facts(turn, meeting))
    file = await calendar_media(turn, meeting)
    await tell(turn, signed, words, links=seat_links(meeting), media=file)
    await tell(turn, waiting, words)


# --- not at all ---------------------------------------------------------------------------


@dialogue.action("coff")
async def ask_cancel(turn: Turn, meeting_id: str) -> Reply:
    meeting = await _planned(turn, meeting_id)
    turn.data = {"meeting": meeting.id}
    choices = [Choice(_("Cancel this date"), "date")]
    if meeting.weekly:
        choices.append(Choice(_("End the whole class"), "class"))
    choices.append(Choice(_("No, it takes place"), "no"))
    signed, waiting = await list_coming(turn.conn, meeting.id)
    words = n_(
        "Cancel the class at %(time)s? %(count)s person will be told.",
        "Cancel the class at %(time)s? %(count)s people will be told.",
        count=len(signed) + len(waiting),
        time=Moment(meeting.starts_at),
    )
    return Ask(words, choices, then=hear_cancel)


@dialogue.step
async def hear_cancel(turn: Turn) -> Reply:
    meeting = await _planned(turn, str(turn.data["meeting"]))
    otherwise = _("Please press “Cancel” or “No”.")
    said = turn.choice(("date", "class", "no"), otherwise=otherwise)
    if said == "no":
        return Done(_("Good, nothing changes."), [Link(_("See the class"), f"chost:{meeting.id}")])
    cancelled = await end_meeting(turn.conn, meeting.id, MeetingStatus.CANCELLED)
    if cancelled is None:
        raise NotAllowed(_("This class was cancelled."))
    await cancel_dues(turn.conn, cancelled.id, turn.now)
    await record(turn.conn, turn.person.id, "class:cancelled", f"meeting:{meeting.id}", turn.now)
    coming = await make_next(turn, cancelled) if said == "date" else None
    await _tell_cancelled(turn, cancelled, coming)
    links = [Link(_("See the next date"), f"chost:{coming.id}")] if coming else []
    return Done(_("It is cancelled, and those who signed up are told."), links)


async def _tell_cancelled(turn: Turn, meeting: Meeting, coming: Meeting | None) -> None:
    """With a file that takes it out of the calendar again."""
    signed, waiting = await list_coming(turn.conn, meeting.id)
    words = join(
        _(
            "The class “%(title)s” at %(time)s does not take place. I am sorry.",
            title=title(turn, meeting),
            time=Moment(meeting.starts_at),
        ),
        _("The next date: %(when)s.", when=when(coming)) if coming else "",
        between="\n",
    )
    links = [Link(_("About the next date"), f"cshow:{coming.id}")] if coming else []
    await tell(turn, signed, words, links=links, media=await calendar_media(turn, meeting))
    await tell(turn, waiting, words, links=links)
