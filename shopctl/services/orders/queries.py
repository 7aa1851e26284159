"""Reading orders."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, or_, select, tuple_

from shopctl import events
from shopctl.database import operation
from shopctl.errors import BadValueError, NotFoundError
from shopctl.money import Money, shown_rate
from shopctl.services import customers, inventory
from shopctl.services.orders.events import step
from shopctl.services.orders.tables import order, order_address, order_line, payment
from shopctl.services.orders.values import (
    Address,
    Buyer,
    Line,
    Order,
    OrderFilter,
    OrderSummary,
    Payment,
)
from shopctl.text import checked, nearest, safe

SORTS: dict[str, Any] = {
    "placed_at": order.c.placed_at,
    "number": order.c.id,
    "total": order.c.total,
    "customer": order.c.customer_name,
}


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
    """Return the row of the order with that number.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    row = conn.execute(_BY_NUMBER, {"number": number.strip().removeprefix("#")}).one_or_none()
    if row is None:
        known = conn.execute(select(order.c.number).order_by(order.c.id.desc()).limit(500)).scalars()
        hint = nearest(number, known) or "`shopctl order list` shows what there is."
        raise NotFoundError(f"There is no order {safe(number, 70)}.", hint, number=number)
    return row


def get(conn: Connection, number: str) -> Order:
    """Return an order, whole.

    Raises:
        NotFoundError: there is none with that number.
    """
    row = find(conn, number)
    addresses = _addresses(conn, row.id)
    return Order(
        **summary_fields(row._mapping),
        ship_to=addresses.get("ship_to"),
        bill_to=addresses.get("bill_to"),
        note=row.note,
        lines=_lines(conn, row),
        payments=_payments(conn, row),
        timeline=[step(event) for event in events.about(conn, row.number)],
    )


def page(conn: Connection, wanted: OrderFilter) -> list[OrderSummary]:
    """Return the orders that `wanted` describes.

    Raises:
        BadValueError: orders cannot be sorted so.
        NotFoundError: the customer or the order to continue after does not exist.
    """
    statement = select(order).where(*_conditions(conn, wanted)).order_by(*_ordering(wanted.sort))
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [OrderSummary(**summary_fields(row._mapping)) for row in conn.execute(statement)]


def completing(conn: Connection, beginning: str, limit: int = 50) -> list[tuple[str, str]]:
    """Return the latest orders whose number begins so, each with its customer and what it waits for."""
    rows = conn.execute(
        select(order.c.number, order.c.customer_name, order.c.customer_email, order.c.next)
        .where(order.c.number.startswith(beginning, autoescape=True))
        .order_by(order.c.id.desc())
        .limit(limit)
    )
    return [
        (row.number, ", ".join(filter(None, (row.customer_name or row.customer_email, f"next: {row.next}"))))
        for row in rows
    ]


def _conditions(conn: Connection, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    exact = {
        order.c.status: wanted.status,
        order.c.payment_status: wanted.payment,
        order.c.fulfilment_status: wanted.fulfilment,
        order.c.next: wanted.next,
    }
    conditions += [column == value for column, value in exact.items() if value is not None]
    if query := checked(wanted.query, "search", limit=1_000):
        conditions.append(
            or_(
                order.c.number == query.removeprefix("#"),
                order.c.external_number == query,
                order.c.customer_name.icontains(query, autoescape=True),
                order.c.customer_email.icontains(query, autoescape=True),
            )
        )
    if wanted.customer is not None:
        conditions.append(order.c.customer_id == customers.get(conn, wanted.customer).id)
    if wanted.owed:
        conditions.append(order.c.owed > 0)
    if wanted.since is not None:
        conditions.append(order.c.placed_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(order.c.placed_at < wanted.until)
    if wanted.after is not None:
        conditions.append(_beyond(find(conn, wanted.after), wanted.sort))
    return conditions


def _ordering(sort: str) -> list[ColumnElement[Any]]:
    column = _sort_column(sort)
    return [column.desc(), order.c.id.desc()] if sort.startswith("-") else [column.asc(), order.c.id.asc()]


def _beyond(row: Row[Any], sort: str) -> ColumnElement[bool]:
    column = _sort_column(sort)
    here = tuple_(column, order.c.id)
    there = (getattr(row, column.key), row.id)
    return and_(here < there if sort.startswith("-") else here > there)


def _sort_column(sort: str) -> Any:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadValueError(f"Orders cannot be sorted by {safe(name, 40)!r}.", f"Use one of {', '.join(SORTS)}.")
    return SORTS[name]


def summary_fields(head: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the fields of `OrderSummary` that a row of orders holds."""
    amounts = ("subtotal", "discount", "shipping", "tax", "rounding", "total", "paid", "refunded", "owed")
    plain = (
        "number",
        "external_number",
        "channel",
        "status",
        "payment_status",
        "fulfilment_status",
        "return_status",
        "next",
        "currency",
        "placed_at",
        "cancelled_at",
    )
    currency = head["currency"]
    return {
        **{name: head[name] for name in plain},
        **{name: Money(head[name], currency) for name in amounts},
        "on_hold": bool(head["on_hold"]),
        "prices_include_tax": bool(head["prices_include_tax"]),
        "customer": Buyer(head["customer_email"], head["customer_name"]),
    }


def line_from(row: Mapping[Any, Any], currency: str, *, packed: int = 0, short: int = 0) -> Line:
    """Return the line that a row of order_line holds, with what inventory keeps for it."""
    return Line(
        sku=row["sku"],
        name=row["name"],
        quantity=row["ordered"],
        unit_price=Money(row["unit_price"], currency),
        discount=Money(row["discount"], currency),
        tax_rate=shown_rate(row["tax_rate"]),
        tax=Money(row["tax"], currency),
        total=Money(row["total"], currency),
        cancelled=row["cancelled"],
        packed=packed,
        short=short,
        shipped=row["shipped"],
        returned=row["returned"],
    )


def payment_from(row: Mapping[Any, Any], currency: str, actor: str) -> Payment:
    """Return the payment that a row of payment holds."""
    return Payment(
        at=row["at"],
        kind=row["kind"],
        amount=Money(row["amount"], currency),
        method=row["method"],
        reference=row["reference"],
        actor=actor,
    )


def _lines(conn: Connection, head: Row[Any]) -> list[Line]:
    reserved = inventory.reserved_for(conn, head.number)
    found = []
    for row in conn.execute(_LINES, {"id": head.id}):
        packed, short = reserved.get(row.line, (0, 0))
        found.append(line_from(row._mapping, head.currency, packed=packed, short=short))
    return found


def _addresses(conn: Connection, order_id: int) -> dict[str, Address]:
    parts = Address.__struct_fields__
    rows = conn.execute(_ADDRESSES, {"id": order_id})
    return {row.kind: Address(**{part: getattr(row, part) for part in parts}) for row in rows}


def _payments(conn: Connection, head: Row[Any]) -> list[Payment]:
    rows = conn.execute(_PAYMENTS, {"id": head.id})
    return [payment_from(row._mapping, head.currency, row.actor) for row in rows]
