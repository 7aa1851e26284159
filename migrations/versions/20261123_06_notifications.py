"""Messages and the attempts to deliver them."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_06"
down_revision = "20261123_05"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", Int, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attempts", Int, nullable=False),
        sa.Column("next_attempt_at", sa.Text(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.Text(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "(state = 'sending') = (lease_until IS NOT NULL AND lease_owner IS NOT NULL)",
            name=op.f("ck_notification_lease"),
        ),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notification_sent")),
        sa.CheckConstraint(
            "(state IN ('held', 'pending')) = (next_attempt_at IS NOT NULL)", name=op.f("ck_notification_due")
        ),
        sa.CheckConstraint("channel IN ('email', 'webhook', 'push')", name=op.f("ck_notification_channel")),
        sa.CheckConstraint(
            "state IN ('held', 'pending', 'sending', 'sent', 'dead', 'cancelled', 'suppressed')",
            name=op.f("ck_notification_state"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notification_attempts")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_notification_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause", "recipient", "channel", "template", name=op.f("uq_notification_cause")),
        sqlite_strict=True,
    )
    op.create_index("ix_notification_due", "notification", ["state", "next_attempt_at"], unique=False)
    op.create_index("ix_notification_operation_id", "notification", ["operation_id"], unique=False)
    op.create_index("ix_notification_order_number", "notification", ["order_number"], unique=False)
    op.create_table(
        "notification_attempt",
        sa.Column("id", Int, nullable=False),
        sa.Column("notification_id", Int, nullable=False),
        sa.Column("number", Int, nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'retry', 'refused', 'unknown')", name=op.f("ck_notification_attempt_outcome")
        ),
        sa.CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name=op.f("ck_notification_attempt_finished")),
        sa.ForeignKeyConstraint(
            ["notification_id"], ["notification.id"], name=op.f("fk_notification_attempt_notification_id")
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_notification_attempt_notification_id", "notification_attempt", ["notification_id", "id"], unique=False
    )
    op.create_index(
        "uq_notification_attempt_open",
        "notification_attempt",
        ["notification_id"],
        unique=True,
        sqlite_where=sa.text("outcome IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("notification_attempt")
    op.drop_table("notification")
