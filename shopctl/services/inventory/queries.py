"""Reading balances and the ledger, by item; joined with the catalogue in ``services.reports``."""

from sqlalchemy import Connection, bindparam, select

from shopctl.services.inventory.ledger import AVAILABLE
from shopctl.services.inventory.tables import reservation, stock
from shopctl.services.inventory.values import Item, Level, Location


def level(conn: Connection, item: Item, place: Location) -> Level:
    """Return the balance of a product at a location."""
    row = conn.execute(
        select(stock, AVAILABLE.label("available")).where(
            stock.c.product_id == item.product_id, stock.c.location_id == place.id
        )
    ).one()
    return Level(
        sku=item.sku,
        location=place.name,
        bin=row.bin,
        on_hand=row.on_hand,
        reserved=row.reserved,
        packed=row.packed,
        held=row.held,
        unsellable=row.unsellable,
        safety=row.safety,
        available=row.available,
        reorder_point=row.reorder_point,
    )


_RESERVED_FOR = select(reservation.c.line, reservation.c.packed, reservation.c.short).where(
    reservation.c.reference == bindparam("reference")
)


def reserved_for(conn: Connection, reference: str) -> dict[int, tuple[int, int]]:
    """Return, by line, how many units of an order are packed and how many are short."""
    rows = conn.execute(_RESERVED_FOR, {"reference": reference})
    return {row.line: (row.packed, row.short) for row in rows}
