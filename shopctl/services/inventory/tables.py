"""The tables of stock: places, balances, the ledger, and what is reserved for whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns, UniqueConstraint, text

from shopctl.database import Int, Moment, metadata


class _Location(TypedColumns):
    id = Column(Int, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    name_key: Column[str] = Column(Text, nullable=False, unique=True)
    priority: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


location = Table(
    "location",
    metadata,
    _Location,
    CheckConstraint("length(name) BETWEEN 1 AND 64", name="name"),
    CheckConstraint("priority BETWEEN 0 AND 1000000", name="priority"),
    sqlite_strict=True,
)
"""A place that holds stock. Orders are served from the lowest `priority` that has everything."""


class _Stock(TypedColumns):
    product_id: Column[int] = Column(Int, ForeignKey("product.id"), primary_key=True)
    location_id: Column[int] = Column(Int, ForeignKey("location.id"), primary_key=True)
    on_hand: Column[int] = Column(Int, nullable=False)
    reserved: Column[int] = Column(Int, nullable=False)
    held: Column[int] = Column(Int, nullable=False)
    unsellable: Column[int] = Column(Int, nullable=False)
    packed: Column[int] = Column(Int, nullable=False)
    safety: Column[int] = Column(Int, nullable=False)
    bin: Column[str] = Column(Text, nullable=False)
    reorder_point: Column[int | None] = Column(Int)
    reorder_quantity: Column[int | None] = Column(Int)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


stock = Table(
    "stock",
    metadata,
    _Stock,
    CheckConstraint("on_hand BETWEEN 0 AND 1000000000", name="on_hand"),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("held BETWEEN 0 AND 1000000000", name="held"),
    CheckConstraint("unsellable >= 0", name="unsellable"),
    CheckConstraint("reserved + unsellable <= on_hand", name="covered"),
    CheckConstraint("packed BETWEEN 0 AND reserved", name="packed"),
    CheckConstraint("safety BETWEEN 0 AND 1000000000", name="safety"),
    CheckConstraint("reorder_point BETWEEN 0 AND 1000000000", name="reorder_point"),
    CheckConstraint("reorder_quantity BETWEEN 1 AND 1000000000", name="reorder_quantity"),
    sqlite_strict=True,
)
"""The balance of a product at a location, in units. Changed only together with a row of the ledger."""

Index("ix_stock_location_id", stock.c.location_id)


class _StockMovement(TypedColumns):
    id = Column(Int, primary_key=True)
    at: Column[datetime] = Column(Moment, nullable=False)
    product_id: Column[int] = Column(Int, ForeignKey("product.id"), nullable=False)
    location_id: Column[int] = Column(Int, ForeignKey("location.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    on_hand: Column[int] = Column(Int, nullable=False)
    reserved: Column[int] = Column(Int, nullable=False)
    held: Column[int] = Column(Int, nullable=False)
    unsellable: Column[int] = Column(Int, nullable=False)
    packed: Column[int] = Column(Int, nullable=False)
    unit_cost: Column[int | None] = Column(Int)
    reason: Column[str] = Column(Text, nullable=False)
    reference: Column[str] = Column(Text, nullable=False)
    key: Column[str | None] = Column(Text, unique=True)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


KINDS = (
    "receive",
    "reserve",
    "release",
    "hold",
    "unhold",
    "short",
    "unshort",
    "pack",
    "unpack",
    "ship",
    "unship",
    "return_restock",
    "return_writeoff",
    "adjust",
    "count",
    "transfer_out",
    "transfer_in",
    "damage",
    "recover",
)

stock_movement = Table(
    "stock_movement",
    metadata,
    _StockMovement,
    CheckConstraint(f"kind IN ({', '.join(repr(kind) for kind in KINDS)})", name="kind"),
    CheckConstraint("unit_cost BETWEEN 0 AND 10000000000000", name="unit_cost"),
    sqlite_strict=True,
)
"""The ledger: one row a change, one delta for each quantity that it changes. Append-only (triggers refuse the rest)."""

Index("ix_stock_movement_product_id", stock_movement.c.product_id, stock_movement.c.id)
Index("ix_stock_movement_reference", stock_movement.c.reference)
Index("ix_stock_movement_operation_id", stock_movement.c.operation_id)


class _Reservation(TypedColumns):
    id = Column(Int, primary_key=True)
    reference: Column[str] = Column(Text, nullable=False)
    line: Column[int] = Column(Int, nullable=False)
    product_id: Column[int] = Column(Int, ForeignKey("product.id"), nullable=False)
    location_id: Column[int] = Column(Int, ForeignKey("location.id"), nullable=False)
    reserved: Column[int] = Column(Int, nullable=False)
    packed: Column[int] = Column(Int, nullable=False)
    short: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    held: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    expires_at: Column[datetime | None] = Column(Moment)


reservation = Table(
    "reservation",
    metadata,
    _Reservation,
    UniqueConstraint("reference", "line", "location_id"),
    CheckConstraint("reserved >= 0", name="reserved"),
    CheckConstraint("packed BETWEEN 0 AND reserved", name="packed"),
    CheckConstraint("short >= 0", name="short"),
    CheckConstraint("held >= 0", name="held"),
    sqlite_strict=True,
)
"""What an order line has at a location.

`reserved` units, `packed` of them off the shelf, `short` ones to come; `held` ones for a draft. What has an
`expires_at` that has passed counts as free.
"""

Index(
    "ix_reservation_open",
    reservation.c.product_id,
    reservation.c.location_id,
    sqlite_where=(reservation.c.reserved > 0) | (reservation.c.short > 0),
)
Index(
    "ix_reservation_expiring",
    reservation.c.product_id,
    reservation.c.location_id,
    reservation.c.expires_at,
    sqlite_where=reservation.c.expires_at.is_not(None),
)
