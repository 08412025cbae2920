"""What is due for requests: the next rung, a silent helper, a resident who does not answer."""

from collections.abc import Awaitable, Callable

from bot.dialogue import Context, Link
from bot.ladder import Rung, rung_deadline, silence_deadline
from bot.texts import _, join
from handlers.accept_request import give_back, held_links
from handlers.offers import climb, offer_links
from handlers.words import area, summary
from storage.members import get_membership
from storage.offers import list_offers
from storage.requests import (
    HelpRequest,
    RequestStatus,
    add_event,
    close_request,
    list_due,
    release_request,
    set_nudged,
    set_rung,
)

BATCH = 50


async def run_due_requests(ctx: Context) -> int:
    """Do what is due, a batch in one transaction; returns how many there were."""
    due = await list_due(ctx.conn, ctx.now, BATCH)
    for request in due:
        await _ACTIONS[request.status](ctx, request)
    return len(due)


async def _widen(ctx: Context, request: HelpRequest) -> None:
    """Nobody has accepted in time, or a night is over: ask the next circle."""
    waited = request.rung > Rung.FEW or bool(await list_offers(ctx.conn, request.id))
    if not waited or not ctx.services.calendar.is_daytime(ctx.now):
        await climb(ctx, request, Rung(request.rung))
        return
    if request.rung < Rung.CITY:
        await add_event(ctx.conn, request.id, "widened", ctx.now)
        await climb(ctx, request, Rung(request.rung + 1))
        return
    await _insist(ctx, request)


async def _insist(ctx: Context, request: HelpRequest) -> None:
    """At the top of the ladder: whoever is new is asked, the others are asked again."""
    climbed = await climb(ctx, request, Rung.FEW)
    if climbed.rung < Rung.CITY:
        return
    offered = await list_offers(ctx.conn, request.id)
    officers = [o.person_id for o in offered if o.person_id is not None]
    where = await area(ctx, request.commune_code, request.team_id)
    words = join(_("Still waiting for somebody:"), summary(ctx, request, where))
    await ctx.notify(officers, words, links=offer_links(request.id), about=request.id)
    contacts = ctx.services.settings.contacts
    await ctx.notify(
        [request.person_id],
        _(
            "I am sorry: nobody has accepted request %(code)s yet. I keep asking.\n"
            "You can also call %(hotline)s and name this code.",
            code=request.code,
            hotline=contacts.hotline,
        ),
        links=[Link(_("See my request"), f"show:{request.id}")],
    )
    deadline = rung_deadline(
        ctx.services.calendar,
        ctx.services.settings.help,
        Rung.CITY,
        ctx.now,
        urgent=request.urgent,
    )
    await set_rung(ctx.conn, request.id, Rung.CITY, deadline)


async def _watch_claim(ctx: Context, request: HelpRequest) -> None:
    """Remind a silent helper once; after that others get the chance."""
    if request.claimed_by is None:
        raise ValueError(f"request {request.id} is claimed by nobody")
    helper = await get_membership(ctx.conn, request.claimed_by)
    calendar, settings = ctx.services.calendar, ctx.services.settings.help
    words = _("How is it going with request %(code)s? The resident is waiting.", code=request.code)
    if not request.nudged and helper.person_id is not None:
        links = held_links(request)
        if await ctx.notify([helper.person_id], words, links=links):
            deadline = silence_deadline(calendar, settings, ctx.now, nudged=1)
            await set_nudged(ctx.conn, request.id, 1, deadline)
            await add_event(ctx.conn, request.id, "nudged", ctx.now)
            return
    freed = await release_request(ctx.conn, request.id, membership_id=helper.id, next_at=ctx.now)
    if freed is not None:
        await give_back(ctx, freed, helper, "taken_back")
        if helper.person_id is not None:
            told = _(
                "I have given request %(code)s to others. No hard feelings!", code=request.code
            )
            await ctx.notify([helper.person_id], told)


async def _close(ctx: Context, request: HelpRequest) -> None:
    """The resident never answered: closed, and they may still open it again."""
    if await close_request(ctx.conn, request.id, ctx.now) is None:
        return
    await add_event(ctx.conn, request.id, "closed_unanswered", ctx.now)
    words = _(
        "I take it that request %(code)s is settled. If not, open it again.", code=request.code
    )
    await ctx.notify(
        [request.person_id], words, links=[Link(_("Open it again"), f"reopen:{request.id}")]
    )


_ACTIONS: dict[RequestStatus, Callable[[Context, HelpRequest], Awaitable[None]]] = {
    RequestStatus.OPEN: _widen,
    RequestStatus.CLAIMED: _watch_claim,
    RequestStatus.DONE: _close,
}
