"""What an order says of those whose it once was: an order can be edited to belong to another customer.

The change is an ``email`` remark; whatever was written before it was about whom it belonged to then.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, or_, select

from shopctl.services.customers import Customer
from shopctl.services.customers.tables import customer
from shopctl.services.orders.tables import order, remark
from shopctl.text import identity

_CHANGES = ("email", "name", "ship_to", "bill_to")
Texts = set[tuple[int, str]]
"""Texts of remarks: the row's id, and ``before`` or ``after``."""


class Tenure(msgspec.Struct, frozen=True):
    """The time in which an order belonged to `owner` (a key): from operation `begins` (0: the first) until `ends`."""

    order_id: int
    owner: str
    begins: int
    ends: int

    def covers(self, operation_id: int) -> bool:
        """Return whether what was done then was done to this owner's order."""
        return self.begins <= operation_id < self.ends


def addresses(conn: Connection, person: Customer) -> list[str]:
    """Return the names under which a person ordered: the present ones, and earlier addresses that nobody else has."""
    mine = select(order.c.customer_email).where(order.c.customer_id == person.id).distinct()
    earlier = [address for address in conn.execute(mine).scalars() if address and not _taken(conn, address, person.id)]
    named = filter(None, (person.identity, person.email, *earlier))
    return list({identity(name): name for name in named}.values())


def living(conn: Connection, key: str) -> bool:
    """Return whether somebody is a customer of that name and was not forgotten."""
    return key != "" and _taken(conn, key, 0)


def tenures(conn: Connection, order_id: int | None = None) -> list[Tenure]:
    """Return the times in which an order (or any) belonged to somebody else than now, by order, the first first."""
    changed = select(remark.c.order_id, remark.c.operation_id, remark.c.before).where(remark.c.kind == "email")
    if order_id is not None:
        changed = changed.where(remark.c.order_id == order_id)
    rows = conn.execute(changed.order_by(remark.c.order_id, remark.c.id)).all()
    found = []
    for wanted, changes in groupby(rows, key=lambda row: row.order_id):
        begins = 0
        for row in changes:
            found.append(Tenure(wanted, identity(row.before), begins, row.operation_id))
            begins = row.operation_id
    return found


def texts(rows: Iterable[Row[Any]], of: Sequence[Tenure]) -> Texts:
    """Return which texts of the remarks `rows` of one order, the first first, are about its owner in these times."""
    found: Texts = set()
    left = [(tenure, {"name", "ship_to", "bill_to"}) for tenure in of]
    for row in rows:
        for tenure, unchanged in left:
            changes = row.kind in _CHANGES
            if changes and tenure.begins < row.operation_id <= tenure.ends:
                found.add((row.id, "before"))
            if tenure.covers(row.operation_id):
                found.add((row.id, "after"))
            if row.kind in unchanged and row.operation_id >= tenure.ends:
                found.add((row.id, "before"))  # the first change since: until then it said what it had said
                unchanged.discard(row.kind)
    return found


def among(owners: Collection[str], of: Iterable[Tenure]) -> list[Tenure]:
    """Return those in which the order belonged to one of `owners`, addresses as they were written."""
    keys = {identity(owner) for owner in owners}
    return [tenure for tenure in of if tenure.owner in keys]


def _taken(conn: Connection, name: str, by_other_than: int) -> bool:
    called = or_(customer.c.identity_key == identity(name), func.lower(customer.c.email) == func.lower(name))
    taken = select(customer.c.id).where(called, customer.c.id != by_other_than, customer.c.erased_at.is_(None))
    return conn.execute(taken.limit(1)).first() is not None
