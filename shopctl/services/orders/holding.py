"""Stopping an order for a while, and writing about it."""

from sqlalchemy import Connection, update

from shopctl import events
from shopctl.database import operation_id
from shopctl.errors import RefusedError
from shopctl.services.orders import expiring, remarks
from shopctl.services.orders.events import NoteAdded, OrderHeld, OrderUnheld
from shopctl.services.orders.queries import find, get
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import Order
from shopctl.text import checked


def hold(conn: Connection, number: str, *, reason: str) -> Order:
    """Let nothing of an order be picked, packed or shipped until `unhold`, for a `reason`. Again, it changes nothing.

    Raises:
        NotFoundError: no such order.
        RefusedError: it is not placed.
        BadValueError: there is no reason.
    """
    return _set(conn, number, held=True, reason=checked(reason, "reason", limit=500, required=True))


def unhold(conn: Connection, number: str) -> Order:
    """Let an order go on. Again, it changes nothing.

    Raises:
        NotFoundError: no such order.
    """
    return _set(conn, number, held=False)


def note(conn: Connection, number: str, text: str) -> Order:
    """Write a note on an order's timeline, for the shop's people.

    Raises:
        NotFoundError: no such order.
        BadValueError: it is empty or too long.
    """
    row = find(conn, number)
    said = remarks.write(conn, row.id, "note", checked(text, "note", limit=5_000, required=True))
    events.record(conn, NoteAdded(number=row.number, remark=said))
    return get(conn, number)


def _set(conn: Connection, number: str, *, held: bool, reason: str = "") -> Order:
    row = expiring.opened(conn, number)
    if bool(row.on_hold) == held:
        return get(conn, number)
    if held and row.status != "placed":
        raise RefusedError(f"Order {row.number} is {row.status}; there is nothing to hold.", "Write a note instead.")
    conn.execute(update(order).where(order.c.id == row.id).values(on_hold=int(held), operation_id=operation_id(conn)))
    if held:
        said = remarks.write(conn, row.id, "hold", reason)
        events.record(conn, OrderHeld(number=row.number, remark=said))
    else:
        events.record(conn, OrderUnheld(number=row.number))
    refresh(conn, row.id)
    return get(conn, number)
