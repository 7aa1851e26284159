"""Lists of parcels, over all orders, and each of them whole."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, select, tuple_

from shopctl.errors import BadValueError
from shopctl.services.customers import Address
from shopctl.services.orders import parcels
from shopctl.services.orders.parcel_tables import shipment, shipment_line
from shopctl.services.orders.queries import addresses, find, line_rows
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import Buyer, UnitsOf

_FEW = ("pending", "packed", "shipped", "lost", "returned_to_sender")
_IS_ONE_OF_FEW = shipment.c.status.in_([literal_column(repr(status)) for status in _FEW])
"""The condition of ix_shipment_open, as SQLite must read it to use that index."""


class ParcelFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which parcels.

    Attributes:
        statuses: any of these; none: all.
        order: the number of their order.
        carrier: who carries them, however it is written.
        since: shipped then or later.
        after: continue below the parcel of that number.
    """

    statuses: tuple[str, ...] = ()
    order: str | None = None
    carrier: str | None = None
    since: datetime | None = None
    after: str | None = None
    limit: int | None = None


class ParcelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as lists show it; `number` is its order's with its place in it, ``1001-1``."""

    number: str
    order_number: str
    customer: Buyer
    status: str
    units: int
    carrier: str
    tracking: str
    link: str
    created_at: datetime
    packed_at: datetime | None
    shipped_at: datetime | None
    delivered_at: datetime | None


class ParcelDetail(ParcelSummary, frozen=True, kw_only=True):
    """A parcel, whole."""

    ship_to: Address | None
    lines: list[UnitsOf]


def page(conn: Connection, wanted: ParcelFilter) -> list[ParcelSummary]:
    """Return the parcels that `wanted` describes, the latest made first; those that were given up are left out.

    Asked for those that were shipped since some time, the latest shipped come first.

    Raises:
        NotFoundError: the order, or the parcel to continue after, does not exist.
        BadValueError: `after` is no parcel's number.
    """
    latest = (shipment.c.id,) if wanted.since is None else (shipment.c.shipped_at, shipment.c.id)
    statement = _summaries().where(*_conditions(conn, wanted)).order_by(*(column.desc() for column in latest))
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [ParcelSummary(**_fields(row)) for row in conn.execute(statement)]


def get(conn: Connection, parcel: str) -> ParcelDetail:
    """Return the parcel of that number, whole.

    Raises:
        NotFoundError: there is none.
        BadValueError: it is no parcel's number.
    """
    head, found = locate(conn, parcel)
    row = conn.execute(_summaries().where(shipment.c.id == found.id)).one()
    return ParcelDetail(
        **_fields(row),
        ship_to=addresses(conn, head.id).get("ship_to"),
        lines=parcels.units_of(line_rows(conn, head.id), parcels.contents(conn, head.id).get(found.id, [])),
    )


def locate(conn: Connection, parcel: str) -> tuple[Row[Any], Row[Any]]:
    """Return the rows of the order and of the parcel that ``1001-2`` names.

    Raises:
        NotFoundError: there is none.
        BadValueError: it is no parcel's number.
    """
    number, place = parcels.split_number(parcel)
    head = find(conn, number)
    return head, parcels.named(parcels.rows(conn, head.id), head.number, place)


def with_statuses(statuses: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return the conditions for a parcel to be in one of these, so that the index of the few is used for those."""
    conditions: list[ColumnElement[bool]] = [shipment.c.status.in_(statuses)]
    return [*conditions, _IS_ONE_OF_FEW] if set(statuses) <= set(_FEW) else conditions


def completing(conn: Connection, beginning: str, limit: int = 50) -> list[tuple[str, str]]:
    """Return parcels whose number begins so, the latest orders' first, each with its status and its customer."""
    whole = order.c.number == beginning.rpartition("-")[0]
    begun = (order.c.number >= beginning) & (order.c.number < beginning + "\U0010ffff")
    found: dict[str, str] = {}
    for condition in (whole, begun):
        rows = conn.execute(
            select(order.c.number, order.c.customer_name, shipment.c.parcel, shipment.c.status)
            .join_from(order, shipment, shipment.c.order_id == order.c.id)
            .where(condition, shipment.c.status != "cancelled")
            .order_by(order.c.number.desc(), shipment.c.parcel.desc())
            .limit(limit)
        )
        for row in rows:
            found[f"{row.number}-{row.parcel}"] = ", ".join(filter(None, (row.status, row.customer_name)))
    return [(number, about) for number, about in found.items() if number.startswith(beginning)][:limit]


def _summaries() -> Select[Any]:
    units = (
        select(func.coalesce(func.sum(shipment_line.c.quantity), 0))
        .where(shipment_line.c.shipment_id == shipment.c.id)
        .scalar_subquery()
    )
    return select(
        shipment, order.c.number, order.c.customer_name, order.c.customer_email, units.label("units")
    ).join_from(shipment, order, order.c.id == shipment.c.order_id)


def _fields(row: Row[Any]) -> dict[str, Any]:
    given = {"number", "order_number", "customer"}
    return {
        "number": f"{row.number}-{row.parcel}",
        "order_number": row.number,
        "customer": Buyer(row.customer_email, row.customer_name),
        **{name: getattr(row, name) for name in ParcelSummary.__struct_fields__ if name not in given},
    }


def _conditions(conn: Connection, wanted: ParcelFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [shipment.c.status != "cancelled"]
    if wanted.statuses:
        conditions += with_statuses(wanted.statuses)
    if wanted.order is not None:
        conditions.append(shipment.c.order_id == find(conn, wanted.order).id)
    if wanted.carrier is not None:
        conditions.append(func.lower(shipment.c.carrier) == func.lower(wanted.carrier.strip()))
    if wanted.since is not None:
        conditions.append(shipment.c.shipped_at >= wanted.since)
    if wanted.after is not None:
        conditions.append(_beyond(locate(conn, wanted.after)[1], wanted))
    return conditions


def _beyond(row: Row[Any], wanted: ParcelFilter) -> ColumnElement[bool]:
    last: int = row.id
    if wanted.since is None:
        return shipment.c.id < last
    if row.shipped_at is None:
        raise BadValueError("That parcel was not shipped, so none comes after it.", "Name one of the list in --after.")
    return tuple_(shipment.c.shipped_at, shipment.c.id) < (row.shipped_at, last)
