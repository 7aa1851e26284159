"""Reserving stock for orders, and giving it back."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from shopctl.database import operation_id
from shopctl.services.inventory.ledger import AVAILABLE, Delta, guarded, move
from shopctl.services.inventory.tables import location, reservation, stock
from shopctl.services.inventory.values import InsufficientStockError, Item, Shortage, Want

_HINT = "`shopctl stock show` tells what there is; `shopctl stock receive` adds what arrived."
_IF_AVAILABLE = guarded(bindparam("by_reserved") <= AVAILABLE)
_RESERVE = insert(reservation)
_BY_LOCATION = (
    select(stock.c.location_id, stock.c.product_id, AVAILABLE.label("available"))
    .join(location, location.c.id == stock.c.location_id)
    .where(stock.c.product_id.in_(bindparam("products", expanding=True)))
    .order_by(location.c.priority, location.c.id)
)


def reserve(conn: Connection, reference: str, wants: Sequence[Want]) -> None:
    """Reserve all of `wants` for `reference` (an order's number) at one location, or nothing.

    Lines that ask for the same product are served together. The guard stands in the statement that reserves, so no
    number of processes can sell a unit twice.

    Raises:
        InsufficientStockError: no location has everything; it names each product that is short.
    """
    totals = _totals(wants)
    place = _serving_location(conn, totals)
    if place is None:
        raise InsufficientStockError(_shortages(conn, totals), _HINT)
    deltas = [
        Delta(
            product_id=want.item.product_id,
            location_id=place,
            kind="reserve",
            reserved=want.quantity,
            reference=reference,
            key=f"reserve/{reference}/{want.line}",
        )
        for want in wants
    ]
    if not move(conn, deltas, _IF_AVAILABLE):
        raise InsufficientStockError(_shortages(conn, totals), _HINT)
    made_by = operation_id(conn)
    conn.execute(
        _RESERVE,
        [
            {
                "reference": reference,
                "line": want.line,
                "product_id": want.item.product_id,
                "location_id": place,
                "reserved": want.quantity,
                "packed": 0,
                "short": 0,
                "operation_id": made_by,
            }
            for want in wants
        ],
    )


def release(conn: Connection, reference: str) -> None:
    """Give back all that is reserved for `reference` and still on its shelf."""
    rows = conn.execute(
        select(reservation)
        .where(reservation.c.reference == reference, reservation.c.reserved > 0)
        .order_by(reservation.c.line)
    ).all()
    if rows:
        move(
            conn,
            [
                Delta(
                    product_id=row.product_id,
                    location_id=row.location_id,
                    kind="release",
                    reserved=-row.reserved,
                    packed=-row.packed,
                    reference=reference,
                    key=f"release/{reference}/{row.line}",
                )
                for row in rows
            ],
        )
    conn.execute(
        update(reservation)
        .where(reservation.c.reference == reference)
        .values(reserved=0, packed=0, short=0, operation_id=operation_id(conn))
    )


def available(conn: Connection, items: Sequence[Item]) -> dict[Item, int]:
    """Return how many units of each can be sold in one order: the most that a single location has."""
    best: dict[int, int] = defaultdict(int)
    statement = select(stock.c.product_id, AVAILABLE).where(stock.c.product_id.in_([item.product_id for item in items]))
    for product_id, units in conn.execute(statement):
        best[product_id] = max(best[product_id], units)
    return {item: best[item.product_id] for item in items}


def check(conn: Connection, wants: Sequence[Want]) -> list[Shortage]:
    """Return what keeps `wants` from being reserved together now: nothing if they could be."""
    totals = _totals(wants)
    return [] if _serving_location(conn, totals) is not None else _shortages(conn, totals)


def _totals(wants: Sequence[Want]) -> dict[Item, int]:
    totals: dict[Item, int] = defaultdict(int)
    for want in wants:
        totals[want.item] += want.quantity
    return totals


def _serving_location(conn: Connection, totals: dict[Item, int]) -> int | None:
    """Return the first location that has everything, if there is one."""
    wanted = {item.product_id: quantity for item, quantity in totals.items()}
    served: dict[int, int] = defaultdict(int)
    for row in conn.execute(_BY_LOCATION, {"products": list(wanted)}):
        served[row.location_id] += row.available >= wanted[row.product_id]
    return next((place for place, count in served.items() if count == len(wanted)), None)


def _shortages(conn: Connection, totals: dict[Item, int]) -> list[Shortage]:
    """Return the products that no location has enough of; all of them, if it is only that no location has all."""
    have = available(conn, list(totals))
    lacking = [Shortage(item.sku, wanted, have[item]) for item, wanted in totals.items() if have[item] < wanted]
    return lacking or [Shortage(item.sku, wanted, have[item]) for item, wanted in totals.items()]
