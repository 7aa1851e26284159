"""Fetching units from their shelves, and packing them: what happens to a parcel before it leaves."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert

from shopctl import events
from shopctl.database import idempotent, inserted_id, now, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Units
from shopctl.services.orders import expiring, parcels
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import ParcelPacked, ParcelUnpacked, PickingStarted
from shopctl.services.orders.parcel_tables import shipment, shipment_line
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.status import refresh
from shopctl.services.orders.unpicking import give_up, mark
from shopctl.services.orders.values import Choice, Order

_SCOPE = "shipment"


def pack(conn: Connection, number: str, choices: Sequence[Choice] = (), *, key: str | None = None) -> Order:
    """Record that units were put in a parcel: the chosen ones, else those being picked, else all that are on the shelf.

    They are off their shelf from now on. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: it is on hold, or less is there to be packed.
        ConflictError: the key was used for another request.
    """
    request = ("pack", number, choices)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = servable(conn, number)
        for parcel in gathered(conn, row, choices):
            fill(conn, row, parcel)
        refresh(conn, row.id)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def unpack(conn: Connection, number: str, *, parcel: str | None = None) -> Order:
    """Record that a parcel was opened and its units are back on their shelf; they stay reserved.

    Without `parcel` (``1001-1`` or ``1``), all that are packed and not shipped.

    Raises:
        NotFoundError: no such order or parcel.
        RefusedError: no parcel is packed.
    """
    row = expiring.opened(conn, number)
    packed = [found for found in parcels.rows(conn, row.id) if found.status == "packed"]
    if parcel is not None:
        wanted = parcels.named(parcels.rows(conn, row.id), row.number, parcel)
        packed = [found for found in packed if found.id == wanted.id]
    if not packed:
        raise RefusedError(
            f"Order {row.number} has no packed parcel" + (f" {row.number}-{wanted.parcel}." if parcel else "."),
            "`shopctl order unship` takes back one that was shipped by mistake.",
        )
    for found in packed:
        open_again(conn, row, found)
    refresh(conn, row.id)
    return get(conn, number)


def servable(conn: Connection, number: str) -> Row[Any]:
    """Return the row of an order whose goods are about to move.

    Raises:
        NotFoundError: no such order.
        RefusedError: it is not placed, or on hold.
    """
    row = expiring.opened(conn, number)
    if row.status == "draft":
        raise RefusedError(
            f"Order {row.number} is a draft.", f"Place it first: `shopctl order confirm {row.number}`.", next="confirm"
        )
    if row.status not in ("placed", "completed"):
        raise RefusedError(f"Order {row.number} is {row.status}.", f"Look at it: `shopctl order show {row.number}`.")
    if row.on_hold:
        raise RefusedError(
            f"Order {row.number} is on hold.",
            f"`shopctl order show {row.number}` says why; `shopctl order unhold {row.number}` lets it go on.",
            next="unhold",
        )
    return row


def gathered(conn: Connection, row: Row[Any], choices: Sequence[Choice]) -> list[Row[Any]]:
    """Return the pending parcels that are to be packed, made now if need be.

    Raises:
        NotFoundError: no such line.
        RefusedError: less is there to be packed, or nothing.
    """
    pending = [found for found in parcels.rows(conn, row.id) if found.status == "pending"]
    if pending and not choices:
        return pending
    units = on_shelf(conn, row, choices, "be packed")
    if not pending:
        return [start(conn, row, units)]
    first, *others = pending
    for found in others:
        give_up(conn, found)
    _fetch_instead(conn, row, first, units)
    return [first]


def on_shelf(
    conn: Connection, row: Row[Any], choices: Sequence[Choice], what: str, *, without: Sequence[Units] = ()
) -> list[Units]:
    """Return the units that are reserved and on their shelves, `without` some: the chosen ones, or all.

    Raises:
        NotFoundError: no such line.
        RefusedError: fewer are there, or none.
    """
    lines = line_rows(conn, row.id)
    kept = [part for part in inventory.reserved_for(conn, row.number) if part.on_shelf]
    there = {line.line: sum(part.on_shelf for part in kept if part.line == line.line) for line in lines}
    for part in without:
        there[part.line] -= part.quantity
    meant = chosen(lines, choices, lambda line: there[line.line], what)
    if not meant:
        raise RefusedError(
            f"Order {row.number} has nothing on the shelf that can {what}.",
            f"`shopctl order why {row.number}` says what it waits for.",
            next=row.next,
        )
    return [
        Units(part.line, part.product_id, part.location_id, units)
        for part, units in inventory.split_by_line(kept, meant, lambda part: part.on_shelf)
    ]


def start(conn: Connection, row: Row[Any], units: Sequence[Units]) -> Row[Any]:
    """Make a pending parcel for these units; return its row."""
    known = parcels.rows(conn, row.id)
    parcel_id = inserted_id(
        conn.execute(
            insert(shipment),
            {
                "order_id": row.id,
                "parcel": max((found.parcel for found in known), default=0) + 1,
                "status": "pending",
                **dict.fromkeys(("carrier", "tracking", "link"), ""),
                "created_at": now(conn),
                "operation_id": operation_id(conn),
            },
        )
    )
    _put_in(conn, row, parcel_id, units)
    return next(found for found in parcels.rows(conn, row.id) if found.id == parcel_id)


def picking(conn: Connection, row: Row[Any], units: Sequence[Units]) -> None:
    """Record that somebody fetches these units."""
    parcel = start(conn, row, units)
    total = sum(part.quantity for part in units)
    events.record(conn, PickingStarted(number=row.number, parcel=parcel.parcel, units=total))


def fill(conn: Connection, row: Row[Any], parcel: Row[Any]) -> None:
    """Turn a pending parcel into a packed one."""
    units = inside(conn, row, parcel)
    inventory.pack(conn, row.number, units)
    mark(conn, parcel, "packed", {"packed_at": now(conn)})
    expiring.wait_no_more(conn, row)
    total = sum(part.quantity for part in units)
    events.record(conn, ParcelPacked(number=row.number, parcel=parcel.parcel, units=total))


def open_again(conn: Connection, row: Row[Any], parcel: Row[Any]) -> None:
    """Put the units of a packed parcel back on their shelves; the parcel is no more."""
    units = inside(conn, row, parcel)
    inventory.unpack(conn, row.number, units)
    mark(conn, parcel, "cancelled")
    total = sum(part.quantity for part in units)
    events.record(conn, ParcelUnpacked(number=row.number, parcel=parcel.parcel, units=total))


def inside(conn: Connection, row: Row[Any], parcel: Row[Any]) -> list[Units]:
    """Return what is in a parcel."""
    lines = {line.id: line for line in line_rows(conn, row.id)}
    return [
        Units(lines[part.order_line_id].line, lines[part.order_line_id].product_id, part.location_id, part.quantity)
        for part in parcels.contents(conn, row.id).get(parcel.id, [])
    ]


def _fetch_instead(conn: Connection, row: Row[Any], parcel: Row[Any], units: Sequence[Units]) -> None:
    """Let a pending parcel hold these units, and no others."""
    conn.execute(delete(shipment_line).where(shipment_line.c.shipment_id == parcel.id))
    _put_in(conn, row, parcel.id, units)


def _put_in(conn: Connection, row: Row[Any], parcel_id: int, units: Sequence[Units]) -> None:
    by_line = {line.line: line.id for line in line_rows(conn, row.id)}
    made_by = operation_id(conn)
    conn.execute(
        insert(shipment_line),
        [
            {
                "shipment_id": parcel_id,
                "order_line_id": by_line[part.line],
                "location_id": part.location_id,
                "quantity": part.quantity,
                "operation_id": made_by,
            }
            for part in units
        ],
    )
