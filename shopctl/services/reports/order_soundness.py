"""Whether what is written about the goods and the promises of orders adds up: their part of ``soundness``."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from shopctl.services.inventory.ledger import AVAILABLE
from shopctl.services.inventory.tables import location, reservation, stock
from shopctl.services.orders.parcel_tables import (
    claim,
    claim_line,
    order_return,
    return_line,
    shipment,
    shipment_line,
)
from shopctl.services.orders.tables import order, order_line, payment
from shopctl.services.terms.tables import discount_code

LEFT = ("shipped", "delivered", "lost", "returned_to_sender")
"""The parcels whose units are off the stock."""


def shortages(conn: Connection) -> Iterator[str]:
    """Give the lines that are short of units which their location has available."""
    rows = conn.execute(
        select(
            reservation.c.reference,
            reservation.c.line,
            reservation.c.short,
            location.c.name.label("location"),
            AVAILABLE.label("available"),
        )
        .join_from(
            reservation,
            stock,
            (stock.c.product_id == reservation.c.product_id) & (stock.c.location_id == reservation.c.location_id),
        )
        .join(location, location.c.id == reservation.c.location_id)
        .where(reservation.c.short > 0, AVAILABLE > 0)
    )
    for row in rows:
        yield (
            f"order {row.reference}, line {row.line}: {row.short:,} units are short, "
            f"and {row.available:,} are available at {row.location}"
        )


def expiries(conn: Connection) -> Iterator[str]:
    """Give the orders whose stock is kept until another moment than they are, and what is held for no draft."""
    rows = conn.execute(
        select(order.c.number)
        .distinct()
        .join_from(reservation, order, order.c.number == reservation.c.reference)
        .where(reservation.c.expires_at.is_distinct_from(order.c.expires_at))
    )
    for number in rows.scalars():
        yield f"order {number}: its stock is kept until another moment than the order"
    rows = conn.execute(
        select(order.c.number, order.c.status, func.sum(reservation.c.held).label("held"))
        .join_from(reservation, order, order.c.number == reservation.c.reference)
        .where(reservation.c.held > 0, order.c.status != "draft")
        .group_by(order.c.number, order.c.status)
    )
    for row in rows:
        yield f"order {row.number} is {row.status}: {row.held:,} units are held for it as for a draft"


def codes(conn: Connection) -> Iterator[str]:
    """Give the discount codes whose count of uses is not that of the orders which have them."""
    having = (
        select(order.c.discount_code_id, func.count().label("orders"))
        .where(order.c.status.not_in(("cancelled", "expired")))
        .group_by(order.c.discount_code_id)
        .subquery()
    )
    counted = func.coalesce(having.c.orders, 0)
    rows = conn.execute(
        select(discount_code.c.code, discount_code.c.used, counted.label("orders"))
        .outerjoin(having, having.c.discount_code_id == discount_code.c.id)
        .where(discount_code.c.used != counted)
    )
    for row in rows:
        yield f"code {row.code}: used {row.used:,} times, {row.orders:,} orders have it"


def parcels(conn: Connection) -> Iterator[str]:
    """Give the lines of which parcels hold more or less than was shipped, is packed, or waits on the shelf."""
    yield from _compared(conn, "shipped", order_line.c.shipped, _in_parcels(*LEFT), "parcels that left hold")
    in_open = (
        select(order.c.number, order_line.c.line, shipment_line.c.location_id, shipment.c.status, _sum(shipment_line))
        .join_from(shipment_line, shipment, shipment.c.id == shipment_line.c.shipment_id)
        .join(order_line, order_line.c.id == shipment_line.c.order_line_id)
        .join(order, order.c.id == order_line.c.order_id)
        .where(shipment.c.status.in_(("pending", "packed")))
        .group_by(order.c.number, order_line.c.line, shipment_line.c.location_id, shipment.c.status)
    )
    inside = {(row.status, row.number, row.line, row.location_id): row.units for row in conn.execute(in_open)}
    rows = conn.execute(select(reservation).where(reservation.c.reserved > 0))
    kept = {(row.reference, row.line, row.location_id): row for row in rows}
    boxed = {here for here, row in kept.items() if row.packed}
    for here in sorted(boxed | {(number, line, place) for _, number, line, place in inside}):
        reserved, packed = (kept[here].reserved, kept[here].packed) if here in kept else (0, 0)
        in_boxes, fetched = inside.get(("packed", *here), 0), inside.get(("pending", *here), 0)
        if packed != in_boxes:
            yield f"order {here[0]}, line {here[1]}: {packed:,} packed, packed parcels hold {in_boxes:,}"
        if fetched > reserved - packed:
            yield f"order {here[0]}, line {here[1]}: {fetched:,} being picked, {reserved - packed:,} on the shelf"


def returns(conn: Connection) -> Iterator[str]:
    """Give the lines of which returns tell otherwise than the line itself."""
    for name, column in (
        ("returned", return_line.c.quantity),
        ("restocked", return_line.c.restocked),
        ("written_off", return_line.c.written_off),
    ):
        came = (
            select(return_line.c.order_line_id, func.sum(column).label("units"))
            .join(order_return, order_return.c.id == return_line.c.return_id)
            .where(order_return.c.status == "received")
            .group_by(return_line.c.order_line_id)
        )
        yield from _compared(conn, name.replace("_", " "), order_line.c[name], came, "its returns say")


def claims(conn: Connection) -> Iterator[str]:
    """Give the lines of which claims tell otherwise than the line itself, and claims without a line."""
    said = select(claim_line.c.order_line_id, _sum(claim_line)).group_by(claim_line.c.order_line_id)
    yield from _compared(conn, "claimed", order_line.c.claimed, said, "its claims say")
    about = select(claim_line.c.claim_id)
    empty = select(order.c.number).join(claim, claim.c.order_id == order.c.id).where(claim.c.id.not_in(about))
    for number in conn.execute(empty).scalars():
        yield f"order {number}: a claim is about nothing"


def promises(conn: Connection) -> Iterator[str]:
    """Give the authorizations of which more was captured or voided than was promised, or for another order."""
    used = payment.alias("used")
    same = (payment.c.kind == "authorize") & (payment.c.order_id == used.c.order_id)
    astray = (
        select(order.c.number, used.c.kind)
        .join_from(used, payment, payment.c.id == used.c.authorization_id)
        .join(order, order.c.id == used.c.order_id)
        .where(~same)
    )
    for number, kind in conn.execute(astray):
        yield f"order {number}: a {kind} uses what is no authorization of this order"
    spent = func.sum(used.c.amount)
    over = (
        select(order.c.number, payment.c.amount, spent.label("spent"), order.c.currency)
        .join_from(used, payment, payment.c.id == used.c.authorization_id)
        .join(order, order.c.id == payment.c.order_id)
        .group_by(payment.c.id)
        .having(spent > payment.c.amount)
    )
    for row in conn.execute(over):
        yield f"order {row.number}: {row.spent:,} of {row.amount:,} minor units authorized were captured or voided"
    loose = (
        select(order.c.number)
        .join(payment, payment.c.order_id == order.c.id)
        .where(payment.c.kind == "void", payment.c.authorization_id.is_(None))
    )
    for number in conn.execute(loose).scalars():
        yield f"order {number}: a void gives back no authorization"


def _sum(table: Any) -> ColumnElement[int]:
    return func.sum(table.c.quantity).label("units")


def _in_parcels(*statuses: str) -> Any:
    return (
        select(shipment_line.c.order_line_id, _sum(shipment_line))
        .join(shipment, shipment.c.id == shipment_line.c.shipment_id)
        .where(shipment.c.status.in_(statuses))
        .group_by(shipment_line.c.order_line_id)
    )


def _compared(conn: Connection, what: str, stored: ColumnElement[int], summed: Any, others: str) -> Iterator[str]:
    """Give the lines of which `stored` is not what `summed` (units by order_line_id) adds up to."""
    found = summed.subquery()
    units = func.coalesce(found.c.units, 0)
    rows = conn.execute(
        select(order.c.number, order_line.c.line, order_line.c.sku, stored.label("stored"), units.label("units"))
        .join_from(order_line, order, order.c.id == order_line.c.order_id)
        .outerjoin(found, found.c.order_line_id == order_line.c.id)
        .where(stored != units)
    )
    for row in rows:
        yield f"order {row.number}, line {row.line} ({row.sku}): {row.stored:,} {what}, {others} {row.units:,}"
