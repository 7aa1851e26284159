"""Stock that comes and goes, with the orders that it changes: those that are short are served first, oldest first."""

from sqlalchemy import Connection

from shopctl.services import inventory
from shopctl.services.inventory import Item, Level
from shopctl.services.orders import expiring
from shopctl.services.orders.settling import settle


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
    expiring.free(conn, [item.product_id])
    inventory.receive(conn, item, quantity, location=location, unit_cost=unit_cost, reference=reference, key=key)
    settle(conn)
    return inventory.level(conn, item, inventory.get_location(conn, location))


def adjust(
    conn: Connection, item: Item, delta: int, *, reason: str, location: str | None = None, key: str | None = None
) -> Level:
    """Put a balance right, as `inventory.adjust`; the orders that it serves, or leaves short, learn of it."""
    expiring.free(conn, [item.product_id])
    inventory.adjust(conn, item, delta, reason=reason, location=location, key=key)
    settle(conn)
    return inventory.level(conn, item, inventory.get_location(conn, location))
