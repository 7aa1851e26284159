"""Claims: units that arrived damaged, never, or were the wrong ones. What follows from one is decided apart from it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from shopctl import events
from shopctl.database import idempotent, inserted_id, now, operation_id, remember
from shopctl.errors import RefusedError
from shopctl.money import Money
from shopctl.services.customers.tables import customer
from shopctl.services.orders import expiring, placing, remarks
from shopctl.services.orders.choosing import chosen
from shopctl.services.orders.events import ClaimOpened
from shopctl.services.orders.parcel_tables import claim as claims
from shopctl.services.orders.parcel_tables import claim_line
from shopctl.services.orders.queries import addresses, find, get, line_rows
from shopctl.services.orders.status import refresh
from shopctl.services.orders.tables import order_line
from shopctl.services.orders.values import Choice, ClaimKind, LineDraft, Order, OrderDraft
from shopctl.text import checked

_COUNT = (
    update(order_line)
    .where(order_line.c.id == bindparam("of_line"), order_line.c.claimed + bindparam("units") <= order_line.c.shipped)
    .values(claimed=order_line.c.claimed + bindparam("units"), operation_id=bindparam("made_by"))
)


def claim(
    conn: Connection,
    number: str,
    choices: Sequence[Choice],
    kind: ClaimKind,
    *,
    replace: bool = False,
    reason: str = "",
    key: str | None = None,
) -> Order:
    """Record that shipped units arrived damaged, were lost, or were the wrong ones; `replace` them by a free order.

    Units that were claimed so before and not replaced are replaced now, and not claimed again. It refunds and restocks
    nothing: `refund` and `receive_return` do. A repeated `key` changes nothing.

    Raises:
        NotFoundError: no such order or line.
        RefusedError: fewer units were shipped and not claimed yet.
        InsufficientStockError: they are to be replaced, and the stock is not there.
        ConflictError: the key was used for another request.
    """
    request = ("claim", number, choices, kind, replace, reason)
    if idempotent(conn, "claim", key, request) is not None:
        return get(conn, number)
    row = expiring.opened(conn, number)
    lines = line_rows(conn, row.id)
    if replace and (waiting := _unreplaced(conn, row.id, lines, choices, kind)) is not None:
        _replace_claimed(conn, row, lines, waiting)
        remember(conn, "claim", key, request, row.number)
        return get(conn, number)
    meant = chosen(
        lines, choices, lambda line: line.shipped - line.claimed, "be claimed (shipped, and not yet claimed)"
    )
    if not meant:
        raise RefusedError(
            f"Nothing of order {row.number} was shipped and not claimed.", f"Look: `shopctl order show {row.number}`."
        )
    made_by = operation_id(conn)
    counted = [
        {"of_line": line.id, "units": meant[line.line], "made_by": made_by} for line in lines if line.line in meant
    ]
    assert conn.execute(_COUNT, counted).rowcount == len(counted)
    replacement = ""
    if replace:
        wanted = [LineDraft(line.sku, meant[line.line], Money(0, row.currency)) for line in lines if line.line in meant]
        replacement = _replace(conn, row.number, wanted)
    claim_id = inserted_id(
        conn.execute(
            insert(claims),
            {
                "order_id": row.id,
                "kind": kind,
                "replacement_id": find(conn, replacement).id if replacement else None,
                "at": now(conn),
                "operation_id": made_by,
            },
        )
    )
    conn.execute(
        insert(claim_line),
        [
            {"claim_id": claim_id, "order_line_id": part["of_line"], "quantity": part["units"], "operation_id": made_by}
            for part in counted
        ],
    )
    said = remarks.said(conn, row.id, "claim", checked(reason, "reason", limit=500))
    total = sum(meant.values())
    happened = ClaimOpened(number=row.number, units=total, kind=kind, replacement=replacement, remark=said)
    events.record(conn, happened)
    refresh(conn, row.id)
    remember(conn, "claim", key, request, row.number)
    return get(conn, number)


def _unreplaced(
    conn: Connection, order_id: int, lines: Sequence[Row[Any]], choices: Sequence[Choice], kind: ClaimKind
) -> Row[Any] | None:
    """Return the claim of just these units that was not replaced, if no such units are left to be claimed."""
    if not choices or any(line.claimed < line.shipped for line in lines if _named(line, choices)):
        return None
    wanted = chosen(lines, choices, lambda line: line.claimed, "be replaced")
    by_id = {line.id: line.line for line in lines}
    open_ones = select(claims).where(
        claims.c.order_id == order_id, claims.c.kind == kind, claims.c.replacement_id.is_(None)
    )
    for found in conn.execute(open_ones.order_by(claims.c.id)).all():
        parts = conn.execute(select(claim_line).where(claim_line.c.claim_id == found.id))
        if {by_id[part.order_line_id]: part.quantity for part in parts} == wanted:
            return found
    return None


def _named(line: Row[Any], choices: Sequence[Choice]) -> bool:
    return any(choice.sku in (line.sku, f"#{line.line}") for choice in choices)


def _replace_claimed(conn: Connection, row: Row[Any], lines: Sequence[Row[Any]], claimed: Row[Any]) -> None:
    by_id = {line.id: line for line in lines}
    parts = conn.execute(select(claim_line).where(claim_line.c.claim_id == claimed.id)).all()
    wanted = [LineDraft(by_id[part.order_line_id].sku, part.quantity, Money(0, row.currency)) for part in parts]
    replacement = _replace(conn, row.number, wanted)
    conn.execute(
        update(claims)
        .where(claims.c.id == claimed.id, claims.c.replacement_id.is_(None))
        .values(replacement_id=find(conn, replacement).id, operation_id=operation_id(conn))
    )
    total = sum(part.quantity for part in parts)
    happened = ClaimOpened(number=row.number, units=total, kind=claimed.kind, replacement=replacement)
    events.record(conn, happened)
    refresh(conn, row.id)


def _replace(conn: Connection, number: str, lines: Sequence[LineDraft]) -> str:
    """Place the free order that makes it good; return its number."""
    row = find(conn, number)
    who = conn.execute(select(customer.c.identity).where(customer.c.id == row.customer_id)).scalar_one_or_none()
    goes_to = addresses(conn, row.id)
    draft = OrderDraft(
        lines=tuple(lines),
        customer=who,
        name=row.customer_name,
        ship_to=goes_to.get("ship_to"),
        bill_to=goes_to.get("bill_to"),
        tax_rate=0,
        note=f"Replaces units of order {number}.",
        replaces=number,
    )
    return placing.place(conn, draft).number
