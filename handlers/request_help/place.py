"""Where the help is needed: the commune and the team, from words or from a shared place."""

from bot.dialogue import MAX_CHOICES, Ask, AskAgain, Choice, Reply, Turn
from bot.teamnames import match_teams
from bot.texts import _, join
from bot.whereabouts import Location, locate_place, locate_text
from handlers.request_help.form import dialogue, next_question, question
from handlers.words import area, commune_name
from storage.boundaries import load_boundaries
from storage.teams import Team, find_team, list_teams


@question("place")
async def ask_place(turn: Turn) -> Ask:
    person = turn.person
    choices = []
    if person.commune_code and not turn.data.get("beneficiary"):
        known = await area(turn, person.commune_code, person.team_id)
        choices = [Choice(known, "known")]
    words = _(
        "In which phường or xã, and which tổ or thôn?\n"
        "For example: tổ 12 Hòa Xuân; or share your place. The place itself is not kept."
    )
    return Ask(words, choices, then=hear_place, ask_place=True)


@dialogue.step
async def hear_place(turn: Turn) -> Reply:
    if turn.answer == "known" and turn.person.commune_code:
        return await _settle(turn, turn.person.commune_code, turn.person.team_id)
    if turn.place is not None:
        bounds = await load_boundaries(turn.conn)
        found = await locate_place(turn.conn, turn.services.region, bounds, turn.place, turn.now)
    else:
        text = turn.words(
            at_most=300, otherwise=_("Please write your phường or xã, or share your place.")
        )
        found = await locate_text(turn.conn, turn.services.addresses, text, turn.now)
    return await _weigh(turn, found)


async def _weigh(turn: Turn, found: Location) -> Reply:
    """Take what is sure; ask about what is not."""
    if found.commune is None or not found.sure:
        return _which_commune(turn, found)
    if found.team is not None and found.sure:
        return await _settle(turn, found.commune.code, found.team.id, found.distance_km)
    turn.data["commune"] = found.commune.code
    return await _which_team(turn, list(found.teams))


def _which_commune(turn: Turn, found: Location) -> Ask:
    if not found.communes:
        raise AskAgain(
            _(
                "I don't know that place in Đà Nẵng.\n"
                "Please write only the phường or xã, such as: xã Đại Lộc."
            )
        )
    choices = [Choice(c.title, c.code) for c in found.communes[: MAX_CHOICES - 1]]
    choices.append(Choice(_("None of these"), "none"))
    # What was said about the team is asked again: it may belong to another commune.
    return Ask(_("Which one do you mean?"), choices, then=hear_commune)


@dialogue.step
async def hear_commune(turn: Turn) -> Reply:
    if turn.answer == "none":
        return await ask_place(turn)
    if turn.answer is None:
        return await hear_place(turn)
    turn.data["commune"] = turn.answer
    return await _which_team(turn, [])


async def _which_team(turn: Turn, candidates: list[Team]) -> Ask:
    commune = turn.data["commune"]
    teams = candidates or await list_teams(turn.conn, commune, turn.now)
    if not teams:
        return await _settle(turn, commune, None)
    shown = teams if len(teams) < MAX_CHOICES else teams[: MAX_CHOICES - 1] if candidates else []
    choices = [*(Choice(t.name, str(t.id)) for t in shown), Choice(_("I don't know"), "none")]
    words = join(
        _("You are in %(commune)s.", commune=commune_name(turn.services.region, commune)),
        _("Which tổ dân phố or thôn? Write its number or name."),
        between="\n",
    )
    return Ask(words, choices, then=hear_team)


@dialogue.step
async def hear_team(turn: Turn) -> Reply:
    commune = turn.data["commune"]
    if turn.answer == "none":
        return await _settle(turn, commune, None)
    if turn.answer is not None:
        team = await find_team(turn.conn, int(turn.answer))
        return await _settle(turn, commune, team.id if team else None)
    text = turn.words(
        at_most=200, otherwise=_("Please write the number or name of your tổ or thôn.")
    )
    match = match_teams(text, await list_teams(turn.conn, commune, turn.now))
    if match.sure:
        return await _settle(turn, commune, match.teams[0].id)
    if not match.teams:
        raise AskAgain(
            _("I don't know that tổ or thôn here. Write it again, or press “I don't know”.")
        )
    return await _which_team(turn, list(match.teams))


async def _settle(
    turn: Turn, commune: str, team_id: int | None, distance_km: float | None = None
) -> Ask:
    """The place itself is used up here: only the team and how far it is are kept."""
    kept = round(distance_km, 1) if distance_km is not None else None
    turn.data |= {"place": True, "commune": commune, "team": team_id, "distance_km": kept}
    return await next_question(turn)
