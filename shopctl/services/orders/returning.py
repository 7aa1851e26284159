"""Goods that come back: announced, received, inspected. What they were worth is then owed to the customer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from shopctl import events
from shopctl.database import idempotent, inserted_id, now, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.services import inventory
from shopctl.services.inventory import Units
from shopctl.services.orders import expiring, remarks
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import ReturnInspected, ReturnReceived, ReturnRequested, ReturnWithdrawn
from shopctl.services.orders.parcel_tables import order_return, return_line, shipment, shipment_line
from shopctl.services.orders.queries import get, line_rows
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
        announced = _announced(conn, row.id)
        meant = _some(
            row,
            chosen(lines, choices, lambda line: line.shipped - line.returned - announced.get(line.id, 0), "come back"),
        )
        made = _insert(conn, row, {line.id: meant[line.line] for line in lines if line.line in meant})
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
    announced = _announced(conn, row.id)
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
            announced = _announced(conn, row.id)
            meant = {line.line: announced[line.id] for line in lines if line.id in announced}
        units = _where_from(conn, row, lines, _some(row, meant))
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
        units = _where_from(conn, row, lines, meant)
        _decide(conn, row, units, restock=restock, returned=False)
        for line in lines:
            if line.line in meant:
                _inspected(conn, row.id, line.id, meant[line.line], "restocked" if restock else "written_off")
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
    _fulfil_requests(conn, row.id, totals)
    return_id = _insert(conn, row, totals, received=True)
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


def _announced(conn: Connection, order_id: int) -> dict[int, int]:
    """Return how many units were announced to come back and have not, by the line's id."""
    rows = conn.execute(
        select(return_line.c.order_line_id, return_line.c.quantity)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(order_return.c.order_id == order_id, order_return.c.status == "requested")
    )
    found: dict[int, int] = {}
    for row in rows:
        found[row.order_line_id] = found.get(row.order_line_id, 0) + row.quantity
    return found


def _fulfil_requests(conn: Connection, order_id: int, came: dict[int, int]) -> None:
    """Take what came back off what was announced; a request of which nothing is left is done."""
    left = dict(came)
    rows = conn.execute(
        select(return_line)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(order_return.c.order_id == order_id, order_return.c.status == "requested")
        .order_by(return_line.c.return_id)
    ).all()
    waiting = {row.return_id for row in rows}
    for row in rows:
        part = min(row.quantity, left.get(row.order_line_id, 0))
        this = (return_line.c.return_id == row.return_id, return_line.c.order_line_id == row.order_line_id)
        if part == row.quantity:
            conn.execute(delete(return_line).where(*this))
        elif part:
            conn.execute(update(return_line).where(*this).values(quantity=row.quantity - part))
        if part:
            left[row.order_line_id] -= part
    still = set(conn.execute(select(return_line.c.return_id).where(return_line.c.return_id.in_(waiting))).scalars())
    for done in sorted(waiting - still):
        conn.execute(delete(order_return).where(order_return.c.id == done))


def _insert(conn: Connection, row: Row[Any], totals: dict[int, int], *, received: bool = False) -> int:
    made_by = operation_id(conn)
    return_id = inserted_id(
        conn.execute(
            insert(order_return),
            {
                "order_id": row.id,
                "status": "received" if received else "requested",
                "requested_at": now(conn),
                "received_at": now(conn) if received else None,
                "operation_id": made_by,
            },
        )
    )
    conn.execute(
        insert(return_line),
        [
            {
                "return_id": return_id,
                "order_line_id": line_id,
                "quantity": quantity,
                "restocked": 0,
                "written_off": 0,
                "operation_id": made_by,
            }
            for line_id, quantity in totals.items()
        ],
    )
    return return_id


def _inspected(conn: Connection, order_id: int, line_id: int, units: int, column: str) -> None:
    """Count units of a line as inspected, in the returns that brought them, the oldest first."""
    rows = conn.execute(
        select(return_line)
        .join(order_return, order_return.c.id == return_line.c.return_id)
        .where(
            order_return.c.order_id == order_id,
            order_return.c.status == "received",
            return_line.c.order_line_id == line_id,
        )
        .order_by(return_line.c.return_id)
    ).all()
    for row in rows:
        part = min(units, row.quantity - row.restocked - row.written_off)
        if part:
            conn.execute(
                update(return_line)
                .where(return_line.c.return_id == row.return_id, return_line.c.order_line_id == line_id)
                .values({column: return_line.c[column] + part, "operation_id": operation_id(conn)})
            )
            units -= part


def _where_from(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]], meant: dict[int, int]) -> list[Units]:
    """Return the units with the location that shipped them, which is where they go back to."""
    by_id = {line.id: line for line in lines}
    latest = conn.execute(
        select(shipment_line.c.order_line_id, shipment_line.c.location_id)
        .join(shipment, shipment.c.id == shipment_line.c.shipment_id)
        .where(shipment.c.order_id == row.id, shipment.c.shipped_at.is_not(None))
        .order_by(shipment.c.id)
    )
    places = {by_id[found.order_line_id].line: found.location_id for found in latest}
    return [
        Units(line.line, line.product_id, places[line.line], meant[line.line]) for line in lines if line.line in meant
    ]


def _some(row: Row[Any], meant: dict[int, int]) -> dict[int, int]:
    if not meant:
        raise RefusedError(
            f"No return of order {row.number} was requested, and nothing is chosen.",
            "Write SKU=QTY for each product that comes back.",
        )
    return meant
