"""The ways to ship, and what they cost."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from shopctl.database import operation_id, shop
from shopctl.errors import BadValueError, NotFoundError
from shopctl.money import MAX_MINOR, Money
from shopctl.services.terms.tables import shipping_method
from shopctl.services.terms.values import Charged, ShippingMethod
from shopctl.text import checked, identity, nearest, safe

_BY_KEY = select(shipping_method).where(shipping_method.c.name_key == bindparam("key"))


def set_method(conn: Connection, name: str, price: Money, *, free_from: Money | None = None) -> ShippingMethod:
    """Set what a way to ship costs, from now on; free from `free_from` worth of goods, if given.

    Raises:
        BadValueError: a value cannot be used.
    """
    name = checked(name, "name of the shipping method", limit=60, required=True)
    values = {
        "name": name,
        "price": _bounded(price),
        "free_from": None if free_from is None else _bounded(free_from),
        "operation_id": operation_id(conn),
    }
    key = identity(name)
    if not conn.execute(update(shipping_method).where(shipping_method.c.name_key == key).values(values)).rowcount:
        conn.execute(insert(shipping_method), {"name_key": key, **values})
    return ShippingMethod(name=name, price=price, free_from=free_from, currency=price.currency)


def remove_method(conn: Connection, name: str) -> ShippingMethod:
    """Take back a way to ship, and return it. Orders that have it keep it.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    removed = conn.execute(
        delete(shipping_method).where(shipping_method.c.name_key == identity(name)).returning(shipping_method)
    ).one_or_none()
    if removed is None:
        raise _unknown(conn, name)
    operation_id(conn)  # no row is left to bear it, but the log knows
    return _from_row(conn, removed)


def methods(conn: Connection) -> list[ShippingMethod]:
    """Return every way to ship, by name."""
    return [_from_row(conn, row) for row in conn.execute(select(shipping_method).order_by(shipping_method.c.name_key))]


def charge(conn: Connection, name: str, goods: int) -> Charged:
    """Return what a way to ship costs for `goods` worth so much (the subtotal less the discount, in minor units).

    Raises:
        NotFoundError: there is none with that name; the hint names the nearest.
    """
    row = conn.execute(_BY_KEY, {"key": identity(name)}).one_or_none()
    if row is None:
        raise _unknown(conn, name)
    free = row.free_from is not None and goods >= row.free_from
    return Charged(row.name, 0 if free else row.price)


def _unknown(conn: Connection, name: str) -> NotFoundError:
    known = [method.name for method in methods(conn)]
    return NotFoundError(
        f"There is no shipping method {safe(name, 70)}.",
        nearest(name, known) or "`shopctl shipping list` shows all.",
        method=name,
    )


def _bounded(amount: Money) -> int:
    if not 0 <= amount.amount <= MAX_MINOR:
        raise BadValueError(f"The amount {amount} is out of bounds.", "Prices are zero or more.")
    return amount.amount


def _from_row(conn: Connection, row: Any) -> ShippingMethod:
    currency = shop(conn).currency
    return ShippingMethod(
        name=row.name,
        price=Money(row.price, currency),
        free_from=None if row.free_from is None else Money(row.free_from, currency),
        currency=currency,
    )
