"""Money that was promised for an order: authorized, then captured or given back."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, func, select

from shopctl import events
from shopctl.database import idempotent, remember
from shopctl.errors import BadValueError, RefusedError
from shopctl.money import Money
from shopctl.services.orders.events import PaymentAuthorized, PaymentVoided
from shopctl.services.orders.payments import INSERT, SCOPE, capture, payable, recorded, still_due, values_of
from shopctl.services.orders.queries import get
from shopctl.services.orders.tables import payment
from shopctl.services.orders.values import Order


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
    if idempotent(conn, SCOPE, key, request) is None:
        row = payable(conn, number)
        units = (
            still_due(conn, row, promised=sum(left for _, left in _promised(conn, row.id)))
            if amount is None
            else amount.amount
        )
        values = values_of(conn, row.id, "authorize", units, method, reference, key)
        conn.execute(INSERT, values)
        events.record(
            conn,
            PaymentAuthorized(number=row.number, amount=units, currency=row.currency, method=values["method"]),
        )
        recorded(conn, row)
        remember(conn, SCOPE, key, request, row.number)
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
    if idempotent(conn, SCOPE, key, request) is None:
        row = payable(conn, number)
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
        recorded(conn, row)
        remember(conn, SCOPE, key, request, row.number)
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
    if idempotent(conn, SCOPE, key, request) is None:
        row = payable(conn, number)
        for authorized, part in _taken(conn, row, amount):
            values = values_of(conn, row.id, "void", part, authorized.method, authorized.reference, None)
            conn.execute(INSERT, {**values, "authorization_id": authorized.id})
            events.record(
                conn,
                PaymentVoided(number=row.number, amount=part, currency=row.currency, method=authorized.method),
            )
        recorded(conn, row)
        remember(conn, SCOPE, key, request, row.number)
    return get(conn, number)


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
