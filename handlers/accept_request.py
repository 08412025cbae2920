"""A volunteer answers an offer: accept, decline, ask first; and gives a request back."""

from datetime import datetime

from bot.dialogue import (
    Ask,
    Context,
    Dialogue,
    Done,
    Link,
    NotAllowed,
    Reply,
    Stay,
    Turn,
    read_id,
)
from bot.ladder import Rung, silence_deadline
from bot.texts import Text, Words, _, join
from bot.types import Media
from handlers.offers import climb, offer_links, tell_losers
from handlers.words import area, helper_area, request_named, resident_name, stuck_at, summary, topic
from storage.chats import get_person
from storage.members import Membership, find_membership, get_membership, list_roles
from storage.offers import Offer, add_offers, find_offer, list_offers, set_offer
from storage.requests import (
    HelpRequest,
    RequestStatus,
    add_event,
    claim_request,
    get_request,
    list_held_by,
    list_offered_to,
    release_request,
    sign_of_life,
)

dialogue = Dialogue("accept_request")

VERIFICATION_LENGTH = 4
MAX_QUESTION = 500


async def _offer_of(turn: Turn, request_id: str) -> tuple[HelpRequest, Offer]:
    """The request and this person's offer of it. Raises NotAllowed without one."""
    request = await request_named(turn, request_id)
    if request is None or request.person_id == turn.person.id:
        raise NotAllowed(_("This request was not offered to you."))
    offer = await find_offer(turn.conn, request.id, turn.person.id)
    return request, offer or await _offer_as_member(turn, request)


async def _offer_as_member(turn: Turn, request: HelpRequest) -> Offer:
    """Who is in the resident's own team may help without having been asked one by one."""
    for role in await list_roles(turn.conn, turn.person.id):
        if role.team_id is not None and role.team_id == request.team_id:
            await add_offers(turn.conn, request.id, request.rung, {role.id: None}, turn.now)
            made = await find_offer(turn.conn, request.id, turn.person.id)
            if made is not None:
                return made
    raise NotAllowed(_("This request was not offered to you."))


@dialogue.action("claim")
async def claim(turn: Turn, request_id: str) -> Reply:
    """Exactly one wins; the database decides, not the order of the buttons."""
    request, offer = await _offer_of(turn, request_id)
    member = await get_membership(turn.conn, offer.membership_id)
    if request.claimed_by == member.id and request.status is RequestStatus.CLAIMED:
        return Done(_("You have it already."), held_links(request))
    if len(await list_held_by(turn.conn, turn.person.id)) >= turn.services.settings.help.max_claims:
        return Done(_("You are helping many people already. Please finish one of them first."))
    claimed = await claim_request(
        turn.conn,
        request.id,
        membership_id=member.id,
        verification_code=turn.services.new_code(VERIFICATION_LENGTH),
        next_at=_first_reminder(turn, request),
        now=turn.now,
    )
    if claimed is None:
        return Done(await _too_late(turn, request.id))
    await set_offer(turn.conn, offer.id, "claimed")
    await add_event(turn.conn, request.id, "claimed", turn.now, membership_id=member.id)
    await tell_losers(
        turn,
        claimed,
        _("Somebody else has accepted it. Thank you all the same."),
        but=[turn.person.id],
    )
    await _tell_resident(turn, claimed, member)
    return Done(await _tell_helper(turn, claimed), held_links(claimed))


async def _too_late(turn: Turn, request_id: int) -> Text:
    request = await get_request(turn.conn, request_id)
    if request.status is RequestStatus.CANCELLED:
        return _("The resident does not need this any more. Thank you all the same.")
    return _("Somebody was a moment faster. Thank you for wanting to help.")


async def _tell_resident(ctx: Context, request: HelpRequest, member: Membership) -> None:
    words = join(
        _(
            "Good news: %(name)s will help you.\n%(area)s",
            name=member.display_name,
            area=await helper_area(ctx, member),
        ),
        _(
            "Ask for this code before you let anyone in or tell anything: %(code)s\n"
            "A real helper never asks for money, one-time codes or passwords.",
            code=request.verification_code,
        ),
    )
    links = [
        Link(_("Write to the helper"), f"talk:{request.id}"),
        Link(_("See my request"), f"show:{request.id}"),
    ]
    await ctx.notify([request.person_id], words, links=links, about=request.id)


