"""From which index a list of orders is read: that of a condition which few orders meet, else that of its order.

SQLite cannot know how rare a value is, and its guess costs seconds in a shop of a million orders. So the orders that
meet each condition are counted in its index, up to a bound, and the other columns are hidden from the planner.
"""

from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    type_coerce,
    union_all,
)

from shopctl.database import now
from shopctl.services import customers
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import OrderFilter

FEW = 15_000
"""So few orders are read one by one, and sorted, as quickly as any other way would find a page."""
FEW_OF_SEVERAL = 30_000
"""The same where several conditions must hold: two that are met often may hardly ever be met at once."""


_NO_RETURNS = "none"


class Condition(NamedTuple):
    """What orders are to meet: what an index answers of it (None: nothing), and all of it, hidden from indexes.

    An index that goes `by_time` gives those that meet it in the order in which they were placed.
    """

    indexed: ColumnElement[bool] | None
    hidden: ColumnElement[bool]
    by_time: bool = True


def hidden(column: Any) -> Any:
    """Return the value of a column in a form that no index serves."""
    if isinstance(column.type, Integer):
        return column + 0
    return type_coerce(type_coerce(column, Text).concat(""), column.type)


def conditions(conn: Connection, wanted: OrderFilter) -> list[Condition]:
    """Return what `wanted` asks of the status, the money, the customer and the channel of an order.

    Raises:
        NotFoundError: there is no such customer.
    """
    found = [
        _equal(column, value)
        for column, value in ((order.c.payment_status, wanted.payment), (order.c.fulfilment_status, wanted.fulfilment))
        if value is not None
    ]
    if wanted.returns == _NO_RETURNS:
        found.append(Condition(None, hidden(order.c.return_status) == _NO_RETURNS))
    elif wanted.returns is not None:
        some = order.c.return_status != literal_column(f"'{_NO_RETURNS}'")  # as the index says it, or it is not used
        found.append(
            Condition(
                and_(order.c.return_status == wanted.returns, some), hidden(order.c.return_status) == wanted.returns
            )
        )
    if wanted.customer is not None:
        found.append(_equal(order.c.customer_id, customers.get(conn, wanted.customer).id))
    if wanted.channel is not None:
        found.append(_equal(order.c.channel, wanted.channel)._replace(by_time=False))
    if wanted.owed:
        found.append(Condition(order.c.owed > 0, hidden(order.c.owed) > 0))
    return found + _by_status(conn, wanted)


def placed_between(wanted: OrderFilter, *, indexed: bool) -> list[ColumnElement[bool]]:
    """Return the conditions on when an order was placed."""
    column = order.c.placed_at if indexed else hidden(order.c.placed_at)
    since = [] if wanted.since is None else [column >= wanted.since]
    return since if wanted.until is None else [*since, column < wanted.until]


def rarest(
    conn: Connection, found: list[Condition], wanted: OrderFilter, *, in_order: bool, searched: bool
) -> Condition | None:
    """Return the condition whose index the list is read from; None: none of them is rare.

    Args:
        conn: a connection.
        found: the conditions of `wanted`.
        wanted: the filter, for when the orders were placed.
        in_order: the list goes by when orders were placed, as some of the indexes do.
        searched: words must be met too.
    """
    within = placed_between(wanted, indexed=True)
    candidates = [one for one in found if one.indexed is not None]
    if in_order and not searched and len(found) == 1 and found[0].indexed is not None and found[0].by_time:
        return found[0]
    if within and not (in_order and not searched):
        candidates.append(Condition(and_(*within), and_(*placed_between(wanted, indexed=False))))
    several = len(found) + searched + bool(within) > 1
    bound = FEW_OF_SEVERAL if several else FEW
    counted = [(_count(conn, one, within if one.by_time else [], bound), i) for i, one in enumerate(candidates)]
    few, which = min(counted, default=(bound, 0))
    if few < bound:
        return candidates[which]
    return next((one for one in candidates if one.by_time), None) if in_order and not searched else None


def _equal(column: Any, value: object) -> Condition:
    return Condition(column == value, hidden(column) == value)


def _by_status(conn: Connection, wanted: OrderFilter) -> list[Condition]:
    """Return the conditions on what is stored, and on those unpaid orders whose time is up, though it is not."""
    overdue = and_(hidden(order.c.status) == "placed", hidden(order.c.expires_at) <= now(conn))
    found = []
    for column, value, becomes in ((order.c.status, wanted.status, "expired"), (order.c.next, wanted.next, "none")):
        if value is None:
            continue
        stored = _equal(column, value)
        if value != becomes:
            waits = or_(order.c.expires_at.is_(None), hidden(order.c.expires_at) > now(conn))
            still = or_(waits, hidden(order.c.status) != "placed")
            stored = Condition(stored.indexed, and_(stored.hidden, still))
        elif conn.execute(_any_overdue(), {"moment": now(conn)}).first() is not None:
            stored = Condition(_stored_or_overdue(conn, column == value), or_(stored.hidden, overdue), by_time=False)
        found.append(stored)
    return found


def _stored_or_overdue(conn: Connection, stored: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that an order is as `stored` says, or overdue; of more than few, it holds for some."""
    late = and_(order.c.expires_at <= now(conn), hidden(order.c.status) == "placed")
    ids = [select(order.c.id).where(which).limit(FEW_OF_SEVERAL).subquery() for which in (stored, late)]
    return order.c.id.in_(union_all(*(select(found.c.id) for found in ids)))


def _any_overdue() -> Any:
    late = order.c.expires_at <= bindparam("moment", type_=order.c.expires_at.type)
    return select(order.c.id).where(late, hidden(order.c.status) == "placed").limit(1)


def _count(conn: Connection, one: Condition, within: list[ColumnElement[bool]], bound: int) -> int:
    """Return how many orders meet a condition, at most `bound`."""
    assert one.indexed is not None
    ids = select(order.c.id).where(one.indexed, *within).limit(bound).subquery()
    return conn.execute(select(func.count()).select_from(ids)).scalar_one()
