"""How a request ends: done by the helper, confirmed, rated, reopened, or cancelled."""

from bot.dialogue import Ask, Choice, Dialogue, Done, Link, NotAllowed, Reply, Turn
from bot.texts import Text, _, join
from handlers.accept_request import held_request
from handlers.offers import climb, tell_losers, tell_what_happens
from handlers.words import request_named
from storage.members import get_membership
from storage.offers import list_offers, set_offer
from storage.requests import (
    HelpRequest,
    RequestStatus,
    add_event,
    cancel_request,
    close_request,
    finish_request,
    rate_request,
    reopen_request,
)

dialogue = Dialogue("finish_request")

OUTCOMES: dict[str, Text] = {
    "solved": _("Done, it works"),
    "partly": _("Partly, the rest takes time"),
    "office": _("The resident has to go to an office"),
    "unreached": _("I could not reach the resident"),
}
_ASKED = _("It is marked as done already. The resident has been asked.")
_OVER = {
    RequestStatus.CANCELLED: _("The resident does not need this any more. Thank you all the same."),
    RequestStatus.CLOSED: _("It is finished already. Thank you!"),
}
RATINGS: dict[str, Text] = {
    "5": _("Very good"),
    "4": _("Good"),
    "3": _("So-so"),
    "2": _("Not so good"),
    "1": _("Poor"),
}


async def own_request(turn: Turn, request_id: str) -> HelpRequest:
    """A request that this person made. Raises NotAllowed for anybody else's."""
    request = await request_named(turn, request_id)
    if request is None or request.person_id != turn.person.id:
        raise NotAllowed(_("I can't find such a request of yours."))
    return request


@dialogue.action("finish")
async def finish(turn: Turn, request_id: str) -> Reply:
    request, _member = await held_request(turn, request_id)
    if request.status is not RequestStatus.CLAIMED:
        return Done(_OVER.get(request.status, _ASKED))
    turn.data = {"request": request.id}
    choices = [Choice(label, value) for value, label in OUTCOMES.items()]
    return Ask(_("How did it go with %(code)s?", code=request.code), choices, then=hear_outcome)


@dialogue.step
async def hear_outcome(turn: Turn) -> Reply:
    outcome = turn.choice(OUTCOMES, otherwise=_("Please press how it went."))
    try:
        request, member = await held_request(turn, str(turn.data["request"]))
    except NotAllowed as gone:
        return Done(gone.words)  # asking again would be a question that no answer ends
    days = turn.services.settings.help.confirm_days
    done = await finish_request(
        turn.conn,
        request.id,
        membership_id=member.id,
        outcome=outcome,
        next_at=turn.services.calendar.add_days(turn.now, days),
    )
    if done is None:
        return Done(_("You don't have this request."))
    await add_event(turn.conn, done.id, "done", turn.now, membership_id=member.id, detail=outcome)
    words = _(
        "%(name)s says about %(code)s: %(outcome)s.\nIs it all right like this?",
        name=member.display_name,
        code=done.code,
        outcome=OUTCOMES[outcome],
    )
    links = [
        Link(_("Yes, thank you"), f"confirm:{done.id}"),
        Link(_("No, I still need help"), f"reopen:{done.id}"),
    ]
    await turn.notify([done.person_id], words, links=links)
    return Done(_("Thank you! I have asked the resident whether all is well."))


@dialogue.action("confirm")
async def confirm(turn: Turn, request_id: str) -> Reply:
    request = await own_request(turn, request_id)
    closed = await close_request(turn.conn, request.id, turn.now)
    if closed is None and request.status is not RequestStatus.CLOSED:
        return Done(
            _("This request is not finished yet."),
            [Link(_("See my request"), f"show:{request.id}")],
        )
    if closed is not None:
        await add_event(turn.conn, request.id, "confirmed", turn.now)
        await _thank_helper(turn, request)
    turn.data = {"request": request.id}
    choices = [Choice(label, value) for value, label in RATINGS.items()]
    return Ask(_("I am glad. How was the help?"), choices, then=hear_rating)


async def _thank_helper(turn: Turn, request: HelpRequest) -> None:
    if request.claimed_by is None:
        return
    helper = await get_membership(turn.conn, request.claimed_by)
    if helper.person_id is not None:
        words = _("%(code)s: the resident says that all is well. Thank you!", code=request.code)
        await turn.notify([helper.person_id], words)


@dialogue.step
async def hear_rating(turn: Turn) -> Reply:
    rating = turn.choice(RATINGS, otherwise=_("Please press one of the five, or 0 to skip."))
    await rate_request(turn.conn, turn.data["request"], int(rating))
    return Done(_("Thank you. Whenever you need help again, I am here."))


@dialogue.action("reopen")
async def reopen(turn: Turn, request_id: str) -> Reply:
    """Not done after all: the ladder begins anew, for everyone."""
    request = await own_request(turn, request_id)
    reopened = await reopen_request(turn.conn, request.id, next_at=turn.now)
    if reopened is None:
        return Done(
            _("This request is open already."), [Link(_("See my request"), f"show:{request.id}")]
        )
    await add_event(turn.conn, request.id, "reopened", turn.now)
    for offer in await list_offers(turn.conn, request.id, ("claimed",)):
        await set_offer(turn.conn, offer.id, "lapsed")
    reopened = await climb(turn, reopened)
    words = join(_("I am sorry that it is not done yet."), await tell_what_happens(turn, reopened))
    return Done(words, [Link(_("See my request"), f"show:{request.id}")])


@dialogue.action("cancel")
async def cancel(turn: Turn, request_id: str) -> Reply:
    request = await own_request(turn, request_id)
    turn.data = {"request": request.id}
    choices = [Choice(_("Yes, cancel it"), "yes"), Choice(_("No, keep it"), "no")]
    words = _("Shall I cancel request %(code)s?", code=request.code)
    return Ask(words, choices, then=hear_cancel)


@dialogue.step
async def hear_cancel(turn: Turn) -> Reply:
    request = await own_request(turn, str(turn.data["request"]))
    answer = turn.choice(("yes", "no"), otherwise=_("Please press “Yes” or “No”."))
    if answer == "no":
        return Done(_("Good, it stays."), [Link(_("See my request"), f"show:{request.id}")])
    cancelled = await cancel_request(turn.conn, request.id, turn.now)
    if cancelled is None:
        return Done(_("This request had ended already."))
    await add_event(turn.conn, request.id, "cancelled", turn.now)
    await tell_all_cancelled(turn, cancelled)
    return Done(_("Request %(code)s is cancelled, and everyone has been told.", code=request.code))


async def tell_all_cancelled(turn: Turn, request: HelpRequest) -> None:
    """Helper and everyone who was asked learn that nobody needs to come."""
    words = _("The resident does not need this any more. Thank you all the same.")
    await tell_losers(turn, request, words)
    if request.claimed_by is not None:
        helper = await get_membership(turn.conn, request.claimed_by)
        if helper.person_id is not None:
            told = join(_("Request %(code)s", code=request.code), words, between=": ")
            await turn.notify([helper.person_id], told)
