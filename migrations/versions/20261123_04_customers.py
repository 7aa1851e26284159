"""Customers."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_04"
down_revision = "20261123_03"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", Int, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("identity_key", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("length(identity) BETWEEN 1 AND 254", name=op.f("ck_customer_identity")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_customer_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("identity_key", name=op.f("uq_customer_identity_key")),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("customer")
