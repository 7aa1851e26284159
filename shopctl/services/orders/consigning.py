"""What a carrier's software is told of the parcels that it is to carry."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, and_, select

from shopctl.money import Money
from shopctl.services.customers.tables import customer
from shopctl.services.orders import pricing
from shopctl.services.orders.parcel_listing import with_statuses
from shopctl.services.orders.parcel_tables import shipment, shipment_line
from shopctl.services.orders.tables import order, order_address, order_line
from shopctl.services.products.tables import product

_ADDRESS = ("company", "line1", "line2", "postcode", "city", "region", "country")


class Consignment(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as its label needs it.

    Attributes:
        shipment: its number, ``1001-1``; a carrier that gives it back says which parcel it means.
        weight: in grams, or None if the weight of a product in it is not known.
        contents: such as ``2 MUG; 1 CAP``.
        value: what was paid for what is in it, tax included where the shop's prices include it.
        reference: by which number the buyer knows the order.
    """

    shipment: str
    order: str
    name: str
    company: str
    line1: str
    line2: str
    postcode: str
    city: str
    region: str
    country: str
    phone: str
    email: str
    weight: int | None
    units: int
    contents: str
    value: Money
    currency: str
    reference: str

    @property
    def has_address(self) -> bool:
        """Whether it can be found at all."""
        return bool(self.line1 and (self.city or self.postcode))


class Handover(msgspec.Struct, frozen=True):
    """The parcels for a carrier, the oldest first, and the numbers of those held back because their order is."""

    parcels: list[Consignment]
    held_back: list[str]


def handover(conn: Connection, statuses: Sequence[str]) -> Handover:
    """Return the parcels that are in one of these statuses, as carriers need them."""
    inside = {
        parcel: list(lines)
        for parcel, lines in groupby(conn.execute(_lines(statuses)), key=lambda line: line.shipment_id)
    }
    ready, held_back = [], []
    for row in conn.execute(_heads(statuses)):
        if row.on_hold and row.status != "shipped":
            held_back.append(f"{row.number}-{row.parcel}")
        else:
            ready.append(_consignment(row, inside[row.id]))
    return Handover(ready, held_back)


def _heads(statuses: Sequence[str]) -> Select[*tuple[Any, ...]]:
    where_to = and_(order_address.c.order_id == order.c.id, order_address.c.kind == "ship_to")
    return (
        select(
            shipment.c.id,
            shipment.c.parcel,
            shipment.c.status,
            order.c.number,
            order.c.external_number,
            order.c.on_hold,
            order.c.currency,
            order.c.customer_name,
            order.c.customer_email,
            customer.c.phone.label("customer_phone"),
            *(order_address.c[part] for part in ("name", "phone", *_ADDRESS)),
        )
        .join_from(shipment, order, order.c.id == shipment.c.order_id)
        .outerjoin(order_address, where_to)
        .outerjoin(customer, customer.c.id == order.c.customer_id)
        .where(*with_statuses(statuses))
        .order_by(shipment.c.id)
    )


def _lines(statuses: Sequence[str]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            shipment_line.c.shipment_id,
            shipment_line.c.quantity,
            order_line.c.sku,
            order_line.c.ordered,
            (order_line.c.total - order_line.c.discount).label("worth"),
            product.c.weight,
        )
        .join_from(shipment, shipment_line, shipment_line.c.shipment_id == shipment.c.id)
        .join(order_line, order_line.c.id == shipment_line.c.order_line_id)
        .join(product, product.c.id == order_line.c.product_id)
        .where(*with_statuses(statuses))
        .order_by(shipment.c.id, order_line.c.line, shipment_line.c.location_id)
    )


def _consignment(row: Row[Any], lines: Sequence[Row[Any]]) -> Consignment:
    units: dict[str, int] = {}
    for line in lines:
        units[line.sku] = units.get(line.sku, 0) + line.quantity
    known = all(line.weight is not None for line in lines)
    value = sum(pricing.worth(line.quantity, of=line.ordered, amount=line.worth) for line in lines)
    return Consignment(
        shipment=f"{row.number}-{row.parcel}",
        order=row.number,
        name=row.name or row.customer_name,
        **{part: getattr(row, part) or "" for part in _ADDRESS},
        phone=row.phone or row.customer_phone or "",
        email=row.customer_email or "",
        weight=sum(line.quantity * line.weight for line in lines) if known else None,
        units=sum(units.values()),
        contents="; ".join(f"{quantity} {sku}" for sku, quantity in units.items()),
        value=Money(value, row.currency),
        currency=row.currency,
        reference=row.external_number or row.number,
    )
