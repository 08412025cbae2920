"""What is shown of announcements besides the ledger: previews, progress, buttons that came."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.broadcast_templates import Recurrence
from storage.broadcasts import FROZEN
from storage.chats import Address
from storage.outbox import Status
from storage.schema import broadcast_recipients, broadcast_recurrences, broadcasts, chats, outbox
from storage.subscriptions import Kind

# The key in a message's body under which progress names its announcement.
PROGRESS = "progress"

_rows = broadcast_recipients.c


async def list_chats_of(conn: AsyncConnection, person_id: int) -> list[Address]:
    """Every chat of a person that can be written to, the one last used first."""
    query = (
        select(chats.c.id, chats.c.chat_key, chats.c.channel, chats.c.state)
        .where(chats.c.person_id == person_id, chats.c.status == "active")
        .order_by(chats.c.last_seen_at.desc(), chats.c.id)
    )
    rows = await conn.execute(query)
    return [Address(row.id, row.chat_key, row.channel, row.state is None) for row in rows]


async def count_told(conn: AsyncConnection, broadcast_id: int) -> int:
    """How many have got an announcement, or may have: those whom a correction goes to."""
    query = select(func.count()).where(
        _rows.broadcast_id == broadcast_id, _rows.status.in_((Status.SENT, Status.UNKNOWN))
    )
    return int((await conn.execute(query)).scalar_one())


async def count_waiting(conn: AsyncConnection, broadcast_id: int) -> dict[str, int]:
    """How many have still to be sent to, by channel."""
    query = (
        select(_rows.channel, func.count())
        .where(
            _rows.broadcast_id == broadcast_id,
            _rows.status.in_((Status.PENDING, Status.LEASED)),
        )
        .group_by(_rows.channel)
    )
    return {str(row[0]): int(row[1]) for row in await conn.execute(query)}


async def list_ended(conn: AsyncConnection, since: datetime) -> list[int]:
    """Announcements that have come to an end lately."""
    query = select(broadcasts.c.id).where(broadcasts.c.ended_at >= since)
    return list((await conn.execute(query.order_by(broadcasts.c.id))).scalars())


async def list_visible(
    conn: AsyncConnection,
    person_id: int,
    *,
    everywhere: bool,
    commune_codes: Collection[str],
    team_ids: Collection[int],
    skip: int,
    limit: int,
) -> list[int]:
    """Ids of what a person wrote, and of what left in the name of their offices, newest first.

    Of units: what was written for the unit itself, not what its teams wrote.
    """
    columns = broadcasts.c
    of_units = and_(columns.team_id.is_(None), columns.commune_code.in_(commune_codes))
    theirs = true() if everywhere else or_(of_units, columns.team_id.in_(team_ids))
    query = (
        select(columns.id)
        .where(or_(columns.author_id == person_id, and_(columns.status.in_(FROZEN), theirs)))
        .order_by(columns.id.desc())
        .offset(skip)
        .limit(limit)
    )
    return list((await conn.execute(query)).scalars())


async def find_correction(conn: AsyncConnection, broadcast_id: int) -> str | None:
    """The code of the newest correction that has left; None when there is none."""
    query = (
        select(broadcasts.c.code)
        .where(broadcasts.c.corrects == broadcast_id, broadcasts.c.status.in_(FROZEN))
        .order_by(broadcasts.c.id.desc())
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


# --- the progress message -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """The last progress message in a chat; `message_id` is None until the platform has it."""

    message_id: str | None
    text: str
    at: datetime


async def find_progress(conn: AsyncConnection, chat_id: int, broadcast_id: int) -> Shown | None:
    """What was last said there about how far an announcement is."""
    about = outbox.c.body[PROGRESS].as_integer() == broadcast_id
    query = (
        select(outbox.c.platform_message_id, outbox.c.body, outbox.c.created_at)
        .where(outbox.c.chat_id == chat_id, about)
        .order_by(outbox.c.id.desc())
        .limit(1)
    )
    row = (await conn.execute(query)).one_or_none()
    return Shown(row[0], str(row.body["text"]), row.created_at) if row else None


# --- what a person was sent ---------------------------------------------------------------


async def list_announced(conn: AsyncConnection, chat_id: int, limit: int) -> list[list[list[str]]]:
    """The buttons of the newest announcements to a chat, newest first: [number, label, action]."""
    query = (
        select(broadcasts.c.body)
        .join(broadcast_recipients, _rows.broadcast_id == broadcasts.c.id)
        .where(_rows.chat_id == chat_id, _rows.status == Status.SENT)
        .order_by(_rows.sent_at.desc(), _rows.id.desc())
        .limit(limit)
    )
    return [body.get("buttons", []) for body in (await conn.execute(query)).scalars()]


async def find_last_code(conn: AsyncConnection, chat_id: int) -> str | None:
    """The code of the newest announcement to a chat; None without any."""
    query = (
        select(broadcasts.c.code)
        .join(broadcast_recipients, _rows.broadcast_id == broadcasts.c.id)
        .where(_rows.chat_id == chat_id, _rows.status == Status.SENT)
        .order_by(_rows.sent_at.desc(), _rows.id.desc())
        .limit(1)
    )
    return (await conn.execute(query)).scalar_one_or_none()


async def find_last_kind(conn: AsyncConnection, person_id: int) -> Kind | None:
    """What the newest announcement was about that this person got; None without any."""
    query = (
        select(broadcasts.c.kind)
        .join(broadcast_recipients, _rows.broadcast_id == broadcasts.c.id)
        .where(_rows.person_id == person_id, _rows.status == Status.SENT)
        .order_by(_rows.sent_at.desc(), _rows.id.desc())
        .limit(1)
    )
    kind = (await conn.execute(query)).scalar_one_or_none()
    return Kind(kind) if kind else None


# --- coming again -------------------------------------------------------------------------


async def set_recurrence(
    conn: AsyncConnection, broadcast_id: int, every: str | None, next_at: datetime, now: datetime
) -> None:
    """How often a draft will come again; None = only once. Only while it is a draft."""
    old = delete(broadcast_recurrences).where(broadcast_recurrences.c.broadcast_id == broadcast_id)
    await conn.execute(old)
    if every is not None:
        values = {"broadcast_id": broadcast_id, "every": every, "next_at": next_at}
        await conn.execute(insert(broadcast_recurrences).values(**values, created_at=now))


async def find_recurrence(conn: AsyncConnection, broadcast_id: int) -> Recurrence | None:
    """How often an announcement comes again; None when it does not."""
    columns = broadcast_recurrences.c
    query = select(
        columns.id, columns.broadcast_id, columns.every, columns.next_at, columns.until
    ).where(columns.broadcast_id == broadcast_id, columns.stopped_at.is_(None))
    row = (await conn.execute(query)).one_or_none()
    return Recurrence(*row) if row else None


async def stop_recurrence_of(conn: AsyncConnection, broadcast_id: int, now: datetime) -> None:
    """An announcement that is void does not come again."""
    columns = broadcast_recurrences.c
    query = update(broadcast_recurrences).where(
        columns.broadcast_id == broadcast_id, columns.stopped_at.is_(None)
    )
    await conn.execute(query.values(stopped_at=now))
