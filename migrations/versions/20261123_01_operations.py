"""Operations, idempotency keys and events."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_01"
down_revision = None
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("id", Int, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("system_user", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.CheckConstraint("origin IN ('command', 'dashboard', 'web', 'worker')", name=op.f("ck_operation_origin")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_table(
        "idempotency_key",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_idempotency_key_operation_id")),
        sa.PrimaryKeyConstraint("scope", "key"),
        sqlite_strict=True,
    )
    op.create_table(
        "event",
        sa.Column("id", Int, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.Column("handled_at", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_event_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_event_operation_id", "event", ["operation_id"], unique=False)
    op.create_index("ix_event_subject", "event", ["subject", "id"], unique=False)
    op.create_index("ix_event_unhandled", "event", ["id"], unique=False, sqlite_where=sa.text("handled_at IS NULL"))


def downgrade() -> None:
    op.drop_table("event")
    op.drop_table("idempotency_key")
    op.drop_table("operation")
