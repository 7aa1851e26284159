"""Stock that comes and goes, and the orders that it changes: those that are short are served first, oldest first.

Inventory moves the units; here the orders learn of it, in the same transaction.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from shopctl import events
from shopctl.database import current, operation_id
from shopctl.services import inventory
from shopctl.services.inventory import Item, Level
from shopctl.services.inventory.tables import stock_movement
from shopctl.services.orders import packing
from shopctl.services.orders.events import StockAllocated, StockFellShort
from shopctl.services.orders.queries import find
from shopctl.services.orders.status import refresh


def receive(
    conn: Connection,
    item: Item,
    quantity: int,
    *,
    location: str | None = None,
    unit_cost: int | None = None,
    reference: str = "",
    key: str | None = None,
) -> Level:
    """Put units that arrived on the shelf, as `inventory.receive`; the orders that waited for them go on."""
    inventory.receive(conn, item, quantity, location=location, unit_cost=unit_cost, reference=reference, key=key)
    settle(conn, [item.product_id])
    return inventory.level(conn, item, inventory.get_location(conn, location))


def adjust(
    conn: Connection, item: Item, delta: int, *, reason: str, location: str | None = None, key: str | None = None
) -> Level:
    """Put a balance right, as `inventory.adjust`; the orders that it serves, or leaves short, learn of it."""
    inventory.adjust(conn, item, delta, reason=reason, location=location, key=key)
    settle(conn, [item.product_id])
    return inventory.level(conn, item, inventory.get_location(conn, location))


def settle(conn: Connection, product_ids: Sequence[int]) -> list[str]:
    """Let the orders know that this operation served, or took from, their reservations; return their numbers."""
    moved = _moved(conn, product_ids) if current(conn).id is not None else {}
    for number, (served, lost) in moved.items():
        row = find(conn, number)
        if served:
            events.record(conn, StockAllocated(number=number, units=served))
        if lost:
            events.record(conn, StockFellShort(number=number, units=lost))
            packing.give_up_picking(conn, row)
        refresh(conn, row.id)
    return list(moved)


def served(conn: Connection) -> dict[str, int]:
    """Return how many units this operation gave to orders that were short of them, the oldest order first."""
    if current(conn).id is None:
        return {}
    return {number: units for number, (units, _) in _moved(conn).items() if units}


def _moved(conn: Connection, product_ids: Sequence[int] | None = None) -> dict[str, tuple[int, int]]:
    """Return how many units this operation gave to, and took from, the reservations of each order."""
    statement = (
        select(stock_movement.c.reference, stock_movement.c.kind, stock_movement.c.reserved)
        .where(
            stock_movement.c.operation_id == operation_id(conn),
            stock_movement.c.kind.in_(("short", "unshort")),
        )
        .order_by(stock_movement.c.id)
    )
    if product_ids is not None:
        statement = statement.where(stock_movement.c.product_id.in_(product_ids))
    rows = conn.execute(statement)
    found: dict[str, tuple[int, int]] = {}
    for row in rows:
        served, lost = found.get(row.reference, (0, 0))
        served, lost = (served + row.reserved, lost) if row.kind == "unshort" else (served, lost - row.reserved)
        found[row.reference] = (served, lost)
    return found
