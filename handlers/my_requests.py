"""What became of my requests, at any moment; and whether the person at the door is my helper."""

from bot.dialogue import Ask, Dialogue, Done, Link, Reply, Turn
from bot.texts import Moment, Words, _, join
from handlers.broadcast import genuine
from handlers.finish_request import own_request
from handlers.words import STATES, helper_area, hotline, topic, wanted
from storage.members import get_membership
from storage.requests import (
    HelpRequest,
    RequestStatus,
    find_by_verification,
    list_of_person,
)

dialogue = Dialogue("my_requests")


@dialogue.command("yeucau", _("My requests"), phrases=["yêu cầu của tôi", "việc của tôi"])
async def mine_command(turn: Turn, _argument: str) -> Reply:
    return await mine(turn)


@dialogue.action("mine", browsing=True)
async def mine(turn: Turn) -> Reply:
    """Those that are going on; without any, the last few that ended."""
    found = await list_of_person(turn.conn, turn.person.id)
    if not found:
        ended = (RequestStatus.CLOSED, RequestStatus.CANCELLED)
        found = await list_of_person(turn.conn, turn.person.id, ended)
    if not found:
        return Done(_("You have not asked for anything yet."), [Link(_("Ask for help"), "help")])
    if len(found) == 1:
        return await show(turn, str(found[0].id))
    links = [
        Link(join(topic(r), STATES[r.status], between=" · "), f"show:{r.id}") for r in found[:5]
    ]
    return Done(_("Which request would you like to see?"), links)


@dialogue.action("show", browsing=True)
async def show(turn: Turn, request_id: str) -> Reply:
    request = await own_request(turn, request_id)
    lines: list[Words] = [
        _("Request %(code)s: %(state)s.", code=request.code, state=STATES[request.status]),
        _("What: %(topic)s", topic=topic(request)),
        request.description,
        _("When: %(when)s", when=wanted(request.wanted_at)),
        await _helper_line(turn, request),
        _next_line(request),
    ]
    return Done(join(*lines, between="\n"), _links(request))


async def _helper_line(turn: Turn, request: HelpRequest) -> Words:
    if request.status is not RequestStatus.CLAIMED or request.claimed_by is None:
        return ""
    helper = await get_membership(turn.conn, request.claimed_by)
    return _(
        "Helper: %(name)s, %(area)s. Their code: %(code)s",
        name=helper.display_name,
        area=await helper_area(turn, helper),
        code=request.verification_code,
    )


def _next_line(request: HelpRequest) -> Words:
    if request.status is RequestStatus.OPEN and request.next_at is not None:
        return _("If nobody accepts by %(time)s, I ask more people.", time=Moment(request.next_at))
    return ""


def _links(request: HelpRequest) -> list[Link]:
    cancel = Link(_("Cancel it"), f"cancel:{request.id}")
    if request.status is RequestStatus.CLAIMED:
        return [Link(_("Write to the helper"), f"talk:{request.id}"), cancel]
    if request.status is RequestStatus.DONE:
        return [
            Link(_("It is all right, thank you"), f"confirm:{request.id}"),
            Link(_("No, I still need help"), f"reopen:{request.id}"),
        ]
    if request.status is RequestStatus.OPEN:
        return [cancel]
    return [Link(_("Open it again"), f"reopen:{request.id}")] * (
        request.status is RequestStatus.CLOSED
    ) + [Link(_("Ask for help"), "help")]


# --- is it really my helper? --------------------------------------------------------------


@dialogue.command(
    "kiemtra", _("Check a code: a helper's or a message's"), phrases=["kiểm tra", "kiểm tra mã"]
)
async def check(turn: Turn, argument: str) -> Reply:
    """Anyone may check a code; only its own resident learns the helper's name."""
    if not argument or argument.lower().startswith("ki"):
        return Ask(
            _("Which code? It stands in the message, or the person shows it."), then=hear_code
        )
    return await _verdict(turn, argument)


@dialogue.step
async def hear_code(turn: Turn) -> Reply:
    return await _verdict(turn, turn.words(at_most=20, otherwise=_("Please type the code.")))


async def _verdict(turn: Turn, code: str) -> Reply:
    typed = code.replace(" ", "").upper()[:8]
    request = await find_by_verification(turn.conn, typed, turn.person.id)
    if request is not None and request.claimed_by:
        helper = await get_membership(turn.conn, request.claimed_by)
        return Done(
            _(
                "The code is right. This is %(name)s, %(area)s, for your request %(code)s.\n"
                "Still: no money, no one-time codes, no passwords.",
                name=helper.display_name,
                area=await helper_area(turn, helper),
                code=request.code,
            )
        )
    announced = await genuine(turn, typed)
    if announced is not None:
        return announced
    return Done(
        _(
            "That is not the code of a helper of yours, nor of a message from us.\n"
            "Don't let the person in, don't do what the message says. Call %(hotline)s, "
            "or 113 if you feel threatened.",
            hotline=hotline(turn),
        ),
        [Link(_("My requests"), "mine")],
    )
