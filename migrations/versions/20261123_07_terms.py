"""Tax rates, discount codes and shipping methods."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_07"
down_revision = "20261123_06"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "tax_rate",
        sa.Column("tax_class", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("rate", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("rate BETWEEN 0 AND 100000", name=op.f("ck_tax_rate_rate")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_tax_rate_operation_id")),
        sa.PrimaryKeyConstraint("tax_class", "country"),
        sqlite_strict=True,
    )
    op.create_table(
        "discount_code",
        sa.Column("id", Int, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("code_key", sa.Text(), nullable=False),
        sa.Column("rate", Int, nullable=False),
        sa.Column("amount", Int, nullable=False),
        sa.Column("minimum", Int, nullable=False),
        sa.Column("starts_at", sa.Text(), nullable=True),
        sa.Column("ends_at", sa.Text(), nullable=True),
        sa.Column("use_limit", Int, nullable=True),
        sa.Column("used", Int, nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("(rate > 0) + (amount > 0) = 1", name=op.f("ck_discount_code_kind")),
        sa.CheckConstraint("ends_at >= starts_at", name=op.f("ck_discount_code_period")),
        sa.CheckConstraint("length(code) BETWEEN 1 AND 60", name=op.f("ck_discount_code_code")),
        sa.CheckConstraint("minimum BETWEEN 0 AND 10000000000000", name=op.f("ck_discount_code_minimum")),
        sa.CheckConstraint(
            "rate BETWEEN 0 AND 100000 AND amount BETWEEN 0 AND 10000000000000", name=op.f("ck_discount_code_value")
        ),
        sa.CheckConstraint("use_limit BETWEEN 1 AND 1000000000", name=op.f("ck_discount_code_use_limit")),
        sa.CheckConstraint("used >= 0 AND used <= coalesce(use_limit, 1000000000)", name=op.f("ck_discount_code_used")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_discount_code_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_key", name=op.f("uq_discount_code_code_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "shipping_method",
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("price", Int, nullable=False),
        sa.Column("free_from", Int, nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("free_from BETWEEN 0 AND 10000000000000", name=op.f("ck_shipping_method_free_from")),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 60", name=op.f("ck_shipping_method_name")),
        sa.CheckConstraint("price BETWEEN 0 AND 10000000000000", name=op.f("ck_shipping_method_price")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_shipping_method_operation_id")),
        sa.PrimaryKeyConstraint("name_key"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("shipping_method")
    op.drop_table("discount_code")
    op.drop_table("tax_rate")
