"""Money that went back to a customer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from shopctl import events
from shopctl.database import idempotent, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.money import Money
from shopctl.services.orders import expiring
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import PaymentRefunded
from shopctl.services.orders.payments import DEFAULT_METHOD, INSERT, SCOPE, values_of
from shopctl.services.orders.pricing import worth
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import payment
from shopctl.services.orders.values import Choice, Order


def refund(
    conn: Connection,
    number: str,
    choices: Sequence[Choice] = (),
    *,
    amount: Money | None = None,
    method: str | None = None,
    reference: str = "",
    key: str | None = None,
) -> Order:
    """Record that money went back: `amount`, what the chosen units cost, or all that is owed.

    It moves no money itself, cancels and returns nothing. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: nothing is owed and nothing is given, or it is more than was paid.
        BadValueError: the amount is not more than zero, or units and an amount are given.
        ConflictError: the key was used for another refund.
    """
    request = ("refund", number, choices, amount, method, reference)
    if idempotent(conn, SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        units = _to_refund(conn, row, choices, amount)
        kept = row.paid - row.refunded
        if units > kept:
            raise RefusedError(
                f"Order {row.number} can refund at most {Money(kept, row.currency).shown()}, what it was paid.",
                "Give a smaller --amount.",
                refundable=str(Money(kept, row.currency)),
            )
        values = values_of(conn, row.id, "refund", units, method or _method(conn, row.id, units), reference, key)
        conn.execute(INSERT, values)
        happened = PaymentRefunded(number=row.number, amount=units, currency=row.currency, method=values["method"])
        events.record(conn, happened)
        refresh(conn, row.id)
        remember(conn, SCOPE, key, request, row.number)
    return get(conn, number)


def _to_refund(conn: Connection, row: Row[Any], choices: Sequence[Choice], amount: Money | None) -> int:
    if choices and amount is not None:
        raise BadValueError("A refund has an amount or units, not both.", "Leave --amount or SKU=QTY out.")
    if amount is not None:
        return amount.amount
    if not choices:
        if row.owed == 0:
            raise RefusedError(
                f"Order {row.number} owes its customer nothing.", "Give --amount to refund anyway.", number=row.number
            )
        return int(row.owed)
    lines = line_rows(conn, row.id)
    meant = chosen(lines, choices, lambda line: line.ordered, "be refunded")
    included = bool(row.prices_include_tax)
    total = 0
    for line in lines:
        if line.line in meant:
            total += worth(meant[line.line], of=line.ordered, amount=_line_worth(line, included))
    return total


def _line_worth(line: Row[Any], prices_include_tax: bool) -> int:
    """Return what a line costs the customer: its goods less their share of the discount, and the tax on them."""
    amount: int = line.total - line.discount + (0 if prices_include_tax else line.tax)
    return amount


def _method(conn: Connection, order_id: int, units: int) -> str:
    """Return how money goes back unless somebody says otherwise: as it came, by the latest way that brought so much."""
    rows = conn.execute(
        select(payment.c.method, payment.c.kind, payment.c.amount)
        .where(payment.c.order_id == order_id, payment.c.kind.in_(("capture", "refund")))
        .order_by(payment.c.id)
    )
    kept: dict[str, int] = {}
    for row in rows:
        amount = row.amount if row.kind == "capture" else -row.amount
        before = kept.pop(row.method, 0) if row.kind == "capture" else kept.get(row.method, 0)
        kept[row.method] = before + amount
    latest_first = list(reversed(kept))
    enough = (method for method in latest_first if kept[method] >= units)
    return next(enough, max(latest_first, key=lambda method: kept[method], default=DEFAULT_METHOD))
