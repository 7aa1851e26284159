"""What people write about an order, and how its texts changed.

Kept beside the events, which name these rows: a person can be forgotten, what happened stays.
"""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from shopctl.database import inserted_id, operation_id
from shopctl.services.orders.tables import remark

_OF_ORDER = select(remark).where(remark.c.order_id == bindparam("id"))


def write(conn: Connection, order_id: int, kind: str, after: str, *, before: str = "") -> int:
    """Write down what somebody said, or how a text of the order changed; return the row's id."""
    values = {
        "order_id": order_id,
        "kind": kind,
        "before": before,
        "after": after,
        "operation_id": operation_id(conn),
    }
    return inserted_id(conn.execute(insert(remark), values))


def said(conn: Connection, order_id: int, kind: str, text: str) -> int:
    """Write down `text`, if there is any; return the row's id, or 0."""
    return write(conn, order_id, kind, text) if text else 0


def of_order(conn: Connection, order_id: int) -> dict[int, Row[Any]]:
    """Return what was written about an order, by id."""
    return {row.id: row for row in conn.execute(_OF_ORDER, {"id": order_id})}
