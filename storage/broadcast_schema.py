"""Tables of announcements: what is said, to whom, and what became of it for each person."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import BigId, UtcTime, id_column, metadata, ref

broadcasts = Table(
    "broadcasts",
    metadata,
    id_column(),
    # Stands in the message; whoever types it is told whether the message is genuine.
    Column("code", String(12), nullable=False, unique=True),
    # news (of a unit) | lessons | emergency (can't be muted)
    Column("kind", String(16), nullable=False),
    # draft | waiting_approval | scheduled | sending | paused | stopped | done | withdrawn
    Column("status", String(20), nullable=False),
    ref("author_id", "persons.id", nullable=True),
    # How far the author's office reaches; neither = the city. The audience is cut down to it.
    Column("commune_code", String(16)),
    ref("team_id", "teams.id", nullable=True),
    Column("text", Text, nullable=False, default=""),
    # [kind, ref, mime], as in the outbox
    Column("media", JSON(none_as_null=True)),
    # What the author wants: the dialogue's own words for it.
    Column("buttons", JSON, nullable=False, default=list),
    Column("audience", JSON(none_as_null=True)),
    # The message as channels take it, the same for all; made when the audience is frozen.
    Column("body", JSON(none_as_null=True)),
    # Persons in the frozen audience: what the ledger must always add up to.
    Column("audience_count", Integer),
    # Null = as soon as it may.
    Column("send_at", UtcTime),
    # Never sent at this time or later.
    Column("expires_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("submitted_at", UtcTime),
    ref("approved_by", "persons.id", nullable=True),
    Column("frozen_at", UtcTime),
    Column("started_at", UtcTime),
    Column("ended_at", UtcTime),
    # Who got it has been forgotten; only the figures are left.
    Column("forgotten", Boolean, nullable=False, default=False),
    # The announcement that this one changes on people's screens.
    ref("corrects", "broadcasts.id", nullable=True),
    # The first of its kind, of which this is a regular repetition.
    ref("repeats", "broadcasts.id", nullable=True),
    CheckConstraint("kind in ('news', 'lessons', 'emergency')", name="kind"),
    CheckConstraint(
        "status in ('draft', 'waiting_approval', 'scheduled', 'sending', 'paused', 'stopped',"
        " 'done', 'withdrawn')",
        name="status",
    ),
    CheckConstraint(
        "status in ('draft', 'waiting_approval') or (body is not null and frozen_at is not null"
        " and expires_at is not null and audience_count is not null)",
        name="frozen_before_it_is_sent",
    ),
    CheckConstraint("approved_by is null or approved_by <> author_id", name="second_officer"),
    Index("ix_broadcasts_status", "status"),
    Index("ix_broadcasts_author_id", "author_id"),
    Index("ix_broadcasts_corrects", "corrects"),
)

broadcast_recipients = Table(
    "broadcast_recipients",
    metadata,
    id_column(),
    ref("broadcast_id", "broadcasts.id"),
    # Null once the person has asked to be forgotten: the figure stays.
    ref("person_id", "persons.id", nullable=True),
    ref("chat_id", "chats.id", nullable=True),
    Column("channel", String(16), nullable=False),
    Column("commune_code", String(16)),
    ref("team_id", "teams.id", nullable=True),
    # pending | leased | sent | failed | skipped | unknown
    Column("status", String(16), nullable=False),
    # Of a skipped one: left | muted | expired | stopped
    Column("reason", String(16)),
    Column("attempts", Integer, nullable=False, default=0, server_default="0"),
    # After a failure: not tried again before this.
    Column("not_before", UtcTime),
    Column("lease_owner", String(32)),
    Column("leased_until", UtcTime),
    Column("platform_message_id", String(64)),
    # The platform's id of the message to change, of a correction.
    Column("edits", String(64)),
    Column("error", String(64)),
    Column("sent_at", UtcTime),
    Column("acknowledged_at", UtcTime),
    # How often an officer had it sent again though it may have arrived.
    Column("resent", Integer, nullable=False, default=0, server_default="0"),
    # By person first: it also finds what a person was sent.
    UniqueConstraint("person_id", "broadcast_id"),
    Index("ix_broadcast_recipients_queue", "broadcast_id", "status", "channel", "id"),
    # Only what is held, which is little: the rows of a sender that died are found by it.
    Index(
        "ix_broadcast_recipients_leased",
        "channel",
        "leased_until",
        sqlite_where=text("leased_until is not null"),
        postgresql_where=text("leased_until is not null"),
    ),
)

bulk_turns = Table(
    "bulk_turns",
    metadata,
    Column("channel", String(16), primary_key=True),
    # The one sender that sends announcements there, so that workers don't add up their rates.
    Column("owner", String(32), nullable=False),
    Column("until", UtcTime, nullable=False),
)

broadcast_templates = Table(
    "broadcast_templates",
    metadata,
    id_column(),
    Column("name", String(80), nullable=False),
    # With blanks, in the dialogue's own notation.
    Column("text", Text, nullable=False),
    Column("buttons", JSON, nullable=False),
    # Who may use it: a team, a unit, or everybody who may announce.
    Column("commune_code", String(16)),
    ref("team_id", "teams.id", nullable=True),
    ref("created_by", "persons.id", nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
)

broadcast_recurrences = Table(
    "broadcast_recurrences",
    metadata,
    id_column(),
    # The announcement that is repeated; approved once for all times.
    ref("broadcast_id", "broadcasts.id"),
    # weekly | monthly
    Column("every", String(8), nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("until", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("stopped_at", UtcTime),
    CheckConstraint("every in ('weekly', 'monthly')", name="every"),
    UniqueConstraint("broadcast_id"),
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    # news | lessons; who has no row gets it.
    Column("kind", String(16), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)
