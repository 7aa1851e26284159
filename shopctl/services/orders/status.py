"""What is derived of an order: its payment, fulfilment and return status, what is owed, and what it waits for.

Stored with the order so that lists and filters are quick, and never set by hand: `refresh` works it out from the rows.
"""

from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from shopctl.database import operation_id
from shopctl.services.orders.tables import order, order_line, payment


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of an order, summed: units of its lines, money in minor units."""

    status: str
    on_hold: bool = False
    total: int
    authorized: int = 0
    paid: int = 0
    refunded: int = 0
    ordered: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0


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


_STORE = update(order).where(order.c.id == bindparam("order_id"))


def refresh(conn: Connection, order_id: int) -> None:
    """Store what follows from the rows of an order."""
    facts = from_row(conn.execute(_summed_of_one(), {"order_id": order_id}).one())
    conn.execute(
        _STORE,
        {
            **msgspec.structs.asdict(derive(facts)),
            "order_id": order_id,
            "paid": facts.paid,
            "refunded": facts.refunded,
            "operation_id": operation_id(conn),
        },
    )


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


@cache
def _summed_of_one() -> Select[Any]:
    return summed().where(order.c.id == bindparam("order_id"))


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
