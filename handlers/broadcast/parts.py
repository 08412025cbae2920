"""What an audience may be made of: how each condition is asked for, and how it is said.

One more condition of `storage.audience` is one more `Part` here.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.dialogue import MAX_CHOICES, AskAgain, Choice, Context, Turn
from bot.teamnames import match_teams
from bot.texts import Text, Words, _, fold
from bot.whereabouts import locate_text
from handlers.broadcast.base import Office
from handlers.broadcast.buttons import guide_choices
from handlers.broadcast.message import scope_name
from handlers.words import ROLES, area, commune_name, team_of
from storage import audience
from storage.audience import Audience, Is
from storage.broadcasts import Broadcast
from storage.members import TEAM_ROLES, Role
from storage.teams import Team, list_teams

Find = Callable[[Turn, Office], Awaitable[list[Choice]]]
Say = Callable[[Context, str], Awaitable[Words]]


@dataclass(frozen=True, slots=True)
class Part:
    """`find`: the values that what was typed may mean; with `listed` all are shown at once."""

    label: Text
    question: Text
    find: Find
    say: Say
    listed: bool = False
    # Whether an office can use it: of the city, of a unit, of a team.
    city: bool = True
    ward: bool = True
    team: bool = True

    def fits(self, office: Office) -> bool:
        if office.whole_city:
            return self.city
        return self.ward if office.team_id is None else self.team


async def _find_units(turn: Turn, _office: Office) -> list[Choice]:
    found = await locate_text(turn.conn, turn.services.addresses, turn.text, turn.now)
    if not found.communes:
        raise AskAgain(_("I don't know that phường or xã. Please write its name again."))
    sure = found.communes[:1] if found.sure else found.communes[:MAX_CHOICES]
    return [Choice(commune.title, commune.code) for commune in sure]


async def _say_unit(ctx: Context, code: str) -> Words:
    return _("people of %(area)s", area=commune_name(ctx.services.region, code))


async def _find_teams(turn: Turn, office: Office) -> list[Choice]:
    teams = await _teams_meant(turn, office)
    if not teams:
        raise AskAgain(_("I don't know that team. Please write it again."))
    return [Choice(team.name, str(team.id)) for team in teams[:MAX_CHOICES]]


async def _teams_meant(turn: Turn, office: Office) -> list[Team]:
    """Within the unit of the office; the city's officers name the unit too."""
    if office.commune_code is not None:
        every = await list_teams(turn.conn, office.commune_code, turn.now)
        match = match_teams(turn.text, every)
        return list(match.teams[:1] if match.sure else match.teams)
    found = await locate_text(turn.conn, turn.services.addresses, turn.text, turn.now)
    if found.team is not None:
        return [found.team]
    if found.teams or found.commune is None:
        return list(found.teams)
    every = await list_teams(turn.conn, found.commune.code, turn.now)
    return list(match_teams(turn.text, every).teams) or every


async def _say_team(ctx: Context, team_id: str) -> Words:
    team = await team_of(ctx, int(team_id))
    return _("people of %(area)s", area=await area(ctx, team.commune_code, team.id) if team else "")


async def _find_roles(_turn: Turn, office: Office) -> list[Choice]:
    fitting = [role for role in Role if office.team_id is None or role in TEAM_ROLES]
    return [Choice(ROLES[role], role) for role in fitting]


async def _say_role(_ctx: Context, role: str) -> Words:
    return _("everybody who is %(role)s", role=ROLES[Role(role)])


async def _find_guides(turn: Turn, _office: Office) -> list[Choice]:
    return guide_choices(turn)


async def _say_guide(ctx: Context, guide_id: str) -> Words:
    guide = ctx.services.library.guides.get(guide_id)
    return _("people who opened “%(title)s”", title=guide.title if guide else guide_id)


async def _find_courses(turn: Turn, _office: Office) -> list[Choice]:
    courses = turn.services.library.courses.values()
    found = [course for course in courses if fold(turn.text) in fold(course.title)]
    if not found:
        raise AskAgain(_("I don't know that course. Please write its name again."))
    return [Choice(course.title, course.id) for course in found[:MAX_CHOICES]]


async def _say_course(ctx: Context, course_id: str) -> Words:
    course = ctx.services.library.courses.get(course_id)
    return _("people who learn “%(title)s”", title=course.title if course else course_id)


PARTS: Mapping[str, Part] = MappingProxyType(
    {
        "unit": Part(
            _("A phường or xã"),
            _("Which phường or xã? For example: Hòa Xuân."),
            _find_units,
            _say_unit,
            ward=False,
            team=False,
        ),
        "team": Part(
            _("A neighbourhood team"),
            _("Which team? For example: tổ 12 Hòa Xuân."),
            _find_teams,
            _say_team,
            team=False,
        ),
        "role": Part(
            _("People with a task in the teams"),
            _("Which task?"),
            _find_roles,
            _say_role,
            listed=True,
        ),
        "guide": Part(
            _("People who opened a guide"),
            _("Which guide? Write what it is about."),
            _find_guides,
            _say_guide,
        ),
        "course": Part(
            _("People who learn a course"),
            _("Which course? For example: điện thoại."),
            _find_courses,
            _say_course,
        ),
    }
)


async def describe(ctx: Context, broadcast: Broadcast, wanted: Audience) -> Words:
    """Who is meant, in words."""
    match wanted:
        case Is(condition="everyone"):
            return _("everybody in %(area)s", area=await scope_name(ctx, broadcast))
        case Is():
            return await PARTS[wanted.condition].say(ctx, wanted.value)
        case audience.But():
            return _("not %(who)s", who=await describe(ctx, broadcast, wanted.but))
        case audience.AnyOf():
            return await _either(ctx, broadcast, wanted.any)
        case audience.AllOf():
            return await _both(ctx, broadcast, wanted.all)


async def _either(ctx: Context, broadcast: Broadcast, parts: tuple[Audience, ...]) -> Words:
    said = [await describe(ctx, broadcast, part) for part in parts]
    words = said[0]
    for other in said[1:]:
        words = _("%(one)s, or %(other)s", one=words, other=other)
    return words


async def _both(ctx: Context, broadcast: Broadcast, parts: tuple[Audience, ...]) -> Words:
    words = await describe(ctx, broadcast, parts[0])
    if isinstance(parts[0], audience.AnyOf):
        words = _("(%(who)s)", who=words)
    for part in parts[1:]:
        if isinstance(part, audience.But):
            other = await describe(ctx, broadcast, part.but)
            words = _("%(one)s, except %(other)s", one=words, other=other)
        else:
            other = await describe(ctx, broadcast, part)
            words = _("%(one)s, of these only %(other)s", one=words, other=other)
    return words
