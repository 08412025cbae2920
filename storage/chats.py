"""Chats and the persons behind them: who writes, and where somebody can be written to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import chats, consents, persons, updates


@dataclass(slots=True)
class Person:
    """Somebody who has written to the bot, as far as they told us who they are."""

    id: int
    display_name: str | None
    phone: str | None
    commune_code: str | None
    team_id: int | None
    consent_version: str | None


@dataclass(slots=True)
class Chat:
    """One conversation on one channel; `state` is what the dialogue waits for, None at rest."""

    id: int
    channel: str
    chat_key: str
    status: str
    state: dict[str, Any] | None
    questions: int
    misses: int
    person: Person


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person can be reached now."""

    chat_id: int
    chat_key: str
    channel: str
    at_rest: bool


Key = tuple[str, str]


async def remember_updates(
    conn: AsyncConnection, keys: Sequence[tuple[str, str]], now: datetime
) -> set[tuple[str, str]]:
    """Keep (channel, update_id) of each; those returned had not been seen before."""
    rows = [{"channel": c, "update_id": u, "received_at": now} for c, u in dict.fromkeys(keys)]
    # Rows beside the statement, not in it: one with values inside is compiled anew every time.
    query = (
        insert_for(conn, updates)
        .on_conflict_do_nothing()
        .returning(updates.c.channel, updates.c.update_id)
    )
    return {(row[0], row[1]) for row in await conn.execute(query, rows)}


async def forget_updates(conn: AsyncConnection, before: datetime) -> None:
    """Drop what no platform delivers again (Telegram keeps an update for 24 hours)."""
    await conn.execute(delete(updates).where(updates.c.received_at < before))


