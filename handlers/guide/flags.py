"""A member says that a step is wrong; the city's officers hear it, and the member the answer."""

from bot.dialogue import Ask, Done, Link, NotAllowed, Reply, Turn, read_id
from bot.texts import Words, _, join
from handlers.guide.base import dialogue, reading_of, step_number
from handlers.words import ROLES
from storage.flags import Flag, add_flag, answer_flag, find_flag, list_open_flags
from storage.members import Membership, Role, list_officers, list_roles, record

MAX_REASON = 500


@dialogue.action("gflag")
async def flag(turn: Turn, guide_id: str, number: str) -> Reply:
    reading = reading_of(turn, guide_id)
    step = step_number(reading, number)
    await _member(turn)
    turn.data = {"guide": guide_id, "step": step}
    words = _("What is wrong with step %(number)s, and how should it be?", number=step)
    return Ask(words, then=hear_reason)


@dialogue.step
async def hear_reason(turn: Turn) -> Reply:
    """Keep it and tell every officer of the city."""
    member = await _member(turn)
    reading = reading_of(turn, turn.data["guide"])
    reason = turn.words(
        at_most=MAX_REASON, otherwise=_("Please write in a few words what is wrong.")
    )
    made = await add_flag(
        turn.conn, reading.guide.id, turn.data["step"], reason, turn.person.id, turn.now
    )
    officers = await list_officers(turn.conn, Role.CITY_OFFICER)
    words = join(
        _("%(name)s (%(role)s) says that a step is wrong:", name=member.display_name,
          role=ROLES[member.role]),
        _told(turn, made),
    )  # fmt: skip
    others = {officer.person_id for officer in officers} - {None, turn.person.id}
    await turn.notify([p for p in others if p is not None], words, links=_answers(made))
    return Done(_("Thank you. The city's officers have been told; you will hear from me."))


async def _member(turn: Turn) -> Membership:
    roles = await list_roles(turn.conn, turn.person.id)
    if not roles:
        raise NotAllowed(_("Only team members and officers can do that."))
    return roles[0]


def _told(turn: Turn, flag: Flag) -> Words:
    guide = turn.services.library.guides.get(flag.guide_id)
    return join(
        _("Guide: %(title)s", title=guide.title if guide else flag.guide_id),
        _("Step: %(number)s", number=flag.step),
        flag.reason,
        between="\n",
    )


def _answers(flag: Flag) -> list[Link]:
    return [
        Link(_("It is mended"), f"gmended:{flag.id}"),
        Link(_("It was right"), f"gkept:{flag.id}"),
        Link(_("See the step"), f"gs:{flag.guide_id}:{flag.step}"),
    ]


@dialogue.command("baosai", _("Steps that members found wrong"))
async def list_flags(turn: Turn, _argument: str) -> Reply:
    """For officers of the city: what waits for an answer, the oldest first."""
    await _officer(turn)
    waiting = await list_open_flags(turn.conn)
    if not waiting:
        return Done(_("No step is waiting for an answer."))
    return Done(_told(turn, waiting[0]), _answers(waiting[0]))


@dialogue.action("gmended")
async def mended(turn: Turn, flag_id: str) -> Reply:
    return await _answer(turn, flag_id, "mended")


@dialogue.action("gkept")
async def kept(turn: Turn, flag_id: str) -> Reply:
    return await _answer(turn, flag_id, "kept")


async def _answer(turn: Turn, flag_id: str, status: str) -> Reply:
    await _officer(turn)
    known = read_id(flag_id)
    found = await find_flag(turn.conn, known) if known is not None else None
    if found is None:
        raise NotAllowed(_("That is not waiting for an answer."))
    closed = await answer_flag(turn.conn, found.id, status, turn.person.id, turn.now)
    if closed is None:
        return Done(_("Another officer has answered it already. Thank you all the same."))
    await record(turn.conn, turn.person.id, f"flag:{status}", f"flag:{found.id}", turn.now)
    await _tell_sender(turn, closed)
    return Done(_("Thank you, whoever found it has been told."))


async def _tell_sender(turn: Turn, flag: Flag) -> None:
    if flag.person_id is None:
        return
    if flag.status == "mended":
        words = _("The step that you found wrong is mended. Thank you!")
    else:
        words = _("An officer has looked at the step that you found wrong: it is right as it is.")
    see = [Link(_("See the step"), f"gs:{flag.guide_id}:{flag.step}")]
    await turn.notify([flag.person_id], join(words, _told(turn, flag)), links=see)


async def _officer(turn: Turn) -> None:
    roles = await list_roles(turn.conn, turn.person.id)
    if not any(role.role is Role.CITY_OFFICER for role in roles):
        raise NotAllowed(_("Only the city's officers can do that."))
