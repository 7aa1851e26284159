"""What customers prefer, and where they live."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_11"
down_revision = "20261123_10"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

COLUMNS = (
    "locale TEXT DEFAULT '' NOT NULL",
    "marketing INTEGER DEFAULT 0 NOT NULL CONSTRAINT ck_customer_marketing CHECK (marketing IN (0, 1))",
    "note TEXT DEFAULT '' NOT NULL",
    "erased_at TEXT",
)


def upgrade() -> None:
    op.create_table(
        "customer_address",
        sa.Column("customer_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("line1", sa.Text(), nullable=False),
        sa.Column("line2", sa.Text(), nullable=False),
        sa.Column("postcode", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("kind IN ('ship_to', 'bill_to')", name=op.f("ck_customer_address_kind")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_customer_address_customer_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_customer_address_operation_id")),
        sa.PrimaryKeyConstraint("customer_id", "kind"),
        sqlite_strict=True,
    )
    for column in COLUMNS:
        op.execute(f"ALTER TABLE customer ADD COLUMN {column}")


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.execute(f"ALTER TABLE customer DROP COLUMN {column.split()[0]}")
    op.drop_table("customer_address")
