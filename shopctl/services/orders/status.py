"""What is derived of an order: its status, its payment, fulfilment and return status, what is owed, what it waits for.

Stored with the order so that lists and filters are quick, and never set by hand: `refresh` works it out from the rows.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, bindparam, case, exists, func, select, update

from shopctl.database import now, operation_id
from shopctl.services.inventory.tables import reservation
from shopctl.services.orders.parcel_tables import order_return, shipment
from shopctl.services.orders.pricing import worth
from shopctl.services.orders.tables import order, order_line, payment


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of an order, summed: units of its lines, money in minor units.

    `removed` is what its cancelled and returned units were worth; `short`, `packed` and `picking` are units to be
    served: not there, in a parcel, being fetched; `sent` and `delivered` count parcels.
    """

    status: str
    on_hold: bool = False
    total: int
    removed: int = 0
    authorized: int = 0
    paid: int = 0
    refunded: int = 0
    ordered: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    short: int = 0
    packed: int = 0
    picking: int = 0
    sent: int = 0
    delivered: int = 0
    return_requested: bool = False

    @property
    def open(self) -> int:
        """The units that are still to be shipped."""
        return self.ordered - self.cancelled - self.shipped

    @property
    def due(self) -> int:
        """What the customer is to pay in all."""
        gone = self.status in ("cancelled", "expired") or self.cancelled == self.ordered
        return 0 if gone else max(0, self.total - self.removed)

    @property
    def unpaid(self) -> int:
        """What is still to be paid; money that went back only if all of it did, and goods still wait."""
        if self.refunded and self.kept == 0 and self.open:
            return self.due
        return max(0, self.due - self.paid)

    @property
    def kept(self) -> int:
        """What the shop has of the customer's money."""
        return self.paid - self.refunded


class Derived(msgspec.Struct, frozen=True):
    """What follows from the facts."""

    status: str
    payment_status: str
    fulfilment_status: str
    return_status: str
    owed: int
    next: str


def derive(facts: Facts) -> Derived:
    """Return what follows from the facts (domain.md, "Orders")."""
    status = _status(facts)
    owed = max(0, facts.kept - facts.due)
    return Derived(
        status=status,
        payment_status=_payment_status(facts),
        fulfilment_status=_fulfilment_status(facts),
        return_status=_return_status(facts),
        owed=owed,
        next="refund" if owed else _next(facts, status),
    )


_STORE = (
    update(order)
    .where(order.c.id == bindparam("order_id"))
    .values(
        version=order.c.version + 1,
        completed_at=case(
            (bindparam("becomes") != "completed", None),
            else_=func.coalesce(order.c.completed_at, bindparam("moment", type_=order.c.completed_at.type)),
        ),
    )
)


def facts_of(conn: Connection, order_id: int) -> Facts:
    """Return the rows of an order, summed."""
    return from_row(conn.execute(_summed_of_one(), {"order_id": order_id}).one())


def facts_in(head: Row[Any], lines: Sequence[Row[Any]], payments: Sequence[Row[Any]], *, status: str) -> Facts:
    """Return what the rows of an order that were read say of its money; where its goods are is left out."""
    included = bool(head.prices_include_tax)
    sums = {
        kind: sum(paid.amount for paid in payments if paid.kind == kind) for kind in ("authorize", "capture", "refund")
    }
    return Facts(
        status=status,
        total=head.total,
        removed=sum(
            worth(
                line.cancelled + line.returned,
                of=line.ordered,
                amount=line.total - line.discount + (0 if included else line.tax),
            )
            for line in lines
        ),
        authorized=sums["authorize"] - sum(paid.amount for paid in payments if paid.authorization_id is not None),
        paid=sums["capture"],
        refunded=sums["refund"],
        ordered=sum(line.ordered for line in lines),
        cancelled=sum(line.cancelled for line in lines),
        shipped=sum(line.shipped for line in lines),
    )


def refresh(conn: Connection, order_id: int) -> None:
    """Store what follows from the rows of an order, which has changed."""
    facts = facts_of(conn, order_id)
    derived = derive(facts)
    conn.execute(
        _STORE,
        {
            **msgspec.structs.asdict(derived),
            "becomes": derived.status,
            "order_id": order_id,
            "moment": now(conn),
            "paid": facts.paid,
            "refunded": facts.refunded,
            "operation_id": operation_id(conn),
        },
    )


