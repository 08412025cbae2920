"""Chat groups of teams, in which offers are posted for all members to see."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import chats, outbox, team_groups


@dataclass(frozen=True, slots=True)
class Group:
    """The group of a team, as a chat that can be written to."""

    chat_id: int
    chat_key: str
    channel: str


async def link_group(
    conn: AsyncConnection, team_id: int, channel: str, chat_key: str, now: datetime
) -> None:
    """From now on this team's offers are posted in this group, and in no other one."""
    made = insert_for(conn, chats).values(channel=channel, chat_key=chat_key, last_seen_at=now)
    active = made.on_conflict_do_update(
        index_elements=["channel", "chat_key"], set_={"status": "active"}
    )
    chat_id = (await conn.execute(active.returning(chats.c.id))).scalar_one()
    linked = insert_for(conn, team_groups).values(team_id=team_id, chat_id=chat_id)
    await conn.execute(
        linked.on_conflict_do_update(index_elements=["team_id"], set_={"chat_id": chat_id})
    )


async def find_group(conn: AsyncConnection, team_id: int) -> Group | None:
    """The team's group; None when it has none, or the bot was thrown out of it."""
    query = (
        select(chats.c.id, chats.c.chat_key, chats.c.channel)
        .join(team_groups, team_groups.c.chat_id == chats.c.id)
        .where(team_groups.c.team_id == team_id, chats.c.status == "active")
    )
    row = (await conn.execute(query)).one_or_none()
    return Group(*row) if row else None


async def list_posted(conn: AsyncConnection, chat_id: int, request_id: int) -> list[str | None]:
    """The platform's ids of what was posted about a request; None for what is still under way."""
    query = (
        select(outbox.c.platform_message_id)
        .where(outbox.c.chat_id == chat_id, outbox.c.request_id == request_id)
        .order_by(outbox.c.id)
    )
    return list((await conn.execute(query)).scalars())
