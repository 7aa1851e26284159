"""What ends by itself: the hold of a draft, and an order that nobody paid in time, where the shop sets one.

Nobody is waited for: whoever reads counts what has expired as free, whoever writes lets it go first, and a worker does
the rest.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from shopctl import clock, events
from shopctl.database import now, operation_id, settings
from shopctl.services import inventory, terms
from shopctl.services.orders import unpicking
from shopctl.services.orders.events import DraftLapsed, OrderExpired
from shopctl.services.orders.queries import find
from shopctl.services.orders.settling import settle
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order

_DUE = (
    select(order)
    .where(order.c.expires_at <= bindparam("moment", type_=order.c.expires_at.type))
    .order_by(order.c.expires_at)
    .limit(bindparam("many"))
)


def draft_ends(conn: Connection) -> datetime | None:
    """Return until when a draft that is made now holds its stock; None: for good."""
    lasting = clock.lasting(settings(conn).orders.draft_expiry)
    return now(conn) + lasting if lasting else None


def unpaid_ends(conn: Connection) -> datetime | None:
    """Return until when an order that is placed now must be paid; None: it waits."""
    lasting = clock.lasting(settings(conn).orders.unpaid_expiry)
    return now(conn) + lasting if lasting else None


def opened(conn: Connection, number: str) -> Row[Any]:
    """Return the row of an order that is about to change, after what of it has expired was let go.

    Raises:
        NotFoundError: there is none.
    """
    row = find(conn, number)
    if row.expires_at is not None and row.expires_at <= now(conn):
        _let_go(conn, row)
        row = find(conn, row.number)
    return row


def free(conn: Connection, product_ids: Sequence[int]) -> None:
    """Let go of what has expired of these products, before somebody reserves them."""
    for reference in inventory.expired(conn, product_ids):
        opened(conn, reference)


def due(conn: Connection) -> int:
    """Return how many drafts and unpaid orders are to be let go of."""
    return conn.execute(select(func.count()).where(order.c.expires_at <= now(conn))).scalar_one()


def lapse(conn: Connection, limit: int = 100) -> int:
    """Let go of what has expired; return how many orders and drafts."""
    rows = conn.execute(_DUE, {"moment": now(conn), "many": limit}).all()
    for row in rows:
        _let_go(conn, row)
    return len(rows)


def wait_no_more(conn: Connection, row: Row[Any]) -> None:
    """Let an order that was paid, promised or packed expire no more."""
    if row.expires_at is not None:
        conn.execute(update(order).where(order.c.id == row.id).values(expires_at=None, operation_id=operation_id(conn)))
        inventory.keep_for_good(conn, row.number)


def _let_go(conn: Connection, row: Row[Any]) -> None:
    kept = inventory.reserved_for(conn, row.number)
    inventory.release(conn, row.number)
    unpicking.give_up_picking(conn, row)
    values: dict[str, Any] = {"expires_at": None, "version": order.c.version + 1, "operation_id": operation_id(conn)}
    if row.status == "placed":
        values["status"] = "expired"
    conn.execute(update(order).where(order.c.id == row.id).values(values))
    if row.status == "placed":
        if row.discount_code_id is not None:
            terms.give_back(conn, row.discount_code_id)
        units = sum(part.reserved + part.short for part in kept)
        events.record(conn, OrderExpired(number=row.number, units=units))
        refresh(conn, row.id)
    else:
        events.record(conn, DraftLapsed(number=row.number, units=sum(part.held for part in kept)))
    settle(conn)
