"""Money that moved for an order: recorded here, moved elsewhere."""

from typing import Any

from sqlalchemy import Connection, insert, select

from shopctl import events
from shopctl.database import current, idempotent, now, operation_id, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.events import Recorded
from shopctl.money import Money
from shopctl.services.orders.events import PaymentCaptured, PaymentRefunded
from shopctl.services.orders.queries import find, get, payment_from
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import payment
from shopctl.services.orders.values import Order, Payment
from shopctl.text import checked

DEFAULT_METHOD = "cash"
_INSERT = insert(payment)


def pay(
    conn: Connection,
    number: str,
    *,
    amount: Money | None = None,
    method: str = DEFAULT_METHOD,
    reference: str = "",
    key: str | None = None,
) -> Order:
    """Record that money came in: `amount`, or all that is still due. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing is due and no amount is given, or the order is cancelled.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("pay", number, amount, method, reference)
    if idempotent(conn, "payment", key, request) is None:
        row = find(conn, number)
        due = row.total - (row.paid - row.refunded)
        if row.status not in ("placed", "completed"):
            raise RefusedError(f"Order {row.number} is {row.status}; it takes no payment.", "Place a new order.")
        if amount is None and due <= 0:
            raise RefusedError(
                f"Order {row.number} is paid already.", "Give --amount if the customer paid more.", number=row.number
            )
        units = due if amount is None else amount.amount
        capture(conn, row.id, row.number, units, row.currency, method=method, reference=reference, key=key)
        refresh(conn, row.id)
        remember(conn, "payment", key, request, row.number)
    return get(conn, number)


def refund(
    conn: Connection,
    number: str,
    *,
    amount: Money | None = None,
    method: str | None = None,
    reference: str = "",
    key: str | None = None,
) -> Order:
    """Record that money went back: `amount`, or all that is owed.

    It moves no money itself. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing is owed and no amount is given, or it is more than was paid.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another refund.
    """
    request = ("refund", number, amount, method, reference)
    if idempotent(conn, "payment", key, request) is None:
        row = find(conn, number)
        if amount is None and row.owed == 0:
            raise RefusedError(
                f"Order {row.number} owes its customer nothing.", "Give --amount to refund anyway.", number=row.number
            )
        units = row.owed if amount is None else amount.amount
        kept = row.paid - row.refunded
        if units > kept:
            raise RefusedError(
                f"Order {row.number} can refund at most {Money(kept, row.currency).shown()}, what it was paid.",
                "Give a smaller --amount.",
                refundable=str(Money(kept, row.currency)),
            )
        values = _values(conn, row.id, "refund", units, method or _last_method(conn, row.id), reference, key)
        conn.execute(_INSERT, values)
        events.record(conn, PaymentRefunded(row.number, amount=units, currency=row.currency, method=values["method"]))
        refresh(conn, row.id)
        remember(conn, "payment", key, request, row.number)
    return get(conn, number)


def capture(
    conn: Connection,
    order_id: int,
    number: str,
    amount: int,
    currency: str,
    *,
    method: str,
    reference: str = "",
    key: str | None = None,
) -> tuple[Payment, Recorded]:
    """Record that `amount` (minor units) came in; the caller refreshes the order. Return what was recorded.

    Raises:
        BadValueError: the amount is not more than zero, or a text cannot be kept.
    """
    values = _values(conn, order_id, "capture", amount, method, reference, key)
    conn.execute(_INSERT, values)
    happened = events.record(conn, PaymentCaptured(number, amount=amount, currency=currency, method=values["method"]))
    return payment_from(values, currency, current(conn).actor), happened


def _last_method(conn: Connection, order_id: int) -> str:
    """Return how the order was paid last, which is how money goes back unless somebody says otherwise."""
    captured = select(payment.c.method).where(payment.c.order_id == order_id, payment.c.kind == "capture")
    return conn.execute(captured.order_by(payment.c.id.desc()).limit(1)).scalar_one_or_none() or DEFAULT_METHOD


def _values(
    conn: Connection, order_id: int, kind: str, amount: int, method: str, reference: str, key: str | None
) -> dict[str, Any]:
    if amount <= 0:
        raise BadValueError("The amount of a payment is more than zero.", "Give a positive --amount.")
    return {
        "order_id": order_id,
        "kind": kind,
        "amount": amount,
        "method": checked(method, "method", limit=60, required=True),
        "reference": checked(reference, "reference", limit=200),
        "key": key,
        "at": now(conn),
        "operation_id": operation_id(conn),
    }
