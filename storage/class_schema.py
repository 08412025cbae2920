"""Tables of classes: what is held when and where, who comes, and what is still to be said."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from storage.columns import BigId, UtcTime, id_column, metadata, ref

class_meetings = Table(
    "class_meetings",
    metadata,
    id_column(),
    # The first meeting of a weekly class; null on that one itself. Invitations go out once for all.
    ref("first_id", "class_meetings.id", nullable=True),
    # Null when a ward holds the class for its whole unit.
    ref("team_id", "teams.id", nullable=True),
    Column("commune_code", String(16), nullable=False),
    # team | commune | course: whose residents are invited
    Column("audience", String(8), nullable=False),
    Column("course_id", String(40)),
    # What it is about in the leader's own words; empty when it is about a course.
    Column("topic", String(80), nullable=False, default=""),
    # Where, in words; and the meeting house on the map, when somebody has shown it.
    Column("venue", String(200), nullable=False, default=""),
    Column("lat", Float),
    Column("lon", Float),
    Column("seats", Integer, nullable=False),
    Column("minutes", Integer, nullable=False),
    # Weekly: when this meeting is over, the next one is made, a week after `slot_at`, which stays
    # in the rhythm when a single date is moved.
    Column("weekly", Boolean, nullable=False, default=False),
    Column("slot_at", UtcTime, nullable=False),
    Column("starts_at", UtcTime, nullable=False),
    # planned | cancelled | over
    Column("status", String(16), nullable=False, default="planned"),
    # What the calendar counts changes by (RFC 5545, SEQUENCE).
    Column("changes", Integer, nullable=False, default=0),
    # Typed or scanned from the wall by those who came.
    Column("wall_code", String(8), nullable=False),
    # What its calendar files are kept under, unguessable.
    Column("file_key", String(40), nullable=False),
    ref("made_by", "persons.id", nullable=True),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("status in ('planned', 'cancelled', 'over')", name="status"),
    CheckConstraint("audience in ('team', 'commune', 'course')", name="audience"),
    CheckConstraint("seats > 0", name="seats"),
    Index("ix_class_meetings_first_id", "first_id"),
    Index("ix_class_meetings_team_id", "team_id"),
    Index("ix_class_meetings_commune_code_status", "commune_code", "status"),
    Index("ix_class_meetings_wall_code", "wall_code"),
)

class_signups = Table(
    "class_signups",
    metadata,
    id_column(),
    ref("meeting_id", "class_meetings.id", ondelete="CASCADE"),
    # Null once the person was forgotten: the figures stay.
    ref("person_id", "persons.id", nullable=True),
    # signed | waiting | skipped (back next week) | left | walk_in (came without a seat)
    Column("status", String(16), nullable=False),
    # When they came into the line, on which they move up.
    Column("queued_at", UtcTime, nullable=False),
    Column("came_at", UtcTime),
    # 3 good, 2 so-so, 1 not good
    Column("rating", Integer),
    UniqueConstraint("meeting_id", "person_id"),
    CheckConstraint("status in ('signed', 'waiting', 'skipped', 'left', 'walk_in')", name="status"),
    Index("ix_class_signups_person_id", "person_id"),
)

class_invites = Table(
    "class_invites",
    metadata,
    # The first meeting of the class.
    Column(
        "class_id", BigId, ForeignKey("class_meetings.id", ondelete="CASCADE"), primary_key=True
    ),
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    Column("invited_at", UtcTime, nullable=False),
    Column("declined_at", UtcTime),
    Index("ix_class_invites_person_id", "person_id"),
)

class_quiet = Table(
    "class_quiet",
    metadata,
    # Said stop: is invited to no class until they say otherwise.
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    Column("since", UtcTime, nullable=False),
)

class_dues = Table(
    "class_dues",
    metadata,
    id_column(),
    ref("meeting_id", "class_meetings.id", ondelete="CASCADE"),
    # invite | day_before | hour_before | begin | thanks | summary
    Column("kind", String(16), nullable=False),
    Column("due_at", UtcTime, nullable=False),
    # pending | sent | missed (came too late to be of use) | cancelled
    Column("status", String(16), nullable=False, default="pending"),
    Column("ended_at", UtcTime),
    UniqueConstraint("meeting_id", "kind"),
    CheckConstraint("status in ('pending', 'sent', 'missed', 'cancelled')", name="status"),
    Index("ix_class_dues_status_due_at", "status", "due_at"),
)

class_suggestions = Table(
    "class_suggestions",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    # The digital-learning day for which this leader was reminded to hold a class.
    Column("day", Date, primary_key=True),
)
