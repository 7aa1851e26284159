"""Which parcels the numbers in a carrier's file mean."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from shopctl.services.orders.parcel_tables import shipment
from shopctl.services.orders.tables import order

EXPECTED = {"shipment": "the number of a parcel, such as 1001-1", "order": "the number of an order, such as 1001"}
"""What stands in the columns that name parcels."""

_LOOKED_UP = 500


class UnusableError(Exception):
    """A cell that cannot be used: its column, what was expected, what stands there."""


class Known(msgspec.Struct, frozen=True):
    """An order that a file names, and its parcels."""

    head: Row[Any]
    parcels: list[Row[Any]]

    def named(self) -> str:
        """Return the numbers of its parcels, for a message."""
        return ", ".join(f"{self.head.number}-{found.parcel}" for found in self.parcels)


def known_by(conn: Connection, references: Iterable[str]) -> dict[str, list[Known]]:
    """Return the orders that these numbers name (their own, their parcels', or those of where they were made)."""
    wanted = set(references)
    numbers = wanted | {reference.rpartition("-")[0] for reference in wanted} - {""}
    own = {head.number: head for head in _orders(conn, order.c.number, numbers)}
    elsewhere = {reference for reference in wanted if reference not in own and reference.rpartition("-")[0] not in own}
    found = {number: [head] for number, head in own.items()}
    for head in _orders(conn, order.c.external_number, elsewhere):
        found.setdefault(head.external_number, []).append(head)
    inside: dict[int, list[Row[Any]]] = {head.id: [] for heads in found.values() for head in heads}
    for ids in _parts(inside):
        rows = conn.execute(
            select(shipment)
            .where(shipment.c.order_id.in_(ids), shipment.c.status != "cancelled")
            .order_by(shipment.c.order_id, shipment.c.parcel)
        )
        for row in rows:
            inside[row.order_id].append(row)
    return {number: [Known(head, inside[head.id]) for head in heads] for number, heads in found.items()}


def meant(known: Mapping[str, list[Known]], cells: Mapping[str, str]) -> tuple[Row[Any], Row[Any]]:
    """Return the rows of the order and of the parcel that a row of the file is about."""
    named = cells["shipment"]
    number, _, place = named.rpartition("-")
    for one in known.get(number, ()):
        for parcel in one.parcels:
            if str(parcel.parcel) == place:
                if cells["order"] not in ("", one.head.number, one.head.external_number):
                    raise UnusableError("order", f"{one.head.number}, whose parcel {named} is", cells["order"])
                return one.head, parcel
    column = "shipment" if named else "order"
    wanted = named or cells["order"]
    orders = known.get(wanted, [])
    if len(orders) > 1:
        ours = ", ".join(one.head.number for one in orders)
        raise UnusableError(column, f"the number of one order: {ours}", wanted)
    if not orders:
        there = ", ".join(one.named() for one in known.get(number, ()) if one.parcels)
        raise UnusableError(column, f"one of {there}" if there else f"{EXPECTED[column]} that the shop has", wanted)
    return orders[0].head, _only(orders[0], column, wanted, cells["tracking"])


def _only(one: Known, column: str, wanted: str, tracking: str) -> Row[Any]:
    """Return the parcel that an order stands for."""
    candidates = one.parcels
    if tracking:
        same = [parcel for parcel in one.parcels if parcel.tracking == tracking]
        moving = [parcel for parcel in one.parcels if parcel.status in ("packed", "shipped")]
        candidates = same or moving or candidates
    if not candidates:
        raise UnusableError(column, "an order that has a parcel", wanted)
    if len(candidates) > 1:
        raise UnusableError(column, f"the number of one of its parcels: {one.named()}", wanted)
    return candidates[0]


def _orders(conn: Connection, column: Any, values: Iterable[str]) -> list[Row[Any]]:
    named = ("id", "number", "external_number", "status", "on_hold", "expires_at")
    columns: tuple[Any, ...] = tuple(order.c[name] for name in named)
    return [row for part in _parts(values) for row in conn.execute(select(*columns).where(column.in_(part)))]


def _parts(values: Iterable[Any]) -> Iterable[Sequence[Any]]:
    ordered = sorted(values)
    return (ordered[start : start + _LOOKED_UP] for start in range(0, len(ordered), _LOOKED_UP))
