"""The tables of what happens to an order's goods: parcels, returns, claims."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns, UniqueConstraint

from shopctl.database import Int, Moment, metadata

SHIPMENT_STATUSES = ("pending", "packed", "shipped", "delivered", "lost", "returned_to_sender", "cancelled")


class _Shipment(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    parcel: Column[int] = Column(Int, nullable=False)
    status: Column[str] = Column(Text, nullable=False)
    carrier: Column[str] = Column(Text, nullable=False)
    tracking: Column[str] = Column(Text, nullable=False)
    link: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(Moment, nullable=False)
    packed_at: Column[datetime | None] = Column(Moment)
    shipped_at: Column[datetime | None] = Column(Moment)
    delivered_at: Column[datetime | None] = Column(Moment)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


shipment = Table(
    "shipment",
    metadata,
    _Shipment,
    UniqueConstraint("order_id", "parcel"),
    CheckConstraint(f"status IN ({', '.join(repr(status) for status in SHIPMENT_STATUSES)})", name="status"),
    CheckConstraint("parcel >= 1", name="parcel"),
    sqlite_strict=True,
)
"""A parcel of an order, numbered within it: order 1001's first is 1001-1."""

Index(
    "ix_shipment_open",
    shipment.c.status,
    shipment.c.id,
    sqlite_where=shipment.c.status.in_(("pending", "packed", "shipped", "lost", "returned_to_sender")),
)
Index("ix_shipment_shipped_at", shipment.c.shipped_at, shipment.c.id, sqlite_where=shipment.c.shipped_at.is_not(None))


class _ShipmentLine(TypedColumns):
    shipment_id: Column[int] = Column(Int, ForeignKey("shipment.id"), primary_key=True)
    order_line_id: Column[int] = Column(Int, ForeignKey("order_line.id"), primary_key=True)
    location_id: Column[int] = Column(Int, ForeignKey("location.id"), primary_key=True)
    quantity: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


shipment_line = Table(
    "shipment_line",
    metadata,
    _ShipmentLine,
    CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
    sqlite_strict=True,
)
"""How many units of an order line a parcel holds, and from which location they come."""

Index("ix_shipment_line_order_line_id", shipment_line.c.order_line_id)


class _Return(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    status: Column[str] = Column(Text, nullable=False)
    requested_at: Column[datetime] = Column(Moment, nullable=False)
    received_at: Column[datetime | None] = Column(Moment)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


order_return = Table(
    "order_return",
    metadata,
    _Return,
    CheckConstraint("status IN ('requested', 'received', 'withdrawn')", name="status"),
    CheckConstraint("(status = 'received') = (received_at IS NOT NULL)", name="received_at"),
    sqlite_strict=True,
)
"""Units that a customer announced to send back, or sent back."""

Index("ix_order_return_order_id", order_return.c.order_id)


class _ReturnLine(TypedColumns):
    return_id: Column[int] = Column(Int, ForeignKey("order_return.id"), primary_key=True)
    order_line_id: Column[int] = Column(Int, ForeignKey("order_line.id"), primary_key=True)
    quantity: Column[int] = Column(Int, nullable=False)
    restocked: Column[int] = Column(Int, nullable=False)
    written_off: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


return_line = Table(
    "return_line",
    metadata,
    _ReturnLine,
    CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
    CheckConstraint("restocked >= 0 AND written_off >= 0 AND restocked + written_off <= quantity", name="inspected"),
    sqlite_strict=True,
)
"""How many units of an order line came back with a return, and what became of them; the rest waits for inspection."""


class _Claim(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    replacement_id: Column[int | None] = Column(Int, ForeignKey("orders.id"))
    at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


claim = Table(
    "claim",
    metadata,
    _Claim,
    CheckConstraint("kind IN ('damaged', 'lost', 'wrong')", name="kind"),
    sqlite_strict=True,
)
"""Units that arrived broken, never, or were the wrong ones; `replacement_id` is the order that replaces them."""

Index("ix_claim_order_id", claim.c.order_id)


class _ClaimLine(TypedColumns):
    claim_id: Column[int] = Column(Int, ForeignKey("claim.id"), primary_key=True)
    order_line_id: Column[int] = Column(Int, ForeignKey("order_line.id"), primary_key=True)
    quantity: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


claim_line = Table(
    "claim_line",
    metadata,
    _ClaimLine,
    CheckConstraint("quantity BETWEEN 1 AND 1000000", name="quantity"),
    sqlite_strict=True,
)
"""How many units of an order line a claim is about."""
