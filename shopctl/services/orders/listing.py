"""Lists of orders: filtered, sorted, searched, a page at a time, each from an index, however many there are."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, tuple_

from shopctl.errors import BadValueError
from shopctl.services.orders import narrowing, searching
from shopctl.services.orders.narrowing import Condition, hidden
from shopctl.services.orders.queries import as_of, find
from shopctl.services.orders.rows import summary_fields
from shopctl.services.orders.searching import Words
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
    _sort_column(sort)
    found = narrowing.conditions(conn, wanted)
    after = find(conn, wanted.after) if wanted.after is not None else None
    words: Words = []
    if query:
        if exact := _exact(conn, query, wanted, found, after, sort):
            return exact
        words = searching.words(query)
        if not words:
            return []
    statement, column = _chosen(conn, wanted, found, words, sort)
    if after is None:
        return _read(conn, statement.limit(wanted.limit))
    rows: list[OrderSummary] = []
    for beyond in _beyond(after, sort, column):
        left = None if wanted.limit is None else wanted.limit - len(rows)
        rows += _read(conn, statement.where(beyond).limit(left))
    return rows


def drafts(conn: Connection) -> int:
    """Return how many drafts there are."""
    return conn.execute(select(func.count()).where(order.c.status == "draft")).scalar_one()


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


def _exact(
    conn: Connection, query: str, wanted: OrderFilter, found: list[Condition], after: Row[Any] | None, sort: str
) -> list[OrderSummary]:
    """Return the orders whose number, or number elsewhere, is `query`."""
    named = or_(order.c.number == query.removeprefix("#"), order.c.external_number == query)
    statement = select(order).where(named, *_all(wanted, found))
    if after is not None:
        statement = statement.where(or_(*_beyond(after, sort, hidden(_sort_column(sort)))))
    return _read(conn, statement.order_by(*_ordering(sort, hidden(_sort_column(sort)))).limit(wanted.limit))


def _chosen(
    conn: Connection, wanted: OrderFilter, found: list[Condition], words: Words, sort: str
) -> tuple[Select[Any], Any]:
    """Return the statement that reads the list from the best index, and the column that it is sorted by."""
    column = _sort_column(sort)
    holds = [searching.holds(words)] if words else []
    expression, few = searching.expression(conn, words) if words else ("", False)
    by_time = column is order.c.placed_at
    leading = None if few else narrowing.rarest(conn, found, wanted, in_order=by_time, searched=bool(words))
    if few or (words and leading is None and column is order.c.id):
        column = searching.order_id if column is order.c.id else hidden(column)
        statement = select(order).join_from(searching.index, order, order.c.id == searching.order_id)
        statement = statement.where(searching.matches(expression), *holds, *_all(wanted, found))
        return statement.order_by(*_ordering(sort, column)), column
    first = [] if leading is None or leading.indexed is None else [leading.indexed]
    if leading is not None and not (by_time and leading.by_time):
        column = hidden(column)
    within = narrowing.placed_between(wanted, indexed=by_time if leading is None else leading.by_time)
    statement = select(order).where(*first, *(one.hidden for one in found), *within, *holds)
    return statement.order_by(*_ordering(sort, column)), column


def _all(wanted: OrderFilter, found: list[Condition]) -> list[ColumnElement[bool]]:
    return [*(one.hidden for one in found), *narrowing.placed_between(wanted, indexed=False)]


def _ordering(sort: str, column: Any) -> list[ColumnElement[Any]]:
    last = [] if column is searching.order_id else [order.c.id]
    return [by.desc() if sort.startswith("-") else by.asc() for by in (column, *last)]


def _beyond(row: Row[Any], sort: str, column: Any) -> list[ColumnElement[bool]]:
    """Return the conditions on what comes after `row`, one after the other; those never placed come before all in time.

    They are asked for apart: no index serves both at once.
    """
    value, backwards = getattr(row, _sort_column(sort).key), sort.startswith("-")
    if column is searching.order_id:
        return [column < value if backwards else column > value]
    if value is None:
        later = order.c.id < row.id if backwards else order.c.id > row.id
        same = and_(column.is_(None), later)
        return [same] if backwards else [same, column.is_not(None)]
    here, there = tuple_(column, order.c.id), (value, row.id)
    if not backwards:
        return [here > there]
    return [here < there, column.is_(None)] if sort == "-placed_at" else [here < there]


def _sort_column(sort: str) -> Any:
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise BadValueError(f"Orders cannot be sorted by {safe(name, 40)!r}.", f"Use one of {', '.join(SORTS)}.")
    return SORTS[name]
