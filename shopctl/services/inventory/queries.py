"""Reading balances and reservations, by item; joined with the catalogue in ``services.reports``."""

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, select, tuple_

from shopctl.database import now
from shopctl.services.inventory.ledger import LIVE_AVAILABLE, LIVE_HELD, LIVE_RESERVED
from shopctl.services.inventory.tables import location, reservation, stock
from shopctl.services.inventory.values import Item, Level, Location


def level(conn: Connection, item: Item, place: Location) -> Level:
    """Return the balance of a product at a location."""
    row = conn.execute(
        select(
            stock,
            LIVE_AVAILABLE.label("available"),
            LIVE_HELD.label("live_held"),
            LIVE_RESERVED.label("live_reserved"),
        ).where(stock.c.product_id == item.product_id, stock.c.location_id == place.id),
        {"moment": now(conn)},
    ).one()
    return Level(
        sku=item.sku,
        location=place.name,
        bin=row.bin,
        on_hand=row.on_hand,
        reserved=row.live_reserved,
        packed=row.packed,
        held=row.live_held,
        unsellable=row.unsellable,
        safety=row.safety,
        available=row.available,
        reorder_point=row.reorder_point,
    )


class Reserved(msgspec.Struct, frozen=True, kw_only=True):
    """What inventory keeps for a line of an order at a location; `held` until `expires_at`."""

    id: int
    line: int
    product_id: int
    location_id: int
    reserved: int
    packed: int
    short: int
    held: int
    expires_at: datetime | None

    @property
    def on_shelf(self) -> int:
        """The units that are reserved and not packed yet."""
        return self.reserved - self.packed


_FIELDS = [reservation.c[name] for name in Reserved.__struct_fields__]
_RESERVED_FOR = (
    select(*_FIELDS)
    .where(reservation.c.reference == bindparam("reference"))
    .order_by(reservation.c.line, reservation.c.id)
)


def reserved_for(conn: Connection, reference: str) -> list[Reserved]:
    """Return what is kept for an order, by line."""
    return [Reserved(**row._mapping) for row in conn.execute(_RESERVED_FOR, {"reference": reference})]


_EXPIRED = (
    select(reservation.c.reference)
    .where(
        reservation.c.product_id.in_(bindparam("products", expanding=True)),
        reservation.c.expires_at <= bindparam("moment"),
    )
    .distinct()
)


def expired(conn: Connection, product_ids: Sequence[int]) -> list[str]:
    """Return the orders for which these products are still kept though their time has passed."""
    return list(conn.execute(_EXPIRED, {"products": product_ids, "moment": now(conn)}).scalars())


class Shelf(msgspec.Struct, frozen=True):
    """Where a product lies."""

    location: str
    bin: str


def shelves(conn: Connection, balances: Collection[tuple[int, int]]) -> dict[tuple[int, int], Shelf]:
    """Return where these balances (product, location) lie, in the order of a walk: by location, bin and product."""
    found = {}
    wanted = sorted(balances)
    for start in range(0, len(wanted), _PAIRS):
        rows = conn.execute(
            select(stock.c.product_id, stock.c.location_id, location.c.priority, location.c.name, stock.c.bin)
            .join(location, location.c.id == stock.c.location_id)
            .where(tuple_(stock.c.product_id, stock.c.location_id).in_(wanted[start : start + _PAIRS]))
        )
        found.update({(row.product_id, row.location_id): row for row in rows})
    walk = sorted(found, key=lambda here: (found[here].priority, here[1], found[here].bin, here[0]))
    return {here: Shelf(found[here].name, found[here].bin) for here in walk}


_PAIRS = 400
"""How many pairs a statement asks for: SQLite allows 32,766 variables (sqlite.org/limits.html)."""
