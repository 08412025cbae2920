"""A team's own affairs: who is in it, inviting, removing, duty hours, requests that wait."""

from bot.dialogue import Ask, Choice, Dialogue, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.teamnames import match_teams
from bot.texts import LOCAL_ZONE, Text, Words, _, join, n_
from bot.whereabouts import locate_text
from handlers.join import invite_message
from handlers.words import ROLES, STATES, area, commune_name, team_of, topic
from storage.members import (
    LEADING,
    TEAM_ROLES,
    Membership,
    Role,
    change_membership,
    find_membership,
    list_officers,
    list_roles,
    list_team,
    may_lead,
    record,
    remove_membership,
)
from storage.requests import HelpRequest, list_waiting
from storage.teams import Team, find_team, list_teams

dialogue = Dialogue("team")

MAX_LISTED = 30
DUTY_HOURS: dict[str, tuple[Text, int, int]] = {
    "day": (_("7:00 to 20:00"), 7, 20),
    "morning": (_("Mornings, 7:00 to 12:00"), 7, 12),
    "afternoon": (_("Afternoons, 12:00 to 18:00"), 12, 18),
    "evening": (_("Evenings, 17:00 to 20:00"), 17, 20),
}


# For everybody with a role.
_OWN = (Link(_("My duty hours"), "duty"), Link(_("Leave a role"), "leave"))


@dialogue.command("to", _("My team"), phrases=["tổ của tôi", "việc của tổ"])
async def team_command(turn: Turn, _argument: str) -> Reply:
    return await team(turn)


@dialogue.action("team", browsing=True)
async def team(turn: Turn) -> Reply:
    """What this person can do in the roles that they have now."""
    roles = await list_roles(turn.conn, turn.person.id)
    if not roles:
        return Done(_("You are not in a team yet. A team leader can invite you."))
    lines = [join(ROLES[r.role], await _where(turn, r), between=", ") for r in roles[:MAX_LISTED]]
    if all(r.role is Role.VOLUNTEER for r in roles):
        links = [Link(_("Requests for me"), "jobs"), *_OWN]
    else:
        links = [
            Link(_("Requests for me"), "jobs"),
            Link(_("Requests that wait"), "waiting"),
            Link(_("People and invitations"), "people"),
            Link(_("Announcements"), "bhome"),
            Link(_("Learners, duty hours, role"), "teammore"),
        ]
    return Done(join(_("You are:"), *lines, between="\n"), links)


@dialogue.action("teammore", browsing=True)
async def more(_turn: Turn) -> Reply:
    """What leaders and officers need more rarely than the rest."""
    links = [Link(_("Learners"), "llearners"), *_OWN, Link(_("My team's work"), "team")]
    return Done(_("What would you like to change?"), links)


async def _where(turn: Turn, member: Membership) -> Words:
    if member.team_id is not None:
        found = await find_team(turn.conn, member.team_id)
        return await area(turn, found.commune_code, found.id) if found else ""
    return commune_name(turn.services.region, member.commune_code) or _("the city")


# --- duty ---------------------------------------------------------------------------------


@dialogue.command("truc", _("My duty hours"))
async def duty_command(turn: Turn, _argument: str) -> Reply:
    return await duty(turn)


@dialogue.action("duty", browsing=True)
async def duty(turn: Turn) -> Reply:
    roles = await list_roles(turn.conn, turn.person.id)
    if not roles:
        raise NotAllowed(_("Duty hours are for team members."))
    choices = [Choice(label, value) for value, (label, _from, _to) in DUTY_HOURS.items()]
    choices.append(Choice(_("Pause, no requests for now"), "off"))
    state = _("You are taking a break.") if roles[0].off_duty else _duty_line(roles[0])
    return Ask(join(state, _("When may I ask you?"), between="\n"), choices, then=hear_duty)


def _duty_line(member: Membership) -> Text:
    return _(
        "I ask you between %(start)s and %(end)s.",
        start=f"{member.duty_from_min // 60}:00",
        end=f"{member.duty_to_min // 60}:00",
    )


@dialogue.step
async def hear_duty(turn: Turn) -> Reply:
    answer = turn.choice({*DUTY_HOURS, "off"}, otherwise=_("Please press one of these hours."))
    for member in await list_roles(turn.conn, turn.person.id):
        if answer == "off":
            await change_membership(turn.conn, member.id, off_duty=True)
            continue
        _label, start, end = DUTY_HOURS[answer]
        hours = {"duty_from_min": start * 60, "duty_to_min": end * 60, "off_duty": False}
        await change_membership(turn.conn, member.id, **hours)
    if answer == "off":
        return Done(
            _("Enjoy your break. Choose hours again when you are back."),
            [Link(_("My duty hours"), "duty")],
        )
    return Done(_("Good, I ask you at these hours only."))


# --- requests that wait -------------------------------------------------------------------


