"""Locations, stock, the ledger and reservations."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_03"
down_revision = "20261123_02"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

APPEND_ONLY = (
    """
    CREATE TRIGGER stock_movement_kept BEFORE UPDATE ON stock_movement BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only');
    END
    """,
    """
    CREATE TRIGGER stock_movement_stays BEFORE DELETE ON stock_movement BEGIN
        SELECT RAISE(ABORT, 'the ledger is append-only');
    END
    """,
)


def upgrade() -> None:
    op.create_table(
        "location",
        sa.Column("id", Int, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("priority", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 64", name=op.f("ck_location_name")),
        sa.CheckConstraint("priority BETWEEN 0 AND 1000000", name=op.f("ck_location_priority")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_location_operation_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name_key", name=op.f("uq_location_name_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "stock",
        sa.Column("product_id", Int, nullable=False),
        sa.Column("location_id", Int, nullable=False),
        sa.Column("on_hand", Int, nullable=False),
        sa.Column("reserved", Int, nullable=False),
        sa.Column("held", Int, nullable=False),
        sa.Column("unsellable", Int, nullable=False),
        sa.Column("packed", Int, nullable=False),
        sa.Column("safety", Int, nullable=False),
        sa.Column("bin", sa.Text(), nullable=False),
        sa.Column("reorder_point", Int, nullable=True),
        sa.Column("reorder_quantity", Int, nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("held BETWEEN 0 AND 1000000000", name=op.f("ck_stock_held")),
        sa.CheckConstraint("on_hand BETWEEN 0 AND 1000000000", name=op.f("ck_stock_on_hand")),
        sa.CheckConstraint("packed BETWEEN 0 AND reserved", name=op.f("ck_stock_packed")),
        sa.CheckConstraint("reorder_point BETWEEN 0 AND 1000000000", name=op.f("ck_stock_reorder_point")),
        sa.CheckConstraint("reorder_quantity BETWEEN 1 AND 1000000000", name=op.f("ck_stock_reorder_quantity")),
        sa.CheckConstraint("reserved + unsellable <= on_hand", name=op.f("ck_stock_covered")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_reserved")),
        sa.CheckConstraint("safety BETWEEN 0 AND 1000000000", name=op.f("ck_stock_safety")),
        sa.CheckConstraint("unsellable >= 0", name=op.f("ck_stock_unsellable")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_location_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_stock_operation_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_product_id")),
        sa.PrimaryKeyConstraint("product_id", "location_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_stock_location_id", "stock", ["location_id"], unique=False)
    op.create_table(
        "stock_movement",
        sa.Column("id", Int, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("product_id", Int, nullable=False),
        sa.Column("location_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_hand", Int, nullable=False),
        sa.Column("reserved", Int, nullable=False),
        sa.Column("held", Int, nullable=False),
        sa.Column("unsellable", Int, nullable=False),
        sa.Column("packed", Int, nullable=False),
        sa.Column("unit_cost", Int, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "kind IN ('receive', 'reserve', 'release', 'hold', 'unhold', 'short', 'unshort', 'pack', "
            "'unpack', 'ship', 'unship', 'return_restock', 'return_writeoff', 'adjust', 'count', "
            "'transfer_out', 'transfer_in', 'damage', 'recover')",
            name=op.f("ck_stock_movement_kind"),
        ),
        sa.CheckConstraint("unit_cost BETWEEN 0 AND 10000000000000", name=op.f("ck_stock_movement_unit_cost")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_stock_movement_location_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_stock_movement_operation_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_stock_movement_product_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key", name=op.f("uq_stock_movement_key")),
        sqlite_strict=True,
    )
    op.create_index("ix_stock_movement_operation_id", "stock_movement", ["operation_id"], unique=False)
    op.create_index("ix_stock_movement_product_id", "stock_movement", ["product_id", "id"], unique=False)
    op.create_index("ix_stock_movement_reference", "stock_movement", ["reference"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("id", Int, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("line", Int, nullable=False),
        sa.Column("product_id", Int, nullable=False),
        sa.Column("location_id", Int, nullable=False),
        sa.Column("reserved", Int, nullable=False),
        sa.Column("packed", Int, nullable=False),
        sa.Column("short", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("packed BETWEEN 0 AND reserved", name=op.f("ck_reservation_packed")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_reservation_reserved")),
        sa.CheckConstraint("short >= 0", name=op.f("ck_reservation_short")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_reservation_location_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_reservation_operation_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_reservation_product_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reference", "line", "location_id", name=op.f("uq_reservation_reference")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_reservation_open",
        "reservation",
        ["product_id", "location_id"],
        unique=False,
        sqlite_where=sa.text("reserved > 0 OR short > 0"),
    )
    for statement in APPEND_ONLY:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("reservation")
    op.drop_table("stock_movement")
    op.drop_table("stock")
    op.drop_table("location")
