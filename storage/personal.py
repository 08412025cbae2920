"""Everything kept about one person: shown, handed out, and forgotten on request."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.schema import (
    broadcast_recipients,
    broadcast_recurrences,
    broadcasts,
    chats,
    class_invites,
    class_meetings,
    class_quiet,
    class_signups,
    class_suggestions,
    consents,
    course_interest,
    deadlines,
    enrolments,
    guide_flags,
    guide_progress,
    help_requests,
    learners,
    lesson_results,
    media,
    memberships,
    nudges,
    outbox,
    persons,
    reminders,
    reviews,
    subscriptions,
    web_messages,
)

FORGOTTEN: dict[str, Any] = {"text": ""}

_GOES_WHOLE = (
    guide_progress,
    reminders,
    deadlines,
    learners,
    enrolments,
    lesson_results,
    reviews,
    nudges,
    course_interest,
    class_invites,
    class_quiet,
    class_suggestions,
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Rows of one table about a person, under a name, and the columns that are shown of them."""

    name: str
    owner: Column[Any]
    columns: str

    def query(self, person_id: int) -> Select[Any]:
        table = self.owner.table
        shown = (table.c[column] for column in self.columns.split())
        return select(*shown).where(self.owner == person_id).order_by(*table.primary_key)


_KEPT = (
    _Kept("chats", chats.c.person_id, "channel last_seen_at"),
    _Kept("consents", consents.c.person_id, "wording_version given_at withdrawn_at"),
    _Kept("roles", memberships.c.person_id, "role display_name phone created_at removed_at"),
    _Kept(
        "requests",
        help_requests.c.person_id,
        "code topic description beneficiary commune_code address way wanted_at status outcome"
        " rating created_at ended_at guide_id guide_step lesson_id",
    ),
    _Kept("guides", guide_progress.c.person_id, "guide_id step status updated_at"),
    _Kept("reminders", reminders.c.person_id, "guide_id due_at status created_at ended_at"),
    _Kept("deadlines", deadlines.c.person_id, "paper note on_day created_at"),
    _Kept("flags", guide_flags.c.person_id, "guide_id step reason status created_at"),
    _Kept("announced", broadcasts.c.author_id, "code text status created_at ended_at"),
    _Kept("subscriptions", subscriptions.c.person_id, "kind wanted changed_at"),
    _Kept(
        "learning",
        learners.c.person_id,
        "phone days at_min in_tet team_may_see last_active_at paused_at",
    ),
    _Kept("courses", enrolments.c.person_id, "course_id status started_at finished_at"),
    _Kept("lessons", lesson_results.c.person_id, "lesson_id started_at done_at right asked"),
    _Kept("class_invitations", class_invites.c.person_id, "class_id invited_at declined_at"),
    _Kept("no_class_invitations", class_quiet.c.person_id, "since"),
)


async def collect(conn: AsyncConnection, person_id: int) -> dict[str, Any]:
    """All that is kept about a person, as plain values that JSON can hold."""
    person = (await conn.execute(select(persons).where(persons.c.id == person_id))).one()
    found: dict[str, Any] = {"person": _plain(person)}
    for kept in _KEPT:
        rows = await conn.execute(kept.query(person_id))
        found[kept.name] = [_plain(row) for row in rows]
    found["announcements"] = await _announcements(conn, person_id)
    found["classes"] = await _classes(conn, person_id)
    return found


async def _announcements(conn: AsyncConnection, person_id: int) -> list[dict[str, Any]]:
    """What they were sent without having asked, and what became of it."""
    got = broadcast_recipients.c
    query = (
        select(broadcasts.c.code, got.channel, got.status, got.sent_at, got.acknowledged_at)
        .join(broadcasts, broadcasts.c.id == got.broadcast_id)
        .where(got.person_id == person_id)
        .order_by(got.id)
    )
    return [_plain(row) for row in await conn.execute(query)]


async def _classes(conn: AsyncConnection, person_id: int) -> list[dict[str, Any]]:
    held = (class_meetings.c[name] for name in ("starts_at", "course_id", "topic", "venue"))
    own = (class_signups.c[name] for name in ("status", "queued_at", "came_at", "rating"))
    query = (
        select(*held, *own)
        .join(class_meetings, class_meetings.c.id == class_signups.c.meeting_id)
        .where(class_signups.c.person_id == person_id)
        .order_by(class_signups.c.id)
    )
    return [_plain(row) for row in await conn.execute(query)]


def _plain(row: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row._mapping.items()
        if value not in (None, "", [])
    }


