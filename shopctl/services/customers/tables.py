"""The table of customers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text, TypedColumns, text

from shopctl.database import Int, Moment, metadata


class _Customer(TypedColumns):
    id = Column(Int, primary_key=True)
    identity: Column[str] = Column(Text, nullable=False)
    identity_key: Column[str] = Column(Text, nullable=False, unique=True)
    email: Column[str | None] = Column(Text)
    name: Column[str] = Column(Text, nullable=False)
    phone: Column[str] = Column(Text, nullable=False)
    created_at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    locale: Column[str] = Column(Text, nullable=False, server_default=text("''"))
    marketing: Column[int] = Column(Int, nullable=False, server_default=text("0"))
    note: Column[str] = Column(Text, nullable=False, server_default=text("''"))
    erased_at: Column[datetime | None] = Column(Moment)


customer = Table(
    "customer",
    metadata,
    _Customer,
    CheckConstraint("length(identity) BETWEEN 1 AND 254", name="identity"),
    CheckConstraint("marketing IN (0, 1)", name="marketing"),
    sqlite_strict=True,
)
"""Somebody who ordered. `identity` is the e-mail address, or the reference that another system gave.

`locale` is the language of the messages, `marketing` whether optional ones are welcome. Who was forgotten keeps a row
without a name (`erased_at`), so that the orders still belong to one customer.
"""


class _CustomerAddress(TypedColumns):
    customer_id: Column[int] = Column(Int, ForeignKey("customer.id"), primary_key=True)
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
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


customer_address = Table(
    "customer_address",
    metadata,
    _CustomerAddress,
    CheckConstraint("kind IN ('ship_to', 'bill_to')", name="kind"),
    sqlite_strict=True,
)
"""Where a customer last had orders sent and billed, or asked to."""
