"""What is derived of an order: its payment, fulfilment and return status, what is owed, and what it waits for.

Stored with the order so that lists and filters are quick, and never set by hand: `refresh` works it out from the rows.
"""

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, select, update

from shopctl.database import operation_id
from shopctl.services.orders.tables import order, order_line, payment


class Facts(msgspec.Struct, frozen=True):
    """The rows of an order, summed: units of its lines, money in minor units."""

    status: str
    on_hold: bool
    total: int
    authorized: int
    paid: int
    refunded: int
    ordered: int
    cancelled: int
    shipped: int
    returned: int


class Derived(msgspec.Struct, frozen=True):
    """What follows from the facts."""

    payment_status: str
    fulfilment_status: str
    return_status: str
    owed: int
    next: str


def derive(facts: Facts) -> Derived:
    """Return what follows from the facts (domain.md, "Orders")."""
    due = 0 if facts.cancelled == facts.ordered else facts.total
    owed = max(0, facts.paid - facts.refunded - due)
    return Derived(
        payment_status=_payment_status(facts, due),
        fulfilment_status=_fulfilment_status(facts),
        return_status=_return_status(facts),
        owed=owed,
        next=_next(facts, due, owed),
    )


def refresh(conn: Connection, order_id: int) -> None:
    """Store what follows from the rows of an order."""
    facts = facts_of(conn, order_id)
    conn.execute(
        update(order)
        .where(order.c.id == order_id)
        .values(
            **msgspec.structs.asdict(derive(facts)),
            paid=facts.paid,
            refunded=facts.refunded,
            operation_id=operation_id(conn),
        )
    )


def facts_of(conn: Connection, order_id: int) -> Facts:
    """Return the rows of an order, summed."""
    return from_row(conn.execute(summed().where(order.c.id == order_id)).one())


def summed() -> Select[Any]:
    """Return the statement that sums the rows of orders; `from_row` reads what it selects."""

    def money(kind: str) -> Any:
        amounts = select(func.sum(payment.c.amount)).where(payment.c.order_id == order.c.id, payment.c.kind == kind)
        return func.coalesce(amounts.correlate(order).scalar_subquery(), 0).label(kind)

    def units(column: Any) -> Any:
        counted = select(func.sum(column)).where(order_line.c.order_id == order.c.id)
        return func.coalesce(counted.correlate(order).scalar_subquery(), 0).label(column.key)

    lines = order_line.c
    return select(
        order.c.id,
        order.c.status,
        order.c.on_hold,
        order.c.total,
        *(money(kind) for kind in ("authorize", "void", "capture", "refund")),
        *(units(column) for column in (lines.ordered, lines.cancelled, lines.shipped, lines.returned)),
    )


def from_row(row: Row[Any]) -> Facts:
    """Return the facts that a row of `summed` holds."""
    return Facts(
        status=row.status,
        on_hold=bool(row.on_hold),
        total=row.total,
        authorized=row.authorize - row.void,
        paid=row.capture,
        refunded=row.refund,
        ordered=row.ordered,
        cancelled=row.cancelled,
        shipped=row.shipped,
        returned=row.returned,
    )


def _payment_status(facts: Facts, due: int) -> str:
    """Return the first that fits, in the order of domain.md."""
    kept = facts.paid - facts.refunded
    if facts.refunded and kept == 0:
        return "refunded"
    if facts.refunded and kept < facts.total:
        return "partially_refunded"
    if kept > facts.total:
        return "overpaid"
    if kept == facts.total:
        return "paid"
    if kept > 0:
        return "partially_paid"
    return "authorized" if facts.authorized > 0 and due > 0 else "unpaid"


def _fulfilment_status(facts: Facts) -> str:
    if facts.shipped == 0:
        return "unfulfilled"
    return "shipped" if facts.shipped == facts.ordered - facts.cancelled else "partially_shipped"


def _return_status(facts: Facts) -> str:
    if facts.returned == 0:
        return "none"
    return "returned" if facts.returned == facts.shipped else "partially_returned"


def _next(facts: Facts, due: int, owed: int) -> str:
    if owed:
        return "refund"
    if facts.status != "placed" or facts.cancelled == facts.ordered:
        return "none"
    if facts.on_hold:
        return "unhold"
    if facts.paid - facts.refunded < due:
        return "pay"
    return "none" if facts.shipped == facts.ordered - facts.cancelled else "pick"
