"""Invitations: who may invite whom, the link and picture of a code, and taking one up."""

from datetime import timedelta
from io import BytesIO

import segno

from bot.dialogue import Ask, AskAgain, Dialogue, Done, Link, Reply, Turn
from bot.texts import Words, _, join
from bot.types import Media
from handlers.words import ROLES, area, commune_name
from storage.chats import change_person
from storage.media import keep_media
from storage.members import (
    Invite,
    Membership,
    Role,
    add_invite,
    add_membership,
    change_membership,
    record,
    use_invite,
)
from storage.teams import get_team

dialogue = Dialogue("join")

HALF = 4
VALID = timedelta(days=7)
# A team's invitation hangs in its chat group; an officer's is for one person.
TEAM_USES, OFFICER_USES = 20, 1
_CODE = r"[3-9A-Y]{4}-?[3-9A-Y]{4}"


@dialogue.pattern(_CODE)
async def typed_code(turn: Turn, text: str) -> Reply:
    """A code typed by itself, for phones on which links don't open."""
    return await join_with(turn, text)


async def join_with(turn: Turn, code: str) -> Reply:
    """Give the role that a code stands for. The database says whether it is still good."""
    invite = await use_invite(turn.conn, normal_code(code), turn.now)
    if invite is None:
        raise AskAgain(
            _("This invitation is not good any more. Please ask for a new one, or type 0.")
        )
    turn.data = {"invite": [invite.role, invite.team_id, invite.commune_code, invite.created_by]}
    words = join(
        await _welcome(turn, invite),
        _("What is your name, as residents should see it? For example: anh Tuấn."),
    )
    return Ask(words, then=hear_name)


def normal_code(code: str) -> str:
    """A code as it is kept, however it was typed."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return f"{plain[:HALF]}-{plain[HALF:]}"


async def _welcome(turn: Turn, invite: Invite) -> Words:
    role = ROLES[invite.role]
    return _(
        "Welcome! You are invited as %(role)s%(where)s.", role=role, where=await _of(turn, invite)
    )


async def _of(turn: Turn, role: Invite | Membership) -> Words:
    if role.team_id is not None:
        team = await get_team(turn.conn, role.team_id)
        return join(", ", await area(turn, team.commune_code, team.id), between="")
    if role.commune_code:
        return f", {commune_name(turn.services.region, role.commune_code)}"
    return ""


@dialogue.step
async def hear_name(turn: Turn) -> Reply:
    name = turn.words(at_most=60, otherwise=_("Please write your name in a few letters."))
    role, team_id, commune_code, created_by = turn.data["invite"]
    member = await add_membership(
        turn.conn,
        role=Role(role),
        person_id=turn.person.id,
        display_name=name,
        team_id=team_id,
        commune_code=commune_code,
        granted_by=created_by,
        now=turn.now,
    )
    await change_membership(turn.conn, member.id, display_name=name)
    await record(turn.conn, created_by, f"joined:{role}", f"membership:{member.id}", turn.now)
    if not turn.person.display_name:
        turn.chat.person = await change_person(turn.conn, turn.person, display_name=name)
    words = _(
        "Thank you, %(name)s. Residents near you may need you between 7:00 and 20:00; "
        "I will write to you then. You can change these hours any time.",
        name=name,
    )
    return Done(words, [Link(_("My team's work"), "team")])


async def invite_message(
    turn: Turn, role: Role, *, team_id: int | None, commune_code: str | None
) -> Words:
    """Make an invitation; says its picture first, returns its code and links.

    Whoever calls this has checked that the person may invite.
    """
    half = turn.services.new_code(HALF), turn.services.new_code(HALF)
    code = "-".join(half)
    uses = TEAM_USES if role is Role.VOLUNTEER else OFFICER_USES
    await add_invite(
        turn.conn,
        code=code,
        role=role,
        team_id=team_id,
        commune_code=commune_code,
        created_by=turn.person.id,
        now=turn.now,
        valid=VALID,
        uses=uses,
    )
    await record(turn.conn, turn.person.id, f"invited:{role}", f"team:{team_id}", turn.now)
    links = turn.services.links
    web, telegram = links.web(code), links.telegram(code)
    turn.say(
        _("Let the person scan this picture."), media=await _picture(turn, web or telegram or code)
    )
    return join(
        _("Invitation as %(role)s, good for 7 days:", role=ROLES[role]),
        _("Code to type: %(code)s", code=code),
        _("Link: %(link)s", link=web) if web else "",
        _("On Telegram: %(link)s", link=telegram) if telegram else "",
        between="\n",
    )


async def _picture(turn: Turn, link: str) -> Media:
    png = BytesIO()
    segno.make(link, error="m").save(png, kind="png", scale=8, border=3)
    return await keep_media(
        turn.conn, turn.services.new_code(32), "image/png", png.getvalue(), turn.now
    )