@dialogue.action("waiting", browsing=True)
async def waiting(turn: Turn) -> Reply:
    """Open requests of one's team, ward or city, the longest waiting first."""
    roles = await list_roles(turn.conn, turn.person.id)
    found = await list_waiting(
        turn.conn,
        team_ids=[r.team_id for r in roles if r.role in LEADING and r.team_id is not None],
        commune_codes=[
            r.commune_code for r in roles if r.role is Role.WARD_OFFICER and r.commune_code
        ],
        everywhere=any(r.role is Role.CITY_OFFICER for r in roles),
        limit=MAX_LISTED,
    )
    if not found:
        return Done(_("No request is waiting."), [Link(_("My team's work"), "team")])
    count = n_("%(count)s request is waiting:", "%(count)s requests are waiting:", count=len(found))
    lines = [await _waiting_line(turn, request) for request in found[:10]]
    return Done(join(count, *lines, between="\n"), [Link(_("My team's work"), "team")])


async def _waiting_line(turn: Turn, request: HelpRequest) -> Words:
    since = request.created_at.astimezone(LOCAL_ZONE)
    where = await area(turn, request.commune_code, request.team_id)
    return join(
        f"{request.code}", topic(request), where, STATES[request.status], f"{since:%H:%M %d/%m}",
        between=" · ",
    )  # fmt: skip


# --- people and invitations ---------------------------------------------------------------


@dialogue.action("people", browsing=True)
async def people(turn: Turn) -> Reply:
    """Teams and officers that this person looks after."""
    roles = await list_roles(turn.conn, turn.person.id)
    links: list[Link] = []
    for role in roles:
        if role.role in LEADING and role.team_id is not None:
            found = await find_team(turn.conn, role.team_id)
            links += [Link(found.name, f"members:{found.id}")] if found else []
    if any(r.role in (Role.WARD_OFFICER, Role.CITY_OFFICER) for r in roles):
        links.append(Link(_("Find a team"), "findteam"))
    if any(r.role is Role.CITY_OFFICER for r in roles):
        links += [
            Link(_("Invite a ward officer"), "invward"),
            Link(_("Invite a city officer"), "invcity"),
        ]
    elif wards := [r for r in roles if r.role is Role.WARD_OFFICER]:
        links.append(Link(_("Invite a ward officer"), f"invward:{wards[0].commune_code}"))
    if not links:
        raise NotAllowed(_("Only team leaders and officers can do this."))
    return Done(_("Whom is it about?"), [*links[:4], Link(_("My team's work"), "team")])


async def _led_team(turn: Turn, team_id: str) -> Team:
    """A team that this person may manage, now. Raises NotAllowed."""
    found = await team_of(turn, read_id(team_id))
    roles = await list_roles(turn.conn, turn.person.id)
    if found is None or not may_lead(roles, found.id, found.commune_code):
        raise NotAllowed(_("Only this team's leaders and officers can do this."))
    return found


@dialogue.action("members", browsing=True)
async def members(turn: Turn, team_id: str) -> Reply:
    led = await _led_team(turn, team_id)
    roster = await list_team(turn.conn, led.id)
    lines = [_member_line(m) for m in roster[:MAX_LISTED]]
    heading = _("%(team)s has %(number)s members:", team=led.name, number=len(roster))
    links = [
        Link(_("Invite members"), f"invteam:{led.id}:volunteer"),
        Link(_("Invite a leader"), f"invteam:{led.id}:leader"),
        Link(_("Invite a deputy"), f"invteam:{led.id}:deputy"),
        Link(_("Remove somebody"), f"drop:{led.id}"),
    ]
    return Done(join(heading, *lines, between="\n"), links)


def _member_line(member: Membership) -> Words:
    joined: Words = "" if member.person_id else _("(has not joined yet)")
    return join(f"– {member.display_name}", ROLES[member.role], joined, between=" · ")


@dialogue.action("invteam")
async def invite_to_team(turn: Turn, team_id: str, role: str) -> Reply:
    led = await _led_team(turn, team_id)
    if role not in TEAM_ROLES:
        raise NotAllowed(_("Only this team's leaders and officers can do this."))
    words = await invite_message(turn, Role(role), team_id=led.id, commune_code=None)
    return Done(words, [Link(_("Back to the team"), f"members:{led.id}")])


@dialogue.action("invcity")
async def invite_city_officer(turn: Turn) -> Reply:
    await _need(turn, Role.CITY_OFFICER)
    words = await invite_message(turn, Role.CITY_OFFICER, team_id=None, commune_code=None)
    return Done(words, [Link(_("My team's work"), "team")])


@dialogue.action("invward")
async def invite_ward_officer(turn: Turn, commune_code: str = "") -> Reply:
    roles = await list_roles(turn.conn, turn.person.id)
    city = any(r.role is Role.CITY_OFFICER for r in roles)
    own = any(r.role is Role.WARD_OFFICER and r.commune_code == commune_code for r in roles)
    if commune_code and (city or own):
        words = await invite_message(
            turn, Role.WARD_OFFICER, team_id=None, commune_code=commune_code
        )
        return Done(words, [Link(_("My team's work"), "team")])
    if not city:
        raise NotAllowed(_("Only officers of this ward or the city can do this."))
    return Ask(_("Of which phường or xã?"), then=hear_ward)


