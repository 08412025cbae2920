"""Tables of the web chat: what stands on its screens, and whose screen it is."""

from sqlalchemy import JSON, Column, Index, String, Table, UniqueConstraint

from storage.columns import UtcTime, id_column, metadata

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