async def lock_chats(conn: AsyncConnection, keys: Iterable[Key], now: datetime) -> dict[Key, Chat]:
    """The chats of these (channel, chat_key), made where missing, locked until the commit.

    Locked in the order of their ids, so that two workers can't wait for each other.
    """
    wanted = list(dict.fromkeys(keys))
    found = await _select_chats(conn, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        for channel, chat_key in missing:
            await _create_chat(conn, channel, chat_key, now)
        found |= await _select_chats(conn, missing)
    return found


async def find_chat(conn: AsyncConnection, channel: str, chat_key: str) -> Chat | None:
    """The chat, not locked; None when it never wrote to us."""
    return (await _select_chats(conn, [(channel, chat_key)], lock=False)).get((channel, chat_key))


async def _select_chats(
    conn: AsyncConnection, keys: Sequence[Key], *, lock: bool = True
) -> dict[Key, Chat]:
    by_channel: dict[str, list[str]] = {}
    for channel, chat_key in keys:
        by_channel.setdefault(channel, []).append(chat_key)
    wanted = or_(
        *(and_(chats.c.channel == c, chats.c.chat_key.in_(k)) for c, k in by_channel.items())
    )
    query = _CHAT_QUERY.where(wanted).order_by(chats.c.id)
    if lock:
        # NO KEY UPDATE: others may still insert rows that refer to this chat.
        query = query.with_for_update(of=chats, key_share=True)
    return {(row.channel, row.chat_key): _chat(row) for row in await conn.execute(query)}


_CHAT_QUERY = select(
    chats.c.id,
    chats.c.channel,
    chats.c.chat_key,
    chats.c.status,
    chats.c.state,
    chats.c.questions,
    chats.c.misses,
    chats.c.person_id,
    persons.c.display_name,
    persons.c.phone,
    persons.c.commune_code,
    persons.c.team_id,
    persons.c.consent_version,
).join(persons, persons.c.id == chats.c.person_id)


def _chat(row: Any) -> Chat:
    person = Person(
        row.person_id,
        row.display_name,
        row.phone,
        row.commune_code,
        row.team_id,
        row.consent_version,
    )
    return Chat(
        row.id,
        row.channel,
        row.chat_key,
        row.status,
        row.state,
        row.questions,
        row.misses,
        person,
    )


async def _create_chat(conn: AsyncConnection, channel: str, chat_key: str, now: datetime) -> None:
    person_id = (
        await conn.execute(insert(persons).values(created_at=now).returning(persons.c.id))
    ).scalar_one()
    made = (
        insert_for(conn, chats)
        .values(channel=channel, chat_key=chat_key, person_id=person_id, last_seen_at=now)
        .on_conflict_do_nothing()
        .returning(chats.c.id)
    )
    if (await conn.execute(made)).one_or_none() is None:
        # Another worker made the chat meanwhile: its person stays, ours goes.
        await conn.execute(delete(persons).where(persons.c.id == person_id))


_SAVE_CHAT = (
    update(chats)
    .where(chats.c.id == bindparam("chat_id"))
    .values(
        state=bindparam("state"),
        questions=bindparam("questions"),
        misses=bindparam("misses"),
        status="active",
        last_seen_at=bindparam("last_seen_at"),
    )
)


async def save_chats(conn: AsyncConnection, changed: Sequence[Chat], now: datetime) -> None:
    """Write back where these conversations stand; who wrote to us is active again."""
    rows = [
        {
            "chat_id": chat.id,
            "state": chat.state,
            "questions": chat.questions,
            "misses": chat.misses,
            "last_seen_at": now,
        }
        for chat in changed
    ]
    if rows:
        await conn.execute(_SAVE_CHAT, rows)


async def save_state(conn: AsyncConnection, chat_id: int, state: dict[str, Any] | None) -> None:
    """Put one chat into a state from outside its own conversation."""
    await conn.execute(update(chats).where(chats.c.id == chat_id).values(state=state))


async def stop_chat(conn: AsyncConnection, chat_id: int) -> None:
    """Never write there again until they write to us."""
    await conn.execute(update(chats).where(chats.c.id == chat_id).values(status="stopped"))


async def move_chat(conn: AsyncConnection, chat_id: int, chat_key: str) -> None:
    """The platform gave this chat a new key."""
    await conn.execute(update(chats).where(chats.c.id == chat_id).values(chat_key=chat_key))


async def find_addresses(conn: AsyncConnection, person_ids: Iterable[int]) -> dict[int, Address]:
    """The active chat that each of these persons used last; persons without one are absent."""
    wanted = list(dict.fromkeys(person_ids))
    if not wanted:
        return {}
    query = (
        select(
            chats.c.person_id,
            chats.c.id,
            chats.c.chat_key,
            chats.c.channel,
            chats.c.state.is_(None),
        )
        .where(chats.c.person_id.in_(wanted), chats.c.status == "active")
        .order_by(chats.c.last_seen_at, chats.c.id)
    )
    rows = await conn.execute(query)
    return {person: Address(chat, key, name, bool(rest)) for person, chat, key, name, rest in rows}


async def get_person(conn: AsyncConnection, person_id: int) -> Person:
    """The person. Raises NoResultFound when there is none."""
    columns = (
        persons.c.id,
        persons.c.display_name,
        persons.c.phone,
        persons.c.commune_code,
        persons.c.team_id,
        persons.c.consent_version,
    )
    row = (await conn.execute(select(*columns).where(persons.c.id == person_id))).one()
    return Person(*row)


async def change_person(conn: AsyncConnection, person: Person, **values: Any) -> Person:
    """Keep what a person told about themselves; returns the person as they are now."""
    await conn.execute(update(persons).where(persons.c.id == person.id).values(**values))
    return replace(person, **values)


async def give_consent(
    conn: AsyncConnection, person: Person, version: str, now: datetime
) -> Person:
    """Record that this wording was agreed to, and when (Law 91/2025/QH15)."""
    await conn.execute(
        insert(consents).values(person_id=person.id, wording_version=version, given_at=now)
    )
    return await change_person(conn, person, consent_version=version)


async def withdraw_consent(conn: AsyncConnection, person: Person, now: datetime) -> Person:
    """Record that consent was taken back, and when."""
    await conn.execute(
        update(consents)
        .where(consents.c.person_id == person.id, consents.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    return await change_person(conn, person, consent_version=None)
