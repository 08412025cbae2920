"""What all parts of announcing share: the dialogue, offices, and reading what a button names.

An office is a role as far as it reaches: a team, a unit, or the city. It is read from the
database at every step, so that who is removed can't go on with what they had begun.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogue import Context, Dialogue, NotAllowed, Turn, read_id
from bot.texts import _
from storage.broadcasts import Broadcast, State, find_broadcast
from storage.members import LEADING, Membership, Role, list_roles
from storage.teams import find_team

dialogue = Dialogue("broadcast")


@dataclass(frozen=True, slots=True)
class Office:
    """In whose name somebody announces; neither a unit nor a team = the city."""

    member: Membership
    commune_code: str | None = None
    team_id: int | None = None

    @property
    def whole_city(self) -> bool:
        return self.commune_code is None and self.team_id is None


async def list_offices(ctx: Context, person_id: int) -> list[Office]:
    """What this person may announce for now, the widest first."""
    roles = await list_roles(ctx.conn, person_id)
    found = [office for role in roles if (office := await _office(ctx, role)) is not None]
    return sorted(found, key=lambda o: (not o.whole_city, o.team_id is not None, o.member.id))


async def _office(ctx: Context, role: Membership) -> Office | None:
    if role.role is Role.CITY_OFFICER:
        return Office(role)
    if role.role is Role.WARD_OFFICER and role.commune_code:
        return Office(role, role.commune_code)
    if role.role in LEADING and role.team_id is not None:
        team = await find_team(ctx.conn, role.team_id)
        return Office(role, team.commune_code, team.id) if team else None
    return None


async def need_offices(turn: Turn) -> list[Office]:
    """The offices of who is writing. Raises NotAllowed when there is none."""
    found = await list_offices(turn, turn.person.id)
    if not found:
        raise NotAllowed(_("Announcements are made by team leaders and officers."))
    return found


def office_for(offices: Sequence[Office], broadcast: Broadcast) -> Office | None:
    """The office in whose name an announcement was written; None when it is not held (any more)."""
    if broadcast.team_id is not None:
        return next((o for o in offices if o.team_id == broadcast.team_id), None)
    fitting = (o for o in offices if o.team_id is None)
    return next((o for o in fitting if o.commune_code == broadcast.commune_code), None)


async def broadcast_named(turn: Turn, broadcast_id: str) -> Broadcast:
    """The announcement that a button names. Raises NotAllowed for anything made up."""
    known = read_id(broadcast_id)
    found = await find_broadcast(turn.conn, known) if known is not None else None
    if found is None:
        raise NotAllowed(_("There is no such announcement."))
    return found


async def own_draft(turn: Turn) -> tuple[Broadcast, Office]:
    """The draft that is being written. Raises NotAllowed when it left, or the office was lost."""
    draft = await broadcast_named(turn, str(turn.data.get("draft", "")))
    office = office_for(await need_offices(turn), draft)
    if draft.author_id != turn.person.id or office is None:
        raise NotAllowed(_("Only who writes an announcement can change it."))
    if draft.status is not State.DRAFT:
        raise NotAllowed(_("This announcement is no draft any more."))
    return draft, office


async def steered(turn: Turn, broadcast_id: str) -> Broadcast:
    """An announcement that this person may hold, stop, correct: of their office, or any for the
    city's officers. Raises NotAllowed.
    """
    found = await broadcast_named(turn, broadcast_id)
    offices = await need_offices(turn)
    if office_for(offices, found) is None and not any(o.whole_city for o in offices):
        raise NotAllowed(_("This announcement is another office's."))
    if found.status in (State.DRAFT, State.WAITING) and found.author_id != turn.person.id:
        raise NotAllowed(_("Only who writes an announcement can change it."))
    return found
