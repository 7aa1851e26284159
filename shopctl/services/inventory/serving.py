"""Who gets the next units, and who goes without when some are gone."""

from collections.abc import Collection

from sqlalchemy import Connection, bindparam, select

from shopctl.services.inventory.kept import Change, apply
from shopctl.services.inventory.ledger import AVAILABLE
from shopctl.services.inventory.queries import Reserved
from shopctl.services.inventory.tables import reservation, stock

_FIELDS = [reservation.c[name] for name in Reserved.__struct_fields__]
_OPEN = select(reservation.c.reference, *_FIELDS).where(
    reservation.c.product_id.in_(bindparam("products", expanding=True)),
    (reservation.c.reserved > 0) | (reservation.c.short > 0),
)
_WAITING = _OPEN.where(reservation.c.short > 0).order_by(reservation.c.id)
_NEWEST = _OPEN.where(
    reservation.c.location_id == bindparam("place"), reservation.c.reserved > reservation.c.packed
).order_by(reservation.c.id.desc())
_BALANCE = select(stock, AVAILABLE.label("available")).where(
    stock.c.product_id == bindparam("product"), stock.c.location_id == bindparam("place")
)


def serve(conn: Connection, balances: Collection[tuple[int, int]]) -> None:
    """Give what is available of these balances (product, location) to the lines that are short, the oldest first."""
    if not balances:
        return
    left: dict[tuple[int, int], int] = {}
    for row in conn.execute(_WAITING, {"products": sorted({product for product, _ in balances})}).all():
        here = (row.product_id, row.location_id)
        if here not in balances:
            continue
        if here not in left:
            left[here] = conn.execute(_BALANCE, {"product": here[0], "place": here[1]}).one().available
        units = min(row.short, left[here])
        if units > 0:
            left[here] -= units
            apply(conn, row.reference, [Change(_reserved(row), "unshort", reserved=units, short=-units)])


def shorten(conn: Connection, product_id: int, location_id: int, gone: int) -> None:
    """Make room for `gone` units of a balance that are no more: the newest lines that are not packed go short.

    Only so many as the rest of the balance does not cover; held and safety units give way first.
    """
    balance = conn.execute(_BALANCE, {"product": product_id, "place": location_id}).one()
    lacking = balance.reserved + balance.unsellable - (balance.on_hand - gone)
    if lacking <= 0:
        return
    for row in conn.execute(_NEWEST, {"products": [product_id], "place": location_id}).all():
        units = min(row.reserved - row.packed, lacking)
        apply(conn, row.reference, [Change(_reserved(row), "short", reserved=-units, short=units)])
        lacking -= units
        if lacking == 0:
            return


def _reserved(row: object) -> Reserved:
    return Reserved(**{name: getattr(row, name) for name in Reserved.__struct_fields__})
