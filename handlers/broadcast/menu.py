"""The way in: what one may announce, what one has begun, and what is going on."""

from bot.dialogue import Done, Link, Reply, Turn
from bot.texts import Words, _, join
from handlers.broadcast.base import dialogue, need_offices
from handlers.broadcast.words import STATES, excerpt
from storage.broadcast_templates import list_recurrences
from storage.broadcasts import Broadcast, State, list_by_author, list_in_state

SHOWN = 4


@dialogue.command("thongbao", _("Announcements (team leaders, officers)"), phrases=["thông báo"])
async def announce_command(turn: Turn, _argument: str) -> Reply:
    return await home(turn)


@dialogue.action("bhome", browsing=True)
async def home(turn: Turn) -> Reply:
    """Four things at most: those that there are."""
    offices = await need_offices(turn)
    links = [Link(_("Write a new announcement"), "bnew")]
    if any(office.whole_city for office in offices) and await _to_approve(turn):
        links.append(Link(_("Waiting for my approval"), "bwait"))
    if await list_by_author(turn.conn, turn.person.id, 1):
        links.append(Link(_("My announcements"), "bmine"))
    links.append(Link(_("Templates"), "btemplates"))
    if await list_recurrences(turn.conn, turn.person.id):
        links.append(Link(_("Those that come again"), "brepeats"))
    return Done(_("Announcements: what would you like to do?"), links)


async def _to_approve(turn: Turn) -> list[Broadcast]:
    waiting = await list_in_state(turn.conn, State.WAITING)
    return [broadcast for broadcast in waiting if broadcast.author_id != turn.person.id]


@dialogue.action("bwait", browsing=True)
async def to_approve(turn: Turn) -> Reply:
    """What waits for a second officer, the longest waiting first."""
    await need_offices(turn)
    links = [Link(excerpt(b.text), f"basked:{b.id}") for b in (await _to_approve(turn))[:SHOWN]]
    words = _("Which one would you like to look at?") if links else _("Nothing is waiting.")
    return Done(words, [*links, Link(_("Announcements"), "bhome")])


@dialogue.action("bmine", browsing=True)
async def mine(turn: Turn, before: str = "0") -> Reply:
    """What this person has written, newest first, a screen at a time."""
    await need_offices(turn)
    skip = int(before) if before.isdecimal() and len(before) < 6 else 0
    found = await list_by_author(turn.conn, turn.person.id, skip + SHOWN + 1)
    shown = found[skip : skip + SHOWN]
    links = [Link(_label(b), f"bshow:{b.id}") for b in shown]
    if len(found) > skip + SHOWN:
        links.append(Link(_("Older ones"), f"bmine:{skip + SHOWN}"))
    return Done(_("Which announcement?") if links else _("You have written none yet."), links)


def _label(broadcast: Broadcast) -> Words:
    return join(STATES[broadcast.status], excerpt(broadcast.text), between=": ")
