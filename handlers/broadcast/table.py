"""The ledger of an announcement as a table: a line a person, without anything that says who."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime

from bot.dialogue import Context, Done, Link, NotAllowed, Reply, Turn
from bot.sheets import MIME, Cell, write_sheet
from bot.texts import LOCAL_ZONE, Text, Words, _, n_
from handlers.broadcast.base import dialogue, steered
from handlers.broadcast.words import channel_name
from handlers.words import commune_name, team_of
from storage.broadcast_ledger import LedgerRow, list_ledger
from storage.media import keep_media
from storage.members import record
from storage.outbox import Status

# Lines that are read at a time.
A_READ = 5000

HEADER = (
    _("Number"), _("Phường or xã"), _("Team"), _("Channel"), _("State"), _("Reason"), _("Tries"),
    _("Sent at"), _("Read at"), _("Sent again"),
)  # fmt: skip
STATUSES: dict[str, Text] = {
    Status.PENDING: _("waiting"),
    Status.LEASED: _("waiting"),
    Status.SENT: _("sent"),
    Status.FAILED: _("failed"),
    Status.SKIPPED: _("not sent"),
    Status.UNKNOWN: _("not known"),
}
REASONS: dict[str, Text] = {
    "left": _("blocked or gone"),
    "muted": _("did not want it"),
    "expired": _("too late"),
    "stopped": _("stopped before"),
}

Place = tuple[str | None, int | None]


@dialogue.action("btable")
async def table(turn: Turn, broadcast_id: str) -> Reply:
    """As a file. That somebody took it is written down."""
    found = await steered(turn, broadcast_id)
    if found.frozen_at is None:
        raise NotAllowed(_("This announcement has not been sent."))
    rows = [cells async for cells in _lines(turn, found.id)]
    header = [turn.services.texts.render(words) for words in HEADER]
    content = write_sheet(found.code, header, rows)
    media = await keep_media(turn.conn, turn.services.new_code(32), MIME, content, turn.now)
    await record(turn.conn, turn.person.id, "table", f"broadcast:{found.id}", turn.now)
    words = _(
        "The ledger of announcement %(code)s, %(lines)s, without names.",
        code=found.code,
        lines=n_("%(count)s line", "%(count)s lines", count=len(rows)),
    )
    return Done(words, [Link(_("Report"), f"breport:{found.id}")], media=media)


async def _lines(ctx: Context, broadcast_id: int) -> AsyncIterator[list[Cell]]:
    places: dict[Place, list[Cell]] = {}
    said = _Said(ctx.services.texts.render)
    number = after = 0
    while lines := await list_ledger(ctx.conn, broadcast_id, after=after, limit=A_READ):
        for line in lines:
            number += 1
            place = (line.commune_code, line.team_id)
            if place not in places:
                places[place] = await _names(ctx, place)
            yield [number, *places[place], *said.cells(line)]
        after = lines[-1].id


async def _names(ctx: Context, place: Place) -> list[Cell]:
    code, team_id = place
    team = await team_of(ctx, team_id)
    return [commune_name(ctx.services.region, code), team.name if team else ""]


class _Said:
    """Words that come thousands of times are put into the language once."""

    def __init__(self, render: Callable[[Words], str]) -> None:
        self._render = render
        self._known: dict[Words, str] = {}

    def cells(self, line: LedgerRow) -> list[Cell]:
        return [
            self._words(channel_name(line.channel)),
            self._words(STATUSES.get(line.status, line.status)),
            self._words(REASONS.get(line.reason or "", line.reason or line.error or "")),
            line.attempts,
            _time(line.sent_at),
            _time(line.acknowledged_at),
            line.resent,
        ]

    def _words(self, words: Words) -> str:
        key = words.msgid if isinstance(words, Text) else words
        if key not in self._known:
            self._known[key] = self._render(words)
        return self._known[key]


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%d/%m/%Y %H:%M}" if at else ""
