"""Parcels that are given up before they are packed: their units went short, or were cancelled."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, delete, update

from shopctl.database import operation_id
from shopctl.services import inventory
from shopctl.services.orders import parcels
from shopctl.services.orders.parcel_tables import shipment, shipment_line
from shopctl.services.orders.queries import line_rows


def give_up_picking(conn: Connection, row: Row[Any]) -> None:
    """Let go of pending parcels that hold more than is still reserved on the shelf."""
    lines = {line.id: line.line for line in line_rows(conn, row.id)}
    left: dict[int, int] = {}
    for part in inventory.reserved_for(conn, row.number):
        left[part.line] = left.get(part.line, 0) + part.on_shelf
    contents = parcels.contents(conn, row.id)
    for found in parcels.rows(conn, row.id):
        if found.status == "pending":
            rest = dict(left)
            for content in contents.get(found.id, []):
                line = lines[content.order_line_id]
                rest[line] = rest.get(line, 0) - content.quantity
            if min(rest.values(), default=0) < 0:
                give_up(conn, found)
            else:
                left = rest


def mark(conn: Connection, parcel: Row[Any], status: str, values: Mapping[str, Any] = {}) -> None:
    """Record how far a parcel came."""
    conn.execute(
        update(shipment)
        .where(shipment.c.id == parcel.id, shipment.c.status == parcel.status)
        .values(status=status, operation_id=operation_id(conn), **values)
    )


def give_up(conn: Connection, parcel: Row[Any]) -> None:
    """Let go of a pending parcel."""
    conn.execute(delete(shipment_line).where(shipment_line.c.shipment_id == parcel.id))
    mark(conn, parcel, "cancelled")
