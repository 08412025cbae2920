"""Who is there: ticked off by the host, or read from the code on the wall; and how it was."""

import re
from datetime import timedelta

from bot.class_times import EARLY, is_open
from bot.dialogue import AskAgain, Context, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import Moment, Words, _, join
from handlers.classes.base import answer, dialogue, hosted, meeting_of, title
from handlers.classes.courses import course_link
from handlers.consent import consent_needed
from handlers.words import resident_name
from storage.class_attendance import check_in, rate, tick
from storage.class_seats import Seat, Signup, list_signups
from storage.classes import Meeting, MeetingStatus, list_by_wall_code

# In the link of the picture on the wall: t.me/bot?start=c_4K7QA
START_PREFIX = "c_"
RATINGS = (3, 2, 1)
PEOPLE_A_PAGE = 5
# A host may still tick, or take a tick back, for so long after the end.
_TICKED_UNTIL = timedelta(days=7)
# A code always has a digit, or "lớp" and a word of five letters would be taken for one.
_TYPED = r"l[oớ]p[ -]*((?=[A-Z]*\d)[3467ACD-HJKMNP-RT-Y]{5})"


# --- the code on the wall -----------------------------------------------------------------


@dialogue.pattern(_TYPED)
async def typed_code(turn: Turn, text: str) -> Reply:
    """For phones that can't scan."""
    match = re.fullmatch(_TYPED, text, re.IGNORECASE)
    return await check_in_with(turn, match.group(1) if match else "")


async def check_in_with(turn: Turn, code: str) -> Reply:
    """Count somebody as present who read the code there and then. Raises AskAgain."""
    found = await list_by_wall_code(turn.conn, code.upper()[:8])
    held = [m for m in found if is_open(m.starts_at, m.ends_at, turn.now)]
    if not held:
        raise AskAgain(_closed(turn, found))
    meeting = held[0]
    missing = consent_needed(turn, f"cin:{meeting.wall_code}")
    if missing is not None:
        return missing
    await check_in(turn.conn, meeting.id, turn.person.id, turn.now)
    words = _("You are counted as present at “%(title)s”. Enjoy it!", title=title(turn, meeting))
    return answer(turn, words)


@dialogue.action("cin")
async def check_in_again(turn: Turn, code: str) -> Reply:
    """The same by a button, for who had to agree first."""
    return await check_in_with(turn, code)


def _closed(turn: Turn, found: list[Meeting]) -> Words:
    coming = [m for m in found if m.starts_at > turn.now]
    if coming:
        opens = Moment(coming[0].starts_at - EARLY)
        return _("This code works from %(time)s on. Please try again then.", time=opens)
    return _("This code is not good now. Please ask the teacher, who can tick your name.")


# --- ticking ------------------------------------------------------------------------------


@dialogue.action("chere", browsing=True)
async def who_is_here(turn: Turn, meeting_id: str, page: str) -> Reply:
    """Five names at a time; a press ticks, another one takes the tick back."""
    meeting = await _ticked(turn, meeting_id)
    found = await list_signups(turn.conn, meeting.id, (Seat.SIGNED, Seat.WALK_IN))
    return Done(*_page(turn, meeting, found, read_id(page) or 0))


@dialogue.action("ctick", browsing=True)
async def tick_name(turn: Turn, meeting_id: str, page: str, signup_id: str) -> Reply:
    meeting = await _ticked(turn, meeting_id)
    await tick(turn.conn, read_id(signup_id) or 0, meeting.id, turn.now)
    return await who_is_here(turn, meeting_id, page)


async def _ticked(turn: Turn, meeting_id: str) -> Meeting:
    """A meeting at which names can be ticked now. Raises NotAllowed."""
    meeting = await hosted(turn, meeting_id)
    if meeting.status is MeetingStatus.CANCELLED:
        raise NotAllowed(_("This class was cancelled."))
    if not meeting.starts_at - EARLY <= turn.now <= meeting.ends_at + _TICKED_UNTIL:
        opens = Moment(meeting.starts_at - EARLY)
        raise NotAllowed(_("Names can be ticked from %(time)s on, for a week.", time=opens))
    return meeting


def _page(turn: Turn, meeting: Meeting, found: list[Signup], page: int) -> tuple[Words, list[Link]]:
    pages = max(-(-len(found) // PEOPLE_A_PAGE), 1)
    page = min(page, pages - 1)
    came = sum(signup.came_at is not None for signup in found)
    words = join(
        _("Who is here? “%(title)s”", title=title(turn, meeting)),
        _("Press a name to tick it. Here: %(came)s of %(count)s.", came=came, count=len(found)),
        between="\n",
    )
    first = page * PEOPLE_A_PAGE
    links = [
        Link(_label(number, signup), f"ctick:{meeting.id}:{page}:{signup.id}")
        for number, signup in enumerate(found[first : first + PEOPLE_A_PAGE], first + 1)
    ]
    if page + 1 < pages:
        links.append(Link(_("The next names"), f"chere:{meeting.id}:{page + 1}"))
    else:
        links.append(Link(_("Everybody is ticked"), f"chost:{meeting.id}"))
    return words, links


def _label(number: int, signup: Signup) -> Words:
    box = "☑" if signup.came_at is not None else "☐"
    name = _("%(number)s. %(name)s", number=number, name=resident_name(signup.name))
    return join(box, name, between=" ")


# --- how it was ---------------------------------------------------------------------------


def thanks_links(ctx: Context, meeting: Meeting) -> list[Link]:
    """What those who came are asked, and what they can look at again."""
    links = [
        Link(_("I liked it"), f"crate:{meeting.id}:3"),
        Link(_("So-so"), f"crate:{meeting.id}:2"),
        Link(_("Not for me"), f"crate:{meeting.id}:1"),
    ]
    lesson = course_link(ctx, meeting.course_id)
    return [*links, lesson] if lesson else links


@dialogue.action("crate")
async def rate_class(turn: Turn, meeting_id: str, rating: str) -> Reply:
    """One tap; pressing another answer later replaces the first."""
    meeting = await meeting_of(turn, meeting_id)
    given = read_id(rating)
    if given not in RATINGS:
        raise NotAllowed(_("Please press one of the three answers."))
    if not await rate(turn.conn, meeting.id, turn.person.id, given):
        raise NotAllowed(_("Only those who were there can say how it was."))
    lesson = course_link(turn, meeting.course_id)
    words = _("Thank you. That helps the team to hold better classes.")
    return answer(turn, words, [lesson] if lesson else [])
