"""What all parts of classes share: the dialogue, what a meeting is called, and who holds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from bot.dialogue import Context, Dialogue, Done, Link, NotAllowed, Reply, Stay, Turn, read_id
from bot.ics import MIME, Entry, calendar_file
from bot.texts import LOCAL_ZONE, Moment, Words, _, join, n_
from bot.types import Media, Place
from handlers.classes.courses import course_titles
from handlers.words import commune_name
from storage.class_attendance import Figures, count_figures
from storage.classes import Audience, Meeting, MeetingStatus, Plan, find_meeting
from storage.media import keep_media
from storage.members import (
    LEADING,
    Membership,
    Role,
    list_officers,
    list_roles,
    list_team,
    may_lead,
)
from storage.outbox import Priority
from storage.teams import find_heir, find_team

dialogue = Dialogue("classes")

# https://wiki.openstreetmap.org/wiki/Browsing#Other_URL_tricks
_MAP = "https://www.openstreetmap.org"


# --- what a meeting is --------------------------------------------------------------------


async def meeting_of(ctx: Context, meeting_id: str) -> Meeting:
    """The meeting that a button names. Raises NotAllowed when there is none."""
    known = read_id(meeting_id)
    found = await find_meeting(ctx.conn, known) if known is not None else None
    if found is None:
        raise NotAllowed(_("I don't know that class. Type 0 to see what I can do."))
    return found


def title(ctx: Context, meeting: Meeting | Plan) -> Words:
    """The course's title, or the host's own words."""
    return course_titles(ctx).get(meeting.course_id or "", meeting.topic)


def when(meeting: Meeting | Plan) -> Words:
    """ "08:00 Saturday 5/12 until 09:30, every week"."""
    ends = meeting.ends_at.astimezone(LOCAL_ZONE)
    words = _("%(start)s until %(end)s", start=Moment(meeting.starts_at), end=f"{ends:%H:%M}")
    return _("%(time)s, every week", time=words) if meeting.every_week else words


def where(meeting: Meeting | Plan) -> Words:
    return meeting.venue or _("the place on the map")


def map_link(ctx: Context, meeting: Meeting) -> str:
    """The place on the map; without a point, a search for its words in the commune."""
    if meeting.place is not None:
        lat, lon = f"{meeting.place.lat:.5f}", f"{meeting.place.lon:.5f}"
        return f"{_MAP}/?mlat={lat}&mlon={lon}&zoom=18"
    commune = commune_name(ctx.services.region, meeting.commune_code)
    return f"{_MAP}/search?query={quote(f'{meeting.venue}, {commune}')}"


async def card(ctx: Context, meeting: Meeting) -> Words:
    """What it is about, when, where, and how many seats are left."""
    figures = await count_figures(ctx.conn, meeting.id)
    return join(facts(ctx, meeting), seats_left(meeting, figures), between="\n")


def facts(ctx: Context, meeting: Meeting | Plan) -> Words:
    return join(
        _("“%(title)s”", title=title(ctx, meeting)),
        _("When: %(when)s", when=when(meeting)),
        _("Place: %(where)s", where=where(meeting)),
        between="\n",
    )


def over_words(meeting: Meeting) -> Words:
    """Why nothing can be done with it any more."""
    if meeting.status is MeetingStatus.CANCELLED:
        return _("This class was cancelled.")
    return _("This class is over.")


def seats_left(meeting: Meeting, figures: Figures) -> Words:
    free = max(meeting.seats - figures.signed, 0)
    if meeting.status is not MeetingStatus.PLANNED:
        return ""
    if not free:
        return _("All %(seats)s seats are taken.", seats=meeting.seats)
    return n_(
        "%(count)s of %(seats)s seats is free.",
        "%(count)s of %(seats)s seats are free.",
        count=free,
        seats=meeting.seats,
    )


async def calendar_media(ctx: Context, meeting: Meeting) -> Media:
    """The meeting as a calendar file, kept once for each of its changes."""
    render = ctx.services.texts.render
    place = meeting.place
    entry = Entry(
        uid=f"class-{meeting.id}@ngoso",
        changes=meeting.changes,
        title=render(title(ctx, meeting)),
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        where=render(where(meeting)),
        point=(place.lat, place.lon) if place else None,
        cancelled=meeting.status is MeetingStatus.CANCELLED,
    )
    key = f"{meeting.file_key}-{meeting.changes}"
    return await keep_media(ctx.conn, key, MIME, calendar_file(entry, ctx.now), ctx.now)


# --- who holds it -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Host:
    """In whose name somebody may hold classes: a team, or (without one) the whole commune."""

    team_id: int | None
    commune_code: str
    name: str


async def list_hosts(ctx: Context, person_id: int) -> list[Host]:
    """The teams that this person leads now, and the wards whose officer they are."""
    hosts: list[Host] = []
    for role in await list_roles(ctx.conn, person_id):
        if role.role in LEADING and role.team_id is not None:
            team = await find_team(ctx.conn, await find_heir(ctx.conn, role.team_id))
            hosts += [Host(team.id, team.commune_code, team.name)] if team else []
        elif role.role is Role.WARD_OFFICER and role.commune_code:
            name = commune_name(ctx.services.region, role.commune_code)
            hosts.append(Host(None, role.commune_code, name))
    return list(dict.fromkeys(hosts))


async def hosted(turn: Turn, meeting_id: str) -> Meeting:
    """A meeting that this person may manage, now. Raises NotAllowed."""
    meeting = await meeting_of(turn, meeting_id)
    if not await may_host(turn, turn.person.id, meeting):
        raise NotAllowed(_("Only those who hold this class can do this."))
    return meeting


async def may_host(ctx: Context, person_id: int, meeting: Meeting) -> bool:
    roles = await list_roles(ctx.conn, person_id)
    if meeting.team_id is not None:
        team_id = await find_heir(ctx.conn, meeting.team_id)
        return may_lead(roles, team_id, meeting.commune_code)
    return any(_officer_of(role, meeting.commune_code) for role in roles)


def _officer_of(role: Membership, commune_code: str) -> bool:
    ward = role.role is Role.WARD_OFFICER and role.commune_code == commune_code
    return ward or role.role is Role.CITY_OFFICER


async def host_persons(ctx: Context, meeting: Meeting) -> list[int]:
    """Who made the meeting, as long as they may; else all who lead the team or the ward now."""
    if meeting.made_by is not None and await may_host(ctx, meeting.made_by, meeting):
        return [meeting.made_by]
    if meeting.team_id is not None:
        roster = await list_team(ctx.conn, await find_heir(ctx.conn, meeting.team_id))
        members = [member for member in roster if member.role in LEADING]
    else:
        members = await list_officers(ctx.conn, Role.WARD_OFFICER, meeting.commune_code)
    return [member.person_id for member in members if member.person_id is not None]


async def host_name(ctx: Context, meeting: Meeting) -> Words:
    """Who invites: the team's name, or the ward's."""
    team = await find_team(ctx.conn, meeting.team_id) if meeting.team_id is not None else None
    return team.name if team else commune_name(ctx.services.region, meeting.commune_code)


def audience_words(audience: Audience) -> Words:
    return {
        Audience.TEAM: _("the residents of your tổ or thôn"),
        Audience.COMMUNE: _("the residents of the whole phường or xã"),
        Audience.COURSE: _("those in your phường or xã who learn this course"),
    }[audience]


# --- saying it ----------------------------------------------------------------------------


async def tell(
    ctx: Context,
    person_ids: Iterable[int],
    words: Words,
    *,
    links: Sequence[Link] = (),
    media: Media | None = None,
    priority: Priority = Priority.HELP,
) -> set[int]:
    """Write to people who did not just write to us: by night it waits for the morning."""
    return await ctx.notify(
        person_ids,
        words,
        links=links,
        media=media,
        priority=priority,
        not_before=ctx.services.calendar.next_daytime(ctx.now),
    )


def answer(
    turn: Turn,
    words: Words,
    links: Sequence[Link] = (),
    media: Media | None = None,
    *,
    place: Place | None = None,
) -> Reply:
    """Answer a button that was pushed to somebody who may be in the middle of something else."""
    if turn.chat.state is None:
        return Done(words, links, media=media, place=place)
    if media is not None:
        turn.say(words, media=media)
        return Stay()
    return Stay(words)
