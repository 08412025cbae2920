"""A resident signs up, declines, gives a seat back, finds the way, and keeps the date."""

from collections.abc import Collection

from bot.dialogue import Ask, Context, Done, Link, NotAllowed, Reply, Turn
from bot.texts import Moment, Words, _, join
from handlers.classes.base import (
    answer,
    calendar_media,
    card,
    dialogue,
    facts,
    map_link,
    meeting_of,
    over_words,
    tell,
    title,
    where,
)
from handlers.consent import consent_needed
from storage.chats import change_person
from storage.class_people import (
    decline,
    resume_invitations,
    stop_invitations,
    wants_no_invitations,
)
from storage.class_seats import (
    COMING,
    Seat,
    find_seat,
    list_coming,
    list_of_person,
    sign_up,
    step_out,
)
from storage.classes import Meeting, MeetingStatus, find_current

MANY = 1000
MAX_NAME = 60


def invite_links(meeting: Meeting) -> list[Link]:
    """What can be done with an invitation."""
    return [
        Link(_("I will come"), f"csign:{meeting.id}"),
        Link(_("I can't come"), f"cno:{meeting.id}"),
        Link(_("How do I get there?"), f"cway:{meeting.id}"),
        Link(_("No more invitations, please"), "cquiet"),
    ]


def seat_links(meeting: Meeting) -> list[Link]:
    """What can be done by who has a seat."""
    return [
        Link(_("Put it into my calendar"), f"cical:{meeting.id}"),
        Link(_("How do I get there?"), f"cway:{meeting.id}"),
        Link(_("I can't come after all"), f"cleave:{meeting.id}"),
    ]


@dialogue.action("csign")
async def sign(turn: Turn, meeting_id: str) -> Reply:
    """One tap gives a seat, or a place in the line."""
    meeting = await _current(turn, meeting_id)
    missing = consent_needed(turn, f"csign:{meeting.id}")
    if missing is not None:
        return missing
    seat = await sign_up(turn.conn, meeting.id, turn.person.id, turn.now)
    if seat is None:
        return answer(turn, over_words(meeting), [Link(_("Classes near me"), "cmine")])
    if seat is Seat.WAITING:
        return answer(turn, await _in_line(turn, meeting), [_leave_link(meeting)])
    words = join(
        _("Good, you have a seat."),
        facts(turn, meeting),
        _("It costs nothing. Bring your phone and your glasses. Your name is told to the teacher."),
    )
    links = seat_links(meeting)
    if not turn.person.display_name:
        links.append(Link(_("Tell the teacher my name"), f"cname:{meeting.id}"))
    return answer(turn, words, links)


@dialogue.action("cname")
async def ask_name(turn: Turn, meeting_id: str) -> Reply:
    """For who never told one; the teacher would see "a resident" in the list."""
    meeting = await _place_of(turn, meeting_id)
    turn.data = {"meeting": meeting.id}
    return Ask(_("How may the teacher call you? For example: bác Tư, cô Lan."), then=hear_name)


@dialogue.step
async def hear_name(turn: Turn) -> Reply:
    name = turn.words(at_most=MAX_NAME, otherwise=_("Please write your name in a few letters."))
    turn.chat.person = await change_person(turn.conn, turn.person, display_name=name)
    meeting = await meeting_of(turn, str(turn.data["meeting"]))
    return Done(_("Thank you, %(name)s. See you there!", name=name), seat_links(meeting))


async def _current(turn: Turn, meeting_id: str) -> Meeting:
    """The meeting of an invitation; of a weekly class whose date has gone by, the next one."""
    meeting = await meeting_of(turn, meeting_id)
    if meeting.status is MeetingStatus.PLANNED:
        return meeting
    return await find_current(turn.conn, meeting.class_id) or meeting


async def _in_line(turn: Turn, meeting: Meeting) -> Words:
    _signed, waiting = await list_coming(turn.conn, meeting.id)
    return _(
        "All seats are taken just now. You are number %(number)s in line: as soon as a seat is "
        "free, it is yours and I write to you.",
        number=waiting.index(turn.person.id) + 1,
    )


def _leave_link(meeting: Meeting) -> Link:
    return Link(_("I can't come after all"), f"cleave:{meeting.id}")


# --- not coming ---------------------------------------------------------------------------


@dialogue.action("cno")
async def say_no(turn: Turn, meeting_id: str) -> Reply:
    """Asked once and never again for this class."""
    meeting = await meeting_of(turn, meeting_id)
    await decline(turn.conn, meeting.class_id, turn.person.id, turn.now)
    await _give_back(turn, meeting, turn.person.id, Seat.LEFT)
    links = [
        Link(_("I can come after all"), f"csign:{meeting.id}"),
        Link(_("No more invitations, please"), "cquiet"),
    ]
    words = _("All right, thank you for telling me. I won't ask you about this class again.")
    return answer(turn, words, links)


@dialogue.action("cleave")
async def leave(turn: Turn, meeting_id: str) -> Reply:
    """Of a weekly class, this date only or all of it."""
    meeting = await _place_of(turn, meeting_id)
    if not meeting.weekly:
        return await leave_for_good(turn, meeting_id)
    links = [
        Link(_("Only this time"), f"cskip:{meeting.id}"),
        Link(_("The whole class"), f"cout:{meeting.id}"),
        Link(_("I come, as planned"), f"csign:{meeting.id}"),
    ]
    words = _("Only at %(time)s, or for good?", time=Moment(meeting.starts_at))
    return answer(turn, words, links)


