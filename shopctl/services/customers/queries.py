"""Reading customers."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from shopctl.errors import BadValueError, NotFoundError
from shopctl.services.customers.tables import customer
from shopctl.services.customers.values import Customer, CustomerFilter
from shopctl.text import checked, identity, nearest, safe

SORTS: dict[str, Any] = {"created_at": customer.c.id, "name": customer.c.name}
"""Customers are numbered as they are recorded."""


def from_row(row: Any) -> Customer:
    """Return the customer that a row holds."""
    return Customer(
        id=row.id,
        identity=row.identity,
        email=row.email,
        name=row.name,
        phone=row.phone,
        locale=row.locale,
        marketing=bool(row.marketing),
        note=row.note,
        created_at=row.created_at,
    )


def get(conn: Connection, who: str) -> Customer:
    """Return the customer with that e-mail address or reference.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    row = conn.execute(select(customer).where(customer.c.identity_key == identity(who))).one_or_none()
    if row is None and "@" in who:  # the address of one who is known by a reference
        by_address = select(customer).where(func.lower(customer.c.email) == who.strip().lower())
        row = conn.execute(by_address.order_by(customer.c.id).limit(1)).one_or_none()
    if row is None:
        names = select(customer.c.identity).where(customer.c.erased_at.is_(None))
        known = conn.execute(names.order_by(customer.c.id.desc()).limit(2_000)).scalars()
        hint = nearest(who, known) or "`shopctl customer list` shows all; customers are recorded from their orders."
        raise NotFoundError(f"There is no customer {safe(who, 100)}.", hint, customer=who)
    return from_row(row)


def page(conn: Connection, wanted: CustomerFilter) -> list[Customer]:
    """Return the customers that `wanted` describes, in its order. Who was forgotten is not among them.

    Raises:
        BadValueError: customers cannot be sorted so here.
    """
    statement = select(customer).where(*conditions(wanted)).order_by(*ordering(wanted.sort, SORTS))
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [from_row(row) for row in conn.execute(statement)]


def conditions(wanted: CustomerFilter) -> list[ColumnElement[bool]]:
    """Return what makes a row one of those that `wanted` describes."""
    found: list[ColumnElement[bool]] = [customer.c.erased_at.is_(None)]
    if query := checked(wanted.query, "search", limit=1_000):
        by_identity = customer.c.identity_key.contains(identity(query), autoescape=True)
        found.append(or_(by_identity, customer.c.name.icontains(query, autoescape=True)))
    return found


def ordering(sort: str, sorts: Mapping[str, Any]) -> list[ColumnElement[Any]]:
    """Return the order that `sort` names: one of `sorts`, backwards with a leading ``-``.

    Raises:
        BadValueError: it is none of them.
    """
    name = sort.removeprefix("-")
    if name not in sorts:
        raise BadValueError(f"Customers cannot be sorted by {safe(name, 40)!r}.", f"Use one of {', '.join(sorts)}.")
    column = sorts[name]
    return [column.desc(), customer.c.id.desc()] if sort.startswith("-") else [column.asc(), customer.c.id.asc()]
