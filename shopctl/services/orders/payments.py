"""Money that moved for an order, or was promised: recorded here, moved elsewhere."""

from typing import Any

from sqlalchemy import Connection, Row, insert

from shopctl import events
from shopctl.database import current, idempotent, now, operation_id, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.events import Recorded
from shopctl.money import MAX_MINOR, Money
from shopctl.services.orders import expiring
from shopctl.services.orders.events import PaymentCaptured
from shopctl.services.orders.queries import get
from shopctl.services.orders.rows import payment_from
from shopctl.services.orders.status import facts_of, refresh
from shopctl.services.orders.tables import payment
from shopctl.services.orders.values import Order, Payment
from shopctl.text import checked

DEFAULT_METHOD = "cash"
SCOPE = "payment"
INSERT = insert(payment)


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

    Money that arrived is a fact: an `amount` is recorded for a cancelled or expired order too, and is then owed.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing is due and no amount is given, or the order is a draft.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("pay", number, amount, method, reference)
    if idempotent(conn, SCOPE, key, request) is None:
        row = payable(conn, number)
        units = still_due(conn, row) if amount is None else amount.amount
        capture(conn, row.id, row.number, units, row.currency, method=method, reference=reference, key=key)
        recorded(conn, row)
        remember(conn, SCOPE, key, request, row.number)
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
    authorization_id: int | None = None,
) -> tuple[Payment, Recorded]:
    """Record that `amount` (minor units) came in; the caller refreshes the order. Return what was recorded.

    Raises:
        BadValueError: the amount is not more than zero, or a text cannot be kept.
    """
    values = values_of(conn, order_id, "capture", amount, method, reference, key)
    conn.execute(INSERT, {**values, "authorization_id": authorization_id})
    happened = events.record(
        conn, PaymentCaptured(number=number, amount=amount, currency=currency, method=values["method"])
    )
    return payment_from(values, currency, current(conn).actor), happened


def payable(conn: Connection, number: str) -> Row[Any]:
    """Return the row of an order that money is recorded for.

    Raises:
        NotFoundError: there is none.
        RefusedError: it is a draft.
    """
    row = expiring.opened(conn, number)
    if row.status == "draft":
        raise RefusedError(
            f"Order {row.number} is a draft; it takes no payment yet.",
            f"Place it first: `shopctl order confirm {row.number}`.",
        )
    return row


def still_due(conn: Connection, row: Row[Any], *, promised: int = 0) -> int:
    """Return what is still to be paid.

    Raises:
        RefusedError: nothing is.
    """
    facts = facts_of(conn, row.id)
    due = facts.unpaid - promised
    if due <= 0:
        is_so = f"is {row.status}; nothing is due" if row.status in ("cancelled", "expired") else "is paid already"
        raise RefusedError(
            f"Order {row.number} {is_so}.", "Give --amount if money arrived all the same.", number=row.number
        )
    return due


def recorded(conn: Connection, row: Row[Any]) -> None:
    """Let what follows from a recorded payment be so."""
    expiring.wait_no_more(conn, row)
    refresh(conn, row.id)


def values_of(
    conn: Connection, order_id: int, kind: str, amount: int, method: str, reference: str, key: str | None
) -> dict[str, Any]:
    """Return the row of a payment.

    Raises:
        BadValueError: the amount is not more than zero, or a text cannot be kept.
    """
    if amount <= 0:
        raise BadValueError("The amount of a payment is more than zero.", "Give a positive --amount.")
    if amount > MAX_MINOR:
        raise BadValueError("That is more than one payment can be.", "Record it in parts, with --amount.")
    return {
        "order_id": order_id,
        "kind": kind,
        "amount": amount,
        "method": checked(method, "method", limit=60, required=True),
        "reference": checked(reference, "reference", limit=200),
        "key": key,
        "at": now(conn),
        "operation_id": operation_id(conn),
        "authorization_id": None,
    }
