"""What inventory gave to, or took from, the reservations of orders: here the orders learn of it.

Inventory knows nothing of orders; whatever frees or takes units calls `settle` afterwards, in the same transaction.
"""

from sqlalchemy import Connection, select

from shopctl import events
from shopctl.database import current, operation_id
from shopctl.services.inventory.tables import stock_movement
from shopctl.services.orders import unpicking
from shopctl.services.orders.events import StockAllocated, StockFellShort
from shopctl.services.orders.queries import find
from shopctl.services.orders.status import refresh

_MARK = "settled"


def settle(conn: Connection) -> None:
    """Let the orders know which of their units this operation reserved, or left short, since it last settled."""
    moved, last = _moved(conn, after=current(conn).marks.get(_MARK, 0))
    current(conn).marks[_MARK] = last
    for number, (served, lost) in moved.items():
        row = find(conn, number)
        if served:
            events.record(conn, StockAllocated(number=number, units=served))
        if lost:
            events.record(conn, StockFellShort(number=number, units=lost))
            unpicking.give_up_picking(conn, row)
        refresh(conn, row.id)


def served(conn: Connection) -> dict[str, int]:
    """Return how many units this operation gave to orders that were short of them, the oldest order first."""
    moved, _ = _moved(conn, after=0)
    return {number: units for number, (units, _) in moved.items() if units}


def _moved(conn: Connection, *, after: int) -> tuple[dict[str, tuple[int, int]], int]:
    """Return how many units were given to, and taken from, each order after that movement; and the last movement."""
    found: dict[str, tuple[int, int]] = {}
    if current(conn).id is None:
        return found, after
    rows = conn.execute(
        select(stock_movement.c.id, stock_movement.c.reference, stock_movement.c.kind, stock_movement.c.reserved)
        .where(
            stock_movement.c.operation_id == operation_id(conn),
            stock_movement.c.kind.in_(("short", "unshort")),
            stock_movement.c.id > after,
        )
        .order_by(stock_movement.c.id)
    )
    for row in rows:
        served, lost = found.get(row.reference, (0, 0))
        more = (row.reserved, 0) if row.kind == "unshort" else (0, -row.reserved)
        found[row.reference] = (served + more[0], lost + more[1])
        after = row.id
    return found, after