async def _place_of(turn: Turn, meeting_id: str) -> Meeting:
    """A meeting for which this person has a place. Raises NotAllowed."""
    meeting = await meeting_of(turn, meeting_id)
    if await find_seat(turn.conn, meeting.id, turn.person.id) not in COMING:
        raise NotAllowed(_("You have no seat in this class, so there is nothing to give back."))
    if meeting.starts_at <= turn.now:
        raise NotAllowed(_("This class has begun already."))
    return meeting


@dialogue.action("cskip")
async def skip(turn: Turn, meeting_id: str) -> Reply:
    meeting = await _place_of(turn, meeting_id)
    await _give_back(turn, meeting, turn.person.id, Seat.SKIPPED)
    words = _("All right. Your seat is free for somebody else this time; next week it is yours.")
    return answer(turn, words, [Link(_("I can come after all"), f"csign:{meeting.id}")])


@dialogue.action("cout")
async def leave_for_good(turn: Turn, meeting_id: str) -> Reply:
    meeting = await _place_of(turn, meeting_id)
    await _give_back(turn, meeting, turn.person.id, Seat.LEFT)
    words = _("All right, your seat is free for somebody else. Thank you for telling me.")
    return answer(turn, words, [Link(_("I can come after all"), f"csign:{meeting.id}")])


async def _give_back(ctx: Context, meeting: Meeting, person_id: int, seat: Seat) -> None:
    if meeting.status is not MeetingStatus.PLANNED or meeting.starts_at <= ctx.now:
        return
    moved = await step_out(ctx.conn, meeting.id, person_id, seat)
    if moved:
        await tell_moved_up(ctx, meeting, moved)


async def tell_moved_up(ctx: Context, meeting: Meeting, person_ids: Collection[int]) -> None:
    """Those who waited have a seat now."""
    words = join(_("A seat has become free, and it is yours."), facts(ctx, meeting))
    await tell(ctx, person_ids, words, links=seat_links(meeting))


async def leave_all(ctx: Context, person_id: int) -> None:
    """Give all places of somebody back who is about to be forgotten."""
    for meeting, _seat in await list_of_person(ctx.conn, person_id, ctx.now, MANY):
        await _give_back(ctx, meeting, person_id, Seat.LEFT)


# --- no invitations -----------------------------------------------------------------------


async def stoppable(turn: Turn) -> list[Link]:
    """What of this a person can stop: being invited, by the team where they live."""
    if turn.person.team_id is None or await wants_no_invitations(turn.conn, turn.person.id):
        return []
    return [Link(_("Invitations to classes"), "cquiet")]


@dialogue.action("cquiet")
async def quiet(turn: Turn) -> Reply:
    await stop_invitations(turn.conn, turn.person.id, turn.now)
    words = _("Good, I won't invite you to classes any more. You can still look at them yourself.")
    return answer(turn, words, [Link(_("Do invite me again"), "cagain")])


@dialogue.action("cagain")
async def invite_again(turn: Turn) -> Reply:
    await resume_invitations(turn.conn, turn.person.id)
    return answer(turn, _("Good, I tell you when there is a class near you."))


# --- the way, the calendar ----------------------------------------------------------------


@dialogue.action("cway")
async def directions(turn: Turn, meeting_id: str) -> Reply:
    meeting = await _current(turn, meeting_id)
    words = join(
        _("“%(title)s” is here: %(where)s", title=title(turn, meeting), where=where(meeting)),
        _("On the map: %(link)s", link=map_link(turn, meeting)),
        between="\n",
    )
    links = await _others(turn, meeting, "cway")
    return answer(turn, words, links, place=meeting.place)


@dialogue.action("cical")
async def calendar(turn: Turn, meeting_id: str) -> Reply:
    """A file that the phone's own calendar opens; it rings an hour before."""
    meeting = await _current(turn, meeting_id)
    words = _("Open this file, and the class stands in your phone's calendar.")
    links = await _others(turn, meeting, "cical")
    return answer(turn, words, links, await calendar_media(turn, meeting))


async def _others(turn: Turn, meeting: Meeting, pressed: str) -> list[Link]:
    """What else can be done with this meeting, besides what was just pressed."""
    links = await links_for(turn, meeting)
    return [link for link in links if not link.action.startswith(f"{pressed}:")]


async def links_for(turn: Turn, meeting: Meeting) -> list[Link]:
    """What this person can do with this meeting now."""
    if meeting.status is not MeetingStatus.PLANNED or meeting.ends_at <= turn.now:
        return [Link(_("Classes near me"), "cmine")]
    seat = await find_seat(turn.conn, meeting.id, turn.person.id)
    if seat is Seat.SIGNED:
        return seat_links(meeting)
    if seat is Seat.WAITING:
        return [_leave_link(meeting)]
    return invite_links(meeting)[:3]


@dialogue.action("cshow", browsing=True)
async def show(turn: Turn, meeting_id: str) -> Reply:
    """One class, as a resident sees it."""
    meeting = await _current(turn, meeting_id)
    seat = await find_seat(turn.conn, meeting.id, turn.person.id)
    mine: Words = ""
    if meeting.status is not MeetingStatus.PLANNED:
        mine = over_words(meeting)
    elif seat is Seat.SIGNED:
        mine = _("You have a seat.")
    elif seat is Seat.WAITING:
        mine = await _in_line(turn, meeting)
    return answer(
        turn, join(await card(turn, meeting), mine, between="\n"), await links_for(turn, meeting)
    )
