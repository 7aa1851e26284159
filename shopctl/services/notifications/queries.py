"""Reading messages."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from shopctl.database import now
from shopctl.errors import NotFoundError
from shopctl.services.notifications.tables import attempt, notification
from shopctl.services.notifications.values import (
    Attempt,
    Notification,
    NotificationDetail,
    NotificationFilter,
    Queue,
)

_FIELDS = Notification.__struct_fields__


def get(conn: Connection, wanted: int) -> NotificationDetail:
    """Return a message with its attempts.

    Raises:
        NotFoundError: there is none with that number.
    """
    row = conn.execute(select(notification).where(notification.c.id == wanted)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no message {wanted}.", "`shopctl notify list` shows what there is.", id=wanted)
    attempts = conn.execute(select(attempt).where(attempt.c.notification_id == wanted).order_by(attempt.c.id))
    return NotificationDetail(
        **_fields(row),
        cause=row.cause,
        text=row.text,
        html=row.html,
        attempt_log=[
            Attempt(
                number=i,
                started_at=made.started_at,
                finished_at=made.finished_at,
                outcome=made.outcome,
                answer=made.answer,
                owner=made.owner,
            )
            for i, made in enumerate(attempts, start=1)
        ],
    )


def page(conn: Connection, wanted: NotificationFilter) -> list[Notification]:
    """Return the messages that `wanted` describes, the latest first."""
    statement = select(*(notification.c[name] for name in _FIELDS)).order_by(notification.c.id.desc())
    if wanted.state is not None:
        statement = statement.where(notification.c.state == wanted.state)
    if wanted.order is not None:
        statement = statement.where(notification.c.order_number == wanted.order)
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [Notification(**_fields(row)) for row in conn.execute(statement)]


def queue(conn: Connection) -> Queue:
    """Return how many messages are in which state, and when the oldest is or the next will be due."""
    states = {
        row[0]: row[1]
        for row in conn.execute(
            select(notification.c.state, func.count()).group_by(notification.c.state).order_by(notification.c.state)
        )
    }
    moment = now(conn)
    when = func.coalesce(notification.c.next_attempt_at, notification.c.lease_until)
    due, later, oldest, upcoming = conn.execute(
        select(
            func.count().filter(when <= moment),
            func.count().filter(when > moment),
            func.min(when).filter(when <= moment),
            func.min(when).filter(when > moment),
        ).where(notification.c.state.in_(("held", "pending", "sending")))
    ).one()
    return Queue(states=states, due=due, later=later, oldest_due_at=oldest, next_due_at=upcoming)


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in _FIELDS}
