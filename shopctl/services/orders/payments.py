"""Money that moved for an order, or was promised: recorded here, moved elsewhere."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from shopctl import events
from shopctl.database import current, idempotent, now, operation_id, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.events import Recorded
from shopctl.money import Money
from shopctl.services.orders import expiring
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import PaymentAuthorized, PaymentCaptured, PaymentRefunded, PaymentVoided
from shopctl.services.orders.pricing import worth
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.rows import payment_from
from shopctl.services.orders.status import facts_of, refresh
from shopctl.services.orders.tables import payment
from shopctl.services.orders.values import Choice, Order, Payment
from shopctl.text import checked

DEFAULT_METHOD = "cash"
_SCOPE = "payment"
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

    Money that arrived is a fact: an `amount` is recorded for a cancelled or expired order too, and is then owed.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing is due and no amount is given, or the order is a draft.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("pay", number, amount, method, reference)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = _payable(conn, number)
        units = _due(conn, row) if amount is None else amount.amount
        capture(conn, row.id, row.number, units, row.currency, method=method, reference=reference, key=key)
        _recorded(conn, row)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def authorize(
    conn: Connection,
    number: str,
    *,
    amount: Money | None = None,
    method: str,
    reference: str = "",
    key: str | None = None,
) -> Order:
    """Record that money was promised, to be captured later: `amount`, or all that is still due.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing is due, or the order is a draft.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("authorize", number, amount, method, reference)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = _payable(conn, number)
        units = (
            _due(conn, row, promised=sum(left for _, left in _promised(conn, row.id)))
            if amount is None
            else amount.amount
        )
        values = _values(conn, row.id, "authorize", units, method, reference, key)
        conn.execute(_INSERT, values)
        events.record(
            conn,
            PaymentAuthorized(number=row.number, amount=units, currency=row.currency, method=values["method"]),
        )
        _recorded(conn, row)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def capture_authorized(
    conn: Connection, number: str, *, amount: Money | None = None, reference: str = "", key: str | None = None
) -> Order:
    """Record that promised money came in: `amount`, or all that was promised. The oldest authorization goes first.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing, or less, is authorized.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("capture", number, amount, reference)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = _payable(conn, number)
        for authorized, part in _taken(conn, row, amount):
            capture(
                conn,
                row.id,
                row.number,
                part,
                row.currency,
                method=authorized.method,
                reference=reference or authorized.reference,
                authorization_id=authorized.id,
            )
        _recorded(conn, row)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def void(conn: Connection, number: str, *, amount: Money | None = None, key: str | None = None) -> Order:
    """Give promised money back: `amount`, or all that was promised and not captured.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing, or less, is authorized.
        BadValueError: the amount is not more than zero.
        ConflictError: the key was used for another payment.
    """
    request = ("void", number, amount)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = _payable(conn, number)
        for authorized, part in _taken(conn, row, amount):
            values = _values(conn, row.id, "void", part, authorized.method, authorized.reference, None)
            conn.execute(_INSERT, {**values, "authorization_id": authorized.id})
            events.record(
                conn,
                PaymentVoided(number=row.number, amount=part, currency=row.currency, method=authorized.method),
            )
        _recorded(conn, row)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


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
    request = (
        ("refund", number, choices, amount, method, reference)
        if choices
        else ("refund", number, amount, method, reference)
    )
    if idempotent(conn, _SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        units = _to_refund(conn, row, choices, amount)
        kept = row.paid - row.refunded
        if units > kept:
            raise RefusedError(
                f"Order {row.number} can refund at most {Money(kept, row.currency).shown()}, what it was paid.",
                "Give a smaller --amount.",
                refundable=str(Money(kept, row.currency)),
            )
        values = _values(conn, row.id, "refund", units, method or _last_method(conn, row.id), reference, key)
        conn.execute(_INSERT, values)
        happened = PaymentRefunded(number=row.number, amount=units, currency=row.currency, method=values["method"])
        events.record(conn, happened)
        refresh(conn, row.id)
        remember(conn, _SCOPE, key, request, row.number)
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
    values = _values(conn, order_id, "capture", amount, method, reference, key)
    conn.execute(_INSERT, {**values, "authorization_id": authorization_id})
    happened = events.record(
        conn, PaymentCaptured(number=number, amount=amount, currency=currency, method=values["method"])
    )
    return payment_from(values, currency, current(conn).actor), happened


def _payable(conn: Connection, number: str) -> Row[Any]:
    row = expiring.opened(conn, number)
    if row.status == "draft":
        raise RefusedError(
            f"Order {row.number} is a draft; it takes no payment yet.",
            f"Place it first: `shopctl order confirm {row.number}`.",
        )
    return row


def _due(conn: Connection, row: Row[Any], *, promised: int = 0) -> int:
    """Return what is still to be paid.

    Raises:
        RefusedError: nothing is.
    """
    facts = facts_of(conn, row.id)
    due = facts.due - facts.kept - promised
    if due <= 0:
        is_so = f"is {row.status}; nothing is due" if row.status in ("cancelled", "expired") else "is paid already"
        raise RefusedError(
            f"Order {row.number} {is_so}.", "Give --amount if money arrived all the same.", number=row.number
        )
    return due


def _recorded(conn: Connection, row: Row[Any]) -> None:
    expiring.wait_no_more(conn, row)
    refresh(conn, row.id)


def _promised(conn: Connection, order_id: int) -> list[tuple[Row[Any], int]]:
    """Return the authorizations of an order of which something is left, with how much, the oldest first."""
    used = payment.alias("used")
    spent = select(func.coalesce(func.sum(used.c.amount), 0)).where(used.c.authorization_id == payment.c.id)
    left = (payment.c.amount - spent.correlate(payment).scalar_subquery()).label("left")
    rows = conn.execute(
        select(payment, left)
        .where(payment.c.order_id == order_id, payment.c.kind == "authorize")
        .order_by(payment.c.id)
    )
    return [(row, row.left) for row in rows if row.left > 0]


def _taken(conn: Connection, row: Row[Any], amount: Money | None) -> Iterator[tuple[Row[Any], int]]:
    """Give the authorizations that `amount` (None: all) uses up, with how much of each.

    Raises:
        RefusedError: less is authorized.
        BadValueError: the amount is not more than zero.
    """
    promised = _promised(conn, row.id)
    whole = sum(left for _, left in promised)
    wanted = whole if amount is None else amount.amount
    if amount is not None and wanted <= 0:
        raise BadValueError("The amount of a payment is more than zero.", "Give a positive --amount.")
    if whole == 0 or wanted > whole:
        raise RefusedError(
            f"Of order {row.number}, {Money(whole, row.currency).shown()} is authorized and not captured.",
            "Give a smaller --amount; `shopctl order pay` records money that was not authorized."
            if whole
            else "Record an authorization with `shopctl order authorize`, or a payment with `shopctl order pay`.",
            authorized=str(Money(whole, row.currency)),
        )
    for authorized, left in promised:
        part = min(wanted, left)
        if part:
            yield authorized, part
            wanted -= part


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
        "authorization_id": None,
    }