async def _tell_helper(turn: Turn, request: HelpRequest) -> Words:
    """Everything the helper needs, now that it is theirs."""
    turn.about = request.id
    resident = await get_person(turn.conn, request.person_id)
    for kind, ref, mime in request.attachments:
        media = Media("voice" if kind == "voice" else "photo", ref, mime)
        turn.say(_("From the resident"), media=media)
    return join(
        _("It is yours. Thank you!"),
        join(
            _("Who: %(name)s", name=resident_name(resident.display_name)),
            _("For: %(whom)s", whom=request.beneficiary) if request.beneficiary else "",
            stuck_at(turn, request.guide_id, request.guide_step, request.lesson_id),
            request.description,
            _("Address: %(address)s", address=request.address) if request.address else "",
            _("Phone: %(phone)s", phone=resident.phone)
            if request.way == "phone" and resident.phone
            else "",
            between="\n",
        ),
        _("Your code, to show to the resident: %(code)s", code=request.verification_code),
    )


def held_links(request: HelpRequest) -> list[Link]:
    """What a helper can do with a request that is theirs."""
    return [
        Link(_("Write to the resident"), f"talk:{request.id}"),
        Link(_("It is done"), f"finish:{request.id}"),
        Link(_("I can't, give it to others"), f"release:{request.id}"),
        *([Link(_("Send a step of the guide"), f"cards:{request.id}")] if request.guide_id else []),
    ]


@dialogue.action("decline")
async def decline(turn: Turn, request_id: str) -> Reply:
    """No harm done; when everyone asked has said no, the next rung is asked at once."""
    request, offer = await _offer_of(turn, request_id)
    if offer.status != "offered" or request.status is not RequestStatus.OPEN:
        return Stay(_("All right. It is no longer waiting for your answer."))
    await set_offer(turn.conn, offer.id, "declined")
    await add_event(turn.conn, request.id, "declined", turn.now, membership_id=offer.membership_id)
    if not await list_offers(turn.conn, request.id):
        await climb(turn, request, Rung(request.rung))
    return Stay(_("All right, thank you for telling me. I ask somebody else."))


# --- asking before accepting --------------------------------------------------------------


@dialogue.action("asking")
async def asking(turn: Turn, request_id: str) -> Reply:
    request, _offer = await _offer_of(turn, request_id)
    if request.status is not RequestStatus.OPEN:
        return Done(await _too_late(turn, request.id))
    turn.data = {"request": request.id}
    words = _("What would you like to know? I pass it on without your name.")
    return Ask(words, then=hear_question)


@dialogue.step
async def hear_question(turn: Turn) -> Reply:
    request, offer = await _offer_of(turn, str(turn.data["request"]))
    text = turn.words(
        at_most=MAX_QUESTION, otherwise=_("Please write your question in a few words.")
    )
    words = join(_("A team member asks about your request %(code)s:", code=request.code), text)
    links = [Link(_("Answer"), f"reply:{request.id}:{offer.membership_id}")]
    await turn.notify([request.person_id], words, links=links, about=request.id)
    return Done(_("I have passed it on. You will get the answer here."), offer_links(request.id))


@dialogue.action("reply")
async def reply(turn: Turn, request_id: str, membership_id: str) -> Reply:
    """The resident answers a question that came before anyone accepted."""
    request = await request_named(turn, request_id)
    if request is None or request.person_id != turn.person.id or read_id(membership_id) is None:
        raise NotAllowed(_("That question was not for you."))
    turn.data = {"request": request.id, "member": read_id(membership_id)}
    return Ask(_("What shall I answer?"), then=hear_answer)


