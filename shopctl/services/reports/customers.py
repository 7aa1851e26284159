"""Customers with what they ordered and spent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from shopctl.database import shop
from shopctl.money import Money
from shopctl.services import customers, orders
from shopctl.services.customers import Address, Customer, CustomerFilter
from shopctl.services.customers import queries as people
from shopctl.services.customers.tables import customer
from shopctl.services.orders import OrderFilter, OrderSummary
from shopctl.services.orders.tables import order

LATEST = 20
"""So many orders a profile shows."""
_MANY = 1_000
"""From so many customers on, summing all orders at once is quicker than those of each."""


class CustomerSummary(Customer, frozen=True, kw_only=True):
    """A customer as lists show one: how many orders were placed, and what was paid less what was refunded."""

    orders: int
    spent: Money
    currency: str


class CustomerProfile(Customer, frozen=True, kw_only=True):
    """All that is known of a customer at a glance.

    `orders` counts those that were placed, whatever became of them; amounts are those of orders in the shop's currency:
    `total_spent` is what was paid less what was refunded, `owed` what the shop owes back.
    """

    ship_to: Address | None
    bill_to: Address | None
    orders: int
    total_spent: Money
    owed: Money
    currency: str
    first_order_at: datetime | None
    last_order_at: datetime | None
    latest_orders: list[OrderSummary]


def page(conn: Connection, wanted: CustomerFilter) -> list[CustomerSummary]:
    """Return the customers that `wanted` describes, with what they spent.

    Sorted by what they ordered, all orders are read; else only those of the customers that are shown.

    Raises:
        BadValueError: customers cannot be sorted so.
    """
    name = wanted.sort.removeprefix("-")
    if name in people.SORTS and wanted.limit is not None and wanted.limit <= _MANY:
        found = customers.page(conn, wanted)
        shown = order.c.customer_id.in_([one.id for one in found])
        known = {row.customer_id: row._mapping for row in conn.execute(_spent(conn).where(shown))}
        return [_summary(conn, one, known.get(one.id, {})) for one in found]
    sums = _spent(conn).where(order.c.customer_id.is_not(None)).subquery()
    count, spent = func.coalesce(sums.c.orders, 0), func.coalesce(sums.c.spent, 0)
    sorts = {**people.SORTS, "spent": spent, "orders": count}
    statement = (
        select(customer, count.label("orders"), spent.label("spent"))
        .outerjoin(sums, sums.c.customer_id == customer.c.id)
        .where(*people.conditions(wanted))
        .order_by(*people.ordering(wanted.sort, sorts))
    )
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return [_summary(conn, people.from_row(row), row._mapping) for row in conn.execute(statement)]


def profile(conn: Connection, who: str, *, latest: int = LATEST) -> CustomerProfile:
    """Return a customer with addresses, sums and the `latest` orders.

    Raises:
        NotFoundError: there is no such customer.
    """
    found = customers.get(conn, who)
    known = customers.addresses(conn, found.id)
    row = conn.execute(_sums(conn).where(order.c.customer_id == found.id)).one_or_none()
    currency = shop(conn).currency
    return CustomerProfile(
        **_fields(found),
        ship_to=known.get("ship_to"),
        bill_to=known.get("bill_to"),
        orders=row.orders if row else 0,
        total_spent=Money(row.spent if row else 0, currency),
        owed=Money(row.owed if row else 0, currency),
        currency=currency,
        first_order_at=row.first if row else None,
        last_order_at=row.last if row else None,
        latest_orders=orders.page(conn, OrderFilter(customer=found.identity, limit=latest)),
    )


def _spent(conn: Connection) -> Select[Any]:
    """Return the statement that counts and sums orders by customer, which an index of orders answers alone."""
    return select(
        order.c.customer_id,
        func.count(order.c.placed_at).label("orders"),
        _amount(conn, order.c.paid - order.c.refunded).label("spent"),
    ).group_by(order.c.customer_id)


def _sums(conn: Connection) -> Select[Any]:
    """Return the statement that sums orders by customer, in minor units of the shop's currency."""
    return _spent(conn).add_columns(
        _amount(conn, order.c.owed).label("owed"),
        func.min(order.c.placed_at).label("first"),
        func.max(order.c.placed_at).label("last"),
    )


def _amount(conn: Connection, value: Any) -> Any:
    return func.coalesce(func.sum(case((order.c.currency == shop(conn).currency, value), else_=0)), 0)


def _summary(conn: Connection, found: Customer, sums: Mapping[Any, Any]) -> CustomerSummary:
    currency = shop(conn).currency
    spent = Money(sums.get("spent", 0), currency)
    return CustomerSummary(**_fields(found), orders=sums.get("orders", 0), spent=spent, currency=currency)


def _fields(found: Customer) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Customer.__struct_fields__}
