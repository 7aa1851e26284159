"""Reading what happened to an order's goods: its parcels, its returns, its claims."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from shopctl.errors import BadValueError, NotFoundError
from shopctl.services.orders.parcel_tables import (
    claim,
    claim_line,
    order_return,
    return_line,
    shipment,
    shipment_line,
)
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import Claim, Parcel, Return, ReturnedUnits, UnitsOf
from shopctl.text import safe

_PARCELS = select(shipment).where(shipment.c.order_id == bindparam("id")).order_by(shipment.c.parcel)
_PARCEL_LINES = (
    select(shipment_line)
    .join(shipment, shipment.c.id == shipment_line.c.shipment_id)
    .where(shipment.c.order_id == bindparam("id"))
    .order_by(shipment_line.c.order_line_id)
)
_RETURNS = select(order_return).where(order_return.c.order_id == bindparam("id")).order_by(order_return.c.id)
_RETURN_LINES = (
    select(return_line)
    .join(order_return, order_return.c.id == return_line.c.return_id)
    .where(order_return.c.order_id == bindparam("id"))
    .order_by(return_line.c.order_line_id)
)
_CLAIMS = (
    select(claim, order.c.number.label("replacement"))
    .outerjoin(order, order.c.id == claim.c.replacement_id)
    .where(claim.c.order_id == bindparam("id"))
    .order_by(claim.c.id)
)
_CLAIM_LINES = (
    select(claim_line)
    .join(claim, claim.c.id == claim_line.c.claim_id)
    .where(claim.c.order_id == bindparam("id"))
    .order_by(claim_line.c.order_line_id)
)


def rows(conn: Connection, order_id: int) -> list[Row[Any]]:
    """Return the rows of an order's parcels."""
    return list(conn.execute(_PARCELS, {"id": order_id}))


def contents(conn: Connection, order_id: int) -> dict[int, list[Row[Any]]]:
    """Return the rows of what is in an order's parcels, by parcel."""
    found: dict[int, list[Row[Any]]] = {}
    for row in conn.execute(_PARCEL_LINES, {"id": order_id}):
        found.setdefault(row.shipment_id, []).append(row)
    return found


def of_order(conn: Connection, head: Row[Any], lines: Sequence[Row[Any]]) -> list[Parcel]:
    """Return the parcels of an order; those that were given up before they were packed are left out."""
    found = rows(conn, head.id)
    if not found:
        return []
    inside = contents(conn, head.id)
    return [
        Parcel(
            number=f"{head.number}-{row.parcel}",
            **{name: getattr(row, name) for name in Parcel.__struct_fields__ if name not in ("number", "lines")},
            lines=units_of(lines, inside.get(row.id, [])),
        )
        for row in found
        if row.status != "cancelled"
    ]


def returns_of(conn: Connection, head: Row[Any], lines: Sequence[Row[Any]]) -> list[Return]:
    """Return what came back of an order, or was announced to."""
    by_id = {line.id: line for line in lines}
    found = list(conn.execute(_RETURNS, {"id": head.id}))
    inside = list(conn.execute(_RETURN_LINES, {"id": head.id})) if found else []
    return [
        Return(
            status=row.status,
            requested_at=row.requested_at,
            received_at=row.received_at,
            lines=[
                ReturnedUnits(
                    line=by_id[part.order_line_id].line,
                    sku=by_id[part.order_line_id].sku,
                    name=by_id[part.order_line_id].name,
                    quantity=part.quantity,
                    restocked=part.restocked,
                    written_off=part.written_off,
                )
                for part in inside
                if part.return_id == row.id
            ],
        )
        for row in found
        if row.status != "withdrawn"
    ]


def claims_of(conn: Connection, head: Row[Any], lines: Sequence[Row[Any]]) -> list[Claim]:
    """Return what the customer claimed of an order."""
    found = list(conn.execute(_CLAIMS, {"id": head.id}))
    inside = list(conn.execute(_CLAIM_LINES, {"id": head.id})) if found else []
    return [
        Claim(
            kind=row.kind,
            at=row.at,
            replacement=row.replacement,
            lines=units_of(lines, [part for part in inside if part.claim_id == row.id]),
        )
        for row in found
    ]


def named(found: Sequence[Row[Any]], number: str, parcel: str) -> Row[Any]:
    """Return the one of an order's parcels that ``1001-2``, or just ``2``, means.

    Raises:
        NotFoundError: there is none of that number.
    """
    wanted = parcel.strip().removeprefix(f"{number}-")
    for row in found:
        if str(row.parcel) == wanted and row.status != "cancelled":
            return row
    known = ", ".join(f"{number}-{row.parcel}" for row in found if row.status != "cancelled")
    raise NotFoundError(
        f"Order {number} has no parcel {safe(parcel, 40)}.",
        f"It has {known}." if known else "It has none.",
        parcel=parcel,
    )


def split_number(parcel: str) -> tuple[str, str]:
    """Return the order and the place in it that the parcel's number ``1001-2`` names.

    Raises:
        BadValueError: it names none.
    """
    number, dash, place = parcel.strip().rpartition("-")
    if not (dash and number and place.isascii() and place.isdigit()):
        raise BadValueError(f"{safe(parcel, 60)!r} is no parcel's number.", "Write it like 1001-1.")
    return number, place


def units_of(lines: Sequence[Row[Any]], parts: Sequence[Row[Any]]) -> list[UnitsOf]:
    """Return what `parts` (rows of what is in a parcel, or claimed) say of an order's lines, summed by line."""
    by_id = {line.id: line for line in lines}
    summed: dict[int, int] = {}
    for part in parts:
        summed[part.order_line_id] = summed.get(part.order_line_id, 0) + part.quantity
    return [
        UnitsOf(line=by_id[of].line, sku=by_id[of].sku, name=by_id[of].name, quantity=quantity)
        for of, quantity in summed.items()
    ]