@dialogue.step
async def hear_answer(turn: Turn) -> Reply:
    request = await get_request(turn.conn, turn.data["request"])
    member = await find_membership(turn.conn, turn.data["member"])
    offers = await list_offers(turn.conn, request.id, ("offered", "claimed", "declined"))
    text = turn.words(at_most=MAX_QUESTION, otherwise=_("Please write your answer in a few words."))
    if (
        member is None
        or member.person_id is None
        or member.id not in (o.membership_id for o in offers)
    ):
        return Done(_("That team member is no longer asked. Thank you all the same."))
    words = join(_("The answer about %(code)s:", code=request.code), text)
    links = offer_links(request.id) if request.status is RequestStatus.OPEN else []
    await turn.notify([member.person_id], words, links=links, about=request.id)
    return Done(_("Thank you, I have passed it on."))


# --- what a volunteer has in hand ---------------------------------------------------------


@dialogue.command("viec", _("Requests that I help with"))
async def jobs_command(turn: Turn, _argument: str) -> Reply:
    return await jobs(turn)


@dialogue.action("jobs", browsing=True)
async def jobs(turn: Turn) -> Reply:
    """What this person has accepted, and what waits for their answer."""
    held = await list_held_by(turn.conn, turn.person.id)
    offered = await list_offered_to(turn.conn, turn.person.id)
    links = [
        Link(join(topic(r), r.code, between=" · "), f"job:{r.id}") for r in (held + offered)[:5]
    ]
    if not links:
        return Done(_("Nothing is waiting for you. Thank you for being there."))
    words = _(
        "You are helping with %(held)s requests; %(offered)s wait for your answer.",
        held=len(held),
        offered=len(offered),
    )
    return Done(words, links)


@dialogue.action("job")
async def job(turn: Turn, request_id: str) -> Reply:
    request, _offer = await _offer_of(turn, request_id)
    member = await find_membership(turn.conn, request.claimed_by) if request.claimed_by else None
    if member is not None and member.person_id == turn.person.id:
        return Done(await _tell_helper(turn, request), held_links(request))
    if request.status is not RequestStatus.OPEN:
        return Done(await _too_late(turn, request.id))
    turn.about = request.id
    where = await area(turn, request.commune_code, request.team_id)
    return Done(summary(turn, request, where), offer_links(request.id))


@dialogue.action("release")
async def release(turn: Turn, request_id: str) -> Reply:
    """Give a request back; others are asked at once, and the resident is told."""
    request, member = await held_request(turn, request_id)
    freed = await release_request(turn.conn, request.id, membership_id=member.id, next_at=turn.now)
    if freed is None:
        raise NotAllowed(_("You don't have this request."))
    await give_back(turn, freed, member, "released")
    return Done(_("All right, I am asking others. Thank you for telling me."))


async def give_back(ctx: Context, request: HelpRequest, member: Membership, event: str) -> None:
    """After a claim came to nothing: never offer it to the same person again, ask others."""
    offer = await find_offer(ctx.conn, request.id, member.person_id) if member.person_id else None
    if offer is not None:
        await set_offer(ctx.conn, offer.id, "released")
    await add_event(ctx.conn, request.id, event, ctx.now, membership_id=member.id)
    await ctx.notify(
        [request.person_id],
        _(
            "%(name)s can't help with %(code)s after all. I am asking others now.\n"
            "The old code is no longer good.",
            name=member.display_name,
            code=request.code,
        ),
    )
    await climb(ctx, request)


async def held_request(turn: Turn, request_id: str) -> tuple[HelpRequest, Membership]:
    """A request that this person holds, and the role they hold it in. Raises NotAllowed."""
    request = await request_named(turn, request_id)
    if request is None or request.claimed_by is None:
        raise NotAllowed(_("You don't have this request."))
    member = await find_membership(turn.conn, request.claimed_by)
    if member is None or member.person_id != turn.person.id:
        raise NotAllowed(_("You don't have this request."))
    return request, member


async def show_life(turn: Turn, request: HelpRequest) -> None:
    """The helper did something about it: the clock of silence starts anew."""
    deadline = _first_reminder(turn, request)
    await sign_of_life(turn.conn, request.id, next_at=deadline, now=turn.now)


def _first_reminder(turn: Turn, request: HelpRequest) -> datetime:
    """Silence counts from the appointment on, when there is one."""
    start = max(turn.now, request.wanted_at or turn.now)
    services = turn.services
    return silence_deadline(services.calendar, services.settings.help, start, nudged=0)