@dialogue.step
async def hear_ward(turn: Turn) -> Reply:
    await _need(turn, Role.CITY_OFFICER)
    otherwise = _("Please write the name of the phường or xã.")
    text = turn.answer or turn.words(at_most=200, otherwise=otherwise)
    if turn.answer:
        return await invite_ward_officer(turn, turn.answer)
    found = await locate_text(turn.conn, turn.services.addresses, text, turn.now)
    if found.commune is not None and found.sure:
        return await invite_ward_officer(turn, found.commune.code)
    choices = [Choice(c.title, c.code) for c in found.communes]
    return Ask(_("Which one do you mean?"), choices, then=hear_ward)


@dialogue.action("findteam")
async def find_team_of(turn: Turn) -> Reply:
    await _need(turn, Role.WARD_OFFICER, Role.CITY_OFFICER)
    return Ask(_("Which team? For example: tổ 12 Hòa Xuân."), then=hear_team)


@dialogue.step
async def hear_team(turn: Turn) -> Reply:
    if turn.answer:
        return await members(turn, turn.answer)
    text = turn.words(at_most=200, otherwise=_("Please write the team's number and commune."))
    found = await locate_text(turn.conn, turn.services.addresses, text, turn.now)
    teams = [found.team] if found.team else list(found.teams)
    if not teams and found.commune is not None:
        every = await list_teams(turn.conn, found.commune.code, turn.now)
        teams = list(match_teams(text, every).teams) or every
    if len(teams) == 1:
        return await members(turn, str(teams[0].id))
    choices = [Choice(t.name, str(t.id)) for t in teams[:5]]
    words = (
        _("Which one do you mean?")
        if choices
        else _("I don't know that team. Please write it again.")
    )
    return Ask(words, choices, then=hear_team)


async def _need(turn: Turn, *allowed: Role) -> None:
    roles = await list_roles(turn.conn, turn.person.id)
    if not any(r.role in allowed for r in roles):
        raise NotAllowed(_("Only officers can do this."))


# --- removing and leaving -----------------------------------------------------------------


@dialogue.action("drop")
async def drop(turn: Turn, team_id: str) -> Reply:
    led = await _led_team(turn, team_id)
    turn.data = {"team": led.id}
    return Ask(_("Whom shall I remove? Write the name as it is in the list."), then=hear_drop)


@dialogue.step
async def hear_drop(turn: Turn) -> Reply:
    led = await _led_team(turn, str(turn.data["team"]))
    roster = await list_team(turn.conn, led.id)
    if turn.answer:
        return await _remove(turn, led, int(turn.answer))
    name = turn.words(at_most=80, otherwise=_("Please write a name.")).casefold()
    found = [m for m in roster if name in m.display_name.casefold()]
    choices = [Choice(m.display_name, str(m.id)) for m in found[:5]]
    if not choices:
        return Ask(
            _("Nobody in this team is called so. Please write the name again."), then=hear_drop
        )
    return Ask(_("Remove this person? They get no more requests."), choices, then=hear_drop)


async def _remove(turn: Turn, led: Team, membership_id: int) -> Reply:
    member = await find_membership(turn.conn, membership_id)
    if member is None or member.team_id != led.id:
        raise NotAllowed(_("That person is not in this team."))
    await remove_membership(turn.conn, member.id, turn.now)
    await record(turn.conn, turn.person.id, "removed", f"membership:{member.id}", turn.now)
    if member.person_id is not None and member.person_id != turn.person.id:
        words = _("You are no longer in %(team)s. Thank you for your help.", team=led.name)
        await turn.notify([member.person_id], words)
    return Done(_("Done."), [Link(_("Back to the team"), f"members:{led.id}")])


@dialogue.action("leave")
async def leave(turn: Turn) -> Reply:
    roles = await list_roles(turn.conn, turn.person.id)
    if not roles:
        return Done(_("You are not in a team."))
    choices = [
        Choice(join(ROLES[r.role], await _where(turn, r), between=", "), str(r.id))
        for r in roles[:5]
    ]
    return Ask(_("Which role do you want to leave?"), choices, then=hear_leave)


@dialogue.step
async def hear_leave(turn: Turn) -> Reply:
    roles = {str(r.id): r for r in await list_roles(turn.conn, turn.person.id)}
    chosen = roles[turn.choice(roles, otherwise=_("Please press the role."))]
    if chosen.role is Role.CITY_OFFICER and len(await list_officers(turn.conn, chosen.role)) == 1:
        return Done(_("You are the last city officer. Please invite another one first."))
    await remove_membership(turn.conn, chosen.id, turn.now)
    await record(turn.conn, turn.person.id, "left", f"membership:{chosen.id}", turn.now)
    return Done(_("You have left. Thank you for everything you did."))
