"""Puts a request to the people of its rung, and tells everyone what became of it."""

from collections.abc import Collection

from bot.dialogue import Context, Link
from bot.ladder import Rung, rung_deadline
from bot.texts import Moment, Text, Words, _, join
from bot.types import Place
from handlers.group import offer_in_group, settle_in_group
from handlers.words import area, local_minute, summary, team_of, topic
from storage.members import Membership, Role, list_reachable, touch_offered
from storage.offers import add_offers, lapse_offers, list_offers
from storage.requests import HelpRequest, add_event, set_rung
from storage.teams import nearest_teams

# Teams looked at on the neighbours' rung: most of them may have nobody on duty.
LOOKED_AT = 60


async def climb(ctx: Context, request: HelpRequest, start: Rung = Rung.FEW) -> HelpRequest:
    """Offer the request to the first rung from `start` on that has anybody to ask.

    By night nobody is asked: the request waits for the morning on the same rung. When there is
    nobody at all it stays on the last rung, comes up again, and the resident is told honestly.
    """
    calendar = ctx.services.calendar
    if not calendar.is_daytime(ctx.now):
        return await _wait(ctx, request, start)
    asked = {
        o.membership_id
        for o in await list_offers(ctx.conn, request.id, ("offered", "declined", "released"))
    }
    for rung in Rung:
        if rung < start:
            continue
        members = await _members_of(ctx, request, rung)
        fresh = {m: d for m, d in members.items() if m.id not in asked}
        if fresh:
            return await _offer(ctx, request, rung, fresh)
    await add_event(ctx.conn, request.id, "nobody", ctx.now)
    return await _set(ctx, request, Rung.CITY)


async def _wait(ctx: Context, request: HelpRequest, rung: Rung) -> HelpRequest:
    morning = ctx.services.calendar.next_daytime(ctx.now)
    changed = await set_rung(ctx.conn, request.id, rung, morning)
    return changed or request


async def _set(ctx: Context, request: HelpRequest, rung: Rung) -> HelpRequest:
    deadline = rung_deadline(
        ctx.services.calendar, ctx.services.settings.help, rung, ctx.now, urgent=request.urgent
    )
    return await set_rung(ctx.conn, request.id, rung, deadline) or request


async def _offer(
    ctx: Context, request: HelpRequest, rung: Rung, members: dict[Membership, float | None]
) -> HelpRequest:
    where = await area(ctx, request.commune_code, request.team_id)
    reached: dict[int, float | None] = {}
    for member, distance in members.items():
        if member.person_id is None:
            continue
        words = join(
            _heading(rung), summary(ctx, request, where), _distance(member, request, distance)
        )
        if await ctx.notify(
            [member.person_id], words, links=offer_links(request.id), about=request.id
        ):
            reached[member.id] = distance
    await add_offers(ctx.conn, request.id, rung, reached, ctx.now)
    await touch_offered(ctx.conn, list(reached), ctx.now)
    if rung <= Rung.TEAM:
        await offer_in_group(ctx, request)
    await add_event(ctx.conn, request.id, "offered", ctx.now, detail=rung.name.lower())
    return await _set(ctx, request, rung)


def offer_links(request_id: int) -> list[Link]:
    """What a member can do with an offer."""
    return [
        Link(_("I will help"), f"claim:{request_id}"),
        Link(_("I can't this time"), f"decline:{request_id}"),
        Link(_("Ask something first"), f"asking:{request_id}"),
    ]


def _heading(rung: Rung) -> Text:
    if rung >= Rung.WARD:
        return _("Nobody in the neighbourhood has accepted this request yet. Can you see to it?")
    return _("Somebody near you needs help.")


def _distance(member: Membership, request: HelpRequest, km: float | None) -> Words:
    if km is not None:
        return _("About %(km)s km from your team.", km=max(round(km, 1), 0.1))
    if member.team_id is not None and member.team_id == request.team_id:
        return _("In your own neighbourhood.")
    return ""


# --- who is asked -------------------------------------------------------------------------


async def _members_of(
    ctx: Context, request: HelpRequest, rung: Rung
) -> dict[Membership, float | None]:
    """The members of a rung who can be asked now, with the distance where it is known."""
    if rung is Rung.NEIGHBOURS:
        return await _neighbours(ctx, request)
    if rung >= Rung.WARD:
        return dict.fromkeys(await _officers(ctx, request, rung))
    if request.team_id is None:
        return {}
    team = await _on_duty(ctx, request, [request.team_id])
    if rung is Rung.FEW:
        team = team[: ctx.services.settings.help.first_offers]
    return dict.fromkeys(team, request.distance_km)


