"""Tables of the web chat and of files that no platform keeps for us."""

from sqlalchemy import JSON, Column, Index, LargeBinary, String, Table, UniqueConstraint

from storage.columns import UtcTime, id_column, metadata, ref

web_messages = Table(
    "web_messages",
    metadata,
    id_column(),
    Column("chat_key", String(128), nullable=False),
    # in: typed in the browser; out: said by the bot
    Column("direction", String(3), nullable=False),
    # The browser's id of what it sent, or the outbox row's: each is kept once.
    Column("source_id", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("chat_key", "direction", "source_id"),
    Index("ix_web_messages_chat_key_id", "chat_key", "id"),
)

web_sessions = Table(
    "web_sessions",
    metadata,
    # The SHA-256 of the cookie: who reads the database can't become the resident.
    Column("chat_key", String(128), primary_key=True),
    Column("created_at", UtcTime, nullable=False),
    Column("last_seen_at", UtcTime, nullable=False),
)

media = Table(
    "media",
    metadata,
    # An unguessable name; whoever holds it was sent it.
    Column("key", String(64), primary_key=True),
    ref("chat_id", "chats.id", nullable=True, ondelete="CASCADE"),
    # That of a spreadsheet alone has 65 characters.
    Column("mime", String(128), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)
