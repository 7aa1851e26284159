"""The tables that every service writes to: operations, idempotency keys, events.

The schema itself is made by ``migrations/``; a test proves that these descriptions agree with it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, MetaData, Table, Text, TypedColumns

from shopctl.database.types import Int, Json, Moment

metadata = MetaData(
    naming_convention={
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


class _Operation(TypedColumns):
    id = Column(Int, primary_key=True)
    at: Column[datetime] = Column(Moment, nullable=False)
    actor: Column[str] = Column(Text, nullable=False)
    system_user: Column[str] = Column(Text, nullable=False)
    host: Column[str] = Column(Text, nullable=False)
    origin: Column[str] = Column(Text, nullable=False)
    command: Column[str] = Column(Text, nullable=False)


operation = Table(
    "operation",
    metadata,
    _Operation,
    CheckConstraint("origin IN ('command', 'dashboard', 'web', 'worker')", name="origin"),
    sqlite_strict=True,
)
"""One change of the shop: who, when, from where. Every row that a change writes bears its id."""


class _IdempotencyKey(TypedColumns):
    scope: Column[str] = Column(Text, primary_key=True)
    key: Column[str] = Column(Text, primary_key=True)
    request: Column[str] = Column(Text, nullable=False)
    result: Column[str] = Column(Text, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


idempotency_key = Table("idempotency_key", metadata, _IdempotencyKey, sqlite_strict=True)
"""A key that a caller gave to a request, a digest of that request, and what it made."""


class _Event(TypedColumns):
    id = Column(Int, primary_key=True)
    type: Column[str] = Column(Text, nullable=False)
    subject: Column[str] = Column(Text, nullable=False)
    payload: Column[dict[str, Any]] = Column(Json, nullable=False)
    at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)
    handled_at: Column[datetime | None] = Column(Moment)
    error: Column[str | None] = Column(Text)


event = Table(
    "event",
    metadata,
    _Event,
    sqlite_strict=True,
)
"""What happened, in the order it happened; the timeline, and the outbox of the subscribers (`handled_at` is NULL)."""

Index("ix_event_subject", event.c.subject, event.c.id)
Index("ix_event_unhandled", event.c.id, sqlite_where=event.c.handled_at.is_(None))
Index("ix_event_operation_id", event.c.operation_id)
