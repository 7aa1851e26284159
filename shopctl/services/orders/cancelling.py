"""Cancelling an order."""

from sqlalchemy import Connection, func, select, update

from shopctl import events
from shopctl.database import now, operation_id
from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.orders.events import OrderCancelled
from shopctl.services.orders.queries import find, get
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order, order_line
from shopctl.services.orders.values import Order
from shopctl.text import checked


def cancel(conn: Connection, number: str, *, reason: str = "") -> Order:
    """Cancel an order and release its stock.

    What was paid is then owed to the customer. Asked again, it changes nothing.

    Raises:
        NotFoundError: no such order.
        RefusedError: it is completed, or a part of it was shipped.
        BadValueError: the reason is too long.
    """
    row = find(conn, number)
    if row.status == "cancelled":
        return get(conn, number)
    if row.status != "placed" or row.fulfilment_status != "unfulfilled":
        raise RefusedError(
            f"Order {row.number} cannot be cancelled: it is {row.status} and {row.fulfilment_status}.",
            f"Look at it with `shopctl order show {row.number}`.",
            status=row.status,
        )
    units = conn.execute(select(func.sum(order_line.c.ordered)).where(order_line.c.order_id == row.id)).scalar_one()
    inventory.release(conn, row.number)
    conn.execute(
        update(order_line)
        .where(order_line.c.order_id == row.id)
        .values(cancelled=order_line.c.ordered, operation_id=operation_id(conn))
    )
    conn.execute(
        update(order)
        .where(order.c.id == row.id, order.c.status == "placed")
        .values(
            status="cancelled",
            cancelled_at=now(conn),
            cancel_reason=checked(reason, "reason", limit=500),
            version=order.c.version + 1,
        )
    )
    events.record(conn, OrderCancelled(row.number, units=units))
    refresh(conn, row.id)
    return get(conn, number)
