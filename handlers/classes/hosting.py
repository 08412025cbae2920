"""What a host sees: the own classes, one of them, who comes, and the code for the wall."""

from datetime import timedelta

from bot.class_times import EARLY
from bot.dialogue import Done, Link, Reply, Turn
from bot.poster import Poster, draw_poster
from bot.texts import LOCAL_ZONE, Text, Words, _, join, n_
from handlers.classes.attending import START_PREFIX
from handlers.classes.base import (
    dialogue,
    facts,
    hosted,
    list_hosts,
    over_words,
    title,
    when,
    where,
)
from handlers.classes.making import new
from handlers.classes.mine import my_classes
from handlers.words import resident_name
from storage.class_attendance import Figures, count_figures
from storage.class_seats import COMING, Seat, Signup, list_signups
from storage.classes import Meeting, MeetingStatus, list_hosted
from storage.media import keep_media

SHOWN = 4
MAX_LISTED = 60
# A class that is over stays in its host's list for so long.
_KEPT = timedelta(days=14)


@dialogue.command("lophoc", _("Hold a class"), phrases=["mở lớp", "mở lớp học", "tạo lớp"])
async def classes_command(turn: Turn, _argument: str) -> Reply:
    """A host makes a class or looks after one; anybody else sees what there is to join."""
    hosts = await list_hosts(turn, turn.person.id)
    if not hosts:
        return await my_classes(turn)
    return await hosted_classes(turn) if await _list(turn) else await new(turn)


async def _list(turn: Turn) -> list[Meeting]:
    hosts = await list_hosts(turn, turn.person.id)
    return await list_hosted(
        turn.conn,
        team_ids=[host.team_id for host in hosts if host.team_id is not None],
        commune_codes=[host.commune_code for host in hosts if host.team_id is None],
        after=turn.now - _KEPT,
        limit=50,
    )


@dialogue.action("chosts", browsing=True)
async def hosted_classes(turn: Turn) -> Reply:
    """The next classes first; of those that are over, the last."""
    found = await _list(turn)
    planned = [m for m in found if m.status is MeetingStatus.PLANNED]
    over = [m for m in found if m.status is not MeetingStatus.PLANNED]
    shown = [*planned[:SHOWN], *over[::-1]][:SHOWN]
    links = [Link(join(title(turn, m), when(m), between=" · "), f"chost:{m.id}") for m in shown]
    links.append(Link(_("Hold a new class"), "cnew"))
    return Done(_("Your classes:") if shown else _("No class is planned."), links)


@dialogue.action("chost", browsing=True)
async def host_page(turn: Turn, meeting_id: str) -> Reply:
    """One class: how many come, and what can be done."""
    meeting = await hosted(turn, meeting_id)
    figures = await count_figures(turn.conn, meeting.id)
    words = join(facts(turn, meeting), _state(meeting), tally(meeting, figures), between="\n")
    return Done(words, _links(turn, meeting))


def _state(meeting: Meeting) -> Words:
    if meeting.status is MeetingStatus.PLANNED:
        return ""
    return over_words(meeting)


def tally(meeting: Meeting, figures: Figures) -> Text:
    """Signed up, waiting, came, rating; what is nought is left out."""
    return join(
        _("Signed up: %(signed)s of %(seats)s.", signed=figures.signed, seats=meeting.seats),
        _("Waiting: %(number)s.", number=figures.waiting) if figures.waiting else "",
        _("Came: %(number)s.", number=figures.came) if figures.came else "",
        n_(
            "Rating: %(mean)s of 3 (%(count)s answer).",
            "Rating: %(mean)s of 3 (%(count)s answers).",
            count=figures.ratings,
            mean=figures.rating,
        )
        if figures.rating is not None
        else "",
        between="\n",
    )


def _links(turn: Turn, meeting: Meeting) -> list[Link]:
    people = Link(_("Who comes?"), f"cwho:{meeting.id}")
    ticks = Link(_("Tick who is here"), f"chere:{meeting.id}:0")
    back = Link(_("Classes that I hold"), "chosts")
    if meeting.status is not MeetingStatus.PLANNED:
        return [people, ticks, back] if meeting.status is MeetingStatus.OVER else [back]
    now_on = turn.now >= meeting.starts_at - EARLY
    return [
        ticks if now_on else people,
        Link(_("The code for the wall"), f"cwall:{meeting.id}"),
        Link(_("Change time, place or seats"), f"cedit:{meeting.id}"),
        Link(_("Cancel the class"), f"coff:{meeting.id}"),
        back,
    ]


@dialogue.action("cwho", browsing=True)
async def who_comes(turn: Turn, meeting_id: str) -> Reply:
    """By the names that residents told; never a number or an address."""
    meeting = await hosted(turn, meeting_id)
    found = await list_signups(turn.conn, meeting.id, (*COMING, Seat.WALK_IN))
    lines = [_line(n, signup) for n, signup in enumerate(found[:MAX_LISTED], 1)]
    heading = _("“%(title)s”: %(number)s people", title=title(turn, meeting), number=len(found))
    return Done(join(heading, *lines, between="\n"), [Link(_("Back"), f"chost:{meeting.id}")])


def _line(number: int, signup: Signup) -> Words:
    words = _("%(number)s. %(name)s", number=number, name=resident_name(signup.name))
    if signup.came_at is not None:
        return join(words, _("was there"), between=" · ")
    return join(words, _("waits") if signup.status is Seat.WAITING else "", between=" · ")


@dialogue.action("cwall")
async def wall_code(turn: Turn, meeting_id: str) -> Reply:
    """A poster to print or to show: to be scanned, or typed by those who can't scan."""
    meeting = await hosted(turn, meeting_id)
    content = draw_poster(_poster(turn, meeting))
    key = turn.services.new_code(32)
    picture = await keep_media(turn.conn, key, "image/png", content, turn.now)
    turn.say(_("Print this picture or hold it up."), media=picture)
    opens = (meeting.starts_at - EARLY).astimezone(LOCAL_ZONE)
    words = _(
        "Whoever scans it, or writes %(code)s to me, is counted as present.\n"
        "It works from %(time)s on the day until half an hour after the end.",
        code=wall_words(meeting),
        time=f"{opens:%H:%M}",
    )
    return Done(words, [Link(_("See the class"), f"chost:{meeting.id}")])


def wall_words(meeting: Meeting) -> str:
    """What is typed by those who can't scan."""
    return f"LOP {meeting.wall_code}"


def _poster(turn: Turn, meeting: Meeting) -> Poster:
    """One picture to scan for each way in, or people would arrive where nobody knows them."""
    render, links = turn.services.texts.render, turn.services.links
    start = f"{START_PREFIX}{meeting.wall_code}"
    ways = ((_("With Telegram"), links.telegram(start)), (_("In the web chat"), links.web(start)))
    return Poster(
        title=render(title(turn, meeting)),
        lines=(render(when(meeting)), render(where(meeting))),
        scans=[(render(label), link) for label, link in ways if link],
        hint=render(_("You are here? Scan with your phone, or write to Ngõ Số:")),
        code=wall_words(meeting),
    )
