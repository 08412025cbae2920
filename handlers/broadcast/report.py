"""What became of an announcement: sums by unit and channel, and those of whom nobody knows."""

from collections import defaultdict

from bot.dialogue import Ask, Choice, Context, Done, Link, NotAllowed, Reply, Turn
from bot.texts import Words, _, join, n_
from handlers.broadcast.base import dialogue, steered
from handlers.broadcast.flow import take_up
from handlers.broadcast.running import controls, progress_words
from handlers.broadcast.words import channel_name, excerpt
from handlers.words import commune_name
from storage.broadcast_ledger import (
    Totals,
    UnitTotal,
    list_unknown,
    resend_unknown,
    totals,
    totals_by_unit,
)
from storage.broadcasts import DEFAULT_LIFE, UNDER_WAY, Broadcast, State, get_broadcast
from storage.members import record
from storage.outbox import Status

# Units named one by one; the table has all of them.
UNITS_SHOWN = 8


@dialogue.action("bshow", browsing=True)
async def show(turn: Turn, broadcast_id: str) -> Reply:
    """A draft goes on being written; anything else says where it stands."""
    found = await steered(turn, broadcast_id)
    if found.status is State.DRAFT:
        return await take_up(turn, found)
    if found.status is State.WAITING:
        words = _("“%(text)s” waits for a second officer.", text=excerpt(found.text))
        return Done(words, [Link(_("Take it back"), f"bback:{found.id}")])
    if found.status in UNDER_WAY:
        return Done(await progress_words(turn, found), controls(found))
    return await report(turn, broadcast_id)


@dialogue.action("breport", browsing=True)
async def report(turn: Turn, broadcast_id: str) -> Reply:
    """All sums; the lines add up to the audience as it was frozen."""
    found = await steered(turn, broadcast_id)
    if found.frozen_at is None:
        raise NotAllowed(_("This announcement has not been sent."))
    sums = await totals(turn.conn, found.id)
    lines = await totals_by_unit(turn.conn, found.id)
    words = join(
        _("“%(text)s”", text=excerpt(found.text)),
        await progress_words(turn, found),
        _("Read and confirmed: %(number)s", number=sums.acknowledged) if sums.acknowledged else "",
        *_by_channel(lines),
        *_by_unit(turn, lines),
        between="\n",
    )
    return Done(words, _links(found, sums))


def _links(found: Broadcast, sums: Totals) -> list[Link]:
    links = [Link(_("The ledger as a table"), f"btable:{found.id}")]
    if sums.by_status[Status.UNKNOWN] and found.status in (State.DONE, State.SENDING):
        links.append(Link(_("Those not known"), f"bdoubt:{found.id}"))
    if found.status is not State.WITHDRAWN:
        links += [
            Link(_("Correct it"), f"bfix:{found.id}"),
            Link(_("Withdraw it"), f"bvoid:{found.id}"),
        ]
    links.append(Link(_("Keep it as a template"), f"bkeep:{found.id}"))
    return links


def _by_channel(lines: list[UnitTotal]) -> list[Words]:
    sent: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        sent[line.channel][0] += line.count if line.status == Status.SENT else 0
        sent[line.channel][1] += line.count
    return [
        _("%(channel)s: %(sent)s of %(all)s", channel=channel_name(name), sent=got, all=every)
        for name, (got, every) in sorted(sent.items())
    ]


def _by_unit(ctx: Context, lines: list[UnitTotal]) -> list[Words]:
    """Units with most people first; one unit alone says nothing new."""
    sums: dict[str | None, list[int]] = defaultdict(lambda: [0, 0, 0])
    for line in lines:
        sums[line.commune_code][0] += line.count if line.status == Status.SENT else 0
        sums[line.commune_code][1] += line.count
        sums[line.commune_code][2] += line.acknowledged
    if len(sums) < 2:
        return []
    largest = sorted(sums.items(), key=lambda item: -item[1][1])[:UNITS_SHOWN]
    return [
        _(
            "%(unit)s: %(sent)s of %(all)s, read %(read)s",
            unit=commune_name(ctx.services.region, code) or _("unit not known"),
            sent=got,
            all=every,
            read=read,
        )
        for code, (got, every, read) in largest
    ]


# --- those of whom nobody can say ---------------------------------------------------------


@dialogue.action("bdoubt")
async def ask_resend(turn: Turn, broadcast_id: str) -> Reply:
    """Sending again may mean twice, so that is said before an officer decides."""
    found = await steered(turn, broadcast_id)
    doubtful = len(await list_unknown(turn.conn, found.id))
    if not doubtful:
        return await report(turn, broadcast_id)
    turn.data = {"doubt": found.id}
    words = n_(
        "Of %(count)s person nobody can say whether they got it: the connection broke just then.\n"
        "Sent again, they may get it twice.",
        "Of %(count)s people nobody can say whether they got it: the connection broke just then.\n"
        "Sent again, they may get it twice.",
        count=doubtful,
    )
    choices = [Choice(_("Send it to them again"), "yes"), Choice(_("Leave it"), "no")]
    return Ask(words, choices, then=hear_resend)


@dialogue.step
async def hear_resend(turn: Turn) -> Reply:
    answer = turn.choice(("yes", "no"), otherwise=_("Please press one of these."))
    found = await steered(turn, str(turn.data.get("doubt", "")))
    if answer == "yes":
        until = max(found.expires_at or turn.now, turn.now + DEFAULT_LIFE)
        again = await resend_unknown(turn.conn, found.id, turn.now, until)
        await record(turn.conn, turn.person.id, "resent", f"broadcast:{found.id}", turn.now)
        turn.say(n_("%(count)s message goes out again.", "%(count)s messages go out again.", again))
    now = await get_broadcast(turn.conn, found.id)
    return Done(await progress_words(turn, now), controls(now))
