"""Tables of courses: who learns what, when a lesson is due, and what is to be asked again."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from storage.columns import BigId, UtcTime, id_column, metadata, ref

learners = Table(
    "learners",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    # android | iphone; NULL = not told
    Column("phone", String(8)),
    # One bit a weekday, Monday lowest; 0 = learns without being reminded.
    Column("days", Integer, nullable=False, default=0),
    # Minutes since local midnight.
    Column("at_min", Integer, nullable=False, default=0),
    Column("in_tet", Boolean, nullable=False, default=False),
    # Whether the own team's leaders may see how far this person is.
    Column("team_may_see", Boolean, nullable=False, default=False),
    # The lesson that comes next; NULL when everything begun is done.
    Column("course_id", String(12)),
    Column("lesson_id", String(24)),
    # NULL = nothing is due: paused, no schedule, or nothing left to learn.
    Column("next_due_at", UtcTime),
    # lesson | again | snooze
    Column("next_kind", String(8), nullable=False, default="lesson"),
    # The last local day with a lesson message, so that there are never two on one.
    Column("last_day", Date),
    Column("nudges", Integer, nullable=False, default=0),
    Column("last_active_at", UtcTime, nullable=False),
    Column("asked_pause_at", UtcTime),
    Column("paused_at", UtcTime),
    Index("ix_learners_next_due_at", "next_due_at"),
)

enrolments = Table(
    "enrolments",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    Column("course_id", String(12), nullable=False),
    # active | done | left
    Column("status", String(8), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    UniqueConstraint("person_id", "course_id"),
    Index("ix_enrolments_course_id_status", "course_id", "status"),
)

lesson_results = Table(
    "lesson_results",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    Column("lesson_id", String(24), primary_key=True),
    Column("course_id", String(12), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("done_at", UtcTime),
    # Questions answered right at the first try, of how many.
    Column("right", Integer, nullable=False, default=0),
    Column("asked", Integer, nullable=False, default=0),
)

reviews = Table(
    "reviews",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    Column("lesson_id", String(24), nullable=False),
    # Which question of the lesson, the first is 0.
    Column("question", Integer, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    # How often it was answered right since it was answered wrong.
    Column("round", Integer, nullable=False, default=0),
    UniqueConstraint("person_id", "lesson_id", "question"),
    Index("ix_reviews_person_id_due_at", "person_id", "due_at"),
)

nudges = Table(
    "nudges",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    # lesson | again | snooze | pause
    Column("kind", String(8), nullable=False),
    Column("lesson_id", String(24)),
    Column("due_at", UtcTime, nullable=False),
    # sent (into the outbox) | missed | unreachable
    Column("status", String(16), nullable=False),
    # The local day of a message that was not asked for; two on one day are impossible.
    Column("day", Date),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("person_id", "day"),
    Index("ix_nudges_status_at", "status", "at"),
)

course_interest = Table(
    "course_interest",
    metadata,
    Column("person_id", BigId, ForeignKey("persons.id", ondelete="CASCADE"), primary_key=True),
    Column("course_id", String(12), primary_key=True),
    # How often guides were opened that this course is about.
    Column("opens", Integer, nullable=False),
    Column("offered_at", UtcTime),
)
