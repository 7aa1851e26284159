"""Lists of orders: filtered, sorted, searched, a page at a time, each from an index, however many there are."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select, tuple_

from shopctl.database import now
from shopctl.errors import BadValueError
from shopctl.services import customers
from shopctl.services.orders.queries import as_of, find
from shopctl.services.orders.rows import summary_fields
from shopctl.services.orders.searching import matching
from shopctl.services.orders.tables import order
from shopctl.services.orders.values import OrderFilter, OrderSummary
from shopctl.text import checked, safe

SORTS: dict[str, Any] = {
    "placed_at": order.c.placed_at,
    "number": order.c.id,
    "total": order.c.total,
    "customer": order.c.customer_name,
}


def page(conn: Connection, wanted: OrderFilter) -> list[OrderSummary]:
    """Return the orders that `wanted` describes.

    Those that a search finds come latest recorded first, unless another order is asked for.

    Raises:
        BadValueError: orders cannot be sorted so.
        NotFoundError: the customer or the order to continue after does not exist.
    """
    query = checked(wanted.query, "search", limit=1_000)
    sort = "-number" if query and wanted.sort == "-placed_at" else wanted.sort
    statement = select(order).where(*_conditions(conn, wanted, sort)).order_by(*_ordering(sort))
    if query:
        named = [order.c.number == query.removeprefix("#"), order.c.external_number == query]
        exact = _read(conn, select(order).where(*_conditions(conn, wanted, sort), or_(*named)))
        if exact:
            return exact
        found = matching(query)
        if found is None:
            return []
        statement = statement.where(order.c.id.in_(found))
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    return _read(conn, statement)


def completing(conn: Connection, beginning: str, limit: int = 50) -> list[tuple[str, str]]:
    """Return the latest orders whose number begins so, each with its customer and what it waits for."""
    rows = conn.execute(
        select(order.c.number, order.c.customer_name, order.c.customer_email, order.c.next)
        .where(order.c.number >= beginning, order.c.number < beginning + "\U0010ffff")
        .order_by(order.c.number.desc())
        .limit(limit)
    )
    return [
        (row.number, ", ".join(filter(None, (row.customer_name or row.customer_email, f"next: {row.next}"))))
        for row in rows
    ]


def _read(conn: Connection, statement: Any) -> list[OrderSummary]:
    return [OrderSummary(**summary_fields({**row._mapping, **as_of(conn, row)})) for row in conn.execute(statement)]


def _conditions(conn: Connection, wanted: OrderFilter, sort: str) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    exact = {
        order.c.payment_status: wanted.payment,
        order.c.fulfilment_status: wanted.fulfilment,
        order.c.channel: wanted.channel,
    }
    conditions += [column == value for column, value in exact.items() if value is not None]
    conditions += _by_status(conn, wanted)
    if wanted.customer is not None:
        conditions.append(order.c.customer_id == customers.get(conn, wanted.customer).id)
    if wanted.owed:
        conditions.append(order.c.owed > 0)
    if wanted.since is not None:
        conditions.append(order.c.placed_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(order.c.placed_at < wanted.until)
    if wanted.after is not None:
        conditions.append(_beyond(find(conn, wanted.after), sort))
    return conditions


def _by_status(conn: Connection, wanted: OrderFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on what is stored, and on those unpaid orders whose time is up, though it is not."""
    if wanted.status is None and wanted.next is None:
        return []
    expired = list(
        conn.execute(
            select(order.c.id).where(order.c.expires_at <= now(conn), order.c.status == "placed").limit(10_000)
        ).scalars()
    )
    conditions: list[ColumnElement[bool]] = []
    for column, value, becomes in ((order.c.status, wanted.status, "expired"), (order.c.next, wanted.next, "none")):
        if value is None:
            continue
        holds = column == value
        if expired:
            holds = or_(holds, order.c.id.in_(expired)) if value == becomes else and_(holds, order.c.id.not_in(expired))
        conditions.append(holds)
    return conditions


def _ordering(sort: str) -> list[ColumnElement[Any]]:
    column = _sort_column(sort)
    return [column.desc(), order.c.id.desc()] if sort.startswith("-") else [column.asc(), order.c.id.asc()]


def _beyond(row: Row[Any], sort: str) -> ColumnElement[bool]:
    """Return the condition that an order comes after `row`; those never placed come before all in time."""
    column, backwards = _sort_column(sort), sort.startswith("-")
    value = getattr(row, column.key)
    if value is None:
        same = and_(column.is_(None), order.c.id < row.id if backwards else order.c.id > row.id)
        return same if backwards else or_(same, column.is_not(None))
    here, there = tuple_(column, order.c.id), (value, row.id)
    if not backwards:
        return here > there
    return or_(here < there, column.is_(None)) if column is order.c.placed_at else here < there


def _sort_column(sort: str) -> Any:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadValueError(f"Orders cannot be sorted by {safe(name, 40)!r}.", f"Use one of {', '.join(SORTS)}.")
    return SORTS[name]
