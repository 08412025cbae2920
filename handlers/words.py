"""Words that several dialogues share: topics, ways to help, roles, places, states."""

import re
from datetime import datetime

from bot.communes import Commune, Region
from bot.content.guide import Guide
from bot.dialogue import Context, Turn, read_id
from bot.texts import LOCAL_ZONE, Moment, Text, Words, _, join
from storage.members import Membership, Role
from storage.requests import HelpRequest, RequestStatus, find_request
from storage.teams import Team, find_team

TOPICS: dict[str, Text] = {
    "vneid": _("VNeID, electronic identity"),
    "health": _("Health insurance, seeing a doctor"),
    "papers": _("Papers and public services"),
    "phone": _("Phone, Zalo, payments"),
    "scam": _("I may have been cheated"),
}
OTHER_TOPIC = _("Something else")

# The topic of a request that begins in a guide, by the guide's shelf.
_TOPIC_OF_SHELF = {"bao-hiem": "health", "y-te": "health", "vneid": "vneid", "an-toan": "scam",
                   "doi-song": "phone"}  # fmt: skip

# The same for a course; every other one is about using the phone.
_TOPIC_OF_COURSE = {"vneid": "vneid", "suc-khoe": "health", "dvc": "papers"}

WAYS: dict[str, Text] = {
    "visit": _("Come and help in person"),
    "phone": _("Help by phone call"),
    "chat": _("Help in this chat"),
}

ROLES: dict[Role, Text] = {
    Role.VOLUNTEER: _("team member"),
    Role.DEPUTY: _("deputy team leader"),
    Role.LEADER: _("team leader"),
    Role.WARD_OFFICER: _("ward officer"),
    Role.CITY_OFFICER: _("city officer"),
}

STATES: dict[RequestStatus, Text] = {
    RequestStatus.OPEN: _("waiting for a helper"),
    RequestStatus.CLAIMED: _("has a helper"),
    RequestStatus.DONE: _("done, waiting for your word"),
    RequestStatus.CLOSED: _("finished"),
    RequestStatus.CANCELLED: _("cancelled"),
}

# Long runs of digits (phones) are nobody's business before the claim.
_LONG_NUMBER = re.compile(r"\d(?:[ .-]?\d){6,}")


def topic(request: HelpRequest) -> Text:
    """What the request is about, in a few words."""
    return TOPICS.get(request.topic, OTHER_TOPIC)


def topic_of_course(course_id: str) -> str:
    """What a request is about that begins in a lesson of this course."""
    return _TOPIC_OF_COURSE.get(course_id, "phone")


def topic_of(guide: Guide) -> str:
    """What a request is about that begins in this guide."""
    return _TOPIC_OF_SHELF.get(guide.category, "papers")


def commune_name(region: Region, code: str | None) -> str:
    """ "phường Hòa Xuân"; empty when the code is not of this region."""
    commune: Commune | None = region.find(code) if code else None
    return f"{commune.kind} {commune.name}" if commune else ""


async def team_of(ctx: Context, team_id: int | None) -> Team | None:
    """The team, when there is one."""
    return await find_team(ctx.conn, team_id) if team_id is not None else None


async def request_named(ctx: Context, request_id: str) -> HelpRequest | None:
    """The request that a button names; None when there is none, whatever was made up."""
    known = read_id(request_id)
    return await find_request(ctx.conn, known) if known is not None else None


async def area(ctx: Context, commune_code: str, team_id: int | None) -> Words:
    """ "Tổ dân phố 12, phường Hòa Xuân" or the commune alone."""
    team = await team_of(ctx, team_id)
    name = commune_name(ctx.services.region, commune_code)
    return join(team.name, name, between=", ") if team else name


async def helper_area(ctx: Context, member: Membership) -> Words:
    """Where a helper belongs: a team, a ward, or the city."""
    if member.team_id is not None:
        team = await find_team(ctx.conn, member.team_id)
        if team is not None:
            return await area(ctx, team.commune_code, team.id)
    if member.commune_code:
        return commune_name(ctx.services.region, member.commune_code)
    return _("the city")


def without_numbers(text: str) -> str:
    """A description as somebody may see it who has not accepted yet."""
    return _LONG_NUMBER.sub("•••", text)


def wanted(at: datetime | None) -> Words:
    """When help is wanted; None = as soon as possible."""
    return _("at %(time)s", time=Moment(at)) if at else _("as soon as possible")


def summary(ctx: Context, request: HelpRequest, where: Words) -> Text:
    """What a member is told of a request before accepting it: no name, no street, no number."""
    lines: list[Words] = [
        _("What: %(topic)s", topic=topic(request)),
        stuck_at(ctx, request.guide_id, request.guide_step, request.lesson_id),
        without_numbers(request.description),
        _("Where: %(area)s", area=where),
        _("How: %(way)s, %(when)s", way=WAYS[request.way], when=wanted(request.wanted_at)),
    ]
    if request.beneficiary:
        lines.append(_("For a relative or neighbour of the writer."))
    return join(*lines, between="\n")


def stuck_at(ctx: Context, guide_id: str | None, step: int | None, lesson_id: str | None) -> Words:
    """The guide and step, or the lesson, at which somebody got stuck; empty for neither."""
    found = ctx.services.library.find_lesson(lesson_id) if lesson_id else None
    if found is not None:
        return _("Lesson: %(lesson)s (%(course)s)", lesson=found[1].title, course=found[0].title)
    guide = ctx.services.library.guides.get(guide_id or "")
    if guide is None:
        return ""
    if not step or step > len(guide.steps):
        return _("Guide: %(title)s", title=guide.title)
    return _(
        "Guide: %(title)s, stuck at step %(number)s/%(count)s",
        title=guide.title,
        number=step,
        count=len(guide.steps),
    )


def resident_name(name: str | None) -> Words:
    """How a resident is called by those who help."""
    return name or _("a resident")


def local_minute(ctx: Context) -> int:
    """Minutes since local midnight; duty hours are kept so."""
    local = ctx.now.astimezone(LOCAL_ZONE)
    return local.hour * 60 + local.minute


def hotline(turn: Turn) -> str:
    """The number at which a person answers."""
    return turn.services.settings.contacts.hotline