async def _on_duty(
    ctx: Context, request: HelpRequest, team_ids: Collection[int]
) -> list[Membership]:
    return await list_reachable(
        ctx.conn,
        minute=local_minute(ctx),
        max_claims=ctx.services.settings.help.max_claims,
        but=[request.person_id],
        team_ids=team_ids,
    )


async def _officers(ctx: Context, request: HelpRequest, rung: Rung) -> list[Membership]:
    ward = rung is Rung.WARD
    return await list_reachable(
        ctx.conn,
        minute=local_minute(ctx),
        max_claims=ctx.services.settings.help.max_claims,
        but=[request.person_id],
        role=Role.WARD_OFFICER if ward else Role.CITY_OFFICER,
        commune_code=request.commune_code if ward else None,
    )


async def _neighbours(ctx: Context, request: HelpRequest) -> dict[Membership, float | None]:
    """A few members of each of the nearest teams that have anybody on duty.

    Teams of the same commune come first, then those beyond its border; by distance both.
    """
    settings = ctx.services.settings.help
    distances = await _near_teams(ctx, request)
    members = await _on_duty(ctx, request, list(distances))
    by_team: dict[int, list[Membership]] = {}
    for member in members:
        if member.team_id is not None:
            by_team.setdefault(member.team_id, []).append(member)
    nearest = [team for team in distances if team in by_team][: settings.neighbour_teams]
    return {m: distances[t] for t in nearest for m in by_team[t][: settings.first_offers]}


async def _near_teams(ctx: Context, request: HelpRequest) -> dict[int, float | None]:
    """Ids of other teams in the order in which they are asked, with the distance."""
    center = await _center(ctx, request)
    if center is None:
        return {}
    radius = ctx.services.settings.help.neighbour_radius_km
    near = await nearest_teams(ctx.conn, center, limit=LOOKED_AT, within_km=radius, now=ctx.now)
    others = [(team, km) for team, km in near if team.id != request.team_id]
    others.sort(key=lambda pair: (pair[0].commune_code != request.commune_code, pair[1]))
    return {team.id: km for team, km in others}


async def _center(ctx: Context, request: HelpRequest) -> Place | None:
    """Where distances are measured from: the team's house, else the middle of the commune."""
    team = await team_of(ctx, request.team_id)
    if team is not None and team.place is not None:
        return team.place
    commune = ctx.services.region.find(request.commune_code)
    return commune.place if commune else None


# --- what everyone is told ----------------------------------------------------------------


async def tell_what_happens(ctx: Context, request: HelpRequest) -> Words:
    """What the resident may expect next, said honestly."""
    offered = await list_offers(ctx.conn, request.id)
    contacts = ctx.services.settings.contacts
    if not offered and not ctx.services.calendar.is_daytime(ctx.now):
        morning = ctx.services.calendar.next_daytime(ctx.now)
        return _(
            "It is late, so your team will be asked at %(time)s. If it can't wait, please call "
            "%(hotline)s.",
            time=Moment(morning),
            hotline=contacts.hotline,
        )
    if not offered:
        return _(
            "Nobody of the teams can be reached just now. I keep trying and will write to you.\n"
            "If it is urgent, please call %(hotline)s.",
            hotline=contacts.hotline,
        )
    return _(
        "I have asked your nearest team. Somebody should accept soon; I will write to you then.\n"
        "If nobody does by %(time)s, I ask more people.",
        time=Moment(request.next_at or ctx.now),
    )


async def tell_losers(
    ctx: Context, request: HelpRequest, words: Words, *, but: Collection[int] = ()
) -> None:
    """Let those who were asked know that they need not answer any more."""
    waiting = await list_offers(ctx.conn, request.id)
    persons = [o.person_id for o in waiting if o.person_id and o.person_id not in but]
    await lapse_offers(ctx.conn, request.id)
    await settle_in_group(ctx, request, words)
    heading = _("%(topic)s (%(code)s)", topic=topic(request), code=request.code)
    await ctx.notify(persons, join(heading, words, between="\n"), about=request.id)
