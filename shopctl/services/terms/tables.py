"""The tables of the shop's terms."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text, TypedColumns

from shopctl.database import Int, Moment, metadata


class _TaxRate(TypedColumns):
    tax_class: Column[str] = Column(Text, primary_key=True)
    country: Column[str] = Column(Text, primary_key=True)
    rate: Column[int] = Column(Int, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


tax_rate = Table(
    "tax_rate",
    metadata,
    _TaxRate,
    CheckConstraint("rate BETWEEN 0 AND 100000", name="rate"),
    sqlite_strict=True,
)
"""The tax on a class of goods in a country, in thousandths of a percent. The country ``*`` is every other one."""


class _DiscountCode(TypedColumns):
    id = Column(Int, primary_key=True)
    code: Column[str] = Column(Text, nullable=False)
    code_key: Column[str] = Column(Text, nullable=False, unique=True)
    rate: Column[int] = Column(Int, nullable=False)
    amount: Column[int] = Column(Int, nullable=False)
    minimum: Column[int] = Column(Int, nullable=False)
    starts_at: Column[datetime | None] = Column(Moment)
    ends_at: Column[datetime | None] = Column(Moment)
    use_limit: Column[int | None] = Column(Int)
    used: Column[int] = Column(Int, nullable=False)
    created_at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


discount_code = Table(
    "discount_code",
    metadata,
    _DiscountCode,
    CheckConstraint("length(code) BETWEEN 1 AND 60", name="code"),
    CheckConstraint("rate BETWEEN 0 AND 100000 AND amount BETWEEN 0 AND 10000000000000", name="value"),
    CheckConstraint("(rate > 0) + (amount > 0) = 1", name="kind"),
    CheckConstraint("minimum BETWEEN 0 AND 10000000000000", name="minimum"),
    CheckConstraint("ends_at >= starts_at", name="period"),
    CheckConstraint("used >= 0 AND used <= coalesce(use_limit, 1000000000)", name="used"),
    CheckConstraint("use_limit BETWEEN 1 AND 1000000000", name="use_limit"),
    sqlite_strict=True,
)
"""What a code takes off: a `rate` (thousandths of a percent) or an `amount` (minor units).

It counts from `minimum` worth of goods, within its period, for at most `use_limit` orders; `used` is how many have it.
"""


class _ShippingMethod(TypedColumns):
    name_key: Column[str] = Column(Text, primary_key=True)
    name: Column[str] = Column(Text, nullable=False)
    price: Column[int] = Column(Int, nullable=False)
    free_from: Column[int | None] = Column(Int)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


shipping_method = Table(
    "shipping_method",
    metadata,
    _ShippingMethod,
    CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
    CheckConstraint("price BETWEEN 0 AND 10000000000000", name="price"),
    CheckConstraint("free_from BETWEEN 0 AND 10000000000000", name="free_from"),
    sqlite_strict=True,
)
"""A way to ship and its price; free from `free_from` worth of goods. Amounts in minor units."""
