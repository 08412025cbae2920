"""Tables of guides, what people want to know, and what they are reminded of."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from storage.columns import BigId, UtcTime, id_column, metadata, ref

guide_progress = Table(
    "guide_progress",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    Column("guide_id", String(40), primary_key=True),
    Column("step", Integer, nullable=False, default=0),
    # One bit a document, the first one lowest.
    Column("ticks", BigInteger, nullable=False, default=0),
    # reading | done
    Column("status", String(16), nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Index("ix_guide_progress_guide_id", "guide_id"),
)

guide_opens = Table(
    "guide_opens",
    metadata,
    Column("guide_id", String(40), primary_key=True),
    # The local day; who opened it is not kept.
    Column("day", Date, primary_key=True),
    Column("opens", Integer, nullable=False),
)

guide_ratings = Table(
    "guide_ratings",
    metadata,
    id_column(),
    Column("guide_id", String(40), nullable=False),
    # 3 easy to follow, 2 so-so, 1 hard
    Column("rating", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
)

guide_flags = Table(
    "guide_flags",
    metadata,
    id_column(),
    Column("guide_id", String(40), nullable=False),
    Column("step", Integer, nullable=False),
    Column("reason", String(500), nullable=False),
    # Who said so, to be told what became of it.
    ref("person_id", "persons.id", nullable=True),
    # open | mended | kept
    Column("status", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    ref("answered_by", "persons.id", nullable=True),
    Column("answered_at", UtcTime),
    Index("ix_guide_flags_status", "status"),
)

questions = Table(
    "questions",
    metadata,
    id_column(),
    # Without numbers and names, and nobody's: from it the next guide is written.
    Column("said", String(300), nullable=False),
    # open | choose | none
    Column("decision", String(8), nullable=False),
    Column("guides", JSON, nullable=False),
    # "" nothing said against it | wrong | the guide that was chosen instead
    Column("outcome", String(40), nullable=False),
    Column("at", UtcTime, nullable=False),
    Index("ix_questions_at", "at"),
)

deadlines = Table(
    "deadlines",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    # Which paper expires, by its id in handlers.deadlines; NULL = something of one's own.
    Column("paper", String(16)),
    # What it is about in the person's own words, without numbers.
    Column("note", String(200), nullable=False, default=""),
    Column("on_day", Date, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_deadlines_person_id", "person_id"),
)

reminders = Table(
    "reminders",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    Column("guide_id", String(40)),
    Column("step", Integer, nullable=False, default=0),
    # The deadline it is about; then there is no step.
    ref("deadline_id", "deadlines.id", nullable=True, ondelete="CASCADE"),
    Column("due_at", UtcTime, nullable=False),
    # pending | sent | missed (a later one said it) | unreachable | cancelled
    Column("status", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_reminders_status_due_at", "status", "due_at"),
    Index("ix_reminders_person_id", "person_id"),
)
