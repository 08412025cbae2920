"""All tables. Times are aware UTC; naive ones are refused."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.broadcast_schema import (
    broadcast_recipients,
    broadcast_recurrences,
    broadcast_templates,
    broadcasts,
    bulk_turns,
    subscriptions,
)
from storage.class_schema import (
    class_dues,
    class_invites,
    class_meetings,
    class_quiet,
    class_signups,
    class_suggestions,
)
from storage.columns import BigId, UtcTime, id_column, metadata, ref
from storage.guide_schema import (
    deadlines,
    guide_flags,
    guide_opens,
    guide_progress,
    guide_ratings,
    questions,
    reminders,
)
from storage.learning_schema import (
    course_interest,
    enrolments,
    learners,
    lesson_results,
    nudges,
    reviews,
)
from storage.web_schema import media, web_messages, web_sessions

# --- who is there -------------------------------------------------------------------------

teams = Table(
    "teams",
    metadata,
    id_column(),
    # The ward's own stable reference; a repeated import finds the team again by it.
    Column("code", String(64), nullable=False, unique=True),
    Column("commune_code", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    # fold()ed name, so that "to 12" finds "Tổ dân phố 12".
    Column("folded_name", String(200), nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("valid_from", UtcTime, nullable=False),
    Column("valid_to", UtcTime),
    ref("merged_into", "teams.id", nullable=True),
    Column("demo", Boolean, nullable=False, default=False),
    Index("ix_teams_commune_code", "commune_code"),
    Index("ix_teams_lat_lon", "lat", "lon"),
)

team_former_names = Table(
    "team_former_names",
    metadata,
    id_column(),
    ref("team_id", "teams.id", ondelete="CASCADE"),
    Column("name", String(200), nullable=False),
    Column("folded_name", String(200), nullable=False),
    UniqueConstraint("team_id", "name"),
)

persons = Table(
    "persons",
    metadata,
    id_column(),
    Column("display_name", String(80)),
    Column("phone", String(20)),
    # Where the resident lives, as far as they told: never a point on the map.
    Column("commune_code", String(16)),
    ref("team_id", "teams.id", nullable=True),
    # The consent in force; the table `consents` has every one that was given or withdrawn.
    Column("consent_version", String(32)),
    Column("created_at", UtcTime, nullable=False),
)

chats = Table(
    "chats",
    metadata,
    id_column(),
    Column("channel", String(16), nullable=False),
    Column("chat_key", String(128), nullable=False),
    # Null for a group: it belongs to nobody, and only a team's offers are posted there.
    ref("person_id", "persons.id", nullable=True),
    # active | stopped: blocked the bot or gone; never written to again until they write.
    Column("status", String(16), nullable=False, default="active"),
    # What the dialogue waits for: {"step", "data", "ask", "back"}; null at rest.
    Column("state", JSON(none_as_null=True)),
    # Questions asked so far: the number of the last one tells old buttons from current ones.
    Column("questions", Integer, nullable=False, default=0),
    Column("misses", Integer, nullable=False, default=0),
    Column("last_seen_at", UtcTime, nullable=False),
    UniqueConstraint("channel", "chat_key"),
    Index("ix_chats_person_id", "person_id"),
)

updates = Table(
    "updates",
    metadata,
    Column("channel", String(16), primary_key=True),
    Column("update_id", String(128), primary_key=True),
    Column("received_at", UtcTime, nullable=False),
    Index("ix_updates_received_at", "received_at"),
)

consents = Table(
    "consents",
    metadata,
    id_column(),
    ref("person_id", "persons.id", ondelete="CASCADE"),
    Column("wording_version", String(32), nullable=False),
    Column("given_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    Index("ix_consents_person_id", "person_id"),
)

memberships = Table(
    "memberships",
    metadata,
    id_column(),
    # volunteer | deputy | leader (of a team), ward_officer (of a commune), city_officer
    Column("role", String(16), nullable=False),
    ref("team_id", "teams.id", nullable=True),
    Column("commune_code", String(16)),
    # Null until the person on the roster joins with an invite.
    ref("person_id", "persons.id", nullable=True),
    Column("display_name", String(80), nullable=False),
    Column("phone", String(20)),
    # Minutes after local midnight between which offers may come, and a pause on top.
    Column("duty_from_min", Integer, nullable=False, default=7 * 60),
    Column("duty_to_min", Integer, nullable=False, default=20 * 60),
    Column("off_duty", Boolean, nullable=False, default=False),
    Column("last_offered_at", UtcTime),
    ref("granted_by", "persons.id", nullable=True),
    # Came with an imported roster; a later roster takes away only what a roster gave.
    Column("from_roster", Boolean, nullable=False, default=False),
    Column("created_at", UtcTime, nullable=False),
    Column("removed_at", UtcTime),
    CheckConstraint(
        "role in ('volunteer', 'deputy', 'leader', 'ward_officer', 'city_officer')", name="role"
    ),
    Index("ix_memberships_team_id", "team_id"),
    Index("ix_memberships_person_id", "person_id"),
    Index("ix_memberships_commune_code", "commune_code"),
)

team_groups = Table(
    "team_groups",
    metadata,
    Column("team_id", BigId, ForeignKey("teams.id"), primary_key=True),
    ref("chat_id", "chats.id"),
)

invites = Table(
    "invites",
    metadata,
    id_column(),
    Column("code", String(16), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    ref("team_id", "teams.id", nullable=True),
    Column("commune_code", String(16)),
    ref("created_by", "persons.id", nullable=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("uses_left", Integer, nullable=False),
)

boundaries = Table(
    "boundaries",
    metadata,
    Column("commune_code", String(16), primary_key=True),
    # GeoJSON MultiPolygon coordinates, longitude first.
    Column("polygons", JSON, nullable=False),
)

# --- requests for help --------------------------------------------------------------------

help_requests = Table(
    "help_requests",
    metadata,
    id_column(),
    # Short, spoken over the phone: no letters or digits that look alike.
    Column("code", String(12), nullable=False, unique=True),
    ref("person_id", "persons.id"),
    ref("chat_id", "chats.id"),
    Column("topic", String(32), nullable=False),
    Column("description", Text, nullable=False, default=""),
    # The guide and the step of it at which the resident got stuck; 0 = before the first.
    Column("guide_id", String(40)),
    Column("guide_step", Integer),
    # Or the lesson.
    Column("lesson_id", String(24)),
    Column("attachments", JSON, nullable=False, default=list),
    # Whom the help is for when it is not the writer ("mẹ tôi, 82 tuổi"); null = the writer.
    Column("beneficiary", String(200)),
    Column("commune_code", String(16), nullable=False),
    ref("team_id", "teams.id", nullable=True),
    # Where to come, in words; shown to the helper only after the claim.
    Column("address", String(300), nullable=False, default=""),
    # From the place once shared to the team's meeting house; the place itself is not kept.
    Column("distance_km", Float),
    # phone | visit | chat
    Column("way", String(16), nullable=False, default="visit"),
    # "As soon as possible": the ladder has to be done within one working day.
    Column("urgent", Boolean, nullable=False, default=False),
    Column("wanted_at", UtcTime),
    # open | claimed | done | closed | cancelled
    Column("status", String(16), nullable=False),
    ref("claimed_by", "memberships.id", nullable=True),
    Column("claimed_at", UtcTime),
    Column("verification_code", String(8)),
    # The rung of the ladder that has been offered, and when the next thing is due.
    Column("rung", Integer, nullable=False, default=0),
    Column("next_at", UtcTime),
    Column("last_sign_at", UtcTime),
    Column("nudged", Integer, nullable=False, default=0),
    Column("outcome", String(32)),
    Column("rating", Integer),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    # A promise of the design: whatever is not over has a next deadline.
    CheckConstraint(
        "status in ('closed', 'cancelled') or next_at is not null", name="never_forgotten"
    ),
    CheckConstraint("status <> 'claimed' or claimed_by is not null", name="claimed_by_someone"),
    CheckConstraint("status in ('open', 'claimed', 'done', 'closed', 'cancelled')", name="status"),
    Index("ix_help_requests_status_next_at", "status", "next_at"),
    Index("ix_help_requests_person_id", "person_id"),
    Index("ix_help_requests_claimed_by", "claimed_by"),
)

offers = Table(
    "offers",
    metadata,
    id_column(),
    ref("request_id", "help_requests.id", ondelete="CASCADE"),
    ref("membership_id", "memberships.id"),
    Column("rung", Integer, nullable=False),
    Column("distance_km", Float),
    # offered | declined | claimed | released | lapsed
    Column("status", String(16), nullable=False, default="offered"),
    Column("offered_at", UtcTime, nullable=False),
    UniqueConstraint("request_id", "membership_id"),
    Index("ix_offers_membership_id", "membership_id"),
)

request_events = Table(
    "request_events",
    metadata,
    id_column(),
    ref("request_id", "help_requests.id", ondelete="CASCADE"),
    Column("at", UtcTime, nullable=False),
    # opened | offered | widened | claimed | released | taken_back | done | confirmed | ...
    Column("kind", String(24), nullable=False),
    ref("membership_id", "memberships.id", nullable=True),
    Column("detail", String(200), nullable=False, default=""),
    Index("ix_request_events_request_id", "request_id"),
)

# --- messages -----------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    id_column(),
    ref("chat_id", "chats.id", ondelete="CASCADE"),
    Column("channel", String(16), nullable=False),
    # 0 reply, 1 request and offer, 2 reminder, 3 broadcast
    Column("priority", Integer, nullable=False),
    Column("body", JSON, nullable=False),
    # pending | leased | sent | failed | skipped | unknown
    Column("status", String(16), nullable=False),
    Column("not_before", UtcTime, nullable=False),
    Column("lease_owner", String(32)),
    Column("leased_until", UtcTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("platform_message_id", String(64)),
    Column("error", String(64)),
    # The request that it tells of, so that it can be forgotten with it.
    ref("request_id", "help_requests.id", nullable=True, ondelete="SET NULL"),
    # The row that may or may not have arrived, of which this is a second try.
    ref("resend_of", "outbox.id", nullable=True, ondelete="SET NULL"),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Index(
        "ix_outbox_due",
        "channel",
        "priority",
        "id",
        sqlite_where=text("status in ('pending', 'leased')"),
        postgresql_where=text("status in ('pending', 'leased')"),
    ),
    Index("ix_outbox_chat_id", "chat_id"),
    Index("ix_outbox_request_id", "request_id"),
)

# --- keeping house ------------------------------------------------------------------------

settings_kept = Table(
    "settings_kept",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    Column("at", UtcTime, nullable=False),
    ref("person_id", "persons.id", nullable=True),
    Column("action", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Index("ix_audit_at", "at"),
)

__all__ = [
    "BigId",
    "UtcTime",
    "audit",
    "boundaries",
    "broadcast_recipients",
    "broadcast_recurrences",
    "broadcast_templates",
    "broadcasts",
    "bulk_turns",
    "chats",
    "class_dues",
    "class_invites",
    "class_meetings",
    "class_quiet",
    "class_signups",
    "class_suggestions",
    "consents",
    "course_interest",
    "deadlines",
    "enrolments",
    "guide_flags",
    "guide_opens",
    "guide_progress",
    "guide_ratings",
    "help_requests",
    "invites",
    "learners",
    "lesson_results",
    "media",
    "memberships",
    "metadata",
    "nudges",
    "offers",
    "outbox",
    "persons",
    "questions",
    "reminders",
    "request_events",
    "reviews",
    "settings_kept",
    "subscriptions",
    "team_former_names",
    "team_groups",
    "teams",
    "updates",
    "web_messages",
    "web_sessions",
]
