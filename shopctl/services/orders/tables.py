"""The tables of orders. Totals and statuses are stored with each order, proved by CHECKs, and indexed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns, UniqueConstraint, text

from shopctl.database import Int, Moment, metadata

STATUSES = ("draft", "placed", "completed", "cancelled", "expired")
PAYMENT_STATUSES = (
    "refunded",
    "partially_refunded",
    "overpaid",
    "paid",
    "partially_paid",
    "authorized",
    "unpaid",
)
FULFILMENT_STATUSES = ("unfulfilled", "partially_shipped", "shipped", "delivered")
RETURN_STATUSES = ("none", "requested", "partially_returned", "returned")
NEXT = ("pay", "unhold", "wait_stock", "pick", "pack", "ship", "refund", "none")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


class _Order(TypedColumns):
    id = Column(Int, primary_key=True)
    number: Column[str] = Column(Text, nullable=False, unique=True)
    channel: Column[str] = Column(Text, nullable=False)
    external_number: Column[str | None] = Column(Text)
    status: Column[str] = Column(Text, nullable=False)
    payment_status: Column[str] = Column(Text, nullable=False)
    fulfilment_status: Column[str] = Column(Text, nullable=False)
    return_status: Column[str] = Column(Text, nullable=False)
    next: Column[str] = Column(Text, nullable=False)
    on_hold: Column[int] = Column(Int, nullable=False)
    customer_id: Column[int | None] = Column(Int, ForeignKey("customer.id"))
    customer_email: Column[str | None] = Column(Text)
    customer_name: Column[str] = Column(Text, nullable=False)
    currency: Column[str] = Column(Text, nullable=False)
    prices_include_tax: Column[int] = Column(Int, nullable=False)
    subtotal: Column[int] = Column(Int, nullable=False)
    discount: Column[int] = Column(Int, nullable=False)
    shipping: Column[int] = Column(Int, nullable=False)
    shipping_tax: Column[int] = Column(Int, nullable=False)
    tax: Column[int] = Column(Int, nullable=False)
    rounding: Column[int] = Column(Int, nullable=False)
    total: Column[int] = Column(Int, nullable=False)
    paid: Column[int] = Column(Int, nullable=False)
    refunded: Column[int] = Column(Int, nullable=False)
    owed: Column[int] = Column(Int, nullable=False)
    note: Column[str] = Column(Text, nullable=False)
    cancel_reason: Column[str] = Column(Text, nullable=False)
    placed_at: Column[datetime | None] = Column(Moment)
    cancelled_at: Column[datetime | None] = Column(Moment)
    version: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    expires_at: Column[datetime | None] = Column(Moment)
    completed_at: Column[datetime | None] = Column(Moment)
    tax_rate: Column[int | None] = Column(Int)
    discount_rate: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    discount_fixed: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    discount_code_id: Column[int | None] = Column(Int, ForeignKey("discount_code.id"))
    shipping_method: Column[str] = Column(Text, nullable=False, server_default=text("''"))
    shipping_tax_rate: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    replaces_id: Column[int | None] = Column(Int, ForeignKey("orders.id"))
    last_line: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    search: Column[str] = Column(Text, nullable=False, server_default=text("''"))


order = Table(
    "orders",
    metadata,
    _Order,
    UniqueConstraint("channel", "external_number"),
    _one_of("status", STATUSES),
    _one_of("payment_status", PAYMENT_STATUSES),
    _one_of("fulfilment_status", FULFILMENT_STATUSES),
    _one_of("return_status", RETURN_STATUSES),
    _one_of("next", NEXT),
    CheckConstraint("on_hold IN (0, 1)", name="on_hold"),
    CheckConstraint("prices_include_tax IN (0, 1)", name="prices_include_tax"),
    CheckConstraint("discount BETWEEN 0 AND subtotal", name="discount"),
    CheckConstraint("shipping >= 0 AND tax >= 0 AND shipping_tax BETWEEN 0 AND tax", name="charges"),
    CheckConstraint(
        "total = subtotal - discount + shipping + CASE prices_include_tax WHEN 1 THEN 0 ELSE tax END + rounding",
        name="total",
    ),
    CheckConstraint("refunded BETWEEN 0 AND paid", name="refunded"),
    CheckConstraint("owed >= 0", name="owed"),
    sqlite_strict=True,
)
"""An order. Amounts are in minor units of `currency`; `paid` is what was captured.