def summed() -> Select[Any]:
    """Return the statement that sums the rows of orders; `from_row` reads what it selects."""
    lines, money, kept = order_line.c, payment.c, reservation.c
    gone = lines.cancelled + lines.returned
    worth = lines.total - lines.discount + case((order.c.prices_include_tax == 1, 0), else_=lines.tax)
    removed = gone * (worth // lines.ordered) + (2 * gone * (worth % lines.ordered) + lines.ordered) // (
        2 * lines.ordered
    )

    def total(what: Any, name: str, *where: Any) -> Any:
        return func.coalesce(select(func.sum(what)).where(*where).correlate(order).scalar_subquery(), 0).label(name)

    def paid(name: str, *where: Any) -> Any:
        return total(money.amount, name, money.order_id == order.c.id, *where)

    def parcels(name: str, *statuses: str) -> Any:
        return total(1, name, shipment.c.order_id == order.c.id, shipment.c.status.in_(statuses))

    ours = lines.order_id == order.c.id
    return select(
        order.c.id,
        order.c.status,
        order.c.on_hold,
        order.c.total,
        paid("authorize", money.kind == "authorize"),
        paid("used", money.authorization_id.is_not(None)),
        paid("capture", money.kind == "capture"),
        paid("refund", money.kind == "refund"),
        *(total(c, c.key, ours) for c in (lines.ordered, lines.cancelled, lines.shipped, lines.returned)),
        total(removed, "removed", ours),
        *(total(c, c.key, kept.reference == order.c.number) for c in (kept.short, kept.packed)),
        parcels("picking", "pending"),
        parcels("sent", "shipped", "delivered", "lost", "returned_to_sender"),
        parcels("delivered", "delivered"),
        exists()
        .where(order_return.c.order_id == order.c.id, order_return.c.status == "requested")
        .correlate(order)
        .label("return_requested"),
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
        removed=row.removed,
        authorized=row.authorize - row.used,
        paid=row.capture,
        refunded=row.refund,
        ordered=row.ordered,
        cancelled=row.cancelled,
        shipped=row.shipped,
        returned=row.returned,
        short=row.short,
        packed=row.packed,
        picking=row.picking,
        sent=row.sent,
        delivered=row.delivered,
        return_requested=bool(row.return_requested),
    )


def _status(facts: Facts) -> str:
    """Return the stored status, `completed` once everything was shipped and paid."""
    if facts.status not in ("placed", "completed"):
        return facts.status
    if facts.cancelled == facts.ordered:
        return "cancelled"
    return "completed" if facts.open == 0 and facts.paid >= facts.due else "placed"


def _payment_status(facts: Facts) -> str:
    """Return the first that fits, in the order of domain.md."""
    if facts.refunded and facts.kept == 0:
        return "refunded"
    if facts.refunded and facts.kept < facts.total:
        return "partially_refunded"
    if facts.kept > facts.total:
        return "overpaid"
    if facts.kept >= facts.due and (facts.kept > 0 or facts.total == 0):
        return "paid"
    if facts.kept > 0:
        return "partially_paid"
    return "authorized" if facts.authorized > 0 and facts.due > 0 else "unpaid"


def _fulfilment_status(facts: Facts) -> str:
    if facts.shipped == 0:
        return "unfulfilled"
    if facts.open > 0:
        return "partially_shipped"
    return "delivered" if facts.delivered == facts.sent else "shipped"


def _return_status(facts: Facts) -> str:
    if facts.returned == 0:
        return "requested" if facts.return_requested else "none"
    return "returned" if facts.returned == facts.shipped else "partially_returned"


def _next(facts: Facts, status: str) -> str:
    """Return what a placed order waits for: the first that is in the way of shipping it."""
    if status != "placed":
        return "none"
    if facts.open == 0:
        return "pay"
    waits = {
        "unhold": facts.on_hold,
        "pay": facts.unpaid > facts.authorized,
        "ship": facts.packed,
        "pack": facts.picking,
        "wait_stock": facts.short,
    }
    return next((step for step, holds in waits.items() if holds), "pick")
