"""Reading customers."""

from typing import Any

from sqlalchemy import Connection, or_, select

from shopctl.errors import NotFoundError
from shopctl.services.customers.tables import customer
from shopctl.services.customers.values import Customer, CustomerFilter
from shopctl.text import checked, identity, nearest, safe


def from_row(row: Any) -> Customer:
    """Return the customer that a row holds."""
    return Customer(
        id=row.id,
        identity=row.identity,
        email=row.email,
        name=row.name,
        phone=row.phone,
        created_at=row.created_at,
    )


def get(conn: Connection, who: str) -> Customer:
    """Return the customer with that e-mail address or reference.

    Raises:
        NotFoundError: there is none; the hint names the nearest.
    """
    row = conn.execute(select(customer).where(customer.c.identity_key == identity(who))).one_or_none()
    if row is None:
        known = conn.execute(select(customer.c.identity).order_by(customer.c.id.desc()).limit(2_000)).scalars()
        hint = nearest(who, known) or "`shopctl customer list` shows all; customers are recorded from their orders."
        raise NotFoundError(f"There is no customer {safe(who, 100)}.", hint, customer=who)
    return from_row(row)


def page(conn: Connection, wanted: CustomerFilter) -> list[Customer]:
    """Return the customers that `wanted` describes, the latest recorded first."""
    statement = select(customer).order_by(customer.c.id.desc())
    if query := checked(wanted.query, "search", limit=1_000):
        part = identity(query)
        statement = statement.where(
            or_(
                customer.c.identity_key.contains(part, autoescape=True),
                customer.c.name.icontains(query, autoescape=True),
            )
        )
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [from_row(row) for row in conn.execute(statement)]
