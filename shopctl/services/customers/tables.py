"""The table of customers."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Table, Text, TypedColumns

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


customer = Table(
    "customer",
    metadata,
    _Customer,
    CheckConstraint("length(identity) BETWEEN 1 AND 254", name="identity"),
    sqlite_strict=True,
)
"""Somebody who ordered. `identity` is the e-mail address, or the reference that another system gave."""
