"""What a resident sees: the own classes, and those that can still be joined."""

from bot.dialogue import MAX_CHOICES, Done, Link, Reply, Turn
from bot.texts import Words, _, join
from handlers.classes.base import dialogue, title, when
from storage.class_people import list_joinable, wants_no_invitations
from storage.class_seats import Seat, list_of_person
from storage.classes import Meeting


@dialogue.command(
    "lichhoc", _("My classes"), phrases=["lịch học", "lớp của tôi", "lớp học", "lịch lớp học"]
)
async def my_classes_command(turn: Turn, _argument: str) -> Reply:
    return await my_classes(turn)


@dialogue.action("cmine", browsing=True)
async def my_classes(turn: Turn) -> Reply:
    """First those with a seat, then those near by; each is one press away."""
    own = await list_of_person(turn.conn, turn.person.id, turn.now, MAX_CHOICES)
    quiet = await wants_no_invitations(turn.conn, turn.person.id)
    room = MAX_CHOICES - len(own) - quiet
    near = await list_joinable(turn.conn, turn.person.id, turn.now, room) if room > 0 else []
    lines: list[Words] = [_("You go to:") if own else "", *(_own(turn, m, s) for m, s in own)]
    lines += [_("You could still join:") if near else "", *(_line(turn, m) for m in near)]
    links = [Link(title(turn, m), f"cshow:{m.id}") for m in [*(m for m, _s in own), *near]]
    if quiet:
        links = [*links[: MAX_CHOICES - 1], Link(_("Do invite me again"), "cagain")]
    if not own and not near:
        return Done(_no_class(turn), links)
    return Done(join(*lines, between="\n"), links)


def _line(turn: Turn, meeting: Meeting) -> Words:
    return _("• %(time)s: %(what)s", time=when(meeting), what=title(turn, meeting))


def _own(turn: Turn, meeting: Meeting, seat: Seat) -> Words:
    waits: Words = _("(in line for a seat)") if seat is Seat.WAITING else ""
    return join(_line(turn, meeting), waits, between=" ")


def _no_class(turn: Turn) -> Words:
    if turn.person.commune_code is None:
        return _(
            "You have not signed up for a class.\n"
            "Once I know where you live, from a request for help, I tell you of classes near you."
        )
    return _("There is no class near you just now. When there is one, I tell you.")
