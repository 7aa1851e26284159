"""What happened, recorded in the transaction in which it happened: the timeline, and the outbox of the subscribers.

Events are past-tense frozen values that hold ids and amounts, never a person's data, so that a person can be forgotten.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, select, update

from shopctl.database import current, event_table, inserted_id, now, operation, operation_id


class Event(msgspec.Struct, frozen=True, tag=False):
    """Something that happened. Its type's name is what subscribers and people know it by."""

    @property
    def subject(self) -> str:
        """What it happened to: an order's number."""
        raise NotImplementedError


class Recorded(msgspec.Struct, frozen=True):
    """An event as it was recorded: when, by whom, and its plain values."""

    id: int
    type: str
    subject: str
    payload: dict[str, Any]
    at: datetime
    actor: str


class Backlog(msgspec.Struct, frozen=True):
    """The events that no worker has handed on yet."""

    waiting: int
    oldest_at: datetime | None
    failing: int


_RECORD = insert(event_table)


def record(conn: Connection, happened: Event) -> Recorded:
    """Record that something happened, with the change that made it happen; return it as recorded."""
    values = {
        "type": type(happened).__name__,
        "subject": happened.subject,
        "payload": msgspec.to_builtins(happened),
        "at": now(conn),
    }
    made = conn.execute(_RECORD, {**values, "operation_id": operation_id(conn)})
    recorded = Recorded(id=inserted_id(made), actor=current(conn).actor, **values)
    current(conn).recorded.append(recorded.id)
    return recorded


_columns = select(
    event_table.c.id,
    event_table.c.type,
    event_table.c.subject,
    event_table.c.payload,
    event_table.c.at,
    operation.c.actor,
).join(operation, operation.c.id == event_table.c.operation_id)

_ABOUT = _columns.where(event_table.c.subject == bindparam("about")).order_by(event_table.c.id)


def about(conn: Connection, subject: str) -> list[Recorded]:
    """Return what happened to `subject`, oldest first."""
    rows = conn.execute(_ABOUT, {"about": subject})
    return [Recorded(**row._mapping) for row in rows]


def unhandled(conn: Connection, limit: int, after: int = 0) -> list[Recorded]:
    """Return the oldest events after `after` that no worker has handed on yet."""
    rows = conn.execute(
        _columns.where(event_table.c.handled_at.is_(None), event_table.c.id > after)
        .order_by(event_table.c.id)
        .limit(limit)
    )
    return [Recorded(**row._mapping) for row in rows]


def still_unhandled(conn: Connection, ids: Sequence[int]) -> set[int]:
    """Return which of these events nobody has handed on yet."""
    found = select(event_table.c.id).where(event_table.c.id.in_(ids), event_table.c.handled_at.is_(None))
    return set(conn.execute(found).scalars())


def mark_handled(conn: Connection, ids: Sequence[int]) -> None:
    """Record that the subscribers of these events have been served."""
    conn.execute(
        update(event_table)
        .where(event_table.c.id.in_(ids), event_table.c.handled_at.is_(None))
        .values(handled_at=now(conn), error=None)
    )


def mark_failed(conn: Connection, failed: int, error: str) -> None:
    """Record why the subscribers of an event could not be served; it stays to be handed on."""
    conn.execute(update(event_table).where(event_table.c.id == failed).values(error=error))


def backlog(conn: Connection) -> Backlog:
    """Return how many events wait, since when, and how many could not be handed on."""
    row = conn.execute(
        select(func.count(), func.min(event_table.c.at), func.count(event_table.c.error)).where(
            event_table.c.handled_at.is_(None)
        )
    ).one()
    return Backlog(waiting=row[0], oldest_at=row[1], failing=row[2])
