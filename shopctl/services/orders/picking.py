"""The pick list: what to fetch from which bin, for many orders at once."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Units
from shopctl.services.orders import packing, parcels
from shopctl.services.orders.queries import line_rows
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order


class PickedFor(msgspec.Struct, frozen=True):
    """How many of the units are for which order."""

    number: str
    quantity: int


class PickRow(msgspec.Struct, frozen=True, kw_only=True):
    """What to fetch from a bin."""

    location: str
    bin: str
    sku: str
    name: str
    quantity: int
    orders: list[PickedFor]


class _Fetch(msgspec.Struct, frozen=True):
    number: str
    sku: str
    name: str
    units: Units


def pick(conn: Connection, numbers: Sequence[str] = ()) -> list[PickRow]:
    """Start to pick these orders, or all that wait for it or are being picked; return what to fetch, by shelf.

    What is being picked already for them is listed again, so that a lost list can be printed anew.

    Raises:
        NotFoundError: no such order.
        RefusedError: an order is on hold, not placed, or has nothing on the shelf.
    """
    fetched: list[_Fetch] = []
    for number in dict.fromkeys(numbers or _waiting(conn)):
        fetched += _started(conn, number)
    shelves = inventory.shelves(conn, {(f.units.product_id, f.units.location_id) for f in fetched})
    by_shelf: dict[tuple[int, int], list[_Fetch]] = {}
    for fetch in fetched:
        by_shelf.setdefault((fetch.units.product_id, fetch.units.location_id), []).append(fetch)
    rows = [
        PickRow(
            location=shelf.location,
            bin=shelf.bin,
            sku=by_shelf[here][0].sku,
            name=by_shelf[here][0].name,
            quantity=sum(fetch.units.quantity for fetch in by_shelf[here]),
            orders=_by_order(by_shelf[here]),
        )
        for here, shelf in shelves.items()
    ]
    walk = list(dict.fromkeys(row.location for row in rows))
    return sorted(rows, key=lambda row: (walk.index(row.location), row.bin, row.sku))


def _waiting(conn: Connection) -> list[str]:
    waiting = order.c.next.in_(("pick", "pack"))
    statement = select(order.c.number).where(waiting).order_by(order.c.placed_at, order.c.id)
    return list(conn.execute(statement).scalars())


def _started(conn: Connection, number: str) -> list[_Fetch]:
    row = packing.servable(conn, number)
    lines = {line.line: line for line in line_rows(conn, row.id)}
    pending = [found for found in parcels.rows(conn, row.id) if found.status == "pending"]
    units = [part for parcel in pending for part in packing.inside(conn, row, parcel)]
    try:
        fresh = packing.on_shelf(conn, row, (), "be picked", without=units)
    except RefusedError:
        if not units:
            raise
        fresh = []
    if fresh:
        packing.picking(conn, row, fresh)
        refresh(conn, row.id)
    return [_Fetch(row.number, lines[part.line].sku, lines[part.line].name, part) for part in (*units, *fresh)]


def _by_order(fetched: Sequence[_Fetch]) -> list[PickedFor]:
    totals: dict[str, int] = {}
    for fetch in fetched:
        totals[fetch.number] = totals.get(fetch.number, 0) + fetch.units.quantity
    return [PickedFor(number, quantity) for number, quantity in totals.items()]
