"""The tables of the catalogue."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns

from shopctl.database import Int, Json, Moment, metadata


class _Product(TypedColumns):
    id = Column(Int, primary_key=True)
    sku: Column[str] = Column(Text, nullable=False)
    sku_key: Column[str] = Column(Text, nullable=False, unique=True)
    name: Column[str] = Column(Text, nullable=False)
    description: Column[str] = Column(Text, nullable=False)
    compare_at: Column[int | None] = Column(Int)
    cost: Column[int | None] = Column(Int)
    currency: Column[str] = Column(Text, nullable=False)
    tax_class: Column[str] = Column(Text, nullable=False)
    status: Column[str] = Column(Text, nullable=False)
    category: Column[str] = Column(Text, nullable=False)
    tags: Column[list[str]] = Column(Json, nullable=False)
    barcode: Column[str] = Column(Text, nullable=False)
    weight: Column[int | None] = Column(Int)
    variant_of: Column[int | None] = Column(Int, ForeignKey("product.id"))
    options: Column[dict[str, str]] = Column(Json, nullable=False)
    search: Column[str] = Column(Text, nullable=False)
    version: Column[int] = Column(Int, nullable=False)
    created_at: Column[datetime] = Column(Moment, nullable=False)
    updated_at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


product = Table(
    "product",
    metadata,
    _Product,
    CheckConstraint("length(sku) BETWEEN 1 AND 64", name="sku"),
    CheckConstraint("length(name) BETWEEN 1 AND 300", name="name"),
    CheckConstraint("compare_at BETWEEN 0 AND 10000000000000", name="compare_at"),
    CheckConstraint("cost BETWEEN 0 AND 10000000000000", name="cost"),
    CheckConstraint("length(currency) = 3", name="currency"),
    CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
    CheckConstraint("weight BETWEEN 0 AND 1000000000", name="weight"),
    CheckConstraint("variant_of <> id", name="variant_of"),
    CheckConstraint("version >= 1", name="version"),
    sqlite_strict=True,
)
"""A product or a variant of one. `search` is what searches compare; `weight` is in grams, amounts in minor units."""

Index("ix_product_name", product.c.name)
Index("ix_product_category", product.c.category)
Index("ix_product_variant_of", product.c.variant_of)
Index("ix_product_barcode", product.c.barcode)
Index("ix_product_operation_id", product.c.operation_id)


class _ProductPrice(TypedColumns):
    id = Column(Int, primary_key=True)
    product_id: Column[int] = Column(Int, ForeignKey("product.id"), nullable=False)
    price: Column[int] = Column(Int, nullable=False)
    starts_at: Column[datetime] = Column(Moment, nullable=False)
    ends_at: Column[datetime | None] = Column(Moment)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


product_price = Table(
    "product_price",
    metadata,
    _ProductPrice,
    CheckConstraint("price BETWEEN 0 AND 10000000000000", name="price"),
    CheckConstraint("ends_at > starts_at", name="period"),
    sqlite_strict=True,
)
"""Every price a product has, had or will have.

A row with an end holds for a period only and goes before those without.
"""

Index("ix_product_price_product_id", product_price.c.product_id, product_price.c.starts_at)
Index("ix_product_price_operation_id", product_price.c.operation_id)
