"""Cancelling: an order, what is left of it, or some of its units. Independent of any refund."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, update

from shopctl import events
from shopctl.database import idempotent, now, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.services import inventory, terms
from shopctl.services.orders import expiring, packing, parcels, remarks, unpicking
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import LinesCancelled, OrderCancelled
from shopctl.services.orders.queries import get, line_rows
from shopctl.services.orders.settling import settle
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order, order_line
from shopctl.services.orders.values import Choice, Order
from shopctl.text import checked

_CANCEL = (
    update(order_line)
    .where(
        order_line.c.order_id == bindparam("of_order"),
        order_line.c.line == bindparam("of_line"),
        order_line.c.cancelled + order_line.c.shipped + bindparam("units") <= order_line.c.ordered,
    )
    .values(cancelled=order_line.c.cancelled + bindparam("units"), operation_id=bindparam("made_by"))
)


def cancel(
    conn: Connection, number: str, choices: Sequence[Choice] = (), *, reason: str = "", key: str | None = None
) -> Order:
    """Cancel units of an order, or all that were not shipped, and release their stock.

    What was paid for them is then owed to the customer; what was promised stays so until `void`. Packed parcels are
    opened when the whole rest is cancelled. A cancelled order asked again, or a repeated `key`, changes nothing.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: nothing, or less, is left to be cancelled; or chosen units are packed.
        BadValueError: the reason is too long.
        ConflictError: the key was used for another request.
    """
    request = ("cancel", number, choices, reason)
    if idempotent(conn, "cancel", key, request) is not None:
        return get(conn, number)
    row = expiring.opened(conn, number)
    if row.status in ("cancelled", "expired") and not choices:
        return get(conn, number)
    if row.status not in ("draft", "placed"):
        raise RefusedError(
            f"Order {row.number} is {row.status}; nothing of it can be cancelled.",
            f"`shopctl order return {row.number}` takes goods back, `shopctl order refund` money.",
            status=row.status,
        )
    reason = checked(reason, "reason", limit=500)
    if not choices:
        for parcel in parcels.rows(conn, row.id):
            if parcel.status == "packed":
                packing.open_again(conn, row, parcel)
    units = _meant(conn, row, choices)
    _cancel_lines(conn, row, units)
    _record(conn, row, units, reason)
    settle(conn)
    refresh(conn, row.id)
    remember(conn, "cancel", key, request, row.number)
    return get(conn, number)


def _meant(conn: Connection, row: Row[Any], choices: Sequence[Choice]) -> dict[int, int]:
    packed: dict[int, int] = {}
    for part in inventory.reserved_for(conn, row.number):
        packed[part.line] = packed.get(part.line, 0) + part.packed
    lines = line_rows(conn, row.id)
    meant = chosen(
        lines,
        choices,
        lambda line: line.ordered - line.cancelled - line.shipped - packed.get(line.line, 0),
        "be cancelled (neither shipped nor packed)",
    )
    if not meant:
        raise RefusedError(
            f"Everything of order {row.number} was shipped; nothing can be cancelled.",
            f"`shopctl order return {row.number}` takes goods back, `shopctl order refund` money.",
        )
    return meant


def _cancel_lines(conn: Connection, row: Row[Any], units: dict[int, int]) -> None:
    if row.status == "draft":
        inventory.unhold(conn, row.number, units)
    else:
        inventory.release(conn, row.number, units)
    made_by = operation_id(conn)
    counted = conn.execute(
        _CANCEL,
        [{"of_order": row.id, "of_line": line, "units": n, "made_by": made_by} for line, n in units.items()],
    )
    if counted.rowcount != len(units):
        raise RefusedError(f"Order {row.number} has changed meanwhile.", "Look at it, and do it again.")
    unpicking.give_up_picking(conn, row)


def _record(conn: Connection, row: Row[Any], units: dict[int, int], reason: str) -> None:
    said = remarks.said(conn, row.id, "cancel", reason)
    total = sum(units.values())
    lines = line_rows(conn, row.id)
    rest = any(line.cancelled + line.shipped < line.ordered for line in lines)
    if rest or any(line.shipped for line in lines):
        events.record(conn, LinesCancelled(number=row.number, units=total, remark=said))
        return
    conn.execute(
        update(order)
        .where(order.c.id == row.id)
        .values(status="cancelled", cancelled_at=now(conn), cancel_reason=reason, expires_at=None)
    )
    if row.discount_code_id is not None:
        terms.give_back(conn, row.discount_code_id)
    events.record(conn, OrderCancelled(number=row.number, units=total, remark=said))
