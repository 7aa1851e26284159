"""Goods that come back: announced, received, inspected. What they were worth is then owed to the customer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from shopctl import events
from shopctl.database import idempotent, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Units
from shopctl.services.orders import expiring, remarks
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import ReturnInspected, ReturnReceived, ReturnRequested, ReturnWithdrawn
from shopctl.services.orders.parcel_tables import order_return, return_line
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.return_rows import (
    announced_units,
    count_inspected,
    fulfil_requests,
    insert_return,
    where_from,
)
from shopctl.services.orders.settling import settle
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order_line
from shopctl.services.orders.values import Choice, Order
from shopctl.text import checked

_SCOPE = "return"
_COUNT = (
    update(order_line)
    .where(
        order_line.c.id == bindparam("of_line"),
        order_line.c.returned + bindparam("by_returned") <= order_line.c.shipped,
        order_line.c.restocked + bindparam("by_restocked") + order_line.c.written_off + bindparam("by_written_off")
        <= order_line.c.returned + bindparam("by_returned"),
    )
    .values({name: order_line.c[name] + bindparam(f"by_{name}") for name in ("returned", "restocked", "written_off")})
    .values(operation_id=bindparam("made_by"))
)


def request_return(
    conn: Connection, number: str, choices: Sequence[Choice], *, reason: str = "", key: str | None = None
) -> Order:
    """Record that the customer will send units back. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: fewer units were shipped and not yet returned or announced.
        ConflictError: the key was used for another request.
    """
    request = ("request", number, choices, reason)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        lines = line_rows(conn, row.id)
        announced = announced_units(conn, row.id)
        meant = _some(
            row,
            chosen(lines, choices, lambda line: line.shipped - line.returned - announced.get(line.id, 0), "come back"),
        )
        made = insert_return(conn, row, {line.id: meant[line.line] for line in lines if line.line in meant})
        assert made
        said = remarks.said(conn, row.id, "return", checked(reason, "reason", limit=500))
        events.record(conn, ReturnRequested(number=row.number, units=sum(meant.values()), remark=said))
        refresh(conn, row.id)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def withdraw_return(conn: Connection, number: str) -> Order:
    """Record that what was announced to come back will not.

    Raises:
        NotFoundError: no such order.
        RefusedError: nothing was announced.
    """
    row = expiring.opened(conn, number)
    announced = announced_units(conn, row.id)
    if not announced:
        raise RefusedError(f"No return of order {row.number} is requested.", "Nothing is to be withdrawn.")
    conn.execute(
        update(order_return)
        .where(order_return.c.order_id == row.id, order_return.c.status == "requested")
        .values(status="withdrawn", operation_id=operation_id(conn))
    )
    events.record(conn, ReturnWithdrawn(number=row.number, units=sum(announced.values())))
    refresh(conn, row.id)
    return get(conn, number)


def receive_return(
    conn: Connection,
    number: str,
    choices: Sequence[Choice] = (),
    *,
    restock: bool | None = None,
    reason: str = "",
    key: str | None = None,
) -> Order:
    """Record that units came back: the chosen ones, or all that were announced. A repeated `key` changes nothing.

    Args:
        conn: a write transaction.
        number: the order's.
        choices: which units.
        restock: True puts them back on the shelf, False writes them off, None leaves them for `inspect_return`.
        reason: why they came back.
        key: tells a repeated request from a new one.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: fewer units were shipped and not yet returned, or nothing is chosen and nothing was announced.
        ConflictError: the key was used for another request.
    """
    request = ("receive", number, choices, restock, reason)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        lines = line_rows(conn, row.id)
        if choices:
            meant = chosen(lines, choices, lambda line: line.shipped - line.returned, "come back")
        else:
            announced = announced_units(conn, row.id)
            meant = {line.line: announced[line.id] for line in lines if line.id in announced}
        units = where_from(conn, row, lines, _some(row, meant))
        came_back(conn, row, units, restock=restock, reason=reason)
        refresh(conn, row.id)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def inspect_return(
    conn: Connection, number: str, choices: Sequence[Choice] = (), *, restock: bool, key: str | None = None
) -> Order:
    """Decide what becomes of units that came back: restocked, or written off. Without choices, of all that wait.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: fewer units wait for inspection, or none.
        ConflictError: the key was used for another request.
    """
    request = ("inspect", number, choices, restock)
    if idempotent(conn, _SCOPE, key, request) is None:
        row = expiring.opened(conn, number)
        lines = line_rows(conn, row.id)
        meant = chosen(lines, choices, lambda line: line.returned - line.restocked - line.written_off, "be inspected")
        if not meant:
            raise RefusedError(
                f"Nothing of order {row.number} waits for inspection.", f"Look: `shopctl order show {row.number}`."
            )
        units = where_from(conn, row, lines, meant)
        _decide(conn, row, units, restock=restock, returned=False)
        for line in lines:
            if line.line in meant:
                count_inspected(conn, row.id, line.id, meant[line.line], "restocked" if restock else "written_off")
        total = sum(meant.values())
        events.record(
            conn,
            ReturnInspected(number=row.number, restocked=total if restock else 0, written_off=0 if restock else total),
        )
        refresh(conn, row.id)
        remember(conn, _SCOPE, key, request, row.number)
    return get(conn, number)


def came_back(
    conn: Connection, row: Row[Any], units: Sequence[Units], *, restock: bool | None, reason: str = ""
) -> None:
    """Record that `units` came back; the caller refreshes the order.

    Raises:
        RefusedError: fewer were shipped and not yet returned.
    """
    lines = {line.line: line.id for line in line_rows(conn, row.id)}
    totals: dict[int, int] = {}
    for part in units:
        totals[lines[part.line]] = totals.get(lines[part.line], 0) + part.quantity
    _decide(conn, row, units, restock=restock, returned=True)
    fulfil_requests(conn, row.id, totals)
    return_id = insert_return(conn, row, totals, received=True)
    whole = sum(totals.values())
    restocked, written_off = whole if restock else 0, whole if restock is False else 0
    if restock is not None:
        column = return_line.c.restocked if restock else return_line.c.written_off
        conn.execute(
            update(return_line)
            .where(return_line.c.return_id == return_id)
            .values({column: return_line.c.quantity, return_line.c.operation_id: operation_id(conn)})
        )
    said = remarks.said(conn, row.id, "return", checked(reason, "reason", limit=500))
    events.record(
        conn,
        ReturnReceived(number=row.number, units=whole, restocked=restocked, written_off=written_off, remark=said),
    )


def _decide(conn: Connection, row: Row[Any], units: Sequence[Units], *, restock: bool | None, returned: bool) -> None:
    """Count units as returned, restocked or written off, and put them on the shelf if they are restocked."""
    lines = {line.line: line.id for line in line_rows(conn, row.id)}
    made_by = operation_id(conn)
    counted = conn.execute(
        _COUNT,
        [
            {
                "of_line": lines[part.line],
                "by_returned": part.quantity if returned else 0,
                "by_restocked": part.quantity if restock else 0,
                "by_written_off": part.quantity if restock is False else 0,
                "made_by": made_by,
            }
            for part in units
        ],
    )
    if counted.rowcount != len(units):
        raise RefusedError(
            f"Fewer units of order {row.number} were shipped and have not come back yet.",
            f"Look at it: `shopctl order show {row.number}`.",
        )
    if restock:
        inventory.restock(conn, row.number, units)
        settle(conn)
    elif restock is False:
        inventory.write_off(conn, row.number, units)


def _some(row: Row[Any], meant: dict[int, int]) -> dict[int, int]:
    if not meant:
        raise RefusedError(
            f"No return of order {row.number} was requested, and nothing is chosen.",
            "Write SKU=QTY for each product that comes back.",
        )
    return meant
