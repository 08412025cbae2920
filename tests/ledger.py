"""Compares what people saw with what the database says, after everything has come to rest."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.channels.telegram.render import Labels, render
from bot.posted import to_outgoing
from bot.texts import Texts, _
from storage.schema import chats, help_requests, offers, outbox, request_events, updates
from tests.crowd import Crowd, Ending, Resident
from tests.telegram_emulator import BotApi, Received

# A message as it looks on a screen: chat, words, buttons.
Look = tuple[int, str, str]


@dataclass
class Sums:
    """What was counted. `wrong` says in words what does not hold; empty = everything does."""

    updates_accepted: int = 0
    updates_handled: int = 0
    messages_seen: int = 0
    rows: int = 0
    rows_by_state: Counter[str] = field(default_factory=Counter)
    resent: int = 0
    seen_again: int = 0
    requests: int = 0
    requests_by_state: Counter[str] = field(default_factory=Counter)
    repeated: int = 0
    killed_in_the_middle: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"updates accepted by Telegram  {self.updates_accepted}",
            f"updates handled, each once    {self.updates_handled}",
            f"outbox rows                   {self.rows} = {_told(self.rows_by_state)}",
            f"  of them sent again          {self.resent}",
            f"messages on screens           {self.messages_seen}",
            f"  seen a second time          {self.seen_again}, each with a row in `unknown`",
            f"requests                      {self.requests} = {_told(self.requests_by_state)}",
            f"people who had to ask again   {self.repeated}",
            f"kills in the middle of it     {self.killed_in_the_middle}",
        ]
        return "\n".join([*lines, *(f"WRONG: {fault}" for fault in self.wrong)])

    def check(self, holds: bool, fault: str) -> None:
        if not holds:
            self.wrong.append(fault)


def _told(counts: Counter[str]) -> str:
    return " + ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "0"


async def add_up(engine: AsyncEngine, api: BotApi, crowd: Crowd) -> Sums:
    """Count everything, and check each promise."""
    sums = Sums(repeated=crowd.repeated)
    async with engine.begin() as conn:
        await _count_updates(conn, api, sums)
        await _count_messages(conn, api, sums)
        await _count_requests(conn, crowd, sums)
    return sums


async def _count_updates(conn: AsyncConnection, api: BotApi, sums: Sums) -> None:
    query = select(updates.c.update_id).where(updates.c.channel == "telegram")
    handled = {int(update_id) for update_id in (await conn.execute(query)).scalars()}
    accepted = set(range(100_001, api.updates.last_id + 1))
    sums.updates_accepted, sums.updates_handled = len(accepted), len(handled)
    sums.check(handled == accepted, f"not handled: {sorted(accepted ^ handled)[:9]}")
    sums.check(api.updates.pending() == 0, "updates still wait")


# --- messages -----------------------------------------------------------------------------


async def _count_messages(conn: AsyncConnection, api: BotApi, sums: Sums) -> None:
    query = select(outbox, chats.c.chat_key).join(chats, chats.c.id == outbox.c.chat_id)
    rows = (await conn.execute(query)).all()
    sums.rows, sums.rows_by_state = len(rows), Counter(row.status for row in rows)
    sums.check(sum(sums.rows_by_state.values()) == sums.rows, "states don't add up to rows")
    sums.check(sums.rows_by_state["pending"] + sums.rows_by_state["leased"] == 0, "rows wait")
    _check_resends(rows, sums)
    _check_ids(rows, api, sums)
    _compare(rows, api, sums)


def _check_resends(rows: Sequence[Row[Any]], sums: Sums) -> None:
    """A row in doubt was tried once more, by one row that names it; nothing else was."""
    again = Counter(row.resend_of for row in rows if row.resend_of is not None)
    state = {row.id: row.status for row in rows}
    sums.resent = again.total()
    sums.check(all(count == 1 for count in again.values()), "a row was resent twice")
    sums.check(all(state[row_id] == "unknown" for row_id in again), "a known row was resent")
    given_up = [r.id for r in rows if r.status == "unknown" and r.id not in again and not r.error]
    sums.check(not given_up, f"in doubt and not resent: {given_up[:9]}")


def _check_ids(rows: Sequence[Row[Any]], api: BotApi, sums: Sums) -> None:
    """What the ledger calls sent stands on the screen, each row as a message of its own."""
    sent = [(int(r.chat_key), int(r.platform_message_id)) for r in rows if r.status == "sent"]
    sums.check(len(set(sent)) == len(sent), "two rows claim one message")
    shown = {(chat.id, key) for chat in api.world.chats.values() for key in chat.messages}
    sums.check(set(sent) <= shown, f"called sent, and not there: {sorted(set(sent) - shown)[:9]}")


def _compare(rows: Sequence[Row[Any]], api: BotApi, sums: Sums) -> None:
    """Each look was seen once for every sent row, and more often only for rows in doubt."""
    said: dict[str, Counter[Look]] = defaultdict(Counter)
    for row in rows:
        said[row.status].update(_looks(row))
    seen = Counter(_look(m) for chat in api.world.chats.values() for m in _received(chat.messages))
    sums.messages_seen = seen.total()
    for look in seen.keys() | said["sent"].keys():
        more = seen[look] - said["sent"][look]
        sums.check(more >= 0, f"sent, and never seen: {look[:2]}")
        sums.check(more <= said["unknown"][look], f"seen again, without `unknown`: {look[:2]}")
        sums.seen_again += max(0, more)


def _looks(row: Row[Any]) -> Iterator[Look]:
    for call in render(row.chat_key, to_outgoing(row.body), _LABELS):
        markup = call.params.get("reply_markup", {})
        buttons = markup.get("inline_keyboard", []) or markup.get("keyboard", [])
        yield int(row.chat_key), call.params["text"], json.dumps(buttons)


def _look(message: Received) -> Look:
    return message.chat_id, message.text, json.dumps(message.inline or message.keyboard)


def _received(messages: dict[int, Received | None]) -> Iterator[Received]:
    return (message for message in messages.values() if message)


def _labels() -> Labels:
    texts = Texts.load()
    words = (_("Share my place"), _("Share my phone number"), _("Or press here:"), "")
    return Labels(*(texts.render(word) for word in words))


_LABELS = _labels()


# --- requests -----------------------------------------------------------------------------


async def _count_requests(conn: AsyncConnection, crowd: Crowd, sums: Sums) -> None:
    query = select(help_requests, chats.c.chat_key).join(
        chats, chats.c.id == help_requests.c.chat_id
    )
    rows = (await conn.execute(query)).all()
    sums.requests, sums.requests_by_state = len(rows), Counter(row.status for row in rows)
    by_chat: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_chat[row.chat_key].append(row)
    for resident in crowd.residents:
        _check_story(resident, by_chat[str(resident.user.id)], sums)
    await _check_claims(conn, rows, sums)


def _check_story(resident: Resident, own: Sequence[Row[Any]], sums: Sums) -> None:
    """The request stands where the conversation has left it."""
    who = f"{resident.user.first_name} ({resident.ending})"
    if resident.ending is Ending.DOES_NOT_SEND:
        sums.check(not own, f"{who} sent nothing and has {len(own)} requests")
        return
    states = [row.status for row in own]
    sums.check(states == [resident.ending], f"{who} has requests {states}")
    if resident.ending is Ending.CONFIRMS:
        ratings = [row.rating for row in own]
        sums.check(ratings == [5], f"{who} has given {ratings}")


async def _check_claims(conn: AsyncConnection, rows: Sequence[Row[Any]], sums: Sums) -> None:
    """Each thing happened once to each request, and whatever is not over has a deadline."""
    query = (
        select(request_events.c.request_id, request_events.c.kind, func.count())
        .where(request_events.c.kind.in_(("opened", "claimed", "done", "confirmed", "cancelled")))
        .group_by(request_events.c.request_id, request_events.c.kind)
    )
    twice = [tuple(row) for row in await conn.execute(query) if row[2] != 1]
    sums.check(not twice, f"happened more than once: {twice[:9]}")
    claims = (
        select(offers.c.request_id, func.count())
        .where(offers.c.status == "claimed")
        .group_by(offers.c.request_id)
    )
    several = [row[0] for row in await conn.execute(claims) if row[1] != 1]
    sums.check(not several, f"requests with two claims: {several[:9]}")
    forgotten = [r.id for r in rows if r.status in ("open", "claimed", "done") and not r.next_at]
    sums.check(not forgotten, f"not over, and without a deadline: {forgotten[:9]}")
