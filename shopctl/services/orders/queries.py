"""Reading an order, whole."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from shopctl import events
from shopctl.database import now, operation
from shopctl.errors import NotFoundError
from shopctl.money import Money
from shopctl.services import inventory
from shopctl.services.orders import parcels, remarks
from shopctl.services.orders.rows import line_from, payment_from, summary_fields
from shopctl.services.orders.status import facts_in
from shopctl.services.orders.tables import order, order_address, order_line, payment
from shopctl.services.orders.timeline import step
from shopctl.services.orders.values import Address, Order
from shopctl.services.terms.tables import discount_code
from shopctl.text import nearest, safe

_BY_NUMBER = select(order).where(order.c.number == bindparam("number"))
_LINES = select(order_line).where(order_line.c.order_id == bindparam("id")).order_by(order_line.c.line)
_ADDRESSES = select(order_address).where(order_address.c.order_id == bindparam("id"))
_PAYMENTS = (
    select(payment, operation.c.actor)
    .join(operation, operation.c.id == payment.c.operation_id)
    .where(payment.c.order_id == bindparam("id"))
    .order_by(payment.c.id)
)


def find(conn: Connection, number: str) -> Row[Any]:
    """Return the row of the order with that number, or with that number where it was made, if it is the only one.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    wanted = number.strip().removeprefix("#")
    row = conn.execute(_BY_NUMBER, {"number": wanted}).one_or_none()
    if row is None and wanted:
        elsewhere = conn.execute(select(order).where(order.c.external_number == wanted).limit(2)).all()
        row = elsewhere[0] if len(elsewhere) == 1 else None
    if row is None:
        known = conn.execute(select(order.c.number).order_by(order.c.id.desc()).limit(500)).scalars()
        hint = nearest(number, known) or "`shopctl order list` shows what there is."
        raise NotFoundError(f"There is no order {safe(number, 70)}.", hint, number=number)
    return row


def line_rows(conn: Connection, order_id: int) -> list[Row[Any]]:
    """Return the rows of an order's lines."""
    return list(conn.execute(_LINES, {"id": order_id}))


def get(conn: Connection, number: str) -> Order:
    """Return an order, whole.

    Raises:
        NotFoundError: there is none with that number.
    """
    row = find(conn, number)
    lines = line_rows(conn, row.id)
    found = addresses(conn, row.id)
    said = remarks.of_order(conn, row.id)
    over = as_of(conn, row)
    head = {**row._mapping, **over}
    moved = conn.execute(_PAYMENTS, {"id": row.id}).all()
    facts = facts_in(row, lines, moved, status=head["status"])
    kept = [] if over else inventory.reserved_for(conn, row.number)
    return Order(
        **summary_fields(head),
        ship_to=found.get("ship_to"),
        bill_to=found.get("bill_to"),
        authorized=Money(facts.authorized, row.currency),
        due=Money(facts.unpaid, row.currency),
        note=row.note,
        shipping_method=row.shipping_method,
        discount_code=_code(conn, row.discount_code_id),
        replaces=_number(conn, row.replaces_id),
        version=row.version,
        lines=[line_from(line._mapping, row.currency, [k for k in kept if k.line == line.line]) for line in lines],
        payments=[payment_from(paid._mapping, row.currency, paid.actor) for paid in moved],
        timeline=[step(event, said) for event in events.about(conn, row.number)],
        shipments=parcels.of_order(conn, row, lines),
        returns=parcels.returns_of(conn, row, lines),
        claims=parcels.claims_of(conn, row, lines),
    )


def as_of(conn: Connection, row: Row[Any]) -> dict[str, Any]:
    """Return what of an order is different by now, though nobody has written so yet, because its time is up."""
    if row.expires_at is None or row.expires_at > now(conn):
        return {}
    return {"status": "expired", "next": "none"} if row.status == "placed" else {"expires_at": None}


def addresses(conn: Connection, order_id: int) -> dict[str, Address]:
    """Return the addresses of an order, by kind."""
    parts = Address.__struct_fields__
    rows = conn.execute(_ADDRESSES, {"id": order_id})
    return {row.kind: Address(**{part: getattr(row, part) for part in parts}) for row in rows}


def _code(conn: Connection, code_id: int | None) -> str | None:
    if code_id is None:
        return None
    return conn.execute(select(discount_code.c.code).where(discount_code.c.id == code_id)).scalar_one()


def _number(conn: Connection, order_id: int | None) -> str | None:
    if order_id is None:
        return None
    return conn.execute(select(order.c.number).where(order.c.id == order_id)).scalar_one()