`expires_at` is when a draft's hold or an unpaid order ends, as long as it can; `tax_rate` is the one asked for, in
place of the shop's table; `discount_rate` and `discount_fixed` are the discount as it was given; `last_line` is the
highest number that a line of it ever had; `search` is what searches compare.
"""

Index("ix_orders_placed_at", order.c.placed_at, order.c.id)
Index("ix_orders_next", order.c.next, order.c.placed_at, order.c.id)
Index("ix_orders_status", order.c.status, order.c.placed_at, order.c.id)
Index("ix_orders_payment_status", order.c.payment_status, order.c.placed_at, order.c.id, order.c.fulfilment_status)
Index("ix_orders_fulfilment_status", order.c.fulfilment_status, order.c.placed_at, order.c.id)
Index(
    "ix_orders_customer_id",
    *(order.c[name] for name in ("customer_id", "placed_at", "id", "currency", "paid", "refunded")),
)
Index(
    "ix_orders_return_status",
    *(order.c.return_status, order.c.placed_at, order.c.id),
    sqlite_where=order.c.return_status != "none",
)
Index("ix_orders_total", order.c.total, order.c.id)
Index("ix_orders_customer_name", order.c.customer_name, order.c.id)
Index("ix_orders_owed", order.c.placed_at, order.c.id, sqlite_where=order.c.owed > 0)
Index("ix_orders_expires_at", order.c.expires_at, order.c.status, sqlite_where=order.c.expires_at.is_not(None))
Index("ix_orders_discount_code_id", order.c.discount_code_id, sqlite_where=order.c.discount_code_id.is_not(None))
Index("ix_orders_replaces_id", order.c.replaces_id, sqlite_where=order.c.replaces_id.is_not(None))
Index("ix_orders_external_number", order.c.external_number, sqlite_where=order.c.external_number.is_not(None))
Index("ix_orders_operation_id", order.c.operation_id)


class _OrderLine(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    line: Column[int] = Column(Int, nullable=False)
    product_id: Column[int] = Column(Int, ForeignKey("product.id"), nullable=False)
    sku: Column[str] = Column(Text, nullable=False)
    name: Column[str] = Column(Text, nullable=False)
    ordered: Column[int] = Column(Int, nullable=False)
    cancelled: Column[int] = Column(Int, nullable=False)
    shipped: Column[int] = Column(Int, nullable=False)
    returned: Column[int] = Column(Int, nullable=False)
    restocked: Column[int] = Column(Int, nullable=False)
    written_off: Column[int] = Column(Int, nullable=False)
    unit_price: Column[int] = Column(Int, nullable=False)
    discount: Column[int] = Column(Int, nullable=False)
    tax_rate: Column[int] = Column(Int, nullable=False)
    tax: Column[int] = Column(Int, nullable=False)
    total: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    tax_class: Column[str] = Column(Text, nullable=False, server_default=text("''"))
    claimed: Column[int] = Column(Int, nullable=False, server_default=text("0"))


order_line = Table(
    "order_line",
    metadata,
    _OrderLine,
    UniqueConstraint("order_id", "line"),
    CheckConstraint("ordered BETWEEN 1 AND 1000000", name="ordered"),
    CheckConstraint("cancelled >= 0 AND shipped >= 0 AND cancelled + shipped <= ordered", name="shipped"),
    CheckConstraint("returned BETWEEN 0 AND shipped", name="returned"),
    CheckConstraint("restocked >= 0 AND written_off >= 0 AND restocked + written_off <= returned", name="restocked"),
    CheckConstraint("unit_price BETWEEN 0 AND 10000000000000", name="unit_price"),
    CheckConstraint("total = ordered * unit_price", name="total"),
    CheckConstraint("discount BETWEEN 0 AND total", name="discount"),
    CheckConstraint("tax_rate BETWEEN 0 AND 100000", name="tax_rate"),
    CheckConstraint("tax >= 0", name="tax"),
    CheckConstraint("claimed BETWEEN 0 AND shipped", name="claimed"),
    sqlite_strict=True,
)
"""A line of an order: what it was called and cost when it was placed, and how far each unit came.

`discount` is the line's share of the order's discount; `tax_rate` is in thousandths of a percent.
"""

Index("ix_order_line_product_id", order_line.c.product_id)


class _OrderAddress(TypedColumns):
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), primary_key=True)
    kind: Column[str] = Column(Text, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    company: Column[str] = Column(Text, nullable=False)
    line1: Column[str] = Column(Text, nullable=False)
    line2: Column[str] = Column(Text, nullable=False)
    postcode: Column[str] = Column(Text, nullable=False)
    city: Column[str] = Column(Text, nullable=False)
    region: Column[str] = Column(Text, nullable=False)
    country: Column[str] = Column(Text, nullable=False)
    phone: Column[str] = Column(Text, nullable=False)


order_address = Table(
    "order_address",
    metadata,
    _OrderAddress,
    CheckConstraint("kind IN ('ship_to', 'bill_to')", name="kind"),
    sqlite_strict=True,
)
"""Where an order goes and who is billed, as given when it was placed."""


class _Payment(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    amount: Column[int] = Column(Int, nullable=False)
    method: Column[str] = Column(Text, nullable=False)
    reference: Column[str] = Column(Text, nullable=False)
    key: Column[str | None] = Column(Text, unique=True)
    at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    authorization_id: Column[int | None] = Column(Int, ForeignKey("payment.id"))


payment = Table(
    "payment",
    metadata,
    _Payment,
    CheckConstraint("kind IN ('authorize', 'capture', 'void', 'refund')", name="kind"),
    CheckConstraint("amount BETWEEN 1 AND 10000000000000", name="amount"),
    sqlite_strict=True,
)
"""Money that moved for an order, append-only: captures came in, refunds went back.

An authorization promises money; `authorization_id` is the one that a capture or a void uses up.
"""

Index("ix_payment_order_id", payment.c.order_id)


class _OrderSequence(TypedColumns):
    name: Column[str] = Column(Text, primary_key=True)
    value: Column[int] = Column(Int, nullable=False)


sequence = Table("sequence", metadata, _OrderSequence, sqlite_strict=True)
"""The last number given out, by name."""


class _Remark(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    before: Column[str] = Column(Text, nullable=False)
    after: Column[str] = Column(Text, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


remark = Table("order_remark", metadata, _Remark, sqlite_strict=True)
"""What people wrote about an order, and how its texts changed.

Events name these rows instead of holding the words, so that a person can be forgotten.
"""

Index("ix_order_remark_order_id", remark.c.order_id)
