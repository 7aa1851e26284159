"""Orders, lines, addresses and payments."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_05"
down_revision = "20261123_04"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("id", Int, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_number", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("payment_status", sa.Text(), nullable=False),
        sa.Column("fulfilment_status", sa.Text(), nullable=False),
        sa.Column("return_status", sa.Text(), nullable=False),
        sa.Column("next", sa.Text(), nullable=False),
        sa.Column("on_hold", Int, nullable=False),
        sa.Column("customer_id", Int, nullable=True),
        sa.Column("customer_email", sa.Text(), nullable=True),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("prices_include_tax", Int, nullable=False),
        sa.Column("subtotal", Int, nullable=False),
        sa.Column("discount", Int, nullable=False),
        sa.Column("shipping", Int, nullable=False),
        sa.Column("shipping_tax", Int, nullable=False),
        sa.Column("tax", Int, nullable=False),
        sa.Column("rounding", Int, nullable=False),
        sa.Column("total", Int, nullable=False),
        sa.Column("paid", Int, nullable=False),
        sa.Column("refunded", Int, nullable=False),
        sa.Column("owed", Int, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.Text(), nullable=True),
        sa.Column("cancelled_at", sa.Text(), nullable=True),
        sa.Column("version", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "fulfilment_status IN ('unfulfilled', 'partially_shipped', 'shipped', 'delivered')",
            name=op.f("ck_orders_fulfilment_status"),
        ),
        sa.CheckConstraint(
            "next IN ('pay', 'unhold', 'wait_stock', 'pick', 'pack', 'ship', 'refund', 'none')",
            name=op.f("ck_orders_next"),
        ),
        sa.CheckConstraint(
            "payment_status IN ('refunded', 'partially_refunded', 'overpaid', 'paid', 'partially_paid', "
            "'authorized', 'unpaid')",
            name=op.f("ck_orders_payment_status"),
        ),
        sa.CheckConstraint(
            "return_status IN ('none', 'requested', 'partially_returned', 'returned')",
            name=op.f("ck_orders_return_status"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'placed', 'completed', 'cancelled', 'expired')", name=op.f("ck_orders_status")
        ),
        sa.CheckConstraint("discount BETWEEN 0 AND subtotal", name=op.f("ck_orders_discount")),
        sa.CheckConstraint("on_hold IN (0, 1)", name=op.f("ck_orders_on_hold")),
        sa.CheckConstraint("owed >= 0", name=op.f("ck_orders_owed")),
        sa.CheckConstraint("prices_include_tax IN (0, 1)", name=op.f("ck_orders_prices_include_tax")),
        sa.CheckConstraint("refunded BETWEEN 0 AND paid", name=op.f("ck_orders_refunded")),
        sa.CheckConstraint(
            "shipping >= 0 AND tax >= 0 AND shipping_tax BETWEEN 0 AND tax", name=op.f("ck_orders_charges")
        ),
        sa.CheckConstraint(
            "total = subtotal - discount + shipping + CASE prices_include_tax WHEN 1 THEN 0 ELSE tax END + rounding",
            name=op.f("ck_orders_total"),
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_orders_customer_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_orders_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "external_number", name=op.f("uq_orders_channel")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sqlite_strict=True,
    )
    op.create_index("ix_orders_customer_id", "orders", ["customer_id", "id"], unique=False)
    op.create_index("ix_orders_fulfilment_status", "orders", ["fulfilment_status", "id"], unique=False)
    op.create_index("ix_orders_next", "orders", ["next", "id"], unique=False)
    op.create_index("ix_orders_operation_id", "orders", ["operation_id"], unique=False)
    op.create_index("ix_orders_owed", "orders", ["id"], unique=False, sqlite_where=sa.text("owed > 0"))
    op.create_index("ix_orders_payment_status", "orders", ["payment_status", "id"], unique=False)
    op.create_index("ix_orders_placed_at", "orders", ["placed_at", "id"], unique=False)
    op.create_index("ix_orders_status", "orders", ["status", "id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("line", Int, nullable=False),
        sa.Column("product_id", Int, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ordered", Int, nullable=False),
        sa.Column("cancelled", Int, nullable=False),
        sa.Column("shipped", Int, nullable=False),
        sa.Column("returned", Int, nullable=False),
        sa.Column("restocked", Int, nullable=False),
        sa.Column("written_off", Int, nullable=False),
        sa.Column("unit_price", Int, nullable=False),
        sa.Column("discount", Int, nullable=False),
        sa.Column("tax_rate", Int, nullable=False),
        sa.Column("tax", Int, nullable=False),
        sa.Column("total", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "cancelled >= 0 AND shipped >= 0 AND cancelled + shipped <= ordered", name=op.f("ck_order_line_shipped")
        ),
        sa.CheckConstraint("discount BETWEEN 0 AND total", name=op.f("ck_order_line_discount")),
        sa.CheckConstraint("ordered BETWEEN 1 AND 1000000", name=op.f("ck_order_line_ordered")),
        sa.CheckConstraint(
            "restocked >= 0 AND written_off >= 0 AND restocked + written_off <= returned",
            name=op.f("ck_order_line_restocked"),
        ),
        sa.CheckConstraint("returned BETWEEN 0 AND shipped", name=op.f("ck_order_line_returned")),
        sa.CheckConstraint("tax >= 0", name=op.f("ck_order_line_tax")),
        sa.CheckConstraint("tax_rate BETWEEN 0 AND 100000", name=op.f("ck_order_line_tax_rate")),
        sa.CheckConstraint("total = ordered * unit_price", name=op.f("ck_order_line_total")),
        sa.CheckConstraint("unit_price BETWEEN 0 AND 10000000000000", name=op.f("ck_order_line_unit_price")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_order_line_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_order_line_product_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "line", name=op.f("uq_order_line_order_id")),
        sqlite_strict=True,
    )
    op.create_index("ix_order_line_product_id", "order_line", ["product_id"], unique=False)
    op.create_table(
        "order_address",
        sa.Column("order_id", Int, nullable=False),
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
        sa.CheckConstraint("kind IN ('ship_to', 'bill_to')", name=op.f("ck_order_address_kind")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_address_order_id")),
        sa.PrimaryKeyConstraint("order_id", "kind"),
        sqlite_strict=True,
    )
    op.create_table(
        "payment",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", Int, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("kind IN ('authorize', 'capture', 'void', 'refund')", name=op.f("ck_payment_kind")),
        sa.CheckConstraint("amount BETWEEN 1 AND 10000000000000", name=op.f("ck_payment_amount")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_payment_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payment_order_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name=op.f("uq_payment_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_payment_order_id", "payment", ["order_id"], unique=False)
    op.create_table(
        "sequence",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", Int, nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_strict=True,
    )
    op.execute("INSERT INTO sequence (name, value) VALUES ('order', 1000)")


def downgrade() -> None:
    op.drop_table("sequence")
    op.drop_table("payment")
    op.drop_table("order_address")
    op.drop_table("order_line")
    op.drop_table("orders")
