"""Pictures and recordings that have no platform to stay on, under unguessable keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.types import Media, MediaKind
from storage.engine import insert_for
from storage.schema import chats, media

STORE = "store:"


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """The content of a photo, voice note or file."""

    mime: str
    content: bytes


async def keep_media(
    conn: AsyncConnection,
    key: str,
    mime: str,
    content: bytes,
    now: datetime,
    *,
    chat_id: int | None = None,
) -> Media:
    """Keep something that we made ourselves; returns how messages refer to it.

    What is there under the key already stays: a picture of a guide is kept once. What belongs
    to a chat goes when its person is forgotten.
    """
    made = insert_for(conn, media).values(
        key=key, chat_id=chat_id, mime=mime, content=content, created_at=now
    )
    await conn.execute(made.on_conflict_do_nothing())
    kind: MediaKind = "photo" if mime.startswith("image/") else "file"
    return Media(kind, f"{STORE}{key}", mime)


async def put_media(
    conn: AsyncConnection, *, key: str, chat_key: str, mime: str, content: bytes, now: datetime
) -> None:
    """Keep what was sent in a web chat; it goes when its chat goes, if that is known."""
    owner = select(chats.c.id).where(chats.c.channel == "web", chats.c.chat_key == chat_key)
    await conn.execute(
        insert(media).values(
            key=key,
            chat_id=(await conn.execute(owner)).scalar_one_or_none(),
            mime=mime,
            content=content,
            created_at=now,
        )
    )


async def get_media(conn: AsyncConnection, key: str) -> StoredMedia:
    """The file under a key, "store:" in front of it or not. Raises LookupError when it is gone."""
    query = select(media.c.mime, media.c.content).where(media.c.key == key.removeprefix(STORE))
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise LookupError("no such media")
    return StoredMedia(row.mime, bytes(row.content))


async def get_media_type(conn: AsyncConnection, key: str) -> str:
    """The MIME type of the file under a key. Raises LookupError when there is none."""
    found = (await conn.execute(select(media.c.mime).where(media.c.key == key))).scalar()
    if found is None:
        raise LookupError("no such media")
    return str(found)
