"""The ledger of every message to anyone: what is due, who holds it, what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import and_, bindparam, insert, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import chats, outbox

# A sender that is alive renews or finishes well within this; longer means that it died.
LEASE = timedelta(seconds=60)


# In the very words of the partial index ix_outbox_due, or SQLite would read the whole ledger.
_WAITING = text("outbox.status in ('pending', 'leased')")


class Priority(IntEnum):
    """Lower leaves first."""

    REPLY = 0
    HELP = 1
    REMINDER = 2
    BROADCAST = 3


class Status(StrEnum):
    """What the ledger says of a row."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"  # refused for good, or tried too often
    SKIPPED = "skipped"  # the chat was stopped
    UNKNOWN = "unknown"  # the sender died between sending and marking


@dataclass(slots=True)
class Post:
    """A message to be written into the outbox."""

    chat_id: int
    chat_key: str
    channel: str
    priority: Priority
    body: dict[str, Any]
    not_before: datetime
    id: int = 0
    request_id: int | None = None
    # The sender that holds it from the moment it is written; None = whoever leases it.
    owner: str | None = None
    # To a group of people, which platforms let us write to less often.
    to_group: bool = False


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A message that this process holds and must send."""

    id: int
    chat_id: int
    chat_key: str
    channel: str
    priority: int
    body: dict[str, Any]
    attempts: int
    to_group: bool
    # 0 = a row of the outbox; else one of this announcement's ledger.
    broadcast_id: int = 0
    # Of those: in which order this process took them, so that no announcement waits for another.
    turn: int = 0

    @property
    def order(self) -> tuple[int, int, int]:
        """Most urgent first, then the oldest; no two rows have the same."""
        return self.priority, self.turn, self.id

    @property
    def message_id(self) -> str:
        """Our own name for the message, the same however often it is tried."""
        return f"b{self.id}" if self.broadcast_id else str(self.id)


_ADD = insert(outbox)
_ADD_AND_TELL = _ADD.returning(outbox.c.id, sort_by_parameter_order=True)


async def add_posts(conn: AsyncConnection, posts: Sequence[Post], now: datetime) -> None:
    """Write messages; those with an owner are leased to it at once, and get their ids."""
    held = [post for post in posts if post.owner]
    if held:
        ids = (await conn.execute(_ADD_AND_TELL, [_row(post, now) for post in held])).scalars()
        for post, post_id in zip(held, ids, strict=True):
            post.id = post_id
    # Rows whose ids are told are written one by one; for thousands that nobody holds, at once.
    if waiting := [_row(post, now) for post in posts if not post.owner]:
        await conn.execute(_ADD, waiting)


def _row(post: Post, now: datetime) -> dict[str, Any]:
    return {
        "chat_id": post.chat_id,
        "channel": post.channel,
        "priority": int(post.priority),
        "body": post.body,
        "status": Status.LEASED if post.owner else Status.PENDING,
        "not_before": post.not_before,
        "request_id": post.request_id,
        "lease_owner": post.owner,
        "leased_until": now + LEASE if post.owner else None,
        "created_at": now,
    }


async def lease_due(
    conn: AsyncConnection,
    channel: str,
    owner: str,
    now: datetime,
    limit: int,
    *,
    down_to: Priority = Priority.BROADCAST,
) -> list[OutboxRow]:
    """Take up to `limit` due messages, most urgent first; nobody else gets them meanwhile.

    What is less urgent than `down_to` goes on waiting.
    """
    due = (
        select(outbox.c.id)
        .where(
            outbox.c.channel == channel,
            _WAITING,
            outbox.c.status == Status.PENDING,
            outbox.c.not_before <= now,
            outbox.c.priority <= down_to,
        )
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(outbox)
        .where(outbox.c.id.in_(due))
        .values(status=Status.LEASED, lease_owner=owner, leased_until=now + LEASE)
        .returning(outbox.c.id)
    )
    ids = list((await conn.execute(taken)).scalars())
    return await _load(conn, ids) if ids else []


async def _load(conn: AsyncConnection, ids: Sequence[int]) -> list[OutboxRow]:
    query = (
        select(
            outbox.c.id,
            outbox.c.chat_id,
            chats.c.chat_key,
            outbox.c.channel,
            outbox.c.priority,
            outbox.c.body,
            outbox.c.attempts,
            chats.c.person_id.is_(None).label("to_group"),
        )
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.priority, outbox.c.id)
    )
    return [OutboxRow(*row) for row in await conn.execute(query)]


@dataclass(frozen=True, slots=True)
class Mark:
    """What became of one row; `attempts` counts every try that it ever had."""

    id: int
    status: Status
    at: datetime
    platform_message_id: str | None = None
    error: str | None = None
    attempts: int = 1
    # In doubt, and somebody waits for it: better twice than never.
    again: bool = False
    # Of an announcement's ledger, and when such a row is to be tried again.
    broadcast_id: int = 0
    retry_at: datetime | None = None


_MARK = (
    update(outbox)
    .where(outbox.c.id == bindparam("row_id"))
    .values(
        status=bindparam("new_status"),
        sent_at=bindparam("sent"),
        platform_message_id=bindparam("message"),
        error=bindparam("why"),
        attempts=bindparam("tried"),
        lease_owner=None,
        leased_until=None,
    )
)


async def mark(conn: AsyncConnection, marks: Sequence[Mark]) -> None:
    """Write what became of these rows, and put those to be sent again in line."""
    await conn.execute(
        _MARK,
        [
            {
                "row_id": m.id,
                "new_status": m.status,
                "sent": m.at if m.status is Status.SENT else None,
                "message": m.platform_message_id,
                "why": m.error,
                "tried": m.attempts,
            }
            for m in marks
        ],
    )
    if again := [m.id for m in marks if m.again]:
        await resend(conn, again, marks[0].at)


async def resend(conn: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Try rows in doubt once more, as new rows that name the old ones."""
    copied = ("chat_id", "channel", "priority", "body", "attempts", "request_id")
    source = (
        select(
            *(outbox.c[name] for name in copied),
            literal(Status.PENDING),
            literal(now, outbox.c.not_before.type),
            literal(now, outbox.c.created_at.type),
            outbox.c.id,
        )
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.id)
    )
    columns = [*copied, "status", "not_before", "created_at", "resend_of"]
    await conn.execute(insert(outbox).from_select(columns, source))


