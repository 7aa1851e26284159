"""The rows of returns: what was announced, what came back, what was inspected."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from shopctl.database import inserted_id, now, operation_id
from shopctl.services.inventory import Units
from shopctl.services.orders.parcel_tables import order_return, return_line, shipment, shipment_line


def announced_units(conn: Connection, order_id: int) -> dict[int, int]:
    """Return how many units were announced to come back and have not, by the line's id."""
    rows = conn.execute(
        select(return_line.c.order_line_id, return_line.c.quantity)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(order_return.c.order_id == order_id, order_return.c.status == "requested")
    )
    found: dict[int, int] = {}
    for row in rows:
        found[row.order_line_id] = found.get(row.order_line_id, 0) + row.quantity
    return found


def fulfil_requests(conn: Connection, order_id: int, came: dict[int, int]) -> None:
    """Take what came back off what was announced; a request of which nothing is left is done."""
    left = dict(came)
    rows = conn.execute(
        select(return_line)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(order_return.c.order_id == order_id, order_return.c.status == "requested")
        .order_by(return_line.c.return_id)
    ).all()
    waiting = {row.return_id for row in rows}
    for row in rows:
        part = min(row.quantity, left.get(row.order_line_id, 0))
        this = (return_line.c.return_id == row.return_id, return_line.c.order_line_id == row.order_line_id)
        if part == row.quantity:
            conn.execute(delete(return_line).where(*this))
        elif part:
            conn.execute(update(return_line).where(*this).values(quantity=row.quantity - part))
        if part:
            left[row.order_line_id] -= part
    still = set(conn.execute(select(return_line.c.return_id).where(return_line.c.return_id.in_(waiting))).scalars())
    for done in sorted(waiting - still):
        conn.execute(delete(order_return).where(order_return.c.id == done))


def insert_return(conn: Connection, row: Row[Any], totals: dict[int, int], *, received: bool = False) -> int:
    """Write a return of so many units by line's id, announced or `received`; return its id."""
    made_by = operation_id(conn)
    return_id = inserted_id(
        conn.execute(
            insert(order_return),
            {
                "order_id": row.id,
                "status": "received" if received else "requested",
                "requested_at": now(conn),
                "received_at": now(conn) if received else None,
                "operation_id": made_by,
            },
        )
    )
    conn.execute(
        insert(return_line),
        [
            {
                "return_id": return_id,
                "order_line_id": line_id,
                "quantity": quantity,
                "restocked": 0,
                "written_off": 0,
                "operation_id": made_by,
            }
            for line_id, quantity in totals.items()
        ],
    )
    return return_id


def count_inspected(conn: Connection, order_id: int, line_id: int, units: int, column: str) -> None:
    """Count units of a line as inspected, in the returns that brought them, the oldest first."""
    rows = conn.execute(
        select(return_line)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(
            order_return.c.order_id == order_id,
            order_return.c.status == "received",
            return_line.c.order_line_id == line_id,
        )
        .order_by(return_line.c.return_id)
    ).all()
    for row in rows:
        part = min(units, row.quantity - row.restocked - row.written_off)
        if part:
            conn.execute(
                update(return_line)
                .where(return_line.c.return_id == row.return_id, return_line.c.order_line_id == line_id)
                .values({column: return_line.c[column] + part, "operation_id": operation_id(conn)})
            )
            units -= part


def where_from(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]], meant: dict[int, int]) -> list[Units]:
    """Return the units with the location that shipped them, which is where they go back to."""
    by_id = {line.id: line for line in lines}
    latest = conn.execute(
        select(shipment_line.c.order_line_id, shipment_line.c.location_id)
        .join(shipment, shipment.c.id == shipment_line.c.shipment_id)
        .where(shipment.c.order_id == row.id, shipment.c.shipped_at.is_not(None))
        .order_by(shipment.c.id)
    )
    places = {by_id[found.order_line_id].line: found.location_id for found in latest}
    return [
        Units(line.line, line.product_id, places[line.line], meant[line.line]) for line in lines if line.line in meant
    ]
