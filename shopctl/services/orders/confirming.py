"""Placing what was a draft."""

from sqlalchemy import Connection, update

from shopctl import events
from shopctl.database import idempotent, now, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Item, Want
from shopctl.services.orders import expiring, payments
from shopctl.services.orders.events import OrderPlaced
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.settling import settle
from shopctl.services.orders.status import facts_of, refresh
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import Order


def confirm(conn: Connection, number: str, *, paid: str | None = None, key: str | None = None) -> Order:
    """Place a draft, at the prices it was drafted with; with `paid`, by that method in full. Again, it changes nothing.

    What it holds becomes reserved. If its time is up, the stock is reserved anew, as far as it is there.

    Raises:
        NotFoundError: no such order.
        RefusedError: it is neither a draft nor was one that is placed by now.
        InsufficientStockError: its time was up, and the stock is gone.
        ConflictError: the key was used for another request.
    """
    request = ("confirm", number, paid)
    if idempotent(conn, "confirm", key, request) is not None:
        return get(conn, number)
    row = expiring.opened(conn, number)
    if row.status == "placed":
        return get(conn, number)
    if row.status != "draft":
        raise RefusedError(f"Order {row.number} is {row.status}; only a draft is confirmed.", "Place a new order.")
    lines = line_rows(conn, row.id)
    units = {line.line: line.ordered - line.cancelled for line in lines}
    wants = [Want(line.line, Item(line.product_id, line.sku), units[line.line]) for line in lines if units[line.line]]
    expiring.free(conn, sorted({line.product_id for line in lines}))
    due = facts_of(conn, row.id).due
    expires_at = None if paid is not None or due == 0 else expiring.unpaid_ends(conn)
    inventory.take_over(conn, row.number, wants, expires_at=expires_at)
    conn.execute(
        update(order)
        .where(order.c.id == row.id, order.c.status == "draft")
        .values(status="placed", placed_at=now(conn), expires_at=expires_at, operation_id=operation_id(conn))
    )
    happened = OrderPlaced(number=row.number, total=row.total, currency=row.currency, units=sum(units.values()))
    events.record(conn, happened)
    if paid is not None and due > 0:
        payments.capture(conn, row.id, row.number, due, row.currency, method=paid)
    settle(conn)
    refresh(conn, row.id)
    remember(conn, "confirm", key, request, row.number)
    return get(conn, number)