async def renew_leases(conn: AsyncConnection, owner: str, now: datetime) -> None:
    """This sender is alive: what it holds stays its own."""
    held = and_(outbox.c.status == Status.LEASED, outbox.c.lease_owner == owner)
    await conn.execute(update(outbox).where(held).values(leased_until=now + LEASE))


async def skip_chat(conn: AsyncConnection, chat_id: int) -> None:
    """Give up what still waits for a chat that was stopped."""
    waiting = and_(outbox.c.chat_id == chat_id, outbox.c.status == Status.PENDING)
    await conn.execute(update(outbox).where(waiting).values(status=Status.SKIPPED))


async def settle_expired(
    conn: AsyncConnection,
    channel: str,
    now: datetime,
    *,
    expired_before: datetime,
    idempotent: bool,
) -> int:
    """Deal with rows whose sender died; returns how many.

    Where a resend shows nothing twice they simply wait again. Elsewhere they become `unknown`,
    and what somebody waits for (everything but broadcasts) is tried once more as a new row
    that names the old one: better twice than never. A broadcast is not resent by itself.
    """
    expired = and_(
        outbox.c.channel == channel,
        _WAITING,
        outbox.c.status == Status.LEASED,
        outbox.c.leased_until < expired_before,
    )
    query = (
        update(outbox)
        .where(expired)
        .values(
            status=Status.PENDING if idempotent else Status.UNKNOWN,
            lease_owner=None,
            leased_until=None,
        )
        .returning(outbox.c.id, outbox.c.priority)
    )
    rows = (await conn.execute(query)).all()
    again = [row.id for row in rows if row.priority < Priority.BROADCAST]
    if not idempotent and again:
        await resend(conn, again, now)
    return len(rows)


async def expire_leases(conn: AsyncConnection, owner: str, now: datetime) -> None:
    """This process is about to stop: what it still holds was never begun and waits again."""
    held = and_(outbox.c.status == Status.LEASED, outbox.c.lease_owner == owner)
    await conn.execute(
        update(outbox)
        .where(held)
        .values(status=Status.PENDING, lease_owner=None, leased_until=None, not_before=now)
    )


async def list_shown_buttons(
    conn: AsyncConnection, chat_id: int, limit: int
) -> list[list[list[str]]]:
    """The buttons of the newest messages to a chat, newest first: [[number, label, action]]."""
    query = (
        select(outbox.c.body)
        .where(outbox.c.chat_id == chat_id)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [body.get("buttons", []) for body in (await conn.execute(query)).scalars()]


async def list_said(conn: AsyncConnection, chat_id: int, limit: int) -> list[str]:
    """The texts of the newest messages to a chat, newest first."""
    query = (
        select(outbox.c.body)
        .where(outbox.c.chat_id == chat_id)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [body.get("text", "") for body in (await conn.execute(query)).scalars()]