async def erase(conn: AsyncConnection, person_id: int, now: datetime) -> None:
    """Forget a person: what is left are figures without a name, and that consent was withdrawn.

    Requests must have ended first; their words go here too, also where others were told them.
    """
    await _erase_messages(conn, person_id)
    await conn.execute(
        update(help_requests)
        .where(help_requests.c.person_id == person_id)
        .values(description="", attachments=[], beneficiary=None, address="")
    )
    await conn.execute(
        update(memberships)
        .where(memberships.c.person_id == person_id)
        .values(person_id=None, display_name="–", phone=None, removed_at=now)
    )
    await _erase_announcements(conn, person_id)
    for table in _GOES_WHOLE:
        await conn.execute(delete(table).where(table.c.person_id == person_id))
    await _erase_classes(conn, person_id)
    await conn.execute(
        update(guide_flags).where(guide_flags.c.person_id == person_id).values(person_id=None)
    )
    await conn.execute(
        update(consents)
        .where(consents.c.person_id == person_id, consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    await conn.execute(
        update(persons)
        .where(persons.c.id == person_id)
        .values(
            display_name=None, phone=None, commune_code=None, team_id=None, consent_version=None
        )
    )


async def _erase_announcements(conn: AsyncConnection, person_id: int) -> None:
    """The figures stay, as somebody's; what they announced in office stays the office's."""
    rows = broadcast_recipients
    own = rows.c.person_id == person_id
    waiting = update(rows).where(own, rows.c.status == "pending")
    await conn.execute(waiting.values(status="skipped", reason="left"))
    await conn.execute(update(rows).where(own).values(person_id=None, chat_id=None))
    await conn.execute(delete(subscriptions).where(subscriptions.c.person_id == person_id))
    drafts = and_(broadcasts.c.author_id == person_id, broadcasts.c.status == "draft")
    again = broadcast_recurrences.c.broadcast_id.in_(select(broadcasts.c.id).where(drafts))
    await conn.execute(delete(broadcast_recurrences).where(again))
    await conn.execute(delete(broadcasts).where(drafts))


async def _erase_classes(conn: AsyncConnection, person_id: int) -> None:
    """That somebody came stays as a figure; who it was does not."""
    await conn.execute(
        update(class_signups).where(class_signups.c.person_id == person_id).values(person_id=None)
    )
    await conn.execute(
        update(class_meetings).where(class_meetings.c.made_by == person_id).values(made_by=None)
    )


async def _erase_messages(conn: AsyncConnection, person_id: int) -> None:
    own_chats = select(chats.c.id).where(chats.c.person_id == person_id)
    own_requests = select(help_requests.c.id).where(help_requests.c.person_id == person_id)
    told = or_(outbox.c.chat_id.in_(own_chats), outbox.c.request_id.in_(own_requests))
    ids = (await conn.execute(select(outbox.c.id).where(told))).scalars().all()
    copies = web_messages.c.source_id.in_([str(row_id) for row_id in ids])
    keys = select(chats.c.chat_key).where(chats.c.person_id == person_id, chats.c.channel == "web")
    await conn.execute(
        delete(web_messages).where(
            or_(web_messages.c.chat_key.in_(keys), (web_messages.c.direction == "out") & copies)
        )
    )
    await conn.execute(delete(media).where(media.c.chat_id.in_(own_chats)))
    await _forget_bodies(conn, told)


async def _forget_bodies(conn: AsyncConnection, which: ColumnElement[bool]) -> None:
    """The ledger keeps that there was a message; what it said goes, sent or not."""
    waiting = outbox.c.status.in_(("pending", "leased"))
    await conn.execute(
        update(outbox).where(which, waiting).values(body=FORGOTTEN, status="skipped")
    )
    await conn.execute(update(outbox).where(which).values(body=FORGOTTEN))


async def forget_old(
    conn: AsyncConnection, *, history_before: datetime, requests_before: datetime
) -> None:
    """Keep no longer than promised: message texts, and the words of ended requests."""
    await _forget_bodies(conn, outbox.c.created_at < history_before)
    await _forget_readers(conn, history_before)
    await conn.execute(
        update(help_requests)
        .where(help_requests.c.ended_at < requests_before)
        .values(description="", attachments=[], beneficiary=None, address="")
    )
    held_before = select(class_meetings.c.id).where(class_meetings.c.starts_at < requests_before)
    await conn.execute(
        update(class_signups)
        .where(class_signups.c.meeting_id.in_(held_before))
        .values(person_id=None)
    )


async def _forget_readers(conn: AsyncConnection, before: datetime) -> None:
    """Of announcements that ended before this, only how many got them is left."""
    old = and_(broadcasts.c.ended_at < before, broadcasts.c.forgotten.is_(False))
    forget = update(broadcasts).where(old).values(forgotten=True).returning(broadcasts.c.id)
    ids = (await conn.execute(forget)).scalars().all()
    if ids:
        rows = broadcast_recipients
        query = update(rows).where(rows.c.broadcast_id.in_(ids))
        await conn.execute(query.values(person_id=None, chat_id=None, platform_message_id=None))
