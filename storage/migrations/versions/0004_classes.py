"""classes"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "class_meetings",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("team_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("commune_code", sa.String(length=16), nullable=False),
        sa.Column("audience", sa.String(length=8), nullable=False),
        sa.Column("course_id", sa.String(length=40), nullable=True),
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("venue", sa.String(length=200), nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("slot_at", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("wall_code", sa.String(length=8), nullable=False),
        sa.Column("file_key", sa.String(length=40), nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "audience in ('team', 'commune', 'course')", name=op.f("ck_class_meetings_audience")
        ),
        sa.CheckConstraint(
            "status in ('planned', 'cancelled', 'over')", name=op.f("ck_class_meetings_status")
        ),
        sa.CheckConstraint("seats > 0", name=op.f("ck_class_meetings_seats")),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["class_meetings.id"],
            name=op.f("fk_class_meetings_first_id_class_meetings"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["persons.id"], name=op.f("fk_class_meetings_made_by_persons")
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_class_meetings_team_id_teams")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_meetings")),
    )
    with op.batch_alter_table("class_meetings", schema=None) as batch_op:
        batch_op.create_index(
            "ix_class_meetings_commune_code_status", ["commune_code", "status"], unique=False
        )
        batch_op.create_index("ix_class_meetings_first_id", ["first_id"], unique=False)
        batch_op.create_index("ix_class_meetings_team_id", ["team_id"], unique=False)
        batch_op.create_index("ix_class_meetings_wall_code", ["wall_code"], unique=False)

    op.create_table(
        "class_quiet",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
            name=op.f("fk_class_quiet_person_id_persons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_class_quiet")),
    )
    op.create_table(
        "class_suggestions",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
            name=op.f("fk_class_suggestions_person_id_persons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "day", name=op.f("pk_class_suggestions")),
    )
    op.create_table(
        "class_dues",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "status in ('pending', 'sent', 'missed', 'cancelled')",
            name=op.f("ck_class_dues_status"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["class_meetings.id"],
            name=op.f("fk_class_dues_meeting_id_class_meetings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_dues")),
        sa.UniqueConstraint("meeting_id", "kind", name=op.f("uq_class_dues_meeting_id_kind")),
    )
    with op.batch_alter_table("class_dues", schema=None) as batch_op:
        batch_op.create_index("ix_class_dues_status_due_at", ["status", "due_at"], unique=False)

    op.create_table(
        "class_invites",
        sa.Column("class_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("invited_at", sa.BigInteger(), nullable=False),
        sa.Column("declined_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"],
            ["class_meetings.id"],
            name=op.f("fk_class_invites_class_id_class_meetings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["persons.id"],
            name=op.f("fk_class_invites_person_id_persons"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("class_id", "person_id", name=op.f("pk_class_invites")),
    )
    with op.batch_alter_table("class_invites", schema=None) as batch_op:
        batch_op.create_index("ix_class_invites_person_id", ["person_id"], unique=False)

    op.create_table(
        "class_signups",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column(
            "meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("queued_at", sa.BigInteger(), nullable=False),
        sa.Column("came_at", sa.BigInteger(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status in ('signed', 'waiting', 'skipped', 'left', 'walk_in')",
            name=op.f("ck_class_signups_status"),
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"],
            ["class_meetings.id"],
            name=op.f("fk_class_signups_meeting_id_class_meetings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_class_signups_person_id_persons")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_signups")),
        sa.UniqueConstraint(
            "meeting_id", "person_id", name=op.f("uq_class_signups_meeting_id_person_id")
        ),
    )
    with op.batch_alter_table("class_signups", schema=None) as batch_op:
        batch_op.create_index("ix_class_signups_person_id", ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("class_signups", schema=None) as batch_op:
        batch_op.drop_index("ix_class_signups_person_id")

    op.drop_table("class_signups")
    with op.batch_alter_table("class_invites", schema=None) as batch_op:
        batch_op.drop_index("ix_class_invites_person_id")

    op.drop_table("class_invites")
    with op.batch_alter_table("class_dues", schema=None) as batch_op:
        batch_op.drop_index("ix_class_dues_status_due_at")

    op.drop_table("class_dues")
    op.drop_table("class_suggestions")
    op.drop_table("class_quiet")
    with op.batch_alter_table("class_meetings", schema=None) as batch_op:
        batch_op.drop_index("ix_class_meetings_wall_code")
        batch_op.drop_index("ix_class_meetings_team_id")
        batch_op.drop_index("ix_class_meetings_first_id")
        batch_op.drop_index("ix_class_meetings_commune_code_status")

    op.drop_table("class_meetings")
