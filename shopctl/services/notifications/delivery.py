"""The life of a message: queued, claimed under a lease, sent, tried again, dead.

An attempt is recorded and its lease committed before the first byte is sent, and only the worker that holds the lease
records how it ended. A worker that dies leaves its lease to expire, and another takes the message up. See
``docs/delivery.md``.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from shopctl.database import now, operation_id
from shopctl.errors import RefusedError
from shopctl.services.notifications.tables import attempt, notification
from shopctl.services.notifications.values import Claim, Message, Notification, Result

LEASE = timedelta(seconds=60)
DEADLINE = 20.0
"""How long one attempt may take in all, in seconds; well inside the lease."""
_MINUTE, _HOUR = 60.0, 3600.0
WAITS = (5.0, 5 * _MINUTE, 30 * _MINUTE, *(hours * _HOUR for hours in (2, 5, 10, 14, 20, 24)))
"""Seconds between one attempt and the next; the last of the ten attempts has none after it."""
MAX_ATTEMPTS = len(WAITS) + 1
_JITTER = 0.1


def enqueue(conn: Connection, messages: Sequence[Message], *, delay: float) -> None:
    """Queue messages; those that are queued already (same cause, recipient, channel and template) stay as they are."""
    moment = now(conn)
    for message in messages:
        known = select(notification.c.id).where(
            notification.c.cause == message.cause,
            notification.c.recipient == message.recipient,
            notification.c.channel == message.channel,
            notification.c.template == message.template,
        )
        if conn.execute(known).first() is not None:
            continue
        waits = message.hold and delay > 0
        state = "suppressed" if message.suppressed else "held" if waits else "pending"
        conn.execute(
            insert(notification),
            {
                "cause": message.cause,
                "recipient": message.recipient,
                "channel": message.channel,
                "template": message.template,
                "order_number": message.order_number,
                "state": state,
                "subject": message.subject,
                "text": message.text,
                "html": message.html,
                "attempts": 0,
                "next_attempt_at": None if state == "suppressed" else moment + timedelta(seconds=delay if waits else 0),
                "last_error": message.suppressed or None,
                "created_at": moment,
                "operation_id": operation_id(conn),
            },
        )


def claim(conn: Connection, owner: str, *, scale: float = 1.0) -> Claim | None:
    """Take the message that has been due the longest, under a lease, or None if none is due.

    An expired lease is taken over; at the last attempt its message is dead, since nobody knows whether it went out.
    """
    _bury_expired(conn)
    moment = now(conn)
    due = (
        select(notification.c.id)
        .where(_is_due(moment))
        .order_by(func.coalesce(notification.c.next_attempt_at, notification.c.lease_until), notification.c.id)
        .limit(1)
        .scalar_subquery()
    )
    row = conn.execute(
        update(notification)
        .where(notification.c.id == due)
        .values(
            state="sending",
            attempts=notification.c.attempts + 1,
            next_attempt_at=None,
            lease_owner=owner,
            lease_until=moment + LEASE * scale,
        )
        .returning(notification)
    ).one_or_none()
    if row is None:
        return None
    _close_open_attempts(conn, row.id)
    conn.execute(
        insert(attempt),
        {"notification_id": row.id, "number": row.attempts, "owner": owner, "started_at": moment, "answer": ""},
    )
    return Claim(
        id=row.id,
        recipient=row.recipient,
        template=row.template,
        order_number=row.order_number,
        subject=row.subject,
        text=row.text,
        html=row.html,
        created_at=row.created_at,
        attempt=row.attempts,
        owner=owner,
    )


def finish(conn: Connection, claimed: Claim, result: Result, *, scale: float = 1.0) -> bool:
    """Record how an attempt ended; return False if the lease had passed to another worker, whose word counts."""
    moment = now(conn)
    dead = result.outcome == "refused" or (result.outcome == "retry" and claimed.attempt >= MAX_ATTEMPTS)
    state = "sent" if result.outcome == "accepted" else "dead" if dead else "pending"
    wait = _wait(claimed.attempt, scale) if state == "pending" else None
    mine = conn.execute(
        update(notification)
        .where(
            notification.c.id == claimed.id,
            notification.c.state == "sending",
            notification.c.lease_owner == claimed.owner,
            notification.c.attempts == claimed.attempt,
        )
        .values(
            state=state,
            lease_owner=None,
            lease_until=None,
            sent_at=moment if state == "sent" else None,
            next_attempt_at=None if wait is None else moment + wait,
            last_error=None if state == "sent" else result.answer,
        )
    )
    if mine.rowcount != 1:
        return False
    conn.execute(
        update(attempt)
        .where(attempt.c.notification_id == claimed.id, attempt.c.outcome.is_(None))
        .values(finished_at=moment, outcome=result.outcome, answer=result.answer)
    )
    return True


def retry(conn: Connection, ids: Sequence[int]) -> list[Notification]:
    """Send dead messages once more, or waiting ones now, with all attempts before them again.

    Raises:
        NotFoundError: there is no such message.
        RefusedError: a message is sent, being sent, cancelled or suppressed.
    """
    return _change(
        conn,
        ids,
        ("dead", "pending", "held"),
        "sent again",
        {"state": "pending", "next_attempt_at": now(conn), "attempts": 0},
    )


def cancel(conn: Connection, ids: Sequence[int]) -> list[Notification]:
    """Take back messages that have not been sent.

    Raises:
        NotFoundError: there is no such message.
        RefusedError: a message is not waiting.
    """
    return _change(conn, ids, ("held", "pending"), "cancelled", {"state": "cancelled", "next_attempt_at": None})


def _change(
    conn: Connection, ids: Sequence[int], states: tuple[str, ...], verb: str, values: dict[str, Any]
) -> list[Notification]:
    from shopctl.services.notifications.queries import get

    for wanted in ids:
        found = get(conn, wanted)
        changed = conn.execute(
            update(notification)
            .where(notification.c.id == wanted, notification.c.state.in_(states))
            .values(**values, operation_id=operation_id(conn))
        )
        if changed.rowcount != 1:
            raise RefusedError(
                f"Message {wanted} is {found.state}; it cannot be {verb}.",
                f"Look at it with `shopctl notify show {wanted}`.",
                id=wanted,
                state=found.state,
            )
    return [get(conn, wanted) for wanted in ids]


def _is_due(moment: Any) -> ColumnElement[bool]:
    return or_(
        and_(notification.c.state.in_(("held", "pending")), notification.c.next_attempt_at <= moment),
        and_(notification.c.state == "sending", notification.c.lease_until <= moment),
    )


def _bury_expired(conn: Connection) -> None:
    last = and_(
        notification.c.state == "sending",
        notification.c.lease_until <= now(conn),
        notification.c.attempts >= MAX_ATTEMPTS,
    )
    for lost in conn.execute(select(notification.c.id).where(last)).scalars().all():
        _close_open_attempts(conn, lost)
        conn.execute(
            update(notification)
            .where(notification.c.id == lost)
            .values(state="dead", lease_owner=None, lease_until=None, last_error="outcome unknown")
        )


def _close_open_attempts(conn: Connection, notification_id: int) -> None:
    conn.execute(
        update(attempt)
        .where(attempt.c.notification_id == notification_id, attempt.c.outcome.is_(None))
        .values(finished_at=now(conn), outcome="unknown", answer="the worker ended before it knew")
    )


def _wait(attempts: int, scale: float) -> timedelta:
    return timedelta(seconds=WAITS[attempts - 1] * scale * random.uniform(1, 1 + _JITTER))  # noqa: S311 (no secret)
