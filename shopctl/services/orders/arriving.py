"""What becomes of a parcel on its way: delivered, lost, or sent back."""

from sqlalchemy import Connection

from shopctl import events
from shopctl.database import idempotent, now, remember
from shopctl.services.orders import expiring, packing, remarks
from shopctl.services.orders.events import (
    ShipmentDelivered,
    ShipmentLost,
    ShipmentReturned,
)
from shopctl.services.orders.queries import get
from shopctl.services.orders.returning import came_back
from shopctl.services.orders.shipping import SCOPE, sent
from shopctl.services.orders.status import refresh
from shopctl.services.orders.unpicking import mark
from shopctl.services.orders.values import Order
from shopctl.text import checked


def deliver(conn: Connection, number: str, *, parcel: str | None = None, key: str | None = None) -> Order:
    """Record that a parcel arrived: the one named, or all that are on their way. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order or parcel.
        RefusedError: none is on its way.
        ConflictError: the key was used for another request.
    """
    request = ("deliver", number, parcel)
    if idempotent(conn, SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        for found in sent(conn, row, parcel, "shipped"):
            mark(conn, found, "delivered", {"delivered_at": now(conn)})
            events.record(conn, ShipmentDelivered(number=row.number, parcel=found.parcel))
        refresh(conn, row.id)
        remember(conn, SCOPE, key, request, row.number)
    return get(conn, number)


def lose(conn: Connection, number: str, *, parcel: str, reason: str = "") -> Order:
    """Record that a parcel will not arrive. Who pays and whether it is replaced is a claim, or a refund.

    Raises:
        NotFoundError: no such order or parcel.
        RefusedError: it is not on its way.
    """
    row = expiring.opened(conn, number)
    (found,) = sent(conn, row, parcel, "shipped")
    mark(conn, found, "lost")
    said = remarks.said(conn, row.id, "lost", checked(reason, "reason", limit=500))
    events.record(conn, ShipmentLost(number=row.number, parcel=found.parcel, remark=said))
    refresh(conn, row.id)
    return get(conn, number)


def send_back(conn: Connection, number: str, *, parcel: str, restock: bool | None = None, reason: str = "") -> Order:
    """Record that a parcel came back to the shop unopened: its units are returned, to be restocked or written off.

    Raises:
        NotFoundError: no such order or parcel.
        RefusedError: it is not on its way, or units of it were returned before.
    """
    row = expiring.opened(conn, number)
    (found,) = sent(conn, row, parcel, "shipped")
    mark(conn, found, "returned_to_sender")
    said = remarks.said(conn, row.id, "sent back", checked(reason, "reason", limit=500))
    events.record(conn, ShipmentReturned(number=row.number, parcel=found.parcel, remark=said))
    came_back(conn, row, packing.inside(conn, row, found), restock=restock)
    refresh(conn, row.id)
    return get(conn, number)
