"""What residents do with announcements: say that they read one, choose what they get, stop some."""

from bot.dialogue import Done, Link, NotAllowed, Reply, Stay, Turn
from bot.texts import Moment, Words, _, join
from handlers.broadcast.base import dialogue
from handlers.broadcast.message import scope_name
from handlers.broadcast.words import KINDS, excerpt
from handlers.relay import pass_on
from storage.broadcast_ledger import acknowledge
from storage.broadcast_views import find_correction, find_last_code, find_last_kind
from storage.broadcasts import Broadcast, State, find_by_code
from storage.subscriptions import MUTABLE, Kind, choose, list_wanted


@dialogue.action("bok")
async def read_it(turn: Turn, code: str) -> Reply:
    """Counted once a person; pressed in a preview, or by somebody who never got it, not at all."""
    found = await find_by_code(turn.conn, code)
    if found is None:
        return Stay(_("This is only a preview: nothing is counted."))
    if await acknowledge(turn.conn, found.id, turn.person.id, turn.now):
        return Stay(_("Thank you for reading it."), quiet=True)
    return Stay(_("Thank you, that is noted already."), quiet=True)


@dialogue.pattern(r"(đã|da) (rõ|ro)( (rồi|roi))?( (ạ|a))?")
async def read_it_typed(turn: Turn, _text: str) -> Reply:
    """Where there is nothing to press: the newest one is meant, unless it is said to a helper."""
    passed = await pass_on(turn)
    if passed is not None:
        return passed
    code = await find_last_code(turn.conn, turn.chat.id)
    if code is None:
        return Done(_("Good. There is no announcement to you that I know of."))
    return await read_it(turn, code)


# --- choosing -----------------------------------------------------------------------------


@dialogue.command("nhantin", _("What news I get"), phrases=["nhận tin", "tin nhắn nhận được"])
async def choose_command(turn: Turn, _argument: str) -> Reply:
    return await subscriptions(turn)


@dialogue.action("subs", browsing=True)
async def subscriptions(turn: Turn) -> Reply:
    """What one gets, and a button to change each; emergencies are named, and have none."""
    wanted = await list_wanted(turn.conn, turn.person.id)
    lines = [
        _("✔ %(what)s", what=KINDS[kind]) if on else _("✖ %(what)s", what=KINDS[kind])
        for kind, on in wanted.items()
    ]
    always = _("✔ %(what)s (always: floods, storms, frauds)", what=KINDS[Kind.EMERGENCY])
    links = [
        stop_link(kind)
        if on
        else Link(_("Get again: %(what)s", what=KINDS[kind]), f"unmute:{kind}")
        for kind, on in wanted.items()
    ]
    return Done(join(_("You get from me:"), *lines, always, between="\n"), links)


def stop_link(kind: Kind) -> Link:
    return Link(_("Stop: %(what)s", what=KINDS[kind]), f"mute:{kind}")


async def stoppable(turn: Turn) -> list[Link]:
    """What of this can be stopped, what came last first."""
    wanted = await list_wanted(turn.conn, turn.person.id)
    last = await find_last_kind(turn.conn, turn.person.id)
    kinds = sorted((kind for kind, on in wanted.items() if on), key=lambda kind: kind is not last)
    return [stop_link(kind) for kind in kinds]


@dialogue.action("mute")
async def mute(turn: Turn, kind: str) -> Reply:
    chosen = _mutable(kind)
    await choose(turn.conn, turn.person.id, chosen, turn.now, wanted=False)
    words = _(
        "Good, no more %(what)s. Emergencies still reach you.\n"
        "Answers to your questions and requests come as before.",
        what=KINDS[chosen],
    )
    return Done(words, [Link(_("Undo it"), f"unmute:{chosen}")])


@dialogue.action("unmute")
async def unmute(turn: Turn, kind: str) -> Reply:
    chosen = _mutable(kind)
    await choose(turn.conn, turn.person.id, chosen, turn.now, wanted=True)
    return Done(_("Good, you get %(what)s again.", what=KINDS[chosen]), [stop_link(chosen)])


def _mutable(kind: str) -> Kind:
    """Raises NotAllowed for emergencies, and for what a made-up button names."""
    found = next((known for known in MUTABLE if known == kind), None)
    if found is None:
        raise NotAllowed(_("Emergencies reach everybody and can't be stopped."))
    return found


# --- is it genuine? -----------------------------------------------------------------------


async def genuine(turn: Turn, code: str) -> Reply | None:
    """What is known of an announcement with this code; None when it is no announcement's."""
    found = await find_by_code(turn.conn, code)
    if found is None:
        return None
    if found.status is State.WITHDRAWN:
        return Done(
            _("That announcement was ours, but it is withdrawn. Please disregard it."),
            [Link(_("What news I get"), "subs")],
        )
    return Done(join(await _ours(turn, found), await _corrected(turn, found), between="\n"))


async def _ours(turn: Turn, found: Broadcast) -> Words:
    return _(
        "Genuine: announcement %(code)s of %(area)s, %(time)s. It begins:\n“%(text)s”\n"
        "If yours says something else, or asks for money, codes or passwords, it is a fraud.",
        code=found.code,
        area=await scope_name(turn, found),
        time=Moment(found.started_at or found.send_at or found.created_at),
        text=excerpt(found.text),
    )


async def _corrected(turn: Turn, found: Broadcast) -> Words:
    code = await find_correction(turn.conn, found.id)
    return _("It was corrected by announcement %(code)s.", code=code) if code else ""
