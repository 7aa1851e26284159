"""The table of issued documents."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns, UniqueConstraint

from shopctl.database import Int, Json, Moment, metadata


class _Document(TypedColumns):
    id = Column(Int, primary_key=True)
    order_id: Column[int] = Column(Int, ForeignKey("orders.id"), nullable=False)
    kind: Column[str] = Column(Text, nullable=False)
    number: Column[int] = Column(Int, nullable=False)
    issued_at: Column[datetime] = Column(Moment, nullable=False)
    total: Column[int] = Column(Int, nullable=False)
    content: Column[dict[str, Any]] = Column(Json, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


document = Table(
    "document",
    metadata,
    _Document,
    UniqueConstraint("kind", "number"),
    CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("total >= 0", name="total"),
    sqlite_strict=True,
)
"""An issued document: numbered without gaps by kind, its content frozen. `total` is in minor units."""

Index("ix_document_order_id", document.c.order_id)
