"""The way in: what one may announce, what one has begun, and what is going on."""

from collections.abc import Sequence

from bot.dialogue import Done, Link, Reply, Turn, read_id
from bot.texts import Words, _, join
from handlers.broadcast.base import Office, dialogue, need_offices
from handlers.broadcast.words import STATES, excerpt
from storage.broadcast_templates import list_recurrences
from storage.broadcast_views import list_visible
from storage.broadcasts import Broadcast, State, get_broadcast, list_in_state

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
    if await _visible(turn, offices, 0, 1):
        links.append(Link(_("Announcements so far"), "bmine"))
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
    """One's own, and what left in the name of one's offices; newest first, a screen at a time."""
    offices = await need_offices(turn)
    skip = read_id(before[:5]) or 0
    found = await _visible(turn, offices, skip, SHOWN + 1)
    links = [Link(_label(b), f"bshow:{b.id}") for b in found[:SHOWN]]
    if len(found) > SHOWN:
        links.append(Link(_("Older ones"), f"bmine:{skip + SHOWN}"))
    return Done(_("Which announcement?") if links else _("There is none yet."), links)


async def _visible(turn: Turn, offices: Sequence[Office], skip: int, limit: int) -> list[Broadcast]:
    ids = await list_visible(
        turn.conn,
        turn.person.id,
        everywhere=any(o.whole_city for o in offices),
        commune_codes=[o.commune_code for o in offices if o.commune_code and o.team_id is None],
        team_ids=[o.team_id for o in offices if o.team_id is not None],
        skip=skip,
        limit=limit,
    )
    return [await get_broadcast(turn.conn, found) for found in ids]


def _label(broadcast: Broadcast) -> Words:
    return join(STATES[broadcast.status], excerpt(broadcast.text), between=": ")
