"""A few values that outlive a restart and belong to no other table."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import insert_for
from storage.schema import settings_kept


async def find_kept(conn: AsyncConnection, key: str) -> str | None:
    """The value, or None when nothing was kept under this key."""
    query = select(settings_kept.c.value).where(settings_kept.c.key == key)
    value: str | None = (await conn.execute(query)).scalar_one_or_none()
    return value


async def keep(conn: AsyncConnection, key: str, value: str) -> None:
    """Keep a value, in place of the one before."""
    query = insert_for(conn, settings_kept).values(key=key, value=value)
    await conn.execute(query.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
