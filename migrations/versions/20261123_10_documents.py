"""Issued documents."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_10"
down_revision = "20261123_09"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", Int, nullable=False),
        sa.Column("issued_at", sa.Text(), nullable=False),
        sa.Column("total", Int, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_document_kind")),
        sa.CheckConstraint("number >= 1", name=op.f("ck_document_number")),
        sa.CheckConstraint("total >= 0", name=op.f("ck_document_total")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_document_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_document_order_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "number", name=op.f("uq_document_kind")),
        sqlite_strict=True,
    )
    op.create_index("ix_document_order_id", "document", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_table("document")
