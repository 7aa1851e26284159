"""Parcels, returns and claims."""

import sqlalchemy as sa
from alembic import op

revision = "20261123_09"
down_revision = "20261123_08"
branch_labels = None
depends_on = None

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "shipment",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("parcel", Int, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("tracking", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("packed_at", sa.Text(), nullable=True),
        sa.Column("shipped_at", sa.Text(), nullable=True),
        sa.Column("delivered_at", sa.Text(), nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'packed', 'shipped', 'delivered', 'lost', 'returned_to_sender', 'cancelled')",
            name=op.f("ck_shipment_status"),
        ),
        sa.CheckConstraint("parcel >= 1", name=op.f("ck_shipment_parcel")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_shipment_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_shipment_order_id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id", "parcel", name=op.f("uq_shipment_order_id")),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_shipment_open",
        "shipment",
        ["status", "id"],
        unique=False,
        sqlite_where=sa.text("status IN ('pending', 'packed', 'shipped', 'lost', 'returned_to_sender')"),
    )
    op.create_index(
        "ix_shipment_shipped_at",
        "shipment",
        ["shipped_at", "id"],
        unique=False,
        sqlite_where=sa.text("shipped_at IS NOT NULL"),
    )
    op.create_table(
        "shipment_line",
        sa.Column("shipment_id", Int, nullable=False),
        sa.Column("order_line_id", Int, nullable=False),
        sa.Column("location_id", Int, nullable=False),
        sa.Column("quantity", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_shipment_line_quantity")),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"], name=op.f("fk_shipment_line_location_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_shipment_line_operation_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_shipment_line_order_line_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.id"], name=op.f("fk_shipment_line_shipment_id")),
        sa.PrimaryKeyConstraint("shipment_id", "order_line_id", "location_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_shipment_line_order_line_id", "shipment_line", ["order_line_id"], unique=False)
    op.create_table(
        "order_return",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.Text(), nullable=False),
        sa.Column("received_at", sa.Text(), nullable=True),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint(
            "(status = 'received') = (received_at IS NOT NULL)", name=op.f("ck_order_return_received_at")
        ),
        sa.CheckConstraint("status IN ('requested', 'received', 'withdrawn')", name=op.f("ck_order_return_status")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_order_return_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_return_order_id")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_order_return_order_id", "order_return", ["order_id"], unique=False)
    op.create_table(
        "return_line",
        sa.Column("return_id", Int, nullable=False),
        sa.Column("order_line_id", Int, nullable=False),
        sa.Column("quantity", Int, nullable=False),
        sa.Column("restocked", Int, nullable=False),
        sa.Column("written_off", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_return_line_quantity")),
        sa.CheckConstraint(
            "restocked >= 0 AND written_off >= 0 AND restocked + written_off <= quantity",
            name=op.f("ck_return_line_inspected"),
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_return_line_operation_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_return_line_order_line_id")),
        sa.ForeignKeyConstraint(["return_id"], ["order_return.id"], name=op.f("fk_return_line_return_id")),
        sa.PrimaryKeyConstraint("return_id", "order_line_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "claim",
        sa.Column("id", Int, nullable=False),
        sa.Column("order_id", Int, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("replacement_id", Int, nullable=True),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("kind IN ('damaged', 'lost', 'wrong')", name=op.f("ck_claim_kind")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_claim_operation_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_claim_order_id")),
        sa.ForeignKeyConstraint(["replacement_id"], ["orders.id"], name=op.f("fk_claim_replacement_id")),
        sa.PrimaryKeyConstraint("id"),
        sqlite_strict=True,
    )
    op.create_index("ix_claim_order_id", "claim", ["order_id"], unique=False)
    op.create_table(
        "claim_line",
        sa.Column("claim_id", Int, nullable=False),
        sa.Column("order_line_id", Int, nullable=False),
        sa.Column("quantity", Int, nullable=False),
        sa.Column("operation_id", Int, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 1000000", name=op.f("ck_claim_line_quantity")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_line_claim_id")),
        sa.ForeignKeyConstraint(["operation_id"], ["operation.id"], name=op.f("fk_claim_line_operation_id")),
        sa.ForeignKeyConstraint(["order_line_id"], ["order_line.id"], name=op.f("fk_claim_line_order_line_id")),
        sa.PrimaryKeyConstraint("claim_id", "order_line_id"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("claim_line")
    op.drop_table("claim")
    op.drop_table("return_line")
    op.drop_table("order_return")
    op.drop_table("shipment_line")
    op.drop_table("shipment")
