"""The tables of messages and of the attempts to deliver them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, TypedColumns, UniqueConstraint

from shopctl.database import Int, Moment, metadata

STATES = ("held", "pending", "sending", "sent", "dead", "cancelled", "suppressed")
OUTCOMES = ("accepted", "retry", "refused", "unknown")


class _Notification(TypedColumns):
    id = Column(Int, primary_key=True)
    cause: Column[str] = Column(Text, nullable=False)
    recipient: Column[str] = Column(Text, nullable=False)
    channel: Column[str] = Column(Text, nullable=False)
    template: Column[str] = Column(Text, nullable=False)
    order_number: Column[str | None] = Column(Text)
    state: Column[str] = Column(Text, nullable=False)
    subject: Column[str] = Column(Text, nullable=False)
    text: Column[str] = Column(Text, nullable=False)
    html: Column[str] = Column(Text, nullable=False)
    attempts: Column[int] = Column(Int, nullable=False)
    next_attempt_at: Column[datetime | None] = Column(Moment)
    lease_owner: Column[str | None] = Column(Text)
    lease_until: Column[datetime | None] = Column(Moment)
    sent_at: Column[datetime | None] = Column(Moment)
    last_error: Column[str | None] = Column(Text)
    created_at: Column[datetime] = Column(Moment, nullable=False)
    operation_id: Column[int] = Column(Int, ForeignKey("operation.id"), nullable=False)


notification = Table(
    "notification",
    metadata,
    _Notification,
    UniqueConstraint("cause", "recipient", "channel", "template"),
    CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
    CheckConstraint("channel IN ('email', 'webhook', 'push')", name="channel"),
    CheckConstraint("attempts >= 0", name="attempts"),
    CheckConstraint("(state IN ('held', 'pending')) = (next_attempt_at IS NOT NULL)", name="due"),
    CheckConstraint("(state = 'sending') = (lease_until IS NOT NULL AND lease_owner IS NOT NULL)", name="lease"),
    CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
    sqlite_strict=True,
)
"""One message to one recipient over one channel, rendered when it was composed.

`cause` is ``event:ID`` or ``resend:ID``.
"""

Index("ix_notification_due", notification.c.state, notification.c.next_attempt_at)
Index("ix_notification_order_number", notification.c.order_number)
Index("ix_notification_operation_id", notification.c.operation_id)


class _Attempt(TypedColumns):
    id = Column(Int, primary_key=True)
    notification_id: Column[int] = Column(Int, ForeignKey("notification.id"), nullable=False)
    number: Column[int] = Column(Int, nullable=False)
    owner: Column[str] = Column(Text, nullable=False)
    started_at: Column[datetime] = Column(Moment, nullable=False)
    finished_at: Column[datetime | None] = Column(Moment)
    outcome: Column[str | None] = Column(Text)
    answer: Column[str] = Column(Text, nullable=False)


attempt = Table(
    "notification_attempt",
    metadata,
    _Attempt,
    CheckConstraint(f"outcome IN ({', '.join(repr(outcome) for outcome in OUTCOMES)})", name="outcome"),
    CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", name="finished"),
    sqlite_strict=True,
)
"""One try to deliver a message, recorded before the first byte is sent, and what the server answered."""

Index("ix_notification_attempt_notification_id", attempt.c.notification_id, attempt.c.id)
Index("uq_notification_attempt_open", attempt.c.notification_id, unique=True, sqlite_where=attempt.c.outcome.is_(None))
